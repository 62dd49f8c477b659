//! Names of channels as people say them, and which channels a role needs.

use std::borrow::Cow;

use super::MachineRole;

/// What the host's stack logs: one ActivityID for each TCP connection.
pub const RDP_CORE_TS: &str = "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational";
/// What the service that owns the listener logs.
pub const REMOTE_CONNECTION_MANAGER: &str =
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational";
/// What the service that owns the sessions logs.
pub const LOCAL_SESSION_MANAGER: &str =
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
/// What a machine that connects logs.
pub const RDP_CLIENT: &str = "Microsoft-Windows-TerminalServices-RDPClient/Operational";
/// What RD Gateway logs.
pub const GATEWAY: &str = "Microsoft-Windows-TerminalServices-Gateway/Operational";
/// What a connection broker logs.
pub const SESSION_BROKER: &str = "Microsoft-Windows-TerminalServices-SessionBroker/Operational";
/// Logons, among much else.
pub const SECURITY: &str = "Security";
/// Services, Schannel and certificates, among much else.
pub const SYSTEM: &str = "System";

/// Channels with a name of their own; the others only lose what all have in common.
const SPOKEN: [(&str, &str); 4] = [
    ("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS", "RdpCoreTS"),
    ("Microsoft-Windows-TerminalServices-RemoteConnectionManager", "RCM"),
    ("Microsoft-Windows-TerminalServices-LocalSessionManager", "LSM"),
    ("Microsoft-Windows-TerminalServices-RDPClient", "RDPClient"),
];

/// Whether the channel's activity ids stand for Remote Desktop connections. Security's are those
/// of LSA calls, CAPI2's those of certificate checks.
pub fn names_connections(channel: &str) -> bool {
    let begins = |start: &str| {
        channel.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    begins("Microsoft-Windows-RemoteDesktopServices-")
        || begins("Microsoft-Windows-TerminalServices-")
}

/// The channel's short name: `RCM`, `CAPI2`, `LSM/Admin`. The part after the slash stays
/// unless it is `Operational`.
pub fn short(channel: &str) -> Cow<'_, str> {
    let (log, kind) = channel.split_once('/').unwrap_or((channel, ""));
    let spoken = SPOKEN.iter().find(|(full, _)| full.eq_ignore_ascii_case(log));
    let name = match spoken {
        Some((_, name)) => name,
        None => log.strip_prefix("Microsoft-Windows-").unwrap_or(log),
    };
    match kind {
        "" | "Operational" => Cow::Borrowed(name),
        kind => Cow::Owned(format!("{name}/{kind}")),
    }
}

/// The channels without which a machine of these roles is only half seen, by full name, in
/// the order of a connection's life.
pub fn core(roles: &[MachineRole]) -> Vec<&'static str> {
    let mut channels = Vec::new();
    for channel in roles.iter().flat_map(|role| of_role(*role)) {
        if !channels.contains(channel) {
            channels.push(*channel);
        }
    }
    channels
}

const fn of_role(role: MachineRole) -> &'static [&'static str] {
    match role {
        MachineRole::Host => {
            &[SYSTEM, SECURITY, RDP_CORE_TS, REMOTE_CONNECTION_MANAGER, LOCAL_SESSION_MANAGER]
        }
        MachineRole::Client => &[RDP_CLIENT, SYSTEM],
        MachineRole::Gateway => &[GATEWAY],
        MachineRole::Broker => &[SESSION_BROKER],
        MachineRole::Dc => &[SYSTEM, SECURITY],
    }
}

/// The command that exports a channel, to be run on its machine in an elevated prompt.
pub fn export_command(channel: &str) -> String {
    let file = short(channel).replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-");
    format!("wevtutil epl \"{channel}\" {file}.evtx")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_have_short_names() {
        for (channel, name) in [
            ("System", "System"),
            ("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational", "RdpCoreTS"),
            ("microsoft-windows-terminalservices-localsessionmanager/Admin", "LSM/Admin"),
            ("Microsoft-Windows-CAPI2/Operational", "CAPI2"),
            ("Contoso/Debug/x", "Contoso/Debug/x"),
            ("", ""),
        ] {
            assert_eq!(short(channel), name);
        }
    }

    #[test]
    fn roles_add_up_without_repeats() {
        let both = core(&[MachineRole::Host, MachineRole::Client]);
        assert_eq!(both.iter().filter(|channel| **channel == "System").count(), 1);
        assert_eq!(both.len(), 6);
        assert!(core(&[]).is_empty());
    }
}

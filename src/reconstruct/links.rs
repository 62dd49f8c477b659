//! Tells whether two machines' views can be of the same attempt, and what speaks for it.
//!
//! Knows the spellings of host names, and that Windows cuts computer names to 15 characters.
//! Knows nothing about time.

use std::net::IpAddr;

use super::draft::Draft;
use super::weak::agree;
use crate::model::{Side, Stage};

/// What two views have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// As reports tell it.
    pub ties: Vec<&'static str>,
    /// Whether both ends are named, not only the host.
    pub named: bool,
}

/// `NetBIOS` names, which logons and clients report, have at most so many characters.
const NETBIOS: usize = 15;

/// What the view of a client or a gateway has in common with one that is closer to the host;
/// `None` where they cannot be the same attempt.
pub(super) fn link(viewer: &Draft, lead: &Draft) -> Option<Link> {
    if lead.side == Side::Host && missed(viewer) {
        return None;
    }
    let host = match lead.side {
        Side::Host => target_is(viewer, &lead.machine),
        Side::Gateway | Side::Client => agree(viewer.target.as_ref(), lead.target.as_ref()),
    }?;
    let user = agree(viewer.user.as_ref(), lead.user.as_ref())?;
    let client = match viewer.side {
        Side::Client => client_is(lead, &viewer.machine)?,
        // What the host sees is the gateway, whose name a logon may carry or not.
        Side::Gateway | Side::Host => false,
    };
    let session = match (viewer.side, lead.side) {
        (Side::Client, Side::Host) => agree(viewer.session.as_ref(), lead.session.as_ref())?,
        _ => false,
    };
    let address = match (viewer.side, lead.side) {
        (Side::Client, Side::Gateway) => false,
        _ => viewer.client_address.is_some() && viewer.client_address == lead.client_address,
    };
    if !host && !client {
        return None;
    }
    let all = [
        ("host name", host),
        ("client name", client),
        ("client address", address),
        ("session id", session),
        ("user", user),
    ];
    let ties: Vec<&'static str> =
        all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    Some(Link { named: client || (host && user) || session, ties })
}

/// Whether the view ended without a TCP connection, so that the host cannot have seen it.
fn missed(viewer: &Draft) -> bool {
    viewer.reached.is_none()
        && [Stage::Resolve, Stage::Reach].iter().any(|stage| viewer.fails.contains(stage))
}

/// Whether the viewer's user typed that machine's name; `None` where it was another name. An
/// address, or no target at all, leaves it open.
fn target_is(viewer: &Draft, machine: &str) -> Option<bool> {
    match viewer.target.as_deref() {
        Some(target) if target.parse::<IpAddr>().is_err() => {
            same_machine(target, machine).then_some(true)
        }
        _ => Some(false),
    }
}

/// Whether the lead's records name that client; `None` where they name another.
fn client_is(lead: &Draft, machine: &str) -> Option<bool> {
    match lead.client_name.as_deref() {
        Some(name) => same_machine(name, machine).then_some(true),
        None => Some(false),
    }
}

/// What is compared of a machine's name.
fn short(name: &str) -> impl Iterator<Item = char> + '_ {
    let bare = name.split('.').next().unwrap_or_default();
    bare.chars().take(NETBIOS).flat_map(char::to_lowercase)
}

/// Compares machine names without case and domain suffix, and as far as `NetBIOS` goes.
pub(super) fn same_machine(left: &str, right: &str) -> bool {
    let is_name = |name: &str| name.parse::<IpAddr>().is_err();
    short(left).eq(short(right)) && is_name(left) && is_name(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    #[test]
    fn a_client_that_found_nobody_was_seen_by_no_host() {
        let host = Draft::new("SRV01".into(), Side::Host, Time::default());
        let mut client = Draft::new("PC-17".into(), Side::Client, Time::default());
        client.target = Some("srv01".into());
        assert!(link(&client, &host).is_some());
        client.fails.insert(Stage::Reach);
        assert_eq!(link(&client, &host), None);
        client.reached = Some(Stage::Reach);
        assert!(link(&client, &host).is_some());
    }

    #[test]
    fn machines_are_spelled_in_many_ways() {
        for (left, right, same) in [
            ("srv01.corp.example", "SRV01", true),
            ("a-very-long-machine-name", "A-VERY-LONG-MAC", true),
            ("SRV01", "SRV02", false),
            ("10.0.0.1", "10.0.0.1", false),
            ("10.0.0.1", "10", false),
        ] {
            assert_eq!(same_machine(left, right), same, "{left} {right}");
        }
    }
}

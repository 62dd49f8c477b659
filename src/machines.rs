//! Tells what each machine does in Remote Desktop, and which Windows it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Facts, Machine, MachineCoverage, MachineRole, PackedEvent, channel};

/// Channels whose records show a role. Every Windows has these channels; only a machine that
/// plays the role writes to them.
const CHANNELS: [(&str, MachineRole); 8] = [
    (channel::RDP_CORE_TS, MachineRole::Host),
    (channel::REMOTE_CONNECTION_MANAGER, MachineRole::Host),
    (channel::RDP_CLIENT, MachineRole::Client),
    (channel::GATEWAY, MachineRole::Gateway),
    ("Microsoft-Windows-TerminalServices-Gateway/Admin", MachineRole::Gateway),
    (channel::SESSION_BROKER, MachineRole::Broker),
    ("Microsoft-Windows-TerminalServices-SessionBroker/Admin", MachineRole::Broker),
    ("Directory Service", MachineRole::Dc),
];

/// Events that only a domain controller writes: by its Kerberos key distribution center, about
/// protected users and silos, about the members whose secure channel it refuses, and about NTLM
/// that they pass on.
const DOMAIN_CONTROLLER: [(&str, &str, &[u32]); 3] = [
    (
        channel::SECURITY,
        "Microsoft-Windows-Security-Auditing",
        &[4768, 4769, 4770, 4771, 4820, 4821, 4822, 4823, 4824],
    ),
    (channel::SYSTEM, "NETLOGON", &[5722, 5723, 5805]),
    (
        "Microsoft-Windows-NTLM/Operational",
        "Microsoft-Windows-Security-Netlogon",
        &[4004, 4005, 4006],
    ),
];

/// The machines of a case, ordered by name.
pub fn machines(facts: &Facts) -> Vec<Machine> {
    let mut roles = roles(facts);
    let starts = starts(facts);
    facts
        .machines
        .iter()
        .map(|coverage| Machine {
            roles: roles.remove(&coverage.name).unwrap_or_default().into_iter().collect(),
            os: starts.get(&*coverage.name).and_then(|start| os(start)),
            coverage: coverage.clone(),
        })
        .collect()
}

/// What each machine of a case does.
pub fn roles(facts: &Facts) -> BTreeMap<Arc<str>, BTreeSet<MachineRole>> {
    let mut roles: BTreeMap<Arc<str>, BTreeSet<MachineRole>> = facts
        .machines
        .iter()
        .map(|coverage| (coverage.name.clone(), by_channels(coverage)))
        .collect();
    for event in facts.events.iter() {
        if is_domain_controllers(event)
            && let Some(roles) = roles.get_mut(&event.machine)
        {
            roles.insert(MachineRole::Dc);
        }
    }
    roles
}

fn is_domain_controllers(event: &PackedEvent) -> bool {
    DOMAIN_CONTROLLER.iter().any(|(channel, provider, ids)| {
        ids.contains(&event.event_id)
            && event.channel.eq_ignore_ascii_case(channel)
            && event.provider.eq_ignore_ascii_case(provider)
    })
}

fn by_channels(coverage: &MachineCoverage) -> BTreeSet<MachineRole> {
    CHANNELS
        .iter()
        .filter(|(name, _)| coverage.channel(name).is_some_and(|channel| channel.records > 0))
        .map(|(_, role)| *role)
        .collect()
}

/// The latest start of each machine: Kernel-General 12.
fn starts(facts: &Facts) -> BTreeMap<&str, &PackedEvent> {
    let is_start = |event: &&PackedEvent| {
        event.event_id == 12
            && event.provider.eq_ignore_ascii_case("Microsoft-Windows-Kernel-General")
    };
    facts.events.iter().filter(is_start).map(|event| (&*event.machine, event)).collect()
}

/// Windows' version by a start.
fn os(start: &PackedEvent) -> Option<String> {
    let number = |name: &str| PackedEvent::field(start, name)?.as_number();
    let (major, minor) = (number("MajorVersion")?, number("MinorVersion")?);
    let build = number("BuildVersion")?;
    Some(format!("Windows {major}.{minor} build {build}"))
}

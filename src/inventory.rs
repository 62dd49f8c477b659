//! Takes stock of a case: what of each machine was supplied, what is wrong with it, and what
//! is still missing for a full diagnosis.
//!
//! Knows coverage and roles. Knows nothing about formats.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Machine, MachineRole, PackedEvent, Report, Span, Text, Time, Value, channel};

/// Smaller changes of the clock are Windows' own adjustments and disturb nothing.
const JUMP: Span = Span::seconds(60);
/// One change is logged by the kernel and by the Security log.
const SAME_CHANGE: Span = Span::seconds(2);
/// Channels that Windows has but does not write unless somebody switches them on.
const OFF_BY_DEFAULT: [&str; 3] = [
    "Microsoft-Windows-CAPI2/Operational",
    "Microsoft-Windows-DNS-Client/Operational",
    "Microsoft-Windows-Kerberos/Operational",
];

/// What was supplied of a case, and what was not.
#[derive(Clone, Debug)]
pub struct Inventory<'r> {
    /// The machines, ordered by name.
    pub machines: Vec<Stock<'r>>,
    /// Ends of the connection of which nothing was supplied, with what to bring from there.
    pub absent: Vec<Absent>,
}

/// One machine.
#[derive(Clone, Debug)]
pub struct Stock<'r> {
    /// Its name, roles and channels.
    pub machine: &'r Machine,
    /// When its clock was set by a minute or more.
    pub clock_changes: Vec<ClockChange>,
    /// Logs that are missing, the most useful first.
    pub missing: Vec<Missing>,
}

/// A change of a machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockChange {
    /// The time that it was set to.
    pub to: Time,
    /// By how much; negative where it was set back.
    pub by: Span,
}

/// A log that was not supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The channel.
    pub channel: String,
    /// What it is needed for.
    pub why: String,
    /// The command that exports it, on its machine.
    pub command: String,
    /// The command that switches it on, where Windows does not write it unasked.
    pub enable: Option<String>,
}

/// An end of the connection of which nothing was supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// Which end.
    pub role: MachineRole,
    /// Its names, as far as the attempts of the case tell them; ordered.
    pub names: Vec<String>,
    /// What to bring.
    pub missing: Vec<Missing>,
}

/// Takes stock of a case.
pub fn inventory(report: &Report) -> Inventory<'_> {
    let machines = report
        .machines
        .iter()
        .map(|machine| Stock {
            machine,
            clock_changes: clock_changes(report, &machine.coverage.name),
            missing: missing(report, machine),
        })
        .collect();
    let ends = [MachineRole::Host, MachineRole::Client];
    Inventory { machines, absent: ends.into_iter().filter_map(|end| absent(report, end)).collect() }
}

/// The core channels of its roles first, then what other causes are not tested for.
fn missing(report: &Report, machine: &Machine) -> Vec<Missing> {
    let supplied = |name: &str| machine.coverage.channel(name).is_some();
    let roles: Vec<String> = machine.roles.iter().map(ToString::to_string).collect();
    let core: Vec<&str> =
        channel::core(&machine.roles).into_iter().filter(|name| !supplied(name)).collect();
    let mut causes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &report.not_tested {
        if row.machine == machine.coverage.name {
            // What a client logs is not to be had from the machine it connects to.
            let here =
                |name: &&Text| !supplied(name) && !name.eq_ignore_ascii_case(channel::RDP_CLIENT);
            for name in row.missing.iter().filter(here) {
                causes.entry(name).or_default().insert(&row.cause);
            }
        }
    }
    let untested = |name: &str| match causes.get(name).map_or(0, BTreeSet::len) {
        0 => String::new(),
        1 => "1 cause cannot be tested without it".to_owned(),
        count => format!("{count} causes cannot be tested without it"),
    };
    let mut found: Vec<Missing> = core
        .iter()
        .map(|name| {
            let basic = format!("every {} needs it", roles.join(" and "));
            let untested = untested(name);
            let parted = if untested.is_empty() { "" } else { "; " };
            wanted(name, format!("{basic}{parted}{untested}"))
        })
        .collect();
    let is_core = |name: &&str| core.iter().any(|core| core.eq_ignore_ascii_case(name));
    let mut others: Vec<&str> = causes.keys().copied().filter(|name| !is_core(name)).collect();
    // The log that would test the most comes first; ties stay in order of name.
    others.sort_by_key(|name| std::cmp::Reverse(causes.get(name).map_or(0, BTreeSet::len)));
    found.extend(others.into_iter().map(|name| wanted(name, untested(name))));
    found
}

fn wanted(name: &str, why: String) -> Missing {
    let is_off = OFF_BY_DEFAULT.iter().any(|off| off.eq_ignore_ascii_case(name));
    Missing {
        channel: name.to_owned(),
        why,
        command: channel::export_command(name),
        enable: is_off.then(|| format!("wevtutil sl \"{name}\" /e:true")),
    }
}

/// An end without any machine.
fn absent(report: &Report, role: MachineRole) -> Option<Absent> {
    if report.machines.iter().any(|machine| machine.roles.contains(&role)) {
        return None;
    }
    let names: BTreeSet<String> = report
        .attempts
        .iter()
        .filter_map(|attempt| match role {
            MachineRole::Client => attempt
                .client
                .as_deref()
                .map(str::to_owned)
                .or_else(|| attempt.client_address.map(|address| address.to_string())),
            _ => attempt.host.as_deref().map(str::to_owned),
        })
        .collect();
    let missing = channel::core(&[role])
        .into_iter()
        .map(|name| wanted(name, format!("every {role} needs it")))
        .collect();
    Some(Absent { role, names: names.into_iter().collect(), missing })
}

/// Kernel-General 1 and Security 4616 tell the time before and after.
fn clock_changes(report: &Report, machine: &str) -> Vec<ClockChange> {
    let events = report.facts.events.iter().filter(|event| *event.machine == *machine);
    let mut changes: Vec<ClockChange> = events.filter_map(clock_change).collect();
    changes.sort_unstable();
    changes.dedup_by(|later, first| {
        later.to.since(first.to).abs() <= SAME_CHANGE
            && Span(later.by.0.saturating_sub(first.by.0)).abs() <= SAME_CHANGE
    });
    changes
}

fn clock_change(event: &PackedEvent) -> Option<ClockChange> {
    let kernel = event.event_id == 1
        && event.provider.eq_ignore_ascii_case("Microsoft-Windows-Kernel-General");
    let security = event.event_id == 4616 && event.channel.eq_ignore_ascii_case(channel::SECURITY);
    let old = match (kernel, security) {
        (true, _) => "OldTime",
        (_, true) => "PreviousTime",
        _ => return None,
    };
    let (old, to) = (time(&event.field(old)?)?, time(&event.field("NewTime")?)?);
    let by = to.since(old);
    (by.abs() >= JUMP).then_some(ClockChange { to, by })
}

/// A time in its own type, or as text where the record was forwarded.
fn time(value: &Value) -> Option<Time> {
    match value {
        Value::FileTime(time) | Value::SystemTime(time) => Some(*time),
        Value::Text(text) => Time::parse_rfc3339(text.trim()),
        _ => None,
    }
}

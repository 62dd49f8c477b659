//! The head of the page: what was given, what of each machine, how the tries came out.

use std::collections::{BTreeMap, BTreeSet};

use super::clock::{self, Clock};
use super::page::{Page, Paint, Piece, width_of};
use crate::model::channel;
use crate::model::{
    Attempt, COUNTED_APART, ChannelCoverage, GapKind, Machine, Outcome, Report, Stage, Time,
};
use crate::report::sanitize;

/// Where text begins beside the labels of the head.
const TEXT: usize = 7;
/// Machines on a page unless all are asked for.
const MACHINES: usize = 8;
/// Channels named for a machine whose role is unknown.
const CHANNELS: usize = 5;
/// Longest machine name and channel name; hostile ones would fill the page.
const NAME: usize = 24;
/// Channels with damage or gaps named for one machine.
const FLAWS: usize = 5;
/// Longest text of roles that the others are aligned to; rarer ones break the line.
const ROLES: usize = 7;

pub(super) fn write(page: &mut Page<'_>, report: &Report) {
    page.hanging(&[Piece::strong("Case")], TEXT, &[Piece::plain(totals(report))]);
    write_machines(page, report);
    page.hanging(&[Piece::strong("Tries")], TEXT, &tries(report));
}

fn totals(report: &Report) -> String {
    // Damage makes up names.
    let certain = |machine: &&Machine| machine.coverage.is_certain();
    let machines = report.machines.iter().filter(certain).count();
    let logs: u64 = report.inputs.iter().map(|input| input.logs).sum();
    let mut parts = vec![
        counted(machines as u64, "machine"),
        counted(logs, "log"),
        format!("{} records", grouped(report.stats.records)),
    ];
    let recovered: u64 = report.recovered.iter().map(|recovery| recovery.records).sum();
    if recovered > 0 {
        parts.push(format!("{} recovered from unused space", grouped(recovered)));
    }
    let channels = || report.machines.iter().flat_map(|machine| &machine.coverage.channels);
    // Damaged records bear no time, which reads as the year 1601.
    let dated = |time: &Time| *time > Time::default();
    let first = channels().map(|channel| channel.first).filter(dated).min();
    let last = channels().map(|channel| channel.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        parts.push(format!("{} UTC", clock::days(first, last)));
    }
    parts.push(format!("in {:.1} s", report.stats.seconds));
    parts.join(" · ")
}

fn write_machines(page: &mut Page<'_>, report: &Report) {
    let all = page.style().all;
    let (mut machines, made_up): (Vec<&Machine>, Vec<&Machine>) = report
        .machines
        .iter()
        .partition(|machine| all || machine.coverage.is_certain() || !machine.roles.is_empty());
    let diagnosed: BTreeSet<&str> = report
        .diagnoses
        .iter()
        .filter_map(|diagnosis| diagnosis.candidate.scope.machine())
        .map(AsRef::as_ref)
        .collect();
    // Hosts know most about a failed try, machines without a role least.
    machines.sort_by_key(|machine| {
        let beside = !diagnosed.contains(&*machine.coverage.name);
        (beside, machine.roles.is_empty(), machine.roles.first().copied())
    });
    let shown = page.shown(machines.len(), MACHINES);
    let labels: Vec<(String, String)> =
        machines.iter().take(shown).map(|machine| (name(machine), roles(machine))).collect();
    let name_width = labels.iter().map(|(name, _)| width_of(name)).max().unwrap_or_default();
    let role_width = labels.iter().map(|(_, roles)| width_of(roles)).max().unwrap_or_default();
    let role_width = role_width.min(ROLES);
    for (machine, (name, roles)) in machines.iter().zip(&labels) {
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(width_of(text)) + 2);
        let prefix = [
            Piece::plain(" ".repeat(TEXT)),
            Piece::strong(name),
            Piece::plain(pad(name, name_width)),
            Piece::dim(roles),
        ];
        let column = TEXT + name_width + 2 + role_width + 2;
        page.hanging(&prefix, column, &channels(report, machine));
        if page.style().all {
            write_coverage(page, machine);
        }
    }
    if shown < machines.len() {
        let more = machines.len() - shown;
        page.paragraph(TEXT, &[Piece::dim(format!("… and {more} more (--all)"))]);
    }
    if !made_up.is_empty() {
        let names = counted(made_up.len() as u64, "machine name");
        let text = format!("… and {names} in damaged records only (--all)");
        page.paragraph(TEXT, &[Piece::dim(text)]);
    }
}

fn name(machine: &Machine) -> String {
    let safe = sanitize::line(&machine.coverage.name);
    sanitize::shorten(&safe, NAME).into_owned()
}

fn roles(machine: &Machine) -> String {
    match machine.roles.as_slice() {
        [] => "unknown".to_owned(),
        roles => roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Which channels are fine, which are not, which are missing.
fn channels(report: &Report, machine: &Machine) -> Vec<Piece> {
    let core = channel::core(&machine.roles);
    let supplied = &machine.coverage.channels;
    let is_core = |channel: &ChannelCoverage| {
        core.iter().any(|name| name.eq_ignore_ascii_case(&channel.channel))
    };
    let mut named: Vec<&ChannelCoverage> =
        core.iter().filter_map(|name| machine.coverage.channel(name)).collect();
    // Names that damage made up, as it seems, are counted.
    let certain = supplied.iter().filter(|channel| channel.is_certain && !is_core(channel));
    let certain = certain.filter(|channel| channel.unread_records == 0);
    if core.is_empty() {
        named.extend(certain.take(CHANNELS));
    } else {
        // Beside the core, damage is worth a name and nothing else is.
        named.extend(certain.filter(|channel| fault(channel).is_some()));
    }
    let first_try = first_try(report, machine);
    let (mut fine, mut flawed) = (Vec::new(), Vec::new());
    for channel in &named {
        let name = match channel::short(&channel.channel) {
            name if name.is_empty() => "(no channel)".to_owned(),
            name => sanitize::shorten(&name, NAME).into_owned(),
        };
        match fault(channel).or_else(|| late(channel, first_try)) {
            Some(fault) => flawed.push(format!("{name} {fault}")),
            None => fine.push(name),
        }
    }
    let missing: Vec<_> = core
        .iter()
        .filter(|name| machine.coverage.channel(name).is_none())
        .map(|name| channel::short(name))
        .collect();

    let mut pieces = Vec::new();
    if !fine.is_empty() {
        pieces.push(Piece::plain(fine.join(" ")));
        pieces.push(Piece::new(Paint::Good, " ok"));
    }
    for text in flawed.iter().take(FLAWS) {
        separate(&mut pieces);
        pieces.push(Piece::new(Paint::Warn, text));
    }
    if let Some(more @ 1..) = flawed.len().checked_sub(FLAWS) {
        separate(&mut pieces);
        pieces.push(Piece::new(Paint::Warn, format!("{more} more with flaws")));
    }
    if !missing.is_empty() {
        separate(&mut pieces);
        pieces.push(Piece::new(Paint::Warn, format!("not supplied: {}", missing.join(" "))));
    }
    let made_up = supplied.iter().filter(|channel| !channel.is_certain && !is_core(channel));
    let made_up = made_up.count();
    let others = supplied.len() - named.len() - made_up;
    if others > 0 {
        separate(&mut pieces);
        pieces.push(Piece::dim(counted(others as u64, "other channel")));
        let unread = supplied.iter().filter(|channel| channel.unread_records > 0).count();
        if unread > 0 {
            pieces.push(Piece::dim(format!(", {unread} not read, as no rule asks for them")));
        }
    }
    if made_up > 0 {
        separate(&mut pieces);
        let names = counted(made_up as u64, "channel name");
        pieces.push(Piece::dim(format!("{names} in damaged records only")));
    }
    pieces
}

fn separate(pieces: &mut Vec<Piece>) {
    if !pieces.is_empty() {
        pieces.push(Piece::dim(" · "));
    }
}

/// What is wrong with a channel as supplied.
fn fault(channel: &ChannelCoverage) -> Option<String> {
    if channel.damaged_chunks > 0 {
        return Some(format!("damaged ({})", counted(channel.damaged_chunks, "chunk")));
    }
    // That a log begins late is told where a try is older than its first record.
    let mut gaps = channel.gaps.iter().filter(|gap| gap.kind != GapKind::Overwritten);
    let gap = gaps.next()?;
    let more = match gaps.count() + 1 {
        1 => String::new(),
        gaps => format!(", {} more", gaps - 1),
    };
    Some(format!("gap {} ({}{more})", clock::range(gap.from, gap.to), gap.reason))
}

/// Where a channel begins only after the first try: it says nothing about what was before.
fn late(channel: &ChannelCoverage, first_try: Option<Time>) -> Option<String> {
    first_try.filter(|first_try| channel.first > *first_try)?;
    Some(format!("only from {}", Clock::default().show(channel.first)))
}

fn first_try(report: &Report, machine: &Machine) -> Option<Time> {
    let here = |attempt: &&Attempt| attempt.machine.eq_ignore_ascii_case(&machine.coverage.name);
    report.attempts.iter().filter(here).map(|attempt| attempt.started).min()
}

/// All channels of a machine as a table.
fn write_coverage(page: &mut Page<'_>, machine: &Machine) {
    let rows: Vec<Vec<String>> = machine
        .coverage
        .channels
        .iter()
        .map(|channel| {
            vec![
                channel::short(&channel.channel).into_owned(),
                grouped(channel.records),
                Clock::default().show(channel.first),
                Clock::default().show(channel.last),
                fault(channel).unwrap_or_else(|| "ok".to_owned()),
            ]
        })
        .collect();
    if let Some(os) = &machine.os {
        page.paragraph(TEXT + 2, &[Piece::dim(os)]);
    }
    page.table(TEXT + 2, &["channel", "records", "first", "last", "state"], &rows);
}

/// `31 failed (29 at tls, 2 at nla) · 4 succeeded · 1 undecided`.
fn tries(report: &Report) -> Vec<Piece> {
    if report.attempts.is_empty() && report.floods.is_empty() && report.left_out.attempts == 0 {
        return vec![Piece::plain("none recorded")];
    }
    let mut pieces = Vec::new();
    if report.attempts.is_empty() && report.left_out.attempts > 0 {
        let others = grouped(report.left_out.attempts as u64);
        pieces.push(Piece::plain(format!("none as asked for, of {others}")));
    }
    for (outcome, paint) in [
        (Outcome::Failed, Paint::Bad),
        (Outcome::Succeeded, Paint::Good),
        (Outcome::Undecided, Paint::Warn),
        (Outcome::Benign, Paint::Dim),
    ] {
        let count = report.attempts.iter().filter(|attempt| attempt.outcome == outcome).count();
        if count == 0 {
            continue;
        }
        separate(&mut pieces);
        pieces.push(Piece::new(paint, format!("{} {}", grouped(count as u64), outcome.name())));
        if outcome == Outcome::Failed {
            pieces.push(Piece::plain(deaths(report)));
        }
    }
    if let Some(text) = flooded(report) {
        separate(&mut pieces);
        pieces.push(Piece::plain(text));
    }
    pieces
}

/// `and 497,312 like them, from 203.0.113.9, only counted`; `None` where all were kept.
fn flooded(report: &Report) -> Option<String> {
    let attempts: u64 = report.floods.iter().map(|flood| flood.attempts).sum();
    let records: u64 = report.floods.iter().map(|flood| flood.records).sum();
    let what = match (attempts, records) {
        (_, 0) => return None,
        (0, records) => format!("{} records of a kind", grouped(records)),
        (attempts, _) => format!("{} like them", grouped(attempts)),
    };
    let clients = report.floods.iter().filter(|flood| flood.attempts > 0);
    let clients: BTreeSet<_> = clients.filter_map(|flood| flood.client_address).collect();
    let from = match (clients.len(), clients.first()) {
        (1, Some(client)) => format!(", from {client}"),
        (0, _) | (_, None) => String::new(),
        // Of which no more are told apart.
        (count, _) if report.floods.len() >= COUNTED_APART => {
            format!(", from {} clients or more", grouped(count as u64))
        }
        (count, _) => format!(", from {} clients", grouped(count as u64)),
    };
    Some(format!("and {what}{from}, only counted"))
}

/// ` (29 at tls, 2 at nla; 1 unexplained)`; empty where nothing is known.
fn deaths(report: &Report) -> String {
    let mut stages: BTreeMap<Stage, u64> = BTreeMap::new();
    for stage in report.attempts.iter().filter_map(|attempt| attempt.failed_at) {
        *stages.entry(stage).or_default() += 1;
    }
    let stages: Vec<String> =
        stages.iter().map(|(stage, count)| format!("{} at {stage}", grouped(*count))).collect();
    let mut parts = Vec::new();
    if !stages.is_empty() {
        parts.push(stages.join(", "));
    }
    if !report.undecided.is_empty() {
        parts.push(format!("{} unexplained", grouped(report.undecided.len() as u64)));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

/// `1 log`, `14 logs`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(count)) }
}

/// `212,480`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::model::Flood;

    #[test]
    fn clients_that_are_too_many_to_count_are_told_as_that() {
        let report = |clients: u32| {
            let flood = |client: u32| Flood {
                machine: "SRV01".into(),
                client_address: Some(IpAddr::from(client.to_be_bytes())),
                attempts: 1,
                records: 2,
                first: Time::default(),
                last: Time::default(),
            };
            Report { floods: (0..clients).map(flood).collect(), ..Report::default() }
        };
        let told = |clients| flooded(&report(clients)).unwrap();
        assert_eq!(told(4095), "and 4,095 like them, from 4,095 clients, only counted");
        assert_eq!(told(4096), "and 4,096 like them, from 4,096 clients or more, only counted");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (212_480, "212,480")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "log"), "1 log");
        assert_eq!(counted(1200, "log"), "1,200 logs");
    }
}

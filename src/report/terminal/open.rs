//! What is left: no fault at all, harmless noise, tries without an explanation, causes that
//! could not be tested, trouble with inputs.

use std::collections::BTreeMap;

use super::case::counted;
use super::clock::{Clock, range};
use super::page::{Page, Paint, Piece};
use crate::model::channel;
use crate::model::{Attempt, Diagnosis, MachineRole, NotTested, Report, Undecided};

/// Where text begins beside the labels of these blocks.
const TEXT: usize = 12;
/// Groups of one block unless all are asked for.
const GROUPS: usize = 5;
/// Missing logs named in the one line of what was not tested.
const LOGS: usize = 3;
/// Causes named for a group of undecided tries that came nearest.
const CONSIDERED: usize = 2;
/// Times listed for a group of undecided tries.
const TIMES: usize = 3;

pub(super) fn write_no_fault(page: &mut Page<'_>, report: &Report, headline: &str) {
    page.blank();
    page.paragraph(0, &[Piece::strong(headline)]);
    let mut body = Vec::new();
    if report.attempts.is_empty() && report.left_out.attempts == 0 {
        body.push("No try to connect is recorded in these logs.".to_owned());
    }
    if !report.undecided.is_empty() {
        let tries = match report.undecided.len() {
            1 => "1 try failed".to_owned(),
            count => format!("{count} tries failed"),
        };
        body.push(format!("{tries} for a reason that these logs do not show; see Undecided."));
    }
    let mut unseen = not_supplied(report);
    if !unseen.is_empty() {
        let shown = page.shown(unseen.len(), GROUPS);
        let more = unseen.len() - shown;
        unseen.truncate(shown);
        let more = if more > 0 { format!("; … and {more} more (--all)") } else { String::new() };
        body.push(format!("Not supplied, so not looked at: {}{more}.", unseen.join("; ")));
    }
    let body: Vec<Piece> = body.iter().map(|text| Piece::plain(format!("{text} "))).collect();
    page.paragraph(0, &body);
}

/// A whole end of the connection where no machine stands for it, and the core channels that
/// are missing.
fn not_supplied(report: &Report) -> Vec<String> {
    let mut unseen = Vec::new();
    for (role, end) in [
        (MachineRole::Host, "logs of a host (the machine that is connected to)"),
        (MachineRole::Client, "logs of a client (the machine that connects)"),
    ] {
        if !report.machines.iter().any(|machine| machine.roles.contains(&role)) {
            unseen.push(end.to_owned());
        }
    }
    for machine in &report.machines {
        let missing: Vec<_> = channel::core(&machine.roles)
            .into_iter()
            .filter(|name| machine.coverage.channel(name).is_none())
            .map(channel::short)
            .collect();
        if !missing.is_empty() {
            unseen.push(format!("{} of {}", missing.join(", "), machine.coverage.name));
        }
    }
    unseen
}

pub(super) fn write_benign(page: &mut Page<'_>, benign: &[&Diagnosis]) {
    let mut causes: Vec<(&Diagnosis, usize, usize)> = Vec::new();
    for diagnosis in benign {
        let candidate = &diagnosis.candidate;
        let known =
            causes.iter_mut().find(|(first, _, _)| first.candidate.cause == candidate.cause);
        match known {
            Some((_, scopes, tries)) => {
                *scopes += 1;
                *tries += candidate.attempts.len();
            }
            None => causes.push((diagnosis, 1, candidate.attempts.len())),
        }
    }
    let shown = page.shown(causes.len(), GROUPS);
    for (number, (diagnosis, scopes, tries)) in causes.iter().take(shown).enumerate() {
        let whom = match scopes {
            1 => diagnosis.candidate.scope.to_string(),
            scopes => format!("{scopes} places"),
        };
        let tries = match tries {
            0 => String::new(),
            1 => ", 1 try".to_owned(),
            tries => format!(", {tries} tries"),
        };
        let body = [
            Piece::plain(&diagnosis.candidate.cause),
            Piece::dim(format!(" ({whom}{tries}): ")),
            Piece::prose(Paint::Dim, &diagnosis.title),
        ];
        block_line(page, "Harmless", number, &body);
    }
    block_rest(page, causes.len() - shown);
}

pub(super) fn write_undecided(page: &mut Page<'_>, report: &Report) {
    let mut groups: Vec<(&Undecided, Vec<&Attempt>)> = Vec::new();
    let mut positions = BTreeMap::new();
    for undecided in &report.undecided {
        let Some(attempt) = report.attempts.get(undecided.attempt) else { continue };
        let key = (&undecided.why, &undecided.collect, &undecided.considered);
        let position = *positions.entry(key).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((_, attempts)) => attempts.push(attempt),
            None => groups.push((undecided, vec![attempt])),
        }
    }
    let shown = page.shown(groups.len(), GROUPS);
    for (number, (undecided, attempts)) in groups.iter().take(shown).enumerate() {
        let body = [
            Piece::new(Paint::Warn, tries(attempts)),
            Piece::plain(format!(" {}: ", when(attempts))),
            Piece::plain(&undecided.why),
        ];
        block_line(page, "Undecided", number, &body);
        let shown = page.shown(undecided.considered.len(), CONSIDERED);
        for considered in undecided.considered.iter().take(shown) {
            let cause = Piece::plain(format!("{}: ", considered.cause));
            page.hanging(
                &[Piece::dim(format!("{:TEXT$}nearest", ""))],
                TEXT + 9,
                &[cause, Piece::dim(&considered.lacks)],
            );
        }
        // A command names its channel.
        for logs in undecided.collect.chunk_by(|left, right| left.machine == right.machine) {
            let Some(first) = logs.first() else { continue };
            page.paragraph(TEXT, &[Piece::dim("collect on "), Piece::plain(&first.machine)]);
            for log in logs {
                page.verbatim(TEXT + 2, Paint::Command, &log.command);
            }
        }
    }
    block_rest(page, groups.len() - shown);
}

fn tries(attempts: &[&Attempt]) -> String {
    match attempts.len() {
        1 => "1 try".to_owned(),
        count => format!("{count} tries"),
    }
}

/// The times of a few tries, the span of many.
fn when(attempts: &[&Attempt]) -> String {
    let times = || attempts.iter().map(|attempt| attempt.started);
    let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
    if attempts.len() > TIMES {
        return range(first, last);
    }
    let mut known = Clock::default();
    let mut shown = Vec::new();
    for time in times() {
        shown.push(known.show(time));
        known = Clock::between(time, time);
    }
    shown.dedup();
    shown.join(", ")
}

pub(super) fn write_not_tested(page: &mut Page<'_>, report: &Report) {
    let mut logs: BTreeMap<(&str, &[_]), Vec<&NotTested>> = BTreeMap::new();
    for cause in &report.not_tested {
        logs.entry((&cause.machine, &cause.missing)).or_default().push(cause);
    }
    let mut logs: Vec<_> = logs.into_iter().collect();
    // The log that would test the most comes first; ties stay in order of machine.
    logs.sort_by_key(|(_, causes)| std::cmp::Reverse(causes.len()));
    if logs.is_empty() {
        return;
    }
    let shown = page.shown(logs.len(), LOGS);
    let named: Vec<String> = logs
        .iter()
        .take(shown)
        .map(|((machine, missing), causes)| {
            let missing: Vec<_> = missing.iter().map(|name| channel::short(name)).collect();
            let causes = counted(causes.len() as u64, "cause");
            format!("{causes} for want of {} of {machine}", missing.join(" and "))
        })
        .collect();
    let mut body = vec![Piece::plain(named.join(" · "))];
    if !page.style().all {
        let more = match logs.len() - shown {
            0 => String::new(),
            more => format!(" · … and {more} more"),
        };
        body.push(Piece::dim(format!("{more} (--all)")));
    }
    block_line(page, "Not tested", 0, &body);
    if page.style().all {
        let rows: Vec<Vec<String>> = report
            .not_tested
            .iter()
            .map(|row| vec![row.cause.to_string(), row.machine.to_string(), row.missing.join(", ")])
            .collect();
        page.table(TEXT, &["cause", "machine", "missing"], &rows);
    }
}

pub(super) fn write_problems(page: &mut Page<'_>, report: &Report) {
    let shown = page.shown(report.problems.len(), GROUPS);
    for (number, problem) in report.problems.iter().take(shown).enumerate() {
        let lost = match problem.lost_records {
            Some(lost @ 1..) => format!(" ({} lost)", counted(lost, "record")),
            _ => String::new(),
        };
        let path = problem.path.display().to_string();
        let body =
            [Piece::new(Paint::Warn, path), Piece::plain(format!(": {}{lost}", problem.detail))];
        block_line(page, "Problems", number, &body);
    }
    block_rest(page, report.problems.len() - shown);
}

/// A line of a block; the first bears the label and a blank line above.
pub(super) fn block_line(page: &mut Page<'_>, label: &str, number: usize, body: &[Piece]) {
    if number == 0 {
        page.blank();
        page.hanging(&[Piece::strong(label)], TEXT, body);
    } else {
        page.paragraph(TEXT, body);
    }
}

pub(super) fn block_rest(page: &mut Page<'_>, hidden: usize) {
    if hidden > 0 {
        page.paragraph(TEXT, &[Piece::dim(format!("… and {hidden} more (--all)"))]);
    }
}

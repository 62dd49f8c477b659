//! The stock of a case for people: a table for each machine, then what to collect.

use crate::inventory::{Absent, Inventory, Missing, Stock};
use crate::model::{ChannelCoverage, GapKind, Recovery, Report, channel};
use crate::report::Zone;
use crate::report::grid::{self, Column};
use crate::report::sanitize;

/// Gaps named for one channel; the rest is counted.
const GAPS: usize = 3;
/// Longest name of a channel; damaged records make names up.
const NAME: usize = 40;
/// Changes of the clock named for one machine.
const CHANGES: usize = 5;
/// Names of an absent end.
const NAMES: usize = 5;

/// The page. Times are in `zone`.
pub fn render(report: &Report, inventory: &Inventory<'_>, zone: &Zone, width: usize) -> String {
    let mut text = String::new();
    for stock in &inventory.machines {
        write_stock(&mut text, report, stock, zone, width);
        text.push('\n');
    }
    if inventory.machines.is_empty() {
        text.push_str("No record of any machine was found.\n\n");
    }
    for clock in &report.clocks {
        let attempts = match clock.matches {
            1 => "1 attempt".to_owned(),
            matches => format!("{matches} attempts"),
        };
        line(
            &mut text,
            &format!(
                "Clock of {} is off {} by {:.3} s (from {attempts}, spread {:.3} s, {})",
                clock.machine,
                clock.relative_to,
                -clock.offset.as_seconds(),
                clock.spread.as_seconds(),
                clock.confidence.name(),
            ),
        );
    }
    for absent in &inventory.absent {
        write_absent(&mut text, absent);
    }
    for problem in &report.problems {
        line(&mut text, &format!("Problem  {}: {}", problem.path.display(), problem.detail));
    }
    for recovery in &report.recovered {
        let (path, found) = (report.file(recovery.file), recovered(recovery));
        line(&mut text, &format!("Recovered  {path}: {found}"));
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    text
}

/// What was found in unused space, which counts for nothing above.
fn recovered(recovery: &Recovery) -> String {
    let Recovery { records, kept, left_out, .. } = *recovery;
    let records = if records == 1 { "1 record".to_owned() } else { format!("{records} records") };
    let more =
        if left_out > 0 { format!("; {left_out} more were left out") } else { String::new() };
    format!(
        "{records} in space that the log does not use, of which {kept} are new and asked for{more}"
    )
}

fn write_stock(text: &mut String, report: &Report, stock: &Stock<'_>, zone: &Zone, width: usize) {
    let machine = stock.machine;
    let roles = match machine.roles.as_slice() {
        [] => "no role in Remote Desktop seen".to_owned(),
        roles => roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let os = machine.os.as_deref().map(|os| format!(" · {os}")).unwrap_or_default();
    let made_up =
        if machine.coverage.is_certain() { "" } else { " · a name in damaged records only" };
    line(text, &format!("{}  {roles}{os}{made_up}", machine.coverage.name));
    let columns = [
        Column::new("channel", 0),
        Column::new("records", 1),
        Column::new(format!("first ({zone})"), 0),
        Column::new(format!("last ({zone})"), 0),
        Column::new("damage and gaps", 0).wrapped_at(30),
        Column::new("files", 2),
    ];
    let rows: Vec<Vec<String>> = machine
        .coverage
        .channels
        .iter()
        .map(|channel| {
            let name = channel::short(&channel.channel);
            let files: Vec<&str> = channel.files.iter().map(|file| report.file(*file)).collect();
            vec![
                match sanitize::shorten(&name, NAME) {
                    name if name.is_empty() => "(no channel)".to_owned(),
                    name => name.into_owned(),
                },
                channel.records.to_string(),
                zone.second(channel.first),
                zone.second(channel.last),
                flaws(channel, zone),
                files.join(", "),
            ]
        })
        .collect();
    text.push_str(&grid::render(&columns, &rows, width));
    for change in stock.clock_changes.iter().take(CHANGES) {
        let way = if change.by.0 < 0 { "back" } else { "forward" };
        let (by, to) = (change.by.abs(), zone.second(change.to));
        line(text, &format!("Clock set {way} by {by}, to {to}"));
    }
    if let Some(more @ 1..) = stock.clock_changes.len().checked_sub(CHANGES) {
        line(text, &format!("… and {more} more changes of the clock"));
    }
    write_missing(text, &stock.missing);
}

/// `2 damaged chunks, 3 records lost; 2026-03-01 … 2026-03-02: the log was cleared`.
fn flaws(channel: &ChannelCoverage, zone: &Zone) -> String {
    let mut flaws = Vec::new();
    if !channel.is_certain {
        flaws.push("a name in damaged records only".to_owned());
    }
    let counted = |number: u64, one: &str, more: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {more}")),
    };
    flaws.extend(counted(channel.damaged_chunks, "damaged chunk", "damaged chunks"));
    flaws.extend(counted(channel.lost_records, "record lost at most", "records lost at most"));
    for gap in channel.gaps.iter().take(GAPS) {
        // Where a log begins stands in a column of its own.
        flaws.push(match gap.kind {
            GapKind::Overwritten => gap.reason.clone(),
            _ => {
                let (from, to) = (zone.second(gap.from), zone.second(gap.to));
                format!("{from} … {to}: {}", gap.reason)
            }
        });
    }
    if let Some(more @ 1..) = channel.gaps.len().checked_sub(GAPS) {
        flaws.push(format!("{more} more gaps"));
    }
    if flaws.is_empty() { "none".to_owned() } else { flaws.join("; ") }
}

fn write_missing(text: &mut String, missing: &[Missing]) {
    for log in missing {
        line(text, &format!("Missing  {}: {}", channel::short(&log.channel), log.why));
        if let Some(enable) = &log.enable {
            line(text, &format!("  off by default: {enable}"));
            line(text, "  then let it fail again, and");
        }
        line(text, &format!("  {}", log.command));
    }
}

fn write_absent(text: &mut String, absent: &Absent) {
    let named: Vec<&str> = absent.names.iter().take(NAMES).map(String::as_str).collect();
    let more = absent.names.len().saturating_sub(NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = if named.is_empty() {
        String::new()
    } else {
        format!(" (seen: {}{more})", named.join(", "))
    };
    line(text, &format!("No logs of a {}{named}. To bring from there:", absent.role));
    for log in &absent.missing {
        line(text, &format!("  {}", log.command));
    }
}

/// One line, with nothing in it that acts.
fn line(text: &mut String, content: &str) {
    text.push_str(&sanitize::line(content));
    text.push('\n');
}

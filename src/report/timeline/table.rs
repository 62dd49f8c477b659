//! A timeline as a table for people.

use std::collections::BTreeSet;

use super::{Timeline, codes, effect, names, says};
use crate::model::{Source, channel};
use crate::report::grid::{self, Column};
use crate::timeline::Entry;

/// The table, with a line below that counts what is and what is not shown.
pub fn render(timeline: &Timeline<'_>, width: usize) -> String {
    if timeline.entries.is_empty() {
        return "No record that any rule asks for lies there.\n".to_owned();
    }
    let machines: BTreeSet<&str> =
        timeline.entries.iter().map(|entry| &*entry.event.machine).collect();
    let columns = [
        Column::new(format!("time ({})", timeline.zone), 0),
        // The machine is worth its place as soon as there are two.
        Column::new("machine", if machines.len() > 1 { 0 } else { 4 }),
        Column::new("record", 0),
        Column::new("says", 0).wrapped_at(24),
        Column::new("attempt's stage", 1).wrapped_at(12),
        Column::new("values", 2).wrapped_at(24),
        Column::new("attempt", 3),
        Column::new("joined by", 5),
        Column::new("logged at", 6),
    ];
    let rows: Vec<Vec<String>> =
        timeline.entries.iter().map(|entry| row(timeline, entry)).collect();
    let mut text = grid::render(&columns, &rows, width);
    let (shown, total) = (timeline.entries.len(), timeline.total);
    let records = if total == 1 { "1 record".to_owned() } else { format!("{total} records") };
    let cut = if shown < total { format!(", the first {shown} shown") } else { String::new() };
    text.push_str(&format!("{records}{cut}\n"));
    text
}

fn row(timeline: &Timeline<'_>, entry: &Entry<'_>) -> Vec<String> {
    let event = entry.event;
    // A clock that is right needs no second time.
    let logged = if entry.time == event.time {
        String::new()
    } else {
        timeline.zone.millisecond(event.time)
    };
    let mut values = names(entry);
    values.extend(codes(entry));
    vec![
        timeline.zone.millisecond(entry.time),
        event.machine.to_string(),
        format!(
            "{} {} #{}{}",
            channel::short(&event.channel),
            event.event_id,
            event.record_id,
            match event.source {
                Source { recovered: true, .. } => " recovered",
                Source { damaged: true, .. } => " damaged chunk",
                _ => "",
            }
        ),
        says(entry),
        effect(entry),
        values.join(", "),
        timeline.attempt(entry).to_owned(),
        entry.joined_by.map_or(String::new(), |by| by.name().to_owned()),
        logged,
    ]
}

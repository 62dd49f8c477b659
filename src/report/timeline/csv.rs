//! A timeline for spreadsheets.

use std::io::{self, Write};

use super::{Timeline, codes, effect, names, says};
use crate::report::sheet;
use crate::timeline::Entry;

/// The columns; further ones are added at the end.
const HEADER: [&str; 16] = [
    "time",
    "logged",
    "machine",
    "channel",
    "provider",
    "event_id",
    "record_id",
    "says",
    "stage",
    "names",
    "codes",
    "attempt",
    "joined_by",
    "file",
    "recovered",
    "damaged_chunk",
];

/// Writes a header and a row for each record.
///
/// # Errors
/// Only those of `out`.
pub fn write(timeline: &Timeline<'_>, out: &mut dyn Write) -> io::Result<()> {
    sheet::write(out, &HEADER, timeline.entries.iter().map(|entry| row(timeline, entry)))
}

fn row(timeline: &Timeline<'_>, entry: &Entry<'_>) -> Vec<String> {
    let event = entry.event;
    vec![
        timeline.zone.exact(entry.time),
        timeline.zone.exact(event.time),
        event.machine.to_string(),
        event.channel.to_string(),
        event.provider.to_string(),
        event.event_id.to_string(),
        event.record_id.to_string(),
        says(entry),
        effect(entry),
        names(entry).join(", "),
        codes(entry).join(", "),
        timeline.attempt(entry).to_owned(),
        entry.joined_by.map_or(String::new(), |by| by.name().to_owned()),
        timeline.report.file(event.source.file).to_owned(),
        if event.source.recovered { "yes" } else { "" }.to_owned(),
        if event.source.damaged { "yes" } else { "" }.to_owned(),
    ]
}

//! Attempts for spreadsheets.

use std::io::{self, Write};

use super::Rows;
use crate::attempts::Picked;
use crate::model::Stage;
use crate::report::sheet;

/// The columns; further ones are added at the end.
const HEADER: [&str; 23] = [
    "attempt",
    "started",
    "ended",
    "seconds",
    "machine",
    "side",
    "host",
    "client",
    "client_address",
    "user",
    "kind",
    "outcome",
    "reached",
    "failed_at",
    "causes",
    "diagnoses",
    "transports",
    "session",
    "connection",
    "seen_by",
    "continues",
    "records",
    "recovered",
];

/// Writes a header and a row for each attempt. Lists in one cell are parted by blanks.
///
/// # Errors
/// Only those of `out`.
pub fn write(rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
    sheet::write(out, &HEADER, rows.attempts.iter().map(|picked| row(rows, picked)))
}

fn row(rows: &Rows<'_>, picked: &Picked<'_>) -> Vec<String> {
    let attempt = picked.attempt;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let stage = |stage: Option<Stage>| text(stage.map(Stage::name));
    let seen_by: Vec<&str> = attempt.views.iter().map(|view| &*view.machine).collect();
    let continues = attempt.continues.and_then(|index| rows.report.attempts.get(index));
    vec![
        attempt.id.to_string(),
        rows.zone.exact(attempt.started),
        rows.zone.exact(attempt.ended),
        attempt.ended.since(attempt.started).as_seconds().to_string(),
        attempt.machine.to_string(),
        attempt.side.name().to_owned(),
        text(attempt.host.as_deref()),
        text(attempt.client.as_deref()),
        attempt.client_address.map_or(String::new(), |address| address.to_string()),
        text(attempt.user.as_deref()),
        attempt.kind.name().to_owned(),
        attempt.outcome.name().to_owned(),
        stage(attempt.reached),
        stage(attempt.failed_at),
        picked.causes.join(" "),
        picked.diagnoses.join(" "),
        attempt.transports.join(" "),
        attempt.session.map_or(String::new(), |session| session.to_string()),
        text(attempt.connection.as_deref()),
        seen_by.join(" "),
        text(continues.map(|attempt| &*attempt.id)),
        attempt.records.len().to_string(),
        rows.report.facts.recovered(attempt).to_string(),
    ]
}

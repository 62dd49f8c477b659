//! Attempts as a table for people.

use super::Rows;
use crate::attempts::Picked;
use crate::model::{Attempt, AttemptKind, Stage};
use crate::report::grid::{self, Column};

/// The table, with a line below that counts what is and what is not shown.
pub fn render(rows: &Rows<'_>, width: usize) -> String {
    if rows.attempts.is_empty() {
        return if rows.report.attempts.is_empty() {
            "No try to connect is recorded in these logs.\n".to_owned()
        } else {
            format!("None of the {} attempts is as asked for.\n", rows.report.attempts.len())
        };
    }
    // What people look for first is named first, and stays when space is short.
    let columns = [
        Column::new(format!("started ({})", rows.zone), 0),
        Column::new("client", 0).wrapped_at(16),
        Column::new("user", 0),
        Column::new("host", 2),
        Column::new("outcome", 0),
        Column::new("reached", 4),
        Column::new("failed at", 1),
        Column::new("cause", 0).wrapped_at(20),
        Column::new("kind", 5),
        Column::new("took", 6),
        Column::new("over", 8),
        Column::new("seen by", 7),
        Column::new("attempt", 3),
        // Before anything else goes: what is marked so is not vouched for.
        Column::new("recovered", 1),
    ];
    let cells: Vec<Vec<String>> = rows.attempts.iter().map(|picked| row(rows, picked)).collect();
    let mut text = grid::render(&columns, &cells, width);
    text.push_str(&footer(rows));
    text
}

fn row(rows: &Rows<'_>, picked: &Picked<'_>) -> Vec<String> {
    let attempt = picked.attempt;
    let stage = |stage: Option<Stage>| stage.map_or(String::new(), |stage| stage.to_string());
    let seen_by: Vec<&str> = attempt.views.iter().map(|view| &*view.machine).collect();
    let kind = match attempt.kind {
        AttemptKind::Connect => String::new(),
        kind => kind.name().to_owned(),
    };
    vec![
        rows.zone.second(attempt.started),
        client(attempt),
        attempt.user.as_deref().unwrap_or_default().to_owned(),
        attempt.host.as_deref().unwrap_or(&attempt.machine).to_owned(),
        attempt.outcome.name().to_owned(),
        stage(attempt.reached),
        stage(attempt.failed_at),
        picked.causes.join(", "),
        kind,
        attempt.ended.since(attempt.started).to_string(),
        attempt.transports.join(", "),
        if seen_by.len() > 1 { seen_by.join(", ") } else { String::new() },
        attempt.id.to_string(),
        match rows.report.facts.recovered(attempt) {
            0 => String::new(),
            some if some == attempt.records.len() => "all".to_owned(),
            some => format!("{some} of {}", attempt.records.len()),
        },
    ]
}

/// Name and address, as far as they are known.
fn client(attempt: &Attempt) -> String {
    match (attempt.client.as_deref(), attempt.client_address) {
        (Some(name), Some(address)) => format!("{name} {address}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    }
}

fn footer(rows: &Rows<'_>) -> String {
    let (shown, total, all) = (rows.attempts.len(), rows.total, rows.report.attempts.len());
    let attempts = if total == 1 { "1 attempt".to_owned() } else { format!("{total} attempts") };
    let of = if total < all { format!(" of {all}") } else { String::new() };
    let cut = if shown < total { format!(", the first {shown} shown") } else { String::new() };
    let counted = match rows.report.floods.iter().map(|flood| flood.attempts).sum::<u64>() {
        0 => String::new(),
        more => format!("; {more} more of floods were only counted"),
    };
    format!("{attempts}{of}{cut}{counted}\n")
}

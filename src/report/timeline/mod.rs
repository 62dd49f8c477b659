//! A timeline as a table for people, CSV for spreadsheets, JSON for programs.
//!
//! Knows layout only; which records are shown is decided in [`crate::timeline`].

mod csv;
mod json;
mod table;

use std::net::IpAddr;
use std::sync::Arc;

pub use csv::write as write_csv;
pub use json::{SCHEMA, write as write_json};
pub use table::render as render_table;

use super::Zone;
use crate::model::{Entities, Report, Value};
use crate::rules::codes::Code;
use crate::timeline::Entry;

/// What is shown.
#[derive(Clone, Debug)]
pub struct Timeline<'r> {
    /// The case.
    pub report: &'r Report,
    /// The records to show.
    pub entries: &'r [Entry<'r>],
    /// How many there are, shown or not.
    pub total: usize,
    /// The zone of times in tables and CSV; JSON is always UTC.
    pub zone: &'r Zone,
}

impl Timeline<'_> {
    /// The id of the attempt that a record belongs to; empty where it belongs to none.
    fn attempt(&self, entry: &Entry<'_>) -> &str {
        let attempt = entry.attempt.and_then(|index| self.report.attempts.get(index));
        attempt.map_or("", |attempt| &*attempt.id)
    }
}

/// What the record says, in the words of its signals.
fn says(entry: &Entry<'_>) -> String {
    let titles: Vec<&str> = entry.signals.iter().map(|(_, title)| *title).collect();
    titles.join("; ")
}

/// What follows for the attempt: `passed tls`, `died in nla`.
fn effect(entry: &Entry<'_>) -> String {
    let mut parts = Vec::new();
    if entry.opens() {
        parts.push("begins".to_owned());
    }
    parts.extend(entry.proves().iter().map(|stage| format!("passed {stage}")));
    parts.extend(entry.fails().iter().map(|stage| format!("died in {stage}")));
    if entry.ends() {
        parts.push("ends".to_owned());
    }
    parts.join(", ")
}

/// The codes of a record with what they mean: `SubStatus 0xc000006a STATUS_WRONG_PASSWORD`.
fn codes(entry: &Entry<'_>) -> Vec<String> {
    let text = |(name, value, code): &(Arc<str>, Value, &Code)| {
        let meaning = code.symbol.as_deref().unwrap_or(&code.meaning);
        format!("{name} {} {meaning}", value.to_text())
    };
    entry.codes.iter().map(text).collect()
}

/// Whom and what a record names, from all its signals: `user corp\joe`.
fn names(entry: &Entry<'_>) -> Vec<String> {
    let mut named = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            let text = format!("{label} {value}");
            if !named.contains(&text) {
                named.push(text);
            }
        }
    };
    for (signal, _) in &entry.signals {
        let Entities {
            client_address,
            client_port,
            client_name,
            user,
            domain,
            target,
            session,
            connection,
            logon_id: _,
        } = &*signal.entities;
        let account = user.as_deref().map(|user| match domain {
            Some(domain) => format!("{domain}\\{user}"),
            None => user.to_owned(),
        });
        add("user", account);
        add("client", client_name.as_deref().map(str::to_owned));
        add("from", client_address.map(|address| endpoint(address, *client_port)));
        add("to", target.as_deref().map(str::to_owned));
        add("session", session.map(|session| session.to_string()));
        add("connection", connection.as_deref().map(str::to_owned));
    }
    named
}

fn endpoint(address: IpAddr, port: Option<u16>) -> String {
    match (address, port) {
        (address, None) => address.to_string(),
        (IpAddr::V4(address), Some(port)) => format!("{address}:{port}"),
        (IpAddr::V6(address), Some(port)) => format!("[{address}]:{port}"),
    }
}

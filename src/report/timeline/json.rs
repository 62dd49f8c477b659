//! A timeline for programs.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::Timeline;
use crate::report::json_v1::record::RecordV1;
use crate::report::json_v1::{Each, write_shown};
use crate::timeline::Entry;

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.timeline/1";

/// `{schema, total, records}`: `total` counts the records, `records` are those shown, in order
/// of their corrected time. Each has the keys that `rdpwhy.report/1` gives a record (`time` is
/// as it was logged), and those of [`Row`]. Within version 1 keys are added, never renamed or
/// removed. Times are UTC.
#[derive(Serialize)]
struct Document<R> {
    schema: &'static str,
    total: usize,
    records: R,
}

#[derive(Serialize)]
struct Row<'a> {
    /// The time by the leading machine's clock.
    corrected: String,
    #[serde(flatten)]
    record: RecordV1<'a>,
    signals: Vec<SignalJson<'a>>,
    opens: bool,
    ends: bool,
    proves: Vec<&'static str>,
    fails: Vec<&'static str>,
    codes: Vec<CodeJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_by: Option<&'static str>,
}

#[derive(Serialize)]
struct SignalJson<'a> {
    id: &'a str,
    title: &'a str,
}

/// A value of the record that is a known code.
#[derive(Serialize)]
struct CodeJson<'a> {
    field: &'a str,
    value: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<&'a str>,
    meaning: &'a str,
}

/// Writes the document with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub fn write(timeline: &Timeline<'_>, out: &mut dyn Write) -> io::Result<()> {
    let records = Each(timeline.entries.iter().map(|entry| row(timeline, entry)));
    write_shown(&Document { schema: SCHEMA, total: timeline.total, records }, out)
}

fn row<'a>(timeline: &'a Timeline<'_>, entry: &'a Entry<'_>) -> Row<'a> {
    let attempt = Some(timeline.attempt(entry)).filter(|id| !id.is_empty());
    Row {
        corrected: entry.time.to_string(),
        record: RecordV1::of(timeline.report, entry.event),
        signals: entry
            .signals
            .iter()
            .map(|(signal, title)| SignalJson { id: signal.id.as_str(), title })
            .collect(),
        opens: entry.opens(),
        ends: entry.ends(),
        proves: entry.proves().into_iter().map(|stage| stage.name()).collect(),
        fails: entry.fails().into_iter().map(|stage| stage.name()).collect(),
        codes: entry
            .codes
            .iter()
            .map(|(field, value, code)| CodeJson {
                field,
                value: value.to_text(),
                symbol: code.symbol.as_deref(),
                meaning: &code.meaning,
            })
            .collect(),
        attempt,
        joined_by: entry.joined_by.map(|by| by.name()),
    }
}

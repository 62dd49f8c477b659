//! Attempts for programs: each as the report has it, with the causes that explain it.

use std::io::{self, Write};

use serde::Serialize;

use super::Rows;
use crate::report::json_v1::attempt::AttemptV1;
use crate::report::json_v1::{Each, write_shown};

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.attempts/1";

/// `{schema, total, counted_only, attempts}`: `total` counts the attempts that were asked for,
/// `attempts` are those shown, and `counted_only` tells how many attempts of floods were counted
/// in the whole case and not kept. An attempt has the keys that `rdpwhy.report/1` gives it, and `causes`.
/// Within version 1 keys are added, never renamed or removed. Times are UTC.
#[derive(Serialize)]
struct Document<A> {
    schema: &'static str,
    total: usize,
    counted_only: u64,
    attempts: A,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    attempt: AttemptV1<'a>,
    causes: &'a [&'a str],
}

/// Writes the document with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub fn write(rows: &Rows<'_>, out: &mut dyn Write) -> io::Result<()> {
    let attempts = Each(rows.attempts.iter().map(|picked| Row {
        attempt: AttemptV1::of(rows.report, picked.attempt, &picked.diagnoses),
        causes: &picked.causes,
    }));
    let counted_only = rows.report.floods.iter().map(|flood| flood.attempts).sum();
    write_shown(&Document { schema: SCHEMA, total: rows.total, counted_only, attempts }, out)
}

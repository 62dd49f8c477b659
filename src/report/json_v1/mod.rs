//! The report as JSON, version 1: `rdpwhy.report/1`.
//!
//! A contract: within version 1 keys are added, never renamed or removed. The types here are
//! views with the contract's keys in the contract's order, so that a change of the model
//! cannot change the format unseen. The JSON Schema lies in `docs/report-v1.schema.json`.

pub(super) mod attempt;
mod brief;
pub(super) mod case;
mod diagnosis;
mod escape;
mod format;
mod object;
pub(super) mod record;

use std::io::{self, BufWriter, Write as _};

use serde::{Serialize, Serializer};

use crate::model::{Report, Time};
use object::Object;

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.report/1";

/// Pieces of fewer bytes are put together before they are written; a longer one is not copied.
const BLOCK: usize = 1 << 13;

/// The JSON Schema (draft 2020-12) of what [`render`] returns.
pub const fn schema() -> &'static str {
    include_str!("../../../docs/report-v1.schema.json")
}

/// The report as indented JSON with a newline at its end.
pub fn render(report: &Report) -> String {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and the views hold no map with other keys than text.
    drop(write(report, &mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes what [`render`] returns, piece by piece: a report of very many attempts is never
/// held in memory as text. Attempts and conclusions are put into words on all cores.
///
/// # Errors
/// Only those of `out`.
pub fn write(report: &Report, out: impl io::Write) -> io::Result<()> {
    let explained_by = attempt::explained_by(report);
    let mut object = Object::begin(BufWriter::with_capacity(BLOCK, out))?;
    object.key("schema", &SCHEMA)?;
    object.key("tool", &case::ToolV1::of(report))?;
    object.key("inputs", &Each(report.inputs.iter().map(case::InputV1::of)))?;
    let machine = |machine| case::MachineV1::of(report, machine);
    object.key("machines", &Each(report.machines.iter().map(machine)))?;
    let attempts: Vec<_> = report.attempts.iter().zip(&explained_by).collect();
    object.list(
        "attempts",
        &attempts,
        |(attempt, _)| attempt::weight(report, attempt),
        |(attempt, ids)| attempt::AttemptV1::of(report, attempt, ids),
    )?;
    object.key("floods", &Each(report.floods.iter().map(case::FloodV1::of)))?;
    object.list(
        "diagnoses",
        &report.diagnoses,
        |found| diagnosis::weight(report, found),
        |found| diagnosis::DiagnosisV1::of(report, found),
    )?;
    let undecided = |undecided| attempt::UndecidedV1::of(report, undecided);
    object.key("undecided", &Each(report.undecided.iter().map(undecided)))?;
    object.key("not_tested", &Each(report.not_tested.iter().map(case::NotTestedV1::of)))?;
    object.key("problems", &Each(report.problems.iter().map(case::ProblemV1::of)))?;
    object.key("stats", &case::StatsV1::of(&report.stats))?;
    object.key("clocks", &Each(report.clocks.iter().map(case::ClockV1::of)))?;
    if !report.left_out.is_empty() {
        object.key("left_out", &case::LeftOutV1::of(report))?;
    }
    let recovered = case::RecoveryV1::all(report);
    if !recovered.is_empty() {
        object.key("recovered", &recovered)?;
    }
    object.end()
}

/// Writes a document as indented JSON that is safe to print, with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub(super) fn write_shown(document: &impl Serialize, out: impl io::Write) -> io::Result<()> {
    // JSON comes in pieces of a few bytes, and what lies behind `out` asks for each of them what
    // it is to do with it.
    let mut out = BufWriter::with_capacity(BLOCK, out);
    format::write(0, document, &mut out)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Whether a number is not written, because it is nearly always zero.
fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// A time as RFC 3339 text.
pub(super) struct TimeV1(pub(super) Time);

impl Serialize for TimeV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.text() {
            Some(text) => serializer.serialize_str(text.as_str()),
            None => serializer.collect_str(&self.0),
        }
    }
}

/// A list whose items are made while they are written.
pub(super) struct Each<I>(pub(super) I);

impl<I> Serialize for Each<I>
where
    I: Iterator + Clone,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

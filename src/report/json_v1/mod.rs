//! The report as JSON, version 1: `rdpwhy.report/1`.
//!
//! A contract: within version 1 keys are added, never renamed or removed. The types here are
//! views with the contract's keys in the contract's order, so that a change of the model
//! cannot change the format unseen. The JSON Schema lies in `docs/report-v1.schema.json`.

pub(super) mod attempt;
pub(super) mod case;
mod diagnosis;
mod format;
pub(super) mod record;

use std::io::{self, BufWriter, Write as _};

use serde::{Serialize, Serializer};

use crate::model::Report;

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.report/1";

/// Bytes that are written at a time.
const BLOCK: usize = 1 << 16;

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
/// held in memory as text.
///
/// # Errors
/// Only those of `out`.
pub fn write(report: &Report, mut out: impl io::Write) -> io::Result<()> {
    let explained_by = attempt::explained_by(report);
    let view = ReportV1 {
        schema: SCHEMA,
        tool: case::ToolV1::of(report),
        inputs: Each(report.inputs.iter().map(case::InputV1::of)),
        machines: Each(report.machines.iter().map(|machine| case::MachineV1::of(report, machine))),
        attempts: Each(
            report
                .attempts
                .iter()
                .zip(&explained_by)
                .map(|(attempt, ids)| attempt::AttemptV1::of(report, attempt, ids)),
        ),
        floods: Each(report.floods.iter().map(case::FloodV1::of)),
        diagnoses: Each(
            report.diagnoses.iter().map(|found| diagnosis::DiagnosisV1::of(report, found)),
        ),
        undecided: Each(
            report.undecided.iter().map(|undecided| attempt::UndecidedV1::of(report, undecided)),
        ),
        not_tested: Each(report.not_tested.iter().map(case::NotTestedV1::of)),
        problems: Each(report.problems.iter().map(case::ProblemV1::of)),
        stats: case::StatsV1::of(&report.stats),
        clocks: Each(report.clocks.iter().map(case::ClockV1::of)),
        recovered: case::RecoveryV1::all(report),
    };
    write_shown(&view, &mut out)
}

/// Writes a document as indented JSON that is safe to print, with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub(super) fn write_shown(document: &impl Serialize, out: impl io::Write) -> io::Result<()> {
    // JSON comes in pieces of a few bytes, and what lies behind `out` asks for each of them what
    // it is to do with it.
    let mut out = BufWriter::with_capacity(BLOCK, out);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, format::Shown::new());
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The top level, in the contract's order.
#[derive(Serialize)]
struct ReportV1<
    'a,
    Inputs,
    Machines,
    Attempts,
    Floods,
    Diagnoses,
    Undecided,
    NotTested,
    Problems,
    Clocks,
> where
    Inputs: Serialize,
    Machines: Serialize,
    Attempts: Serialize,
    Floods: Serialize,
    Diagnoses: Serialize,
    Undecided: Serialize,
    NotTested: Serialize,
    Problems: Serialize,
    Clocks: Serialize,
{
    schema: &'static str,
    tool: case::ToolV1<'a>,
    inputs: Inputs,
    machines: Machines,
    attempts: Attempts,
    floods: Floods,
    diagnoses: Diagnoses,
    undecided: Undecided,
    not_tested: NotTested,
    problems: Problems,
    stats: case::StatsV1,
    clocks: Clocks,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovered: Vec<case::RecoveryV1<'a>>,
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

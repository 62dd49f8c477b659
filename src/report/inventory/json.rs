//! The stock of a case for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::inventory::{Absent, Inventory, Missing, Stock};
use crate::model::Report;
use crate::report::json_v1::case::{ClockV1, MachineV1, ProblemV1, RecoveryV1};
use crate::report::json_v1::{Each, write_shown};

/// The value of the key `schema`.
pub const SCHEMA: &str = "rdpwhy.inventory/1";

/// `{schema, machines, clocks, absent, problems, recovered}`. A machine has the keys that
/// `rdpwhy.report/1` gives it, and those of [`Machine`]; the other keys are as there.
/// Within version 1 keys are added, never renamed or removed. Times are UTC.
#[derive(Serialize)]
struct Document<'a, P> {
    schema: &'static str,
    machines: Vec<Machine<'a>>,
    clocks: Vec<ClockV1<'a>>,
    absent: Vec<AbsentJson<'a>>,
    problems: P,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovered: Vec<RecoveryV1<'a>>,
}

#[derive(Serialize)]
struct Machine<'a> {
    #[serde(flatten)]
    machine: MachineV1<'a>,
    clock_changes: Vec<ClockChangeJson>,
    missing: Vec<MissingJson<'a>>,
}

#[derive(Serialize)]
struct ClockChangeJson {
    to: String,
    by_seconds: f64,
}

/// A log that was not supplied, and the commands that switch it on and export it.
#[derive(Serialize)]
struct MissingJson<'a> {
    channel: &'a str,
    why: &'a str,
    command: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable: Option<&'a str>,
}

/// An end of the connection of which nothing was supplied.
#[derive(Serialize)]
struct AbsentJson<'a> {
    role: String,
    names: &'a [String],
    missing: Vec<MissingJson<'a>>,
}

/// Writes the document with a newline at its end.
///
/// # Errors
/// Only those of `out`.
pub fn write(report: &Report, inventory: &Inventory<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        machines: inventory.machines.iter().map(|stock| machine(report, stock)).collect(),
        clocks: report.clocks.iter().map(ClockV1::of).collect(),
        absent: inventory.absent.iter().map(absent).collect(),
        problems: Each(report.problems.iter().map(ProblemV1::of)),
        recovered: RecoveryV1::all(report),
    };
    write_shown(&document, out)
}

fn machine<'a>(report: &'a Report, stock: &'a Stock<'_>) -> Machine<'a> {
    let change = |change: &crate::inventory::ClockChange| ClockChangeJson {
        to: change.to.to_string(),
        by_seconds: change.by.as_seconds(),
    };
    Machine {
        machine: MachineV1::of(report, stock.machine),
        clock_changes: stock.clock_changes.iter().map(change).collect(),
        missing: missing(&stock.missing),
    }
}

fn absent(absent: &Absent) -> AbsentJson<'_> {
    AbsentJson {
        role: absent.role.to_string(),
        names: &absent.names,
        missing: missing(&absent.missing),
    }
}

fn missing(logs: &[Missing]) -> Vec<MissingJson<'_>> {
    logs.iter()
        .map(|log| MissingJson {
            channel: &log.channel,
            why: &log.why,
            command: &log.command,
            enable: log.enable.as_deref(),
        })
        .collect()
}

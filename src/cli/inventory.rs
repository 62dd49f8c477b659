//! `rdpwhy inventory PATH…`: what was supplied, and what is missing.

use clap::{Args, ValueEnum};

use super::case::CaseArgs;
use super::output::{OutputArgs, ZoneArgs};
use super::{Console, Exit, Failure};
use crate::inventory::inventory;
use crate::options::Options;
use crate::report::inventory::{render_page, write_json};

/// Takes stock: machines, roles, channels with span, gaps and damage, and what is missing
///
/// A gap is a stretch of time that a log should hold and does not: it was cleared, it has
/// rolled over, records are missing by their numbers, a filter chose what was exported, or the
/// channel was not written. Silence in a gap proves nothing. For each log that is missing, the
/// command that exports it is named.
#[derive(Debug, Args)]
pub(super) struct InventoryArgs {
    #[command(flatten)]
    case: CaseArgs,

    /// A page for people, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    format: Format,
    #[command(flatten)]
    zone: ZoneArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// How the stock is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Table,
    /// One JSON object
    Json,
}

/// Runs the command.
pub(super) fn run(args: &InventoryArgs, console: &Console) -> Result<Exit, Failure> {
    args.case.spare(args.output.file())?;
    let rules = args.case.rules(console)?;
    // What is damaged, and which channels a log holds, is what is asked here.
    let options = Options { read_all: true, ..Options::default() };
    let report = args.case.analyze(rules, options, console)?;
    let stock = inventory(&report);
    args.output.table(console, |out, width| match args.format {
        Format::Table => {
            out.write_all(render_page(&report, &stock, &args.zone.time_zone, width).as_bytes())
        }
        Format::Json => write_json(&report, &stock, out),
    })?;
    Ok(args.case.outcome(&report))
}

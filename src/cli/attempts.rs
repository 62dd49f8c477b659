//! `rdpwhy attempts PATH…`: every try to connect as one row.

use clap::{Args, ValueEnum};

use super::case::CaseArgs;
use super::output::{OutputArgs, ZoneArgs};
use super::{Console, Exit, Failure, moment};
use crate::attempts::{Wanted, pick};
use crate::model::{Outcome, Stage, Time};
use crate::options::Options;
use crate::report::attempts::{Rows, render_table, write_csv, write_json};

/// Lists every try to connect: who, from where, how far it came, what ended it
///
/// One row is one attempt, joined from all machines whose logs show it. Filters choose rows;
/// attempts are rebuilt from everything that was given, so that none is cut short. Filters of
/// different kinds must all hold, a filter given several times is one of several choices.
#[derive(Debug, Args)]
pub(super) struct AttemptsArgs {
    #[command(flatten)]
    case: CaseArgs,

    /// Only attempts begun at or after this time
    ///
    /// A date (2026-03-04) or a time (2026-03-04T02:11, 2026-03-04T02:11:07Z). UTC, unless
    /// the time names its offset.
    #[arg(long, value_name = "TIME", value_parser = moment::since, help_heading = "Filter")]
    since: Option<Time>,
    /// Only attempts begun before this time, or up to the end of this day
    #[arg(long, value_name = "TIME", value_parser = moment::until, help_heading = "Filter")]
    until: Option<Time>,
    /// Only attempts that this machine saw, or that went to it
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    machine: Vec<String>,
    /// Only this user, as `joe` or `corp\joe`
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    user: Vec<String>,
    /// Only this client: an address or a computer name
    #[arg(long, value_name = "CLIENT", help_heading = "Filter")]
    client: Vec<String>,
    /// Only this outcome
    #[arg(long, value_name = "OUTCOME", help_heading = "Filter")]
    outcome: Vec<OutcomeArg>,
    /// Only attempts that ended in this stage
    ///
    /// That is the stage in which a failed attempt died, and the highest that any other
    /// reached.
    #[arg(long, value_name = "STAGE", help_heading = "Filter")]
    stage: Vec<Stage>,
    /// At most so many rows, the first ones
    #[arg(long, value_name = "N", help_heading = "Filter")]
    limit: Option<usize>,

    /// A table for people, CSV for spreadsheets, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    format: RowFormat,
    #[command(flatten)]
    zone: ZoneArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RowFormat {
    /// A table for people
    Table,
    /// Comma-separated values for spreadsheets
    Csv,
    /// One JSON object
    Json,
}

/// An outcome, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutcomeArg {
    /// It reached a session
    Succeeded,
    /// It ended without one, or its session broke
    Failed,
    /// The logs do not show its end
    Undecided,
    /// It was never meant to reach one
    Benign,
}

impl From<OutcomeArg> for Outcome {
    fn from(outcome: OutcomeArg) -> Self {
        match outcome {
            OutcomeArg::Succeeded => Self::Succeeded,
            OutcomeArg::Failed => Self::Failed,
            OutcomeArg::Undecided => Self::Undecided,
            OutcomeArg::Benign => Self::Benign,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &AttemptsArgs, console: &Console) -> Result<Exit, Failure> {
    moment::ordered(args.since, args.until)?;
    args.case.spare(args.output.file())?;
    let rules = args.case.rules(console)?;
    let report = args.case.analyze(rules, Options::default(), console)?;
    let mut attempts = pick(&report, &wanted(args));
    let total = attempts.len();
    attempts.truncate(args.limit.unwrap_or(total));
    let rows = Rows { report: &report, attempts: &attempts, total, zone: &args.zone.time_zone };
    args.output.table(console, |out, width| match args.format {
        RowFormat::Table => out.write_all(render_table(&rows, width).as_bytes()),
        RowFormat::Csv => write_csv(&rows, out),
        RowFormat::Json => write_json(&rows, out),
    })?;
    Ok(args.case.outcome(&report))
}

fn wanted(args: &AttemptsArgs) -> Wanted {
    Wanted {
        machines: args.machine.clone(),
        users: args.user.clone(),
        clients: args.client.clone(),
        outcomes: args.outcome.iter().copied().map(Outcome::from).collect(),
        stages: args.stage.clone(),
        since: args.since,
        until: args.until,
    }
}

//! `rdpwhy timeline PATH…`: the records that matter, in order.

use anyhow::Context as _;
use clap::{ArgGroup, Args};

use super::attempts::RowFormat;
use super::case::CaseArgs;
use super::output::{OutputArgs, ZoneArgs};
use super::{Console, Exit, Failure, moment};
use crate::model::{Report, Span, Time};
use crate::options::Options;
use crate::report::timeline::{Timeline, render_table, write_csv, write_json};
use crate::rules::codes::CodeBook;
use crate::timeline::{Around, timeline};

/// Ids that are listed where one was asked for and several fit.
const CHOICES: usize = 8;

/// Lays the records that matter in order, around an attempt, a diagnosis or a moment
///
/// Each record comes with what it says, which stage its attempt passed or died in, whom it
/// names and what its codes mean. Clocks of several machines are corrected where the logs tell
/// how far they are apart. Only records that some rule asks for are kept; the logs hold more.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("around-what").required(true).args(["attempt", "diagnosis", "around"]))]
pub(super) struct TimelineArgs {
    #[command(flatten)]
    case: CaseArgs,

    /// Around this attempt: its id, or the start of it, as `rdpwhy attempts` lists it
    #[arg(long, value_name = "ID", help_heading = "Around")]
    attempt: Option<String>,
    /// The evidence and the attempts of this diagnosis: its id, the start of it, or its cause
    #[arg(long, value_name = "ID", help_heading = "Around")]
    diagnosis: Option<String>,
    /// Around this time, as 2026-03-04T02:11:07; UTC, unless it names its offset
    #[arg(long, value_name = "TIME", value_parser = moment::since, help_heading = "Around")]
    around: Option<Time>,
    /// How far to look before and after
    ///
    /// Around a time, everything that was kept in that stretch [5m without this option].
    /// Around an attempt, also what its machines logged so long before and after it [10s]. What
    /// its conclusions rest on is shown however far away it is, as the fault may be older than the
    /// try; --limit bounds it.
    #[arg(long, value_name = "SPAN", conflicts_with = "diagnosis", help_heading = "Around")]
    within: Option<Span>,
    /// At most so many records, the first ones
    #[arg(long, value_name = "N", help_heading = "Output")]
    limit: Option<usize>,

    /// A table for people, CSV for spreadsheets, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    format: RowFormat,
    #[command(flatten)]
    zone: ZoneArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub(super) fn run(args: &TimelineArgs, console: &Console) -> Result<Exit, Failure> {
    args.case.spare(args.output.file())?;
    let rules = args.case.rules(console)?;
    let codes = CodeBook::embedded().context("cannot read the code tables")?;
    let report = args.case.analyze(rules, Options::default(), console)?;
    let around = around(args, &report)?;
    let within = args.within.unwrap_or(match around {
        Around::Attempt(_) => Span::seconds(10),
        Around::Diagnosis(_) | Around::Time(_) => Span::seconds(300),
    });
    let mut entries = timeline(&report, rules, &codes, around, within);
    let total = entries.len();
    entries.truncate(args.limit.unwrap_or(total));
    let shown = Timeline { report: &report, entries: &entries, total, zone: &args.zone.time_zone };
    args.output.table(console, |out, width| match args.format {
        RowFormat::Table => out.write_all(render_table(&shown, width).as_bytes()),
        RowFormat::Csv => write_csv(&shown, out),
        RowFormat::Json => write_json(&shown, out),
    })?;
    Ok(args.case.outcome(&report))
}

fn around(args: &TimelineArgs, report: &Report) -> Result<Around, Failure> {
    if let Some(id) = &args.attempt {
        let ids = report.attempts.iter().map(|attempt| &*attempt.id);
        let hint = "`rdpwhy attempts` lists the ids";
        return only("attempt", id, &ids.collect::<Vec<_>>(), &[], hint).map(Around::Attempt);
    }
    if let Some(id) = &args.diagnosis {
        let ids = report.diagnoses.iter().map(|diagnosis| diagnosis.id.as_str());
        let causes = report.diagnoses.iter().map(|diagnosis| &*diagnosis.candidate.cause);
        let (ids, causes): (Vec<_>, Vec<_>) = (ids.collect(), causes.collect());
        let hint = "`rdpwhy --format json` lists the ids under `diagnoses`";
        return only("diagnosis", id, &ids, &causes, hint).map(Around::Diagnosis);
    }
    // The command line asks for one of the three.
    args.around.map(Around::Time).ok_or_else(|| Failure::usage("nothing to look around at"))
}

/// The place of the one id that is, or begins with, what was asked for; `others` are further
/// names of the same things.
fn only(
    what: &str,
    asked: &str,
    ids: &[&str],
    others: &[&str],
    hint: &str,
) -> Result<usize, Failure> {
    if let Some(exact) = ids.iter().position(|id| *id == asked) {
        return Ok(exact);
    }
    let fits = |index: &usize| {
        ids.get(*index).is_some_and(|id| id.starts_with(asked))
            || others.get(*index).is_some_and(|other| *other == asked)
    };
    let found: Vec<usize> = (0..ids.len()).filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::usage(format!("there is no {what} `{asked}` in this case")).hint(hint)),
        several => {
            let named: Vec<&str> =
                several.iter().take(CHOICES).filter_map(|index| ids.get(*index).copied()).collect();
            let more = if several.len() > CHOICES { ", …" } else { "" };
            let message =
                format!("`{asked}` fits {} of the ids: {}{more}", several.len(), named.join(", "));
            Err(Failure::usage(message).hint("write more of the id"))
        }
    }
}

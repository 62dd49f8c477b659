//! `rdpwhy analyze PATH…`, which `rdpwhy PATH…` stands for.

use std::io::Write;
use std::mem;
use std::net::IpAddr;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::case::CaseArgs;
use super::output::OutputArgs;
use super::{Console, Exit, Failure, moment, output};
use crate::model::{Confidence, Kind, Report, Time};
use crate::options::Options;
use crate::report::json_v1;
use crate::report::terminal::{self, TerminalStyle};

/// Says why connections failed (what `rdpwhy PATH…` does)
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    #[command(flatten)]
    pub(super) case: CaseArgs,

    /// Only tries begun at or after this time, and what records show from then on
    ///
    /// A date (2026-03-04) or a time (2026-03-04T02:11, 2026-03-04T02:11:07Z). UTC, unless
    /// the time names its offset. All is read and concluded before anything is left out, so that
    /// no try is cut short. Only of logs with more than can be kept nothing is read that is more
    /// than a day away, or of another machine than asked for.
    #[arg(long, value_name = "TIME", value_parser = moment::since, help_heading = "Filter")]
    since: Option<Time>,
    /// Only tries begun before this time, or up to the end of this day
    #[arg(long, value_name = "TIME", value_parser = moment::until, help_heading = "Filter")]
    until: Option<Time>,
    /// Only what this machine saw, or what went to it; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    machine: Vec<String>,
    /// Only this user, as `joe` or `corp\joe`; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    user: Vec<String>,
    /// Only this client address; may be given several times
    #[arg(long, value_name = "ADDRESS", help_heading = "Filter")]
    client: Vec<IpAddr>,
    /// Only conclusions at or above this band; how many are below it is told
    #[arg(long, value_name = "BAND", default_value = "possible", help_heading = "Filter")]
    min_confidence: Confidence,

    /// A page for people, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "terminal", help_heading = "Output")]
    format: Format,
    #[command(flatten)]
    output: OutputArgs,
    /// Show everything, however long, with the file of each record
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// End with exit code 10 when a fault or attack at or above this band was found
    ///
    /// Found, not shown: --min-confidence leaves out of the report only. Where input was lost and
    /// --strict is given, exit code 4 goes before this one.
    #[arg(long, value_name = "BAND", help_heading = "Output")]
    fail_on: Option<Confidence>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page for people
    Terminal,
    /// One JSON object, `rdpwhy.report/1`
    Json,
}

/// Runs the command.
pub(super) fn run(args: &AnalyzeArgs, console: &Console) -> Result<Exit, Failure> {
    let options = options(args)?;
    args.case.spare(args.output.file())?;
    let rules = args.case.rules(console)?;
    let report = args.case.analyze(rules, options, console)?;
    write(args, console, &report)?;
    let outcome = outcome(args, &report);
    // The program ends: nobody needs the memory, and to take a large report apart takes time.
    mem::forget(report);
    Ok(outcome)
}

fn options(args: &AnalyzeArgs) -> Result<Options, Failure> {
    moment::ordered(args.since, args.until)?;
    Ok(Options {
        since: args.since,
        until: args.until,
        machines: args.machine.clone(),
        users: args.user.clone(),
        clients: args.client.clone(),
        min_confidence: args.min_confidence,
        ..Options::default()
    })
}

fn write(args: &AnalyzeArgs, console: &Console, report: &Report) -> anyhow::Result<()> {
    let to_file = args.output.file().is_some();
    let render = |out: &mut dyn Write| match args.format {
        Format::Json => json_v1::write(report, out),
        Format::Terminal => {
            let (width, color) = (console.width(to_file), console.wants_color(to_file));
            let style = TerminalStyle { width, color, all: args.all, ..Default::default() };
            out.write_all(terminal::render(report, &style).as_bytes())
        }
    };
    let color = match args.format {
        Format::Json => ColorChoice::AlwaysAnsi,
        Format::Terminal => console.stdout_color(),
    };
    output::emit(args.output.file(), console, color, render)
}

fn outcome(args: &AnalyzeArgs, report: &Report) -> Exit {
    let reached = |band: Confidence| {
        // What was found counts, whether it is shown or not.
        report.diagnoses.iter().chain(&report.left_out.below).any(|diagnosis| {
            diagnosis.candidate.kind != Kind::Benign && diagnosis.candidate.confidence >= band
        })
    };
    match args.case.outcome(report) {
        Exit::Done if args.fail_on.is_some_and(reached) => Exit::FailOn,
        exit => exit,
    }
}

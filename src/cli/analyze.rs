//! `rdpwhy analyze PATH…`, which `rdpwhy PATH…` stands for.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use anyhow::Context as _;
use clap::{Args, CommandFactory as _, ValueEnum};

use super::{ArchiveArgs, Cli, Console, Exit, Failure, Progress, knowledge, moment, output};
use crate::analyze::analyze;
use crate::model::{Confidence, Kind, Problem, ProblemKind, Report, Time};
use crate::options::Options;
use crate::read;
use crate::report::json_v1;
use crate::report::terminal::{self, TerminalStyle};
use crate::rules::RuleSet;

/// Warnings on stderr; the report lists the rest.
const WARNINGS: usize = 10;

/// Says why connections failed (what `rdpwhy PATH…` does)
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// Event logs (.evtx), or folders and archives that hold them; `-` for standard input
    ///
    /// Folders are searched with all their subfolders; zip, 7z, cabinets and tar, also gzip,
    /// xz, zstd and bzip2, with all archives in them. Nothing is unpacked to disk. Logs are
    /// known by their content, not by their name.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Use the rules of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
    #[command(flatten)]
    archives: ArchiveArgs,
    /// Threads that read [default: one for each core]
    #[arg(long, value_name = "N", help_heading = "Input")]
    threads: Option<NonZeroUsize>,
    /// End with exit code 4 when parts of the input were lost
    #[arg(long, help_heading = "Input")]
    strict: bool,

    /// Only what happened at or after this time
    ///
    /// A date (2026-03-04) or a time (2026-03-04T02:11, 2026-03-04T02:11:07Z). UTC, unless
    /// the time names its offset.
    #[arg(long, value_name = "TIME", value_parser = moment::since, help_heading = "Filter")]
    since: Option<Time>,
    /// Only what happened before this time, or up to the end of this day
    #[arg(long, value_name = "TIME", value_parser = moment::until, help_heading = "Filter")]
    until: Option<Time>,
    /// Only this machine; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    machine: Vec<String>,
    /// Only this user, as `joe` or `corp\joe`; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    user: Vec<String>,
    /// Only this client address; may be given several times
    #[arg(long, value_name = "ADDRESS", help_heading = "Filter")]
    client: Vec<IpAddr>,
    /// Only conclusions at or above this band
    #[arg(long, value_name = "BAND", default_value = "possible", help_heading = "Filter")]
    min_confidence: Confidence,

    /// A page for people, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "terminal", help_heading = "Output")]
    format: Format,
    /// Write to a file, which appears whole or not at all
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Show everything, however long, with the file of each record
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// End with exit code 10 when a fault or attack at or above this band was found
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
    spare_inputs(args)?;
    let rules = knowledge::rules(args.rules.as_deref(), console)?;
    let report = report(args, &rules, &options, console)?;
    let usable = report.stats.records > 0 || has_sound_log(&report);
    // A single problem that leaves nothing to read is told once, as the error.
    if usable || report.problems.len() > 1 {
        warn(console, &report);
    }
    if !usable {
        return Err(no_input(args, &report));
    }
    write(args, console, &report)?;
    Ok(outcome(args, &report))
}

/// Runs the steps, on as many threads as asked.
fn report(
    args: &AnalyzeArgs,
    rules: &RuleSet,
    options: &Options,
    console: &Console,
) -> anyhow::Result<Report> {
    let threads = options.threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.context("cannot start threads")?;
    let progress = Progress::start(console.shows_progress());
    let add = |read: read::Progress| progress.add(read.bytes, read.records);
    Ok(pool.install(|| analyze(&args.paths, rules, options, &add)))
}

fn options(args: &AnalyzeArgs) -> Result<Options, Failure> {
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since >= until
    {
        return Err(Failure::usage(format!("--since {since} is not before --until {until}")));
    }
    Ok(Options {
        since: args.since,
        until: args.until,
        machines: args.machine.clone(),
        users: args.user.clone(),
        clients: args.client.clone(),
        min_confidence: args.min_confidence,
        threads: args.threads,
        archives: args.archives.options()?,
        ..Options::default()
    })
}

/// Refuses to write the report over the evidence.
fn spare_inputs(args: &AnalyzeArgs) -> Result<(), Failure> {
    let Some(path) = &args.output else { return Ok(()) };
    let Ok(target) = fs::canonicalize(path) else { return Ok(()) };
    let is_input =
        args.paths.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == target));
    let is_log = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("evtx"));
    if target.is_dir() {
        return Err(Failure::usage(format!("--output {} is a folder", path.display())));
    }
    if is_input || is_log {
        let message = format!("--output {} would overwrite a log", path.display());
        return Err(Failure::usage(message).hint("give the report a name of its own"));
    }
    Ok(())
}

/// Whether some log is whole, be it empty: a channel without records was supplied, too.
fn has_sound_log(report: &Report) -> bool {
    let flawed: BTreeSet<String> =
        report.problems.iter().map(|problem| problem.path.display().to_string()).collect();
    report.files.iter().any(|file| !flawed.contains(file))
}

fn warn(console: &Console, report: &Report) {
    for Problem { path, detail, .. } in report.problems.iter().take(WARNINGS) {
        console.warn(&format!("{}: {detail}", path.display()));
    }
    if let Some(more @ 1..) = report.problems.len().checked_sub(WARNINGS) {
        console.warn(&format!("{more} more inputs with problems; the report lists them"));
    }
}

fn no_input(args: &AnalyzeArgs, report: &Report) -> Failure {
    let mut error = anyhow::anyhow!("no event log found in what was given");
    if let [Problem { path, detail, .. }] = report.problems.as_slice() {
        error = anyhow::anyhow!("{detail}").context(format!("cannot use `{}`", path.display()));
    }
    let hint = args.paths.iter().find_map(|path| command_like(path)).map_or_else(
        || {
            "give .evtx files, or a folder or archive that holds them; `rdpwhy --help` says which to \
             bring"
                .to_owned()
        },
        |command| format!("the command is `rdpwhy {command}`, with its name first"),
    );
    Failure::new(Exit::NoInput, error).hint(hint)
}

/// The command that was probably meant by a path that does not exist.
fn command_like(path: &Path) -> Option<String> {
    let word = path.to_str().filter(|_| !path.exists())?;
    let close = |name: &&str| strsim::damerau_levenshtein(name, word) <= name.len() / 4;
    Cli::command().get_subcommands().map(clap::Command::get_name).find(close).map(ToOwned::to_owned)
}

fn write(args: &AnalyzeArgs, console: &Console, report: &Report) -> anyhow::Result<()> {
    let to_file = args.output.is_some();
    let render = |out: &mut dyn Write| match args.format {
        Format::Json => json_v1::write(report, out),
        Format::Terminal => {
            let (width, color) = (console.width(to_file), console.wants_color(to_file));
            let style = TerminalStyle { width, color, all: args.all, ..Default::default() };
            out.write_all(terminal::render(report, &style).as_bytes())
        }
    };
    let Some(path) = &args.output else {
        // JSON bears no codes, and what looks like one in it must not be touched.
        let color = match args.format {
            Format::Json => ColorChoice::AlwaysAnsi,
            Format::Terminal => console.stdout_color(),
        };
        output::to_stdout(color, |out| render(out).context("cannot write to stdout"))?;
        return Ok(());
    };
    output::to_file(path, console.unfinished(), render)
}

fn outcome(args: &AnalyzeArgs, report: &Report) -> Exit {
    let lost = report.problems.iter().any(is_loss);
    let reached = |band: Confidence| {
        report.diagnoses.iter().any(|diagnosis| {
            diagnosis.candidate.kind != Kind::Benign && diagnosis.candidate.confidence >= band
        })
    };
    if args.strict && lost {
        Exit::InputLost
    } else if args.fail_on.is_some_and(reached) {
        Exit::FailOn
    } else {
        Exit::Done
    }
}

/// Whether something of the input could not be read.
fn is_loss(problem: &Problem) -> bool {
    match problem.kind {
        // Flaws of which nothing follows: records that are lost besides are told apart.
        ProblemKind::NoFileHeader | ProblemKind::BadChecksum | ProblemKind::NameEscapes => false,
        _ => problem.lost_records != Some(0),
    }
}

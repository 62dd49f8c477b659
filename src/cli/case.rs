//! What every command that reads a case has in common: its inputs, the rules, the warnings,
//! and the answer to inputs that hold nothing.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

use super::{ArchiveArgs, Cli, Console, Exit, Failure, Progress, knowledge, spare};
use crate::analyze::analyze;
use crate::model::{Problem, ProblemKind, Report};
use crate::options::Options;
use crate::read;
use crate::rules::RuleSet;

/// Warnings on stderr; the report lists the rest.
const WARNINGS: usize = 10;

/// More threads do not read faster; many more take longer to start than to work.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// Arguments of every command that reads a case.
#[derive(Debug, Args)]
pub(super) struct CaseArgs {
    /// Event logs (.evtx), or folders and archives that hold them; `-` for standard input
    ///
    /// Folders are searched with all their subfolders; zip, 7z, cabinets and tar, also gzip,
    /// xz, zstd and bzip2, with all archives in them. Nothing is unpacked to disk. Logs are
    /// known by their content, not by their name.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

/// How the inputs are read.
#[derive(Debug, Args)]
pub(super) struct ReadingArgs {
    /// Use the rules of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
    #[command(flatten)]
    archives: ArchiveArgs,
    /// Threads that work [default: one for each core]
    ///
    /// At most 256. Archives are unpacked on up to four more, which mostly wait.
    #[arg(long, value_name = "N", value_parser = threads, help_heading = "Input")]
    threads: Option<NonZeroUsize>,
    /// Look for records that logs no longer hold, in the space that they do not use
    ///
    /// Space behind the last record of a chunk, lost chunks, and records hidden in others. What
    /// is found is marked as recovered, each record once and no copy of a live one, and counts
    /// for nothing that tells what a log covers.
    #[arg(long, help_heading = "Input")]
    recover: bool,
    /// Read logs whole even if no rule asks for their channel
    ///
    /// A log of 4 MiB or more is else not read beyond its ends where these show, by the numbers
    /// of its records, that it is of one such channel, and undamaged as far as it was looked at.
    /// How many of a channel's records were not read stands in its coverage.
    #[arg(long, help_heading = "Input")]
    read_all: bool,
    /// End with exit code 4 when parts of the input were lost
    ///
    /// Whatever was found: exit code 4 goes before that of --fail-on.
    #[arg(long, help_heading = "Input")]
    strict: bool,
}

impl CaseArgs {
    /// The rules in force.
    pub(super) fn rules(&self, console: &Console) -> Result<&'static RuleSet, Failure> {
        self.reading.rules(console)
    }

    /// Runs the steps over all paths.
    pub(super) fn analyze(
        &self,
        rules: &RuleSet,
        options: Options,
        console: &Console,
    ) -> Result<Report, Failure> {
        self.reading.analyze(&self.paths, rules, options, console)
    }

    /// Refuses a first path that is none and named like a command. Behind options no command is
    /// looked for, so that its name would be lost among the paths.
    pub(super) fn refuse_command(&self) -> Result<(), Failure> {
        let Some(first) = self.paths.first() else { return Ok(()) };
        let Some(command) = command_like(first) else { return Ok(()) };
        let message = format!("`{}` does not exist, and is no command here", first.display());
        Err(Failure::usage(message).hint(command_first(&command)))
    }

    /// Refuses to write the result over the evidence.
    pub(super) fn spare(&self, output: Option<&Path>) -> Result<(), Failure> {
        let paths: Vec<&Path> = self.paths.iter().map(PathBuf::as_path).collect();
        self.reading.spare(&paths, output)
    }

    /// The exit code of a run that found its inputs usable.
    pub(super) fn outcome(&self, report: &Report) -> Exit {
        self.reading.outcome(report)
    }
}

impl ReadingArgs {
    /// The rules in force.
    pub(super) fn rules(&self, console: &Console) -> Result<&'static RuleSet, Failure> {
        knowledge::rules(self.rules.as_deref(), console)
    }

    /// Refuses to write the result over what is read.
    pub(super) fn spare(&self, paths: &[&Path], output: Option<&Path>) -> Result<(), Failure> {
        let documents: Vec<&Path> = self.archives.password_file().into_iter().collect();
        spare::spare(output, paths, &documents, self.rules.as_deref())
    }

    /// Runs the steps over `paths`, on as many threads as asked, and warns of what is wrong
    /// with them. Inputs that hold no log at all are a failure.
    pub(super) fn analyze(
        &self,
        paths: &[PathBuf],
        rules: &RuleSet,
        mut options: Options,
        console: &Console,
    ) -> Result<Report, Failure> {
        options.threads = self.threads;
        options.archives = self.archives.options()?;
        options.recover = self.recover;
        options.read_all |= self.read_all;
        let threads = self.threads.map_or(0, NonZeroUsize::get);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        // The threads stay for whoever writes the report. A second case of the same run has those of
        // the first.
        static STARTED: OnceLock<Result<(), rayon::ThreadPoolBuildError>> = OnceLock::new();
        let started = STARTED.get_or_init(|| pool.build_global());
        started
            .as_ref()
            .map_err(ToString::to_string)
            .map_err(anyhow::Error::msg)
            .context("cannot start threads")?;
        let report = {
            let progress = Progress::start(console.shows_progress());
            let add = |read: read::Progress| progress.add(read.bytes, read.records);
            rayon::scope(|_| analyze(paths, rules, &options, &add))
        };
        let usable = report.stats.records > 0 || has_sound_log(&report);
        // A single problem that leaves nothing to read is told once, as the error.
        if usable || report.problems.len() > 1 {
            warn(console, &report);
        }
        if usable { Ok(report) } else { Err(no_input(paths, &report)) }
    }

    /// The exit code of a run that found its inputs usable.
    pub(super) fn outcome(&self, report: &Report) -> Exit {
        let lost = self.strict && report.problems.iter().any(is_loss);
        if lost { Exit::InputLost } else { Exit::Done }
    }
}

/// A number of threads, which are no more than are of use.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let wrong = |_| "write a number from 1 on".to_owned();
    text.trim().parse().map(|threads: NonZeroUsize| threads.min(THREADS)).map_err(wrong)
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

fn no_input(paths: &[PathBuf], report: &Report) -> Failure {
    let mut error = anyhow::anyhow!("no event log found in what was given");
    if let [Problem { path, detail, .. }] = report.problems.as_slice() {
        error = anyhow::anyhow!("{detail}").context(format!("cannot use `{}`", path.display()));
    }
    let hint = paths.iter().find_map(|path| command_like(path)).map_or_else(
        || {
            "give .evtx files, or a folder or archive that holds them; `rdpwhy --help` says which to \
             bring"
                .to_owned()
        },
        |command| command_first(&command),
    );
    Failure::new(Exit::NoInput, error).hint(hint)
}

fn command_first(command: &str) -> String {
    format!("the command is `rdpwhy {command}`, with its name first")
}

/// The command that was probably meant by a path that does not exist.
fn command_like(path: &Path) -> Option<String> {
    let word = path.to_str().filter(|_| !path.exists())?;
    let close = |name: &&str| strsim::damerau_levenshtein(name, word) <= name.len() / 4;
    let command = Cli::command();
    let names = command.get_subcommands().map(clap::Command::get_name).chain(["help"]);
    names.into_iter().find(close).map(ToOwned::to_owned)
}

/// Whether something of the input could not be read.
fn is_loss(problem: &Problem) -> bool {
    match problem.kind {
        // Flaws of which nothing follows: records that are lost besides are told apart.
        ProblemKind::NoFileHeader | ProblemKind::BadChecksum | ProblemKind::NameEscapes => false,
        _ => problem.lost_records != Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_have_bounds() {
        let number = |text| threads(text).map(NonZeroUsize::get);
        assert_eq!((number("1"), number("256")), (Ok(1), Ok(256)));
        for many in ["257", "2000", "99999999"] {
            assert_eq!(number(many), Ok(256), "{many}");
        }
        for wrong in ["0", "-1", "", "two"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }
}

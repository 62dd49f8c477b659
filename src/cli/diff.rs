//! `rdpwhy diff BEFORE AFTER`: did the repair work?

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::case::ReadingArgs;
use super::output::OutputArgs;
use super::{Console, Exit, Failure};
use crate::diff::{Side, diff};
use crate::options::Options;
use crate::report::diff::{render_page, write_json};
use crate::report::json_v1;
use crate::rules::RuleSet;

/// Bytes of a file in which the first brace of a report is looked for.
const HEAD: u64 = 64;

/// Compares a case before and after a repair: what is gone, new, unchanged
///
/// Each side is a log, a folder of logs, or a report saved with `--format json`. Logs that
/// were exported again hold the old records, too: only tries and evidence that are newer than
/// BEFORE count as after it. A cause is gone only where its users, clients and hosts tried
/// again, some of them got through, and the log that proved it was given again; else the
/// answer is that it cannot be told. A saved report that filters made smaller may hide a
/// cause: compare whole ones.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// Logs, a folder of logs, or a saved report, from before the repair
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The same from after it
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,

    /// A page for people, or JSON for programs
    #[arg(long, value_name = "FORMAT", default_value = "terminal", help_heading = "Output")]
    format: Format,
    #[command(flatten)]
    output: OutputArgs,
}

/// How the comparison is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page for people
    Terminal,
    /// One JSON object
    Json,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, console: &Console) -> Result<Exit, Failure> {
    args.reading.spare(&[&args.before, &args.after], args.output.file())?;
    let rules = args.reading.rules(console)?;
    let (before, left) = side(args, &args.before, rules, console)?;
    let (after, right) = side(args, &args.after, rules, console)?;
    let changes = diff(&before, &after);
    args.output.table(console, |out, width| match args.format {
        Format::Terminal => out.write_all(render_page(&changes, width).as_bytes()),
        Format::Json => write_json(&changes, out),
    })?;
    Ok(if left == Exit::Done { right } else { left })
}

/// One side, and the exit code that its inputs call for.
fn side(
    args: &DiffArgs,
    path: &Path,
    rules: &RuleSet,
    console: &Console,
) -> Result<(Side, Exit), Failure> {
    if is_report(path) {
        let saved = || {
            let file = File::open(path)?;
            anyhow::Ok(Side::read(BufReader::new(file))?)
        };
        let side = saved().with_context(|| format!("cannot use `{}`", path.display()));
        let hint = "save a report with `rdpwhy PATH --format json -o FILE`";
        let side = side.map_err(|error| Failure::new(Exit::NoInput, error).hint(hint))?;
        return Ok((side, Exit::Done));
    }
    let paths = [path.to_owned()];
    let report = args.reading.analyze(&paths, rules, Options::default(), console)?;
    let exit = args.reading.outcome(&report);
    let side = Side::read(json_v1::render(&report).as_bytes()).map_err(anyhow::Error::from)?;
    Ok((side, exit))
}

/// Whether a file begins as JSON does; no log does.
fn is_report(path: &Path) -> bool {
    let mut head = Vec::new();
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    is_file
        && File::open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut head))
            .is_ok_and(|_| head.trim_ascii_start().first() == Some(&b'{'))
}

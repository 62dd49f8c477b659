//! `rdpwhy rules`: the knowledge base.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Console, Exit, Failure, knowledge, output};
use crate::cases::{self, CaseReport, Verdict};
use crate::report::sanitize;
use crate::rules::rule_texts;

/// Looks after the knowledge base
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    Test(TestArgs),
}

/// Runs the cases beside the causes
///
/// Each case lists events and says what must come of them. It comes out `matched` or `quiet`
/// as its author says, or `missing` (the cause was not concluded) or `noisy` (it was, and
/// should not). Ends with 1 when a case does not come out as it should.
#[derive(Debug, Args)]
struct TestArgs {
    /// Use the rules and cases of a folder over the built-in ones of the same id
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    rules: Option<PathBuf>,
    /// Only the cases of this cause; may be given several times
    #[arg(value_name = "CAUSE")]
    causes: Vec<String>,
    /// List every case, and the signals that no case exercises
    #[arg(long, help_heading = "Output")]
    all: bool,
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, console: &Console) -> Result<Exit, Failure> {
    let RulesCommand::Test(args) = &args.command;
    let folder = args.rules.as_deref();
    let rules = knowledge::rules(folder, console)?;
    if let Some(unknown) = args.causes.iter().find(|cause| rules.cause(cause).is_none()) {
        return Err(Failure::usage(format!("there is no rule for the cause `{unknown}`")));
    }
    let mut texts = rule_texts(folder).map_err(|wrong| knowledge::bad_rules(wrong, console))?;
    if !args.causes.is_empty() {
        texts.retain(|text| {
            args.causes.iter().any(|cause| text.path.ends_with(&format!("/{cause}.test.yml")))
        });
    }
    let report = cases::run(&rules, &texts).map_err(anyhow::Error::from)?;
    let is_whole = args.causes.is_empty();
    output::to_stdout(console.stdout_color(), |out| Ok(write(out, &report, args.all, is_whole)?))?;
    Ok(if report.is_good() { Exit::Done } else { Exit::Failed })
}

/// What failed, then the sum.
fn write(out: &mut dyn Write, report: &CaseReport, all: bool, is_whole: bool) -> io::Result<()> {
    for broken in &report.broken {
        let failure = Failure::from(anyhow::anyhow!("{}", chain(broken)));
        write!(out, "{failure}")?;
    }
    for result in report.results.iter().filter(|result| all || !result.verdict.is_good()) {
        let name = sanitize::line(&result.name);
        writeln!(out, "{:8} {}: {name}", result.verdict.name(), result.cause)?;
        if !result.detail.is_empty() {
            writeln!(out, "         {}", sanitize::line(&result.detail))?;
        }
    }
    if is_whole {
        for cause in &report.without_cases {
            writeln!(out, "missing  {cause}: it has no case that fires, or none that is silent")?;
        }
        if all && !report.unexercised.is_empty() {
            writeln!(out, "signals that no case exercises: {}", report.unexercised.join(", "))?;
        }
    }
    let count = |verdict| report.results.iter().filter(|case| case.verdict == verdict).count();
    let counts = [Verdict::Matched, Verdict::Quiet, Verdict::Missing, Verdict::Noisy]
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()));
    let broken = match report.broken.len() {
        0 => String::new(),
        number => format!(", {number} broken"),
    };
    writeln!(out, "{} cases: {}{broken}", report.results.len(), counts.join(", "))
}

/// An error with its sources in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

//! `rdpwhy rules test`: runs the cases beside the causes.

use std::io::{self, Write};

use clap::Args;

use super::Source;
use crate::cases::{self, CaseReport, Verdict, cause_of};
use crate::cli::{Console, Exit, Failure, knowledge, output};
use crate::model::{SignalId, channel};
use crate::report::sanitize;
use crate::rules::{RuleSet, rule_texts};

/// Runs the cases beside the causes
///
/// Each case lists events and says what must come of them. It comes out `matched` or `quiet`
/// as its author says, or `missing` (the cause was not concluded) or `noisy` (it was, and
/// should not). Ends with 1 when a case does not come out as it should.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    source: Source,
    /// Only the cases of this cause; may be given several times
    #[arg(value_name = "CAUSE")]
    causes: Vec<String>,
    /// List every case, and the signals that no case exercises
    #[arg(long, help_heading = "Output")]
    all: bool,
}

/// Runs the command.
pub(super) fn run(args: &TestArgs, console: &Console) -> Result<Exit, Failure> {
    let folder = args.source.rules.as_deref();
    let rules = knowledge::rules(folder, console)?;
    for cause in &args.causes {
        knowledge::cause(rules, cause)?;
    }
    let mut texts = rule_texts(folder).map_err(|wrong| knowledge::bad_rules(wrong, console))?;
    if !args.causes.is_empty() {
        let wanted = |cause: &str| args.causes.iter().any(|wanted| wanted == cause);
        texts.retain(|text| cause_of(&text.path).is_some_and(wanted));
    }
    let report = cases::run(rules, &texts).map_err(anyhow::Error::from)?;
    output::to_stdout(console.stdout_color(), |out| {
        failures(out, &report, args.all)?;
        if args.causes.is_empty() {
            gaps(out, &report, rules, args.all)?;
        }
        Ok(sum(out, &report)?)
    })?;
    Ok(if report.is_good() { Exit::Done } else { Exit::Failed })
}

/// What cannot be run, and the cases that did not come out as they should.
fn failures(out: &mut dyn Write, report: &CaseReport, all: bool) -> io::Result<()> {
    for broken in &report.broken {
        let (message, hint) = broken.error.parts();
        let place = match broken.error.place() {
            Some(place) => format!("line {}, column {}: ", place.line, place.column),
            None => String::new(),
        };
        let error = anyhow::anyhow!("{place}{message}");
        let failure =
            Failure::from(error.context(format!("cannot run the cases `{}`", broken.file)));
        let failure = match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        };
        write!(out, "{failure}")?;
    }
    for result in report.results.iter().filter(|result| all || !result.verdict.is_good()) {
        let name = sanitize::line(&result.name);
        writeln!(out, "{:8} {}: {name}", result.verdict.name(), result.cause)?;
        if !result.detail.is_empty() {
            writeln!(out, "         {}", sanitize::line(&result.detail))?;
        }
    }
    Ok(())
}

/// What the cases leave out.
fn gaps(out: &mut dyn Write, report: &CaseReport, rules: &RuleSet, all: bool) -> io::Result<()> {
    for cause in &report.without_cases {
        writeln!(out, "missing  {cause}: it has no case that fires, or none that is silent")?;
    }
    let unexercised = &report.unexercised;
    if !all || unexercised.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSignals that no case exercises:")?;
    let width = unexercised.iter().map(|id| id.len()).max().unwrap_or_default();
    for id in unexercised {
        writeln!(out, "  {id:width$}  {}", source_of(rules, &SignalId(id.clone())))?;
    }
    writeln!(out)
}

/// Where a signal comes from, in a few words.
fn source_of(rules: &RuleSet, id: &SignalId) -> String {
    if let Some(rule) = rules.signals.get(id) {
        let events: Vec<String> = rule.event_ids().map(|id| id.to_string()).collect();
        let channel = channel::short(&rule.channel);
        return sanitize::line(&format!("{channel} {}", events.join(", "))).into_owned();
    }
    match rules.correlation(id) {
        Some(correlation) => {
            let of: Vec<&str> = correlation.rules.iter().map(SignalId::as_str).collect();
            format!("counts {}", of.join(", "))
        }
        None => String::new(),
    }
}

fn sum(out: &mut dyn Write, report: &CaseReport) -> io::Result<()> {
    let count = |verdict| report.results.iter().filter(|case| case.verdict == verdict).count();
    let counts = [Verdict::Matched, Verdict::Quiet, Verdict::Missing, Verdict::Noisy]
        .map(|verdict| format!("{} {}", count(verdict), verdict.name()));
    let broken = match report.broken.len() {
        0 => String::new(),
        number => format!(", {number} broken"),
    };
    writeln!(out, "{} cases: {}{broken}", report.results.len(), counts.join(", "))
}

//! `rdpwhy why-not CAUSE PATH…`: why a cause was not concluded, or why it was.

use std::io::Write;

use clap::Args;

use super::case::CaseArgs;
use super::output::OutputArgs;
use super::{Console, Exit, Failure, output};
use crate::infer::prove;
use crate::model::Proof;
use crate::options::Options;
use crate::report::terminal::{self, TerminalStyle};
use crate::rules::catalogue::Catalogue;
use crate::rules::{RuleSet, most_similar};

/// Says why a cause was not concluded: which condition failed, what spoke against it, what was
/// missing
///
/// For each machine, account or client that the cause could concern: found, suspected, ruled
/// out (by what) or not tested (for want of which log), then every question that its rule asks,
/// with the answer, the weight and the records.
#[derive(Debug, Args)]
pub(super) struct WhyNotArgs {
    /// The cause, as `certificate-expired`
    #[arg(value_name = "CAUSE")]
    cause: String,
    #[command(flatten)]
    case: CaseArgs,

    /// Only this machine, account, client or attempt; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Filter")]
    scope: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
    /// Show every scope and every question, with the file of each record
    #[arg(long, help_heading = "Output")]
    all: bool,
}

/// Runs the command.
pub(super) fn run(args: &WhyNotArgs, console: &Console) -> Result<Exit, Failure> {
    args.case.spare(args.output.file())?;
    let rules = args.case.rules(console)?;
    let cause = rules.cause(&args.cause).ok_or_else(|| unknown(&args.cause, rules))?;
    let report = args.case.analyze(rules, Options::default(), console)?;
    let mut proofs = prove(rules, &report.facts, &report.attempts, &cause.id);
    proofs.retain(|proof| is_asked_for(proof, &args.scope));
    let to_file = args.output.file().is_some();
    let style = TerminalStyle {
        width: console.width(to_file),
        color: console.wants_color(to_file),
        all: args.all,
        ..TerminalStyle::default()
    };
    let title = format!("{}: {}", cause.id, cause.title);
    output::emit(args.output.file(), console, console.stdout_color(), |out: &mut dyn Write| {
        out.write_all(terminal::render_proofs(&report, &title, &proofs, &style).as_bytes())
    })?;
    Ok(args.case.outcome(&report))
}

fn is_asked_for(proof: &Proof, names: &[String]) -> bool {
    let on = |name: &str| {
        proof.scope.machine().is_some_and(|machine| machine.eq_ignore_ascii_case(name))
    };
    names.is_empty() || names.iter().any(|name| proof.scope.is_named(name) || on(name))
}

/// A cause without a rule, or none at all.
fn unknown(id: &str, rules: &RuleSet) -> Failure {
    let listed = Catalogue::embedded().is_ok_and(|catalogue| catalogue.get(id).is_some());
    if listed {
        return Failure::usage(format!(
            "cause `{id}` has no rule yet, so that it is never concluded"
        ));
    }
    let names: Vec<&str> = rules.causes.iter().map(|cause| &*cause.id).collect();
    let failure = Failure::usage(format!("unknown cause `{id}`"));
    match most_similar(id, &names) {
        Some(name) => failure.hint(format!("did you mean `{name}`?")),
        None => failure,
    }
}

//! `rdpwhy why-not CAUSE PATH…`: why a cause was not concluded, or why it was.

use std::collections::BTreeSet;
use std::io::Write;

use clap::Args;

use super::case::CaseArgs;
use super::output::OutputArgs;
use super::{Console, Exit, Failure, knowledge, output};
use crate::infer::prove;
use crate::model::{Proof, Scope};
use crate::options::{Options, same_machine, same_user};
use crate::report::terminal::{self, TerminalStyle};
use crate::rules::catalogue::Catalogue;
use crate::rules::{Cause, RuleSet};

/// Scopes that are named where an unknown one was asked for.
const SCOPES: usize = 8;

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
    ///
    /// As reports name it (`joe on SRV01`) or as people do: `joe`, `CORP\joe`, `joe@corp.example`.
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
    let cause = cause(rules, &args.cause)?;
    let report = args.case.analyze(rules, Options::default(), console)?;
    let mut proofs = prove(rules, &report.facts, &report.attempts, &cause.id);
    if let Some(name) = unknown_scope(&proofs, &args.scope) {
        return Err(no_such_scope(&cause.id, name, &proofs));
    }
    proofs.retain(|proof| {
        args.scope.is_empty() || args.scope.iter().any(|name| is_meant(&proof.scope, name))
    });
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

/// The first name that means none of the scopes. Where there is no scope at all the page says so.
fn unknown_scope<'n>(proofs: &[Proof], names: &'n [String]) -> Option<&'n String> {
    let is_unknown = |name: &&String| !proofs.iter().any(|proof| is_meant(&proof.scope, name));
    names.iter().find(is_unknown).filter(|_| !proofs.is_empty())
}

/// Whether a name means a scope: as it is shown, or whom it concerns, as people write them.
fn is_meant(scope: &Scope, name: &str) -> bool {
    let whom = match scope {
        Scope::Account { user, .. } => same_user(name, user),
        Scope::Pair { client, .. } => same_machine(name, client),
        Scope::Client { address, .. } => name.parse() == Ok(*address),
        Scope::Machine(_) | Scope::Attempt { .. } | Scope::Fleet => false,
    };
    whom || scope.is_named(name) || scope.machine().is_some_and(|one| same_machine(name, one))
}

fn no_such_scope(cause: &str, name: &str, proofs: &[Proof]) -> Failure {
    let scopes: BTreeSet<String> = proofs.iter().map(|proof| proof.scope.to_string()).collect();
    let shown: Vec<&str> = scopes.iter().take(SCOPES).map(String::as_str).collect();
    let more = match scopes.len() - shown.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Failure::usage(format!("`{name}` is nothing that {cause} could concern in this case"))
        .hint(format!("what it could concern is: {}{more}", shown.join(", ")))
}

/// The rule of a cause; some causes of the catalogue have none.
fn cause<'r>(rules: &'r RuleSet, id: &str) -> Result<&'r Cause, Failure> {
    let found = knowledge::cause(rules, id);
    let listed = || Catalogue::embedded().is_ok_and(|catalogue| catalogue.get(id).is_some());
    match found {
        Err(_) if listed() => {
            let message = format!("cause `{id}` has no rule yet, so that it is never concluded");
            Err(Failure::usage(message))
        }
        found => found,
    }
}

//! Loads the rules for the commands that need them, and tells what is wrong with them.

use std::path::Path;

use super::{Console, Failure};
use crate::rules::{Cause, Place, RuleError, RuleSet, RulesError, most_similar};

/// The rules in force: the built-in ones, and those of a folder over them. They are loaded once and
/// live as long as the program: to take them apart at its end would take a fifth of its start.
pub(super) fn rules(folder: Option<&Path>, console: &Console) -> Result<&'static RuleSet, Failure> {
    let rules = match folder {
        Some(folder) => RuleSet::with_overlay(folder),
        None => RuleSet::embedded(),
    };
    let rules = rules.map_err(|wrong| bad_rules(wrong, console))?;
    Ok(Box::leak(Box::new(rules)))
}

/// The rule of a cause.
pub(super) fn cause<'r>(rules: &'r RuleSet, id: &str) -> Result<&'r Cause, Failure> {
    rules.cause(id).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no rule for the cause `{id}`"));
        let names: Vec<&str> = rules.causes.iter().map(|cause| &*cause.id).collect();
        match most_similar(id, &names) {
            Some(name) => failure.hint(format!("did you mean `{name}`?")),
            None => failure.hint("`rdpwhy rules list` names those that there are"),
        }
    })
}

/// All mistakes but the last are told at once; the last is the failure.
pub(super) fn bad_rules(mut wrong: RulesError, console: &Console) -> Failure {
    let last = wrong.errors.pop();
    for error in &wrong.errors {
        console.fail(&bad_rule(error));
    }
    last.map_or_else(|| anyhow::Error::from(wrong).into(), |error| bad_rule(&error))
}

fn bad_rule(error: &RuleError) -> Failure {
    let place = match error.place {
        Some(Place { line, column }) => format!("line {line}, column {column}: "),
        None => String::new(),
    };
    let cause = anyhow::anyhow!("{place}{}", error.message);
    let failure = Failure::from(cause.context(format!("cannot load rule `{}`", error.file)));
    match &error.suggestion {
        Some(word) => failure.hint(format!("did you mean `{word}`?")),
        None => failure,
    }
}

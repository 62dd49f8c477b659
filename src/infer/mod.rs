//! Weighs each cause on the evidence for, against, absent and missing.
//!
//! Knows signals, attempts, coverage and what causes ask for. Knows nothing about how a
//! record is matched, and nothing about how causes are told apart in a report.
//!
//! The calculus is additive log-odds in decibans (10 = ten to one): a prior, plus the weight
//! of each item that holds. Items of one group count once, because Windows logs one fault
//! several times. Absence counts only where the log that would hold the event was supplied
//! for the time; elsewhere it is untestable, and the log is named.

mod clocks;
mod correlate;
mod coverage;
mod describe;
mod entity;
mod explain;
mod gate;
mod ground;
mod pattern;
mod peers;
mod prove;
mod scopes;
mod unite;
mod untested;
mod weigh;

use std::collections::BTreeSet;

use crate::model::{Attempt, Candidate, Facts, NotTested};
use crate::rules::schema::{At, ScopeKind};
use crate::rules::{Cause, RuleSet};
use ground::{Ground, World};
use peers::Peers;
use scopes::Scopes;
use untested::involved;

pub use prove::prove;

/// What inference concludes.
#[derive(Clone, Debug, Default)]
pub struct Inference {
    /// Causes that are at least possible, ordered by cause and scope.
    pub candidates: Vec<Candidate>,
    /// Causes that could not be tested on a machine, ordered.
    pub not_tested: Vec<NotTested>,
}

/// Evaluates every cause at its scope. Correlated signals are added to the facts, so that
/// reports can show them.
pub fn infer(rules: &RuleSet, facts: Facts, attempts: &[Attempt]) -> (Facts, Inference) {
    let times = clocks::times(&facts, attempts);
    let facts = correlate::correlate(&rules.correlations, facts, attempts, &times);
    let mut inference = world_of(rules, &facts, attempts, |world| {
        let mut inference = Inference::default();
        for cause in &rules.causes {
            conclude(cause, world, &mut inference.candidates);
            let untested = untested::machines(cause, &inference.candidates, &facts, attempts);
            inference.not_tested.extend(untested);
        }
        inference
    });
    inference
        .candidates
        .sort_by(|left, right| (&left.cause, &left.scope).cmp(&(&right.cause, &right.scope)));
    inference.not_tested.sort();
    (facts, inference)
}

/// Concludes a cause wherever it is at least possible.
fn conclude(cause: &Cause, world: &World<'_>, candidates: &mut Vec<Candidate>) {
    let mut of_attempts = Vec::new();
    for place in world.scopes.of_kind(cause.scope) {
        let ground = Ground::new(world, place);
        if !gate::holds(cause, &ground) {
            continue;
        }
        let Some(weighed) = weigh::weigh(cause, &ground) else { continue };
        let explained = explain::attempts(cause, &weighed, world.attempts, &ground);
        let people = explain::People::of(&weighed, &explained, world.attempts, &ground);
        let candidate = weighed.into_candidate(cause, place.scope.clone(), explained, people);
        match place.kind {
            ScopeKind::Attempt => of_attempts.push(candidate),
            _ => candidates.push(candidate),
        }
    }
    candidates.extend(unite::attempts(of_attempts, world));
}

/// Sorts the facts for the questions of rules, and asks them.
fn world_of<T>(
    rules: &RuleSet,
    facts: &Facts,
    attempts: &[Attempt],
    ask: impl FnOnce(&World<'_>) -> T,
) -> T {
    let times = clocks::times(facts, attempts);
    let scopes = Scopes::of(facts, attempts, times, &kinds(rules));
    let peers = Peers::of(facts, attempts);
    ask(&World { rules, facts, attempts, scopes: &scopes, peers: &peers })
}

/// The kinds of scope that some rule asks for.
fn kinds(rules: &RuleSet) -> BTreeSet<ScopeKind> {
    let mut kinds: BTreeSet<ScopeKind> = BTreeSet::new();
    for cause in &rules.causes {
        kinds.insert(cause.scope);
        for at in cause.patterns().flat_map(|pattern| pattern.places()) {
            match at {
                At::Attempt => kinds.insert(ScopeKind::Attempt),
                At::Fleet => kinds.insert(ScopeKind::Fleet),
                _ => false,
            };
        }
    }
    kinds
}

#[cfg(test)]
mod tests;

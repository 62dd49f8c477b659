//! Weighs each cause on the evidence for, against, absent and missing.
//!
//! Knows signals, attempts, coverage and what causes ask for. Knows nothing about how a
//! record is matched, and nothing about how causes are told apart in a report.
//!
//! The calculus is additive log-odds in decibans (10 = ten to one): a prior, plus the weight
//! of each item that holds. Items of one group count once, because Windows logs one fault
//! several times. Absence counts only where the log that would hold the event was supplied
//! for the time; elsewhere it is untestable, and the log is named.

mod anchors;
mod asked;
mod company;
mod correlate;
mod coverage;
mod entity;
mod entrance;
mod episodes;
mod explain;
mod gate;
mod ground;
mod hidden;
mod judge;
mod listed;
mod names;
mod near;
mod number;
mod pattern;
mod peers;
mod prove;
mod scopes;
mod seen;
mod sheet;
mod tell;
mod turns;
mod unite;
mod untested;
mod words;

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::model::{Attempt, Candidate, Facts, NearMiss, NotTested};
use crate::rules::schema::ScopeKind;
use crate::rules::{Cause, RuleSet};
use asked::Asked;
use coverage::Supplied;
use ground::{Ground, World};
use names::Names;
use scopes::Scopes;
use untested::involved;
use words::Words;

pub use prove::prove;

/// What inference concludes.
#[derive(Clone, Debug, Default)]
pub struct Inference {
    /// Causes that are at least possible, ordered by cause and scope.
    pub candidates: Vec<Candidate>,
    /// Causes that could not be tested on a machine, ordered.
    pub not_tested: Vec<NotTested>,
    /// Causes that came near where attempts failed, ordered by cause.
    pub near: Vec<NearMiss>,
}

/// Evaluates every cause at its scope. Correlated signals are added to the facts, so that
/// reports can show them.
pub fn infer(rules: &RuleSet, facts: Facts, attempts: &[Attempt]) -> (Facts, Inference) {
    let facts = correlate::correlate(&rules.correlations, facts, attempts);
    let asked = |names: &mut Names| Asked::by_all(rules, names);
    let mut inference = world_of(rules, &facts, attempts, asked, |world| {
        // Causes know nothing of each other, so they are weighed on all cores.
        let concluded: Vec<Inference> =
            rules.causes.par_iter().map(|cause| conclude(cause, world)).collect();
        let mut inference = Inference::default();
        // Each of thousands of machines may lack a log for each cause.
        let not_tested = concluded.iter().map(|cause| cause.not_tested.len()).sum();
        inference.not_tested.reserve_exact(not_tested);
        for cause in concluded {
            inference.candidates.extend(cause.candidates);
            inference.not_tested.extend(cause.not_tested);
            inference.near.extend(cause.near);
        }
        inference
    });
    inference
        .candidates
        .sort_by(|left, right| (&left.cause, &left.scope).cmp(&(&right.cause, &right.scope)));
    inference.not_tested.sort_unstable();
    (facts, inference)
}

/// Concludes a cause wherever it is at least possible.
fn conclude(cause: &Cause, world: &World<'_>) -> Inference {
    let words = Words::new(world.rules, cause);
    // Scopes know nothing of each other, either.
    let concluded: Vec<Concluded> = entrance::places(cause, world)
        .into_par_iter()
        .fold(Concluded::default, |mut concluded, place| {
            concluded.enter(cause, Ground::new(world, place, &words));
            concluded
        })
        .collect();
    let (mut candidates, mut near) = (Vec::new(), Vec::new());
    for some in concluded {
        candidates.extend(some.candidates);
        near.extend(some.near);
    }
    let candidates = match cause.scope {
        ScopeKind::Attempt => unite::attempts(candidates, world),
        _ => candidates.into_iter().map(|(_, candidate)| candidate).collect(),
    };
    let not_tested = untested::machines(cause, &candidates, world);
    Inference { candidates, not_tested, near }
}

/// What is concluded of a cause in some scopes.
#[derive(Default)]
struct Concluded {
    /// Each with the number of the attempt that is its scope, if one is.
    candidates: Vec<(Option<usize>, Candidate)>,
    near: Vec<NearMiss>,
}

impl Concluded {
    fn enter(&mut self, cause: &Cause, ground: Ground<'_>) {
        let attempt = ground.place.attempt();
        let judged = judge::judge(cause, ground);
        let light = judged.light.as_ref();
        self.near.extend(light.and_then(|(ground, sheet)| near::miss(cause, sheet, ground)));
        let candidate = judge::candidate(cause, judged.parts);
        self.candidates.extend(candidate.map(|candidate| (attempt, candidate)));
    }
}

/// Sorts the facts for the questions of rules, and asks them.
fn world_of<T>(
    rules: &RuleSet,
    facts: &Facts,
    attempts: &[Attempt],
    asked: impl FnOnce(&mut Names) -> Asked + Send,
    ask: impl FnOnce(&World<'_>) -> T,
) -> T {
    let sorted = || {
        let mut names = Names::of_all(&facts.signals);
        let asked = asked(&mut names);
        Scopes::of(facts, attempts, names, &asked)
    };
    let (scopes, (supplied, involved)) =
        rayon::join(sorted, || (Supplied::of(rules, facts), involved(attempts, facts)));
    let (scopes, supplied, involved) = (&scopes, &supplied, &involved);
    ask(&World { rules, facts, attempts, scopes, peers: OnceLock::new(), supplied, involved })
}

#[cfg(test)]
mod tests;

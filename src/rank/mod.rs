//! Puts conclusions in order and folds what others explain.
//!
//! Knows candidates and what rules say about them. Knows nothing about how evidence was weighed.

mod fold;
mod lift;
mod separate;

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use crate::model::{Candidate, Confidence, Diagnosis, Fix, Kind, Scope, SeparateFrom, Time};
use crate::rules::{Cause, RuleSet};

/// Orders the candidates: faults and attacks before what is benign, the surer before the less
/// sure, then by attempts explained, score, cause and scope; a cause that is at least likely
/// before what follows from it. What a better one explains is folded into it.
pub fn rank(mut candidates: Vec<Candidate>, rules: &RuleSet) -> Vec<Diagnosis> {
    candidates.sort_by(|left, right| order(left).cmp(&order(right)));
    let kept = fold::fold(lift::lift(candidates));
    let separations = separate::inseparable(&kept, rules);
    kept.into_iter()
        .zip(separations)
        .enumerate()
        .filter_map(|(position, (candidate, separate_from))| {
            let cause = rules.cause(&candidate.cause)?;
            Some(diagnosis(position + 1, candidate, separate_from, cause, rules))
        })
        .collect()
}

/// The sort key of a candidate, the best first.
fn order(
    candidate: &Candidate,
) -> (bool, Reverse<Confidence>, Reverse<usize>, Reverse<i32>, &str, &Scope) {
    (
        candidate.kind == Kind::Benign,
        Reverse(candidate.confidence),
        Reverse(candidate.attempts.len()),
        Reverse(candidate.score),
        &candidate.cause,
        &candidate.scope,
    )
}

fn diagnosis(
    rank: usize,
    candidate: Candidate,
    separate_from: Vec<SeparateFrom>,
    cause: &Cause,
    rules: &RuleSet,
) -> Diagnosis {
    Diagnosis {
        id: id(&candidate),
        rank,
        title: cause.title.clone(),
        why: cause.why.clone(),
        summary: summary(&candidate),
        separate_from,
        fixes: fixes(cause, rules),
        candidate,
    }
}

/// How often, by how many, since when: `29 attempts, 6 clients, since 2026-03-04 02:11`.
fn summary(candidate: &Candidate) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    let mut parts = Vec::new();
    if !candidate.attempts.is_empty() {
        parts.push(count(candidate.attempts.len(), "attempt", "attempts"));
    }
    if !candidate.clients.is_empty() {
        parts.push(count(candidate.clients.len(), "client", "clients"));
    }
    match candidate.episodes.len() {
        0 => {}
        episodes => parts.push(format!("in {episodes} spells")),
    }
    let word = if candidate.first == candidate.last { "at" } else { "since" };
    parts.push(format!("{word} {}", minute(candidate.first)));
    parts.join(", ")
}

/// A time to the minute, UTC.
fn minute(time: Time) -> String {
    let shown = time.to_string();
    let minute = shown.get(..16).map(|minute| minute.replace('T', " "));
    minute.filter(|_| time.to_timestamp().is_some()).unwrap_or(shown)
}

/// The cause and a fingerprint of its scope: the same in every run, whatever else is found.
fn id(candidate: &Candidate) -> String {
    format!("{}-{}", candidate.cause, fingerprint(&candidate.scope))
}

fn fingerprint(scope: &Scope) -> String {
    let mut hash = Sha256::new();
    hash.update(scope.kind().as_bytes());
    hash.update([0]);
    hash.update(scope.to_string().as_bytes());
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn fixes(cause: &Cause, rules: &RuleSet) -> Vec<Fix> {
    cause
        .playbooks
        .iter()
        .filter_map(|id| rules.playbooks.get(id))
        .flat_map(|playbook| {
            playbook.steps.iter().enumerate().map(|(number, step)| Fix {
                playbook: playbook.id.clone(),
                title: playbook.title.clone(),
                step: number + 1,
                action: step.action.clone(),
                target: step.target.name(),
                command: step.command.clone(),
                expected: step.expected.clone(),
                risk: step.risk.clone(),
                temporary: step.temporary,
                security_impact: step.security_impact.clone(),
                verify: step.verify.clone(),
                undo: step.undo.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;

//! Puts conclusions in order and folds what others explain.
//!
//! Knows candidates and what rules say about them. Knows nothing about how evidence was weighed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::{Candidate, Confidence, Diagnosis, Fix, Kind, Scope, SeparateFrom, Time};
use crate::options::Options;
use crate::rules::{Cause, RuleSet};

/// Two causes of the same attempts whose scores differ by no more than this (two to one)
/// cannot be separated.
const TOO_CLOSE: i32 = 3;

/// Orders the candidates: faults and attacks before what is benign, the surer before the less
/// sure, then by attempts explained, score, cause and scope. What a better one explains is
/// folded into it.
pub fn rank(candidates: Vec<Candidate>, rules: &RuleSet, options: &Options) -> Vec<Diagnosis> {
    let mut candidates: Vec<Candidate> =
        candidates.into_iter().filter(|candidate| asked_for(candidate, options)).collect();
    candidates.sort_by(|left, right| order(left).cmp(&order(right)));
    let kept = fold(candidates);
    let separations = inseparable(&kept, rules);
    kept.into_iter()
        .zip(separations)
        .enumerate()
        .filter_map(|(position, (candidate, separate_from))| {
            let cause = rules.cause(&candidate.cause)?;
            Some(diagnosis(position + 1, candidate, separate_from, cause, rules))
        })
        .collect()
}

/// Whether the options ask for a conclusion: its band, its users, its clients.
fn asked_for(candidate: &Candidate, options: &Options) -> bool {
    candidate.confidence >= options.min_confidence
        && (options.users.is_empty() || candidate.users.iter().any(|user| options.has_user(user)))
        && (options.clients.is_empty()
            || candidate.clients.iter().any(|client| options.clients.contains(client)))
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

/// Leaves out what a better conclusion on the same machine explains, attempts and all. The
/// candidates come best first.
fn fold(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    // By machine and explained cause: a flood has a candidate for each of its accounts, and
    // comparing each with each would never end.
    let mut explaining: BTreeMap<(Arc<str>, Arc<str>), Vec<usize>> = BTreeMap::new();
    for candidate in candidates {
        // Conclusions about the fleet are a machine's of their own: they fold each other.
        let machine = candidate.scope.machine().cloned().unwrap_or_default();
        let better = explaining.get(&(machine.clone(), candidate.cause.clone()));
        let is_folded = better.into_iter().flatten().any(|better| {
            kept.get(*better).is_some_and(|better| {
                better.cause != candidate.cause && is_within(&candidate.attempts, &better.attempts)
            })
        });
        if is_folded {
            continue;
        }
        for explained in &candidate.explains {
            let key = (machine.clone(), explained.clone());
            explaining.entry(key).or_default().push(kept.len());
        }
        kept.push(candidate);
    }
    kept
}

/// Whether all of `part` is in `whole`; both are sorted.
fn is_within(part: &[usize], whole: &[usize]) -> bool {
    part.iter().all(|attempt| whole.binary_search(attempt).is_ok())
}

/// For each conclusion the causes that share attempts with it and score about the same.
fn inseparable(kept: &[Candidate], rules: &RuleSet) -> Vec<Vec<SeparateFrom>> {
    let mut by_attempt: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, candidate) in kept.iter().enumerate() {
        for attempt in candidate.attempts.iter().filter(|_| candidate.kind != Kind::Benign) {
            by_attempt.entry(*attempt).or_default().push(number);
        }
    }
    let rivals = |candidate: &Candidate| -> BTreeSet<Arc<str>> {
        let sharing = candidate.attempts.iter().filter_map(|attempt| by_attempt.get(attempt));
        sharing
            .flatten()
            .filter_map(|number| kept.get(*number))
            .filter(|other| {
                other.cause != candidate.cause
                    && candidate.kind != Kind::Benign
                    && (other.score - candidate.score).abs() <= TOO_CLOSE
            })
            .map(|other| other.cause.clone())
            .collect()
    };
    kept.iter()
        .map(|candidate| {
            let rivals = rivals(candidate).into_iter();
            rivals
                .map(|cause| SeparateFrom {
                    by: difference(&candidate.cause, &cause, rules),
                    cause,
                })
                .collect()
        })
        .collect()
}

/// What tells two causes apart, as either of them says it.
fn difference(left: &Arc<str>, right: &Arc<str>, rules: &RuleSet) -> String {
    let said = |cause: &Arc<str>, other: &Arc<str>| {
        rules.cause(cause)?.not_to_be_confused_with.get(other).cloned()
    };
    said(left, right)
        .or_else(|| said(right, left))
        .unwrap_or_else(|| "the evidence at hand fits both alike".to_owned())
}

fn diagnosis(
    rank: usize,
    candidate: Candidate,
    separate_from: Vec<SeparateFrom>,
    cause: &Cause,
    rules: &RuleSet,
) -> Diagnosis {
    Diagnosis {
        id: format!("{}-{}", candidate.cause, fingerprint(&candidate.scope)),
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

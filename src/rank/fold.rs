//! Folds what a better conclusion explains into it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Candidate, Scope, Span, Text};

/// What tells of no attempt is another's trace only where it lies no further from it in time.
const TRACE: Span = Span::seconds(24 * 3600);

/// Leaves out what a better conclusion on the same machine explains, attempts and all, unless it
/// is surer. The candidates come best first.
pub(super) fn fold(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    let mut explaining = Explaining::of(&candidates);
    for candidate in candidates {
        let folds = |better: &usize| {
            kept.get(*better).is_some_and(|better| {
                better.cause != candidate.cause
                    && better.confidence >= candidate.confidence
                    && is_part(&candidate, better)
            })
        };
        if explaining.those_of(&candidate).iter().any(folds) {
            continue;
        }
        explaining.enter(&candidate, kept.len());
        kept.push(candidate);
    }
    kept
}

/// By machine and cause of the candidates, which kept conclusions explain it. A flood has a
/// candidate for each of its accounts, and comparing each with each would never end.
struct Explaining(BTreeMap<(Arc<str>, Text), Explainers>);

/// Conclusions that explain a cause on a machine: all of them, and by attempt.
#[derive(Default)]
struct Explainers {
    all: Vec<usize>,
    by_attempt: HashMap<usize, Vec<usize>, RandomState>,
}

impl Explaining {
    /// Nothing is kept yet of these.
    fn of(candidates: &[Candidate]) -> Self {
        let key = |candidate: &Candidate| (machine(candidate), candidate.cause.clone());
        Self(candidates.iter().map(|one| (key(one), Explainers::default())).collect())
    }

    /// Those that can fold a candidate.
    fn those_of(&self, candidate: &Candidate) -> &[usize] {
        let found = self.0.get(&(machine(candidate), candidate.cause.clone()));
        let found = found.and_then(|found| match candidate.attempts.first() {
            Some(attempt) => found.by_attempt.get(attempt),
            None => Some(&found.all),
        });
        found.map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, candidate: &Candidate, number: usize) {
        for explained in &candidate.explains {
            let key = (machine(candidate), explained.clone());
            let Some(Explainers { all, by_attempt }) = self.0.get_mut(&key) else { continue };
            all.push(number);
            for attempt in &candidate.attempts {
                by_attempt.entry(*attempt).or_default().push(number);
            }
        }
    }
}

/// Conclusions about the fleet are a machine's of their own: they fold each other.
fn machine(candidate: &Candidate) -> Arc<str> {
    candidate.scope.machine().cloned().unwrap_or_default()
}

/// Whether what a candidate tells is a part of what the better one tells: its attempts; where it
/// has none, its people, at about the same time.
pub(super) fn is_part(candidate: &Candidate, better: &Candidate) -> bool {
    if !candidate.attempts.is_empty() {
        // Both are sorted.
        let explained = |attempt: &usize| better.attempts.binary_search(attempt).is_ok();
        return candidate.attempts.iter().all(explained);
    }
    let together = candidate.first <= better.last + TRACE && better.first <= candidate.last + TRACE;
    let everybody = matches!(better.scope, Scope::Machine(_) | Scope::Fleet);
    let users: BTreeSet<&Arc<str>> = better.users.iter().collect();
    let same_users =
        !candidate.users.is_empty() && candidate.users.iter().all(|user| users.contains(user));
    let same_clients = !candidate.clients.is_empty()
        && candidate.clients.iter().all(|client| better.clients.contains(client));
    together && (everybody || candidate.scope == better.scope || same_users || same_clients)
}

//! Folds what a better conclusion explains into it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Candidate, Scope, Span, Text};

/// What tells of no attempt is another's trace only where it lies no further from it in time.
const TRACE: Span = Span::seconds(24 * 3600);

/// Leaves out what a better conclusion on the same machine explains, attempts and all, unless it
/// is surer. The candidates come best first.
pub(super) fn fold(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    let mut explaining = Explaining::default();
    for candidate in candidates {
        let folds = |better: &usize| {
            kept.get(*better).is_some_and(|better| {
                better.cause != candidate.cause
                    && better.confidence >= candidate.confidence
                    && is_part(&candidate, better)
            })
        };
        if explaining.of(&candidate).iter().any(folds) {
            continue;
        }
        explaining.enter(&candidate, kept.len());
        kept.push(candidate);
    }
    kept
}

/// By machine and explained cause, which kept conclusions explain it: all of them, and by
/// attempt. A flood has a candidate for each of its accounts, and comparing each with each
/// would never end.
#[derive(Default)]
struct Explaining {
    all: BTreeMap<(Arc<str>, Text), Vec<usize>>,
    by_attempt: BTreeMap<(Arc<str>, Text, usize), Vec<usize>>,
}

impl Explaining {
    /// Those that can fold a candidate.
    fn of(&self, candidate: &Candidate) -> &[usize] {
        let (machine, cause) = (machine(candidate), candidate.cause.clone());
        let found = match candidate.attempts.first() {
            Some(attempt) => self.by_attempt.get(&(machine, cause, *attempt)),
            None => self.all.get(&(machine, cause)),
        };
        found.map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, candidate: &Candidate, number: usize) {
        for explained in &candidate.explains {
            let (machine, cause) = (machine(candidate), explained.clone());
            self.all.entry((machine.clone(), cause.clone())).or_default().push(number);
            // Signals stand beside causes there, and no candidate bears their name.
            for attempt in &candidate.attempts {
                let key = (machine.clone(), cause.clone(), *attempt);
                self.by_attempt.entry(key).or_default().push(number);
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

//! Tells once what was concluded for several attempts of one client and one host.
//!
//! An attempt's evidence is weighed by itself; a report with the same words for each of a
//! hundred attempts would hide what it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ground::World;
use crate::model::{Candidate, Evidence, Role, Scope};

/// One conclusion for each pair of client and host, in the strongest band of its attempts. What
/// their evidence has in common is told once, with all of its records.
pub(super) fn attempts(candidates: Vec<Candidate>, world: &World<'_>) -> Vec<Candidate> {
    let mut united: BTreeMap<Scope, Candidate> = BTreeMap::new();
    for mut candidate in candidates {
        candidate.scope = pair(&candidate, world);
        match united.get_mut(&candidate.scope) {
            Some(known) => merge(known, candidate),
            None => {
                united.insert(candidate.scope.clone(), candidate);
            }
        }
    }
    united.into_values().collect()
}

/// The client and the host of a conclusion's attempt; the attempt itself where no client is
/// known.
fn pair(candidate: &Candidate, world: &World<'_>) -> Scope {
    let Scope::Attempt { machine, id } = &candidate.scope else { return candidate.scope.clone() };
    let attempt = world.scopes.attempt_number(machine, id);
    let Some(attempt) = attempt.and_then(|number| world.attempts.get(number)) else {
        return candidate.scope.clone();
    };
    let host = attempt.host.as_ref().unwrap_or(&attempt.machine).clone();
    let address = attempt.client_address.map(|address| Arc::from(address.to_string()));
    match attempt.client.clone().or(address) {
        Some(client) => Scope::Pair { host, client },
        None => candidate.scope.clone(),
    }
}

fn merge(known: &mut Candidate, other: Candidate) {
    known.confidence = known.confidence.max(other.confidence);
    known.score = known.score.max(other.score);
    known.first = known.first.min(other.first);
    known.last = known.last.max(other.last);
    extend(&mut known.attempts, other.attempts);
    extend(&mut known.users, other.users);
    extend(&mut known.clients, other.clients);
    for item in other.evidence {
        match known.evidence.iter_mut().find(|mine| is_same(mine, &item)) {
            Some(mine) => extend(&mut mine.records, item.records),
            None => known.evidence.push(item),
        }
    }
    known.evidence.sort_by_key(|item| (item.role, std::cmp::Reverse(item.weight.abs())));
}

/// Whether two attempts are told by the same words. Missing logs are the same for all.
fn is_same(left: &Evidence, right: &Evidence) -> bool {
    left.role == right.role
        && left.statement == right.statement
        && (left.weight == right.weight || left.role == Role::Untestable)
}

fn extend<T: Ord>(known: &mut Vec<T>, others: Vec<T>) {
    known.extend(others);
    known.sort();
    known.dedup();
}

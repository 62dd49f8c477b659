//! Puts a root cause before what follows from it.
//!
//! A consequence is often better proven than its cause: that the account is unknown stands in a
//! record, that the name led to the wrong host is inferred. Whoever mends the consequence mends
//! nothing.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::fold::is_part;
use crate::model::{Candidate, Confidence, Kind, Text};

/// Moves each cause that is at least likely before the first surer conclusion that it explains
/// and whose attempts are all its own. The order of the others stays: of two that are as sure the
/// evidence says which is the better.
pub(super) fn lift(candidates: Vec<Candidate>) -> Vec<Candidate> {
    // By cause and first attempt.
    let mut by_cause: BTreeMap<&Text, HashMap<usize, Vec<usize>, RandomState>> = BTreeMap::new();
    for (position, candidate) in candidates.iter().enumerate() {
        if let Some(first) = candidate.attempts.first() {
            let by_attempt = by_cause.entry(&candidate.cause).or_default();
            by_attempt.entry(*first).or_default().push(position);
        }
    }
    let before = |position: usize, root: &Candidate| {
        let is_sure = root.confidence >= Confidence::Likely && root.kind != Kind::Benign;
        let explained = root.explains.iter().filter(|_| is_sure);
        let explained = explained.filter_map(|cause| by_cause.get(cause));
        let consequences = explained
            .flat_map(|by_attempt| root.attempts.iter().filter_map(|one| by_attempt.get(one)))
            .flatten();
        let places = consequences.copied().filter(|other| {
            let other = candidates.get(*other);
            other.is_some_and(|other| other.confidence > root.confidence && is_part(other, root))
        });
        places.min().filter(|place| *place < position)
    };
    let keys: Vec<(usize, bool)> = candidates
        .iter()
        .enumerate()
        .map(|(position, candidate)| match before(position, candidate) {
            Some(place) => (place, false),
            None => (position, true),
        })
        .collect();
    let mut keyed: Vec<((usize, bool), Candidate)> = keys.into_iter().zip(candidates).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, candidate)| candidate).collect()
}

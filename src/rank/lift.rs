//! Puts a root cause before what follows from it.
//!
//! A consequence is often better proven than its cause: that the account is unknown stands in a
//! record, that the name led to the wrong host is inferred. Whoever mends the consequence mends
//! nothing.

use std::collections::BTreeMap;

use super::fold::is_part;
use crate::model::{Candidate, Confidence, Kind, Text};

/// Moves each cause that is at least likely before the first surer conclusion that it explains
/// and whose attempts are all its own. The order of the others stays: of two that are as sure the
/// evidence says which is the better.
pub(super) fn lift(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut by_attempt: BTreeMap<(Text, usize), Vec<usize>> = BTreeMap::new();
    for (position, candidate) in candidates.iter().enumerate() {
        if let Some(first) = candidate.attempts.first() {
            by_attempt.entry((candidate.cause.clone(), *first)).or_default().push(position);
        }
    }
    let before = |position: usize, root: &Candidate| {
        let is_sure = root.confidence >= Confidence::Likely && root.kind != Kind::Benign;
        let explained = root.explains.iter().filter(|_| is_sure);
        let keys = explained
            .flat_map(|cause| root.attempts.iter().map(move |attempt| (cause.clone(), *attempt)));
        let consequences = keys.filter_map(|key| by_attempt.get(&key)).flatten();
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

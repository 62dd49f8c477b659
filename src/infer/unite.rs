//! Tells once what was concluded for several attempts of one client and one host.
//!
//! An attempt's evidence is weighed by itself; a report with the same words for each of a
//! hundred attempts would hide what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ground::World;
use crate::model::{Attempt, Candidate, Episode, Evidence, Role, Scope, Span};

/// A pause between attempts that parts them into episodes: longer than a weekend, as each is
/// judged by itself and nothing else tells whether the fault was mended in between.
const PAUSE: Span = Span::seconds(3 * 24 * 3600);

/// One conclusion for each pair of client and host, in the strongest band of its attempts. What
/// their evidence has in common is told once, with all of its records.
pub(super) fn attempts(
    candidates: Vec<(Option<usize>, Candidate)>,
    world: &World<'_>,
) -> Vec<Candidate> {
    let mut pairs: BTreeMap<Scope, Vec<Candidate>> = BTreeMap::new();
    for (attempt, mut candidate) in candidates {
        let attempt = attempt.and_then(|number| world.attempts.get(number));
        if let Some(pair) = attempt.and_then(pair) {
            candidate.scope = pair;
        }
        pairs.entry(candidate.scope.clone()).or_default().push(candidate);
    }
    pairs.into_values().filter_map(unite).collect()
}

/// The surest of a pair's conclusions, with what the others add. Only its own weights count.
fn unite(mut candidates: Vec<Candidate>) -> Option<Candidate> {
    let rank = |candidate: &Candidate| (candidate.confidence, candidate.score);
    let ranks = candidates.iter().map(rank).enumerate();
    let surest = ranks.rev().max_by_key(|(_, rank)| *rank).map(|(number, _)| number)?;
    let episodes = episodes(&candidates);
    let mut united = candidates.remove(surest);
    let mut added_to = BTreeSet::new();
    for candidate in candidates {
        merge(&mut united, candidate, &mut added_to);
    }
    settle(&mut united, &added_to);
    united.episodes = episodes;
    united.evidence.sort_by_key(|item| (item.role, std::cmp::Reverse(item.weight.abs())));
    Some(united)
}

/// The attempts in spells; none where there is but one.
fn episodes(candidates: &[Candidate]) -> Vec<Episode> {
    let mut single: Vec<Episode> = candidates
        .iter()
        .map(|candidate| Episode {
            first: candidate.first,
            last: candidate.last,
            attempts: candidate.attempts.clone(),
            confidence: candidate.confidence,
            score: candidate.score,
        })
        .collect();
    single.sort_by(|left, right| {
        (left.first, left.last, &left.attempts).cmp(&(right.first, right.last, &right.attempts))
    });
    let mut episodes: Vec<Episode> = Vec::new();
    for one in single {
        match episodes.last_mut() {
            Some(last) if one.first.since(last.last) < PAUSE => {
                last.last = last.last.max(one.last);
                (last.confidence, last.score) =
                    (last.confidence, last.score).max((one.confidence, one.score));
                last.attempts.extend(one.attempts);
            }
            _ => episodes.push(one),
        }
    }
    if episodes.len() < 2 {
        return Vec::new();
    }
    episodes.iter_mut().for_each(|episode| in_order(&mut episode.attempts));
    episodes
}

/// The client and the host of an attempt; `None` where no client is known.
fn pair(attempt: &Attempt) -> Option<Scope> {
    let address = || attempt.client_address.map(|address| Arc::from(address.to_string()));
    let client = attempt.client.clone().or_else(address)?;
    let host = attempt.host.as_ref().unwrap_or(&attempt.machine).clone();
    Some(Scope::Pair { host, client })
}

/// Adds what another attempt's conclusion tells, out of order; `added_to` learns which items of
/// evidence got more.
fn merge(known: &mut Candidate, other: Candidate, added_to: &mut BTreeSet<usize>) {
    known.first = known.first.min(other.first);
    known.last = known.last.max(other.last);
    known.attempts.extend(other.attempts);
    known.users.extend(other.users);
    known.clients.extend(other.clients);
    for item in other.evidence {
        let mut mine = known.evidence.iter_mut().enumerate();
        match mine.find(|(_, mine)| is_same(mine, &item)) {
            Some((number, mine)) => {
                added_to.insert(number);
                mine.records.extend(item.records);
                mine.covered.extend(item.covered);
                if mine.collect != item.collect {
                    mine.collect.extend(item.collect);
                    in_order(&mut mine.collect);
                }
            }
            None => known.evidence.push(Evidence { weight: 0, ..item }),
        }
    }
}

/// Puts what was added in order, each once.
fn settle(united: &mut Candidate, added_to: &BTreeSet<usize>) {
    in_order(&mut united.attempts);
    in_order(&mut united.users);
    in_order(&mut united.clients);
    for number in added_to {
        if let Some(item) = united.evidence.get_mut(*number) {
            in_order(&mut item.records);
            in_order(&mut item.covered);
        }
    }
}

/// Whether two attempts are told by the same words. Missing logs are the same for all.
fn is_same(left: &Evidence, right: &Evidence) -> bool {
    left.role == right.role
        && left.statement == right.statement
        && (left.rule_weight == right.rule_weight || left.role == Role::Untestable)
}

fn in_order<T: Ord>(all: &mut Vec<T>) {
    all.sort();
    all.dedup();
}

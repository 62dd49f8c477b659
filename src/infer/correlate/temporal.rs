//! Different signals within a window: in any order, or one after the other.
//!
//! Each signal counts once: after a match the search begins anew.

use std::collections::BTreeMap;

use super::member::Member;
use crate::model::SignalId;
use crate::rules::Correlation;

/// The latest of each signal, where all came within the timespan.
pub(super) fn together<'a, 'b>(
    correlation: &Correlation,
    members: &'b [Member<'a>],
) -> Vec<Vec<&'b Member<'a>>> {
    let mut matches = Vec::new();
    let mut latest: BTreeMap<&SignalId, &Member<'_>> = BTreeMap::new();
    for member in members {
        latest.insert(&member.signal.id, member);
        let all = correlation.rules.iter().map(|rule| latest.get(rule).copied());
        let Some(mut found) = all.collect::<Option<Vec<_>>>() else { continue };
        found.sort_by_key(|found| found.time);
        found.dedup_by(|left, right| std::ptr::eq(*left, *right));
        let first = found.first().map(|first| first.time);
        if first.is_some_and(|first| member.time.since(first) <= correlation.timespan) {
            matches.push(found);
            latest.clear();
        }
    }
    matches
}

/// One of each signal in the order of the rules, where the last came within the timespan after
/// the first.
pub(super) fn in_order<'a, 'b>(
    correlation: &Correlation,
    members: &'b [Member<'a>],
) -> Vec<Vec<&'b Member<'a>>> {
    let mut matches = Vec::new();
    // By length: the chain of the first so many rules that began last, as it has most time left.
    let mut chains: Vec<Vec<&Member<'_>>> = vec![Vec::new(); correlation.rules.len()];
    for member in members {
        // From the longest to the shortest, so that one signal is only one link of a chain.
        for step in (0..correlation.rules.len()).rev() {
            if correlation.rules.get(step) != Some(&member.signal.id) {
                continue;
            }
            let Some(mut chain) = before(&chains, step) else { continue };
            let began = chain.first().map_or(member.time, |first| first.time);
            if member.time.since(began) > correlation.timespan {
                continue;
            }
            chain.push(member);
            if step + 1 == correlation.rules.len() {
                matches.push(chain);
                chains.iter_mut().for_each(Vec::clear);
                break;
            }
            if let Some(slot) = chains.get_mut(step) {
                *slot = chain;
            }
        }
    }
    matches
}

/// The chain that a step goes on from; `None` when there is none yet.
fn before<'a, 'b>(chains: &[Vec<&'b Member<'a>>], step: usize) -> Option<Vec<&'b Member<'a>>> {
    match step.checked_sub(1) {
        None => Some(Vec::new()),
        Some(earlier) => chains.get(earlier).filter(|chain| !chain.is_empty()).cloned(),
    }
}

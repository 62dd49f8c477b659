//! Sigma's correlations: signals that stand for many others within a sliding window.

mod count;
mod member;
mod temporal;

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::{Attempt, Facts, Signal, SignalId, Time};
use crate::rules::Correlation;
use crate::rules::schema::CorrelationType;
use member::Member;

/// Adds the correlated signals to the facts, in order. `times` are those of the signals by one
/// clock.
pub(super) fn correlate(
    correlations: &[Correlation],
    mut facts: Facts,
    attempts: &[Attempt],
    times: &[Time],
) -> Facts {
    let mut by_id: ById<'_> = HashMap::default();
    for (number, signal) in facts.signals.iter().enumerate() {
        by_id.entry(&signal.id).or_default().push(number);
    }
    // Correlations know nothing of each other, so they are made on all cores.
    let correlated: Vec<Vec<Signal>> = correlations
        .par_iter()
        .map(|correlation| {
            let wanted = wanted(correlation, &by_id);
            let wanted = wanted.into_iter().filter_map(|number| {
                Some(Member::new(facts.signals.get(number)?, *times.get(number)?, attempts))
            });
            signals(correlation, wanted)
        })
        .collect();
    if correlated.iter().any(|signals| !signals.is_empty()) {
        facts.signals.extend(correlated.into_iter().flatten());
        facts.signals.sort_by(|left, right| {
            (left.time, &left.records, &left.id).cmp(&(right.time, &right.records, &right.id))
        });
    }
    facts
}

/// The numbers of the signals of each id, ascending.
type ById<'a> = HashMap<&'a SignalId, Vec<usize>, RandomState>;

/// The numbers of the signals that a correlation asks for, ascending.
fn wanted(correlation: &Correlation, by_id: &ById<'_>) -> Vec<usize> {
    let numbers = correlation.rules.iter().filter_map(|id| by_id.get(id)).flatten();
    let mut wanted: Vec<usize> = numbers.copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// The signals of one correlation: group by group.
fn signals<'a>(
    correlation: &Correlation,
    members: impl Iterator<Item = Member<'a>>,
) -> Vec<Signal> {
    let mut groups: BTreeMap<Vec<String>, Vec<Member<'a>>> = BTreeMap::new();
    for member in members {
        let key: Option<Vec<String>> =
            correlation.group_by.iter().map(|key| member.shares(key)).collect();
        // A signal without the entity that groups are made by belongs to none.
        if let Some(key) = key {
            groups.entry(key).or_default().push(member);
        }
    }
    groups
        .into_values()
        .flat_map(|mut members| {
            // Signals come by their own clocks; a shared one may order them otherwise.
            members.sort_by_key(|member| member.time);
            let bursts = match correlation.kind {
                CorrelationType::EventCount | CorrelationType::ValueCount => {
                    count::bursts(correlation, &members)
                }
                CorrelationType::Temporal => temporal::together(correlation, &members),
                CorrelationType::TemporalOrdered => temporal::in_order(correlation, &members),
            };
            let signals = bursts.iter().filter_map(|burst| member::signal(correlation, burst));
            signals.collect::<Vec<_>>()
        })
        .collect()
}

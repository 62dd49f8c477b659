//! Sigma's correlations: signals that stand for many others within a sliding window.

mod count;
mod member;
mod temporal;

use std::collections::{BTreeMap, BTreeSet};

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
    let correlated: Vec<Signal> = correlations
        .iter()
        .flat_map(|correlation| signals(correlation, &facts.signals, attempts, times))
        .collect();
    if !correlated.is_empty() {
        facts.signals.extend(correlated);
        facts.signals.sort_by(|left, right| {
            (left.time, &left.records, &left.id).cmp(&(right.time, &right.records, &right.id))
        });
    }
    facts
}

/// The signals of one correlation: group by group.
fn signals(
    correlation: &Correlation,
    signals: &[Signal],
    attempts: &[Attempt],
    times: &[Time],
) -> Vec<Signal> {
    let wanted: BTreeSet<&SignalId> = correlation.rules.iter().collect();
    let mut groups: BTreeMap<Vec<String>, Vec<Member<'_>>> = BTreeMap::new();
    for (signal, time) in signals.iter().zip(times) {
        if !wanted.contains(&signal.id) {
            continue;
        }
        let member = Member::new(signal, *time, attempts);
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

//! Sigma's correlations: signals that stand for many others within a sliding window.

mod count;
mod member;
mod temporal;

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use super::entity::Named;
use super::listed::Listed;
use super::names::{Name, Names};
use super::number::Number;
use crate::model::{Attempt, Facts, Signal, Time};
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
    let names = Names::of_all(&facts.signals);
    let asked: HashSet<Name, RandomState> = correlations
        .iter()
        .flat_map(|correlation| &correlation.rules)
        .filter_map(|id| names.of(id.as_str()))
        .collect();
    let by_name = names.listed(|name| asked.contains(&name));
    // Correlations know nothing of each other, so they are made on all cores.
    let correlated: Vec<Vec<Signal>> = correlations
        .par_iter()
        .map(|correlation| {
            let wanted = wanted(correlation, &names, &by_name);
            let wanted = wanted.into_iter().filter_map(|number| {
                let (signal, time) =
                    (facts.signals.get(number.index())?, times.get(number.index())?);
                Some(Member::new(signal, *time, attempts))
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

/// The signals that a correlation asks for, in order.
fn wanted(correlation: &Correlation, names: &Names, by_name: &Listed) -> Vec<Number> {
    let asked = correlation.rules.iter().filter_map(|id| names.of(id.as_str()));
    let numbers = asked.flat_map(|name| by_name.at(name.place() as usize));
    let mut wanted: Vec<Number> = numbers.copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// What the members of a group share.
type Shared<'a> = Vec<Named<'a>>;

/// The signals of one correlation: group by group.
fn signals<'a>(
    correlation: &Correlation,
    members: impl Iterator<Item = Member<'a>>,
) -> Vec<Signal> {
    let mut groups: HashMap<Shared<'a>, Vec<Member<'a>>, RandomState> = HashMap::default();
    let mut shared: Shared<'a> = Vec::new();
    for member in members {
        shared.clear();
        shared.extend(correlation.group_by.iter().map_while(|key| member.shares(key)));
        // A signal without the entity that groups are made by belongs to none.
        if shared.len() < correlation.group_by.len() {
            continue;
        }
        match groups.get_mut(&shared) {
            Some(members) => members.push(member),
            None => {
                groups.insert(shared.clone(), vec![member]);
            }
        }
    }
    let found = groups.into_iter().filter_map(|(shared, members)| {
        let signals = of_group(correlation, members);
        let shared = || shared.into_iter().map(Named::into_text).collect();
        (!signals.is_empty()).then(|| (shared(), signals))
    });
    let mut found: Vec<(Vec<_>, Vec<Signal>)> = found.collect();
    found.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    found.into_iter().flat_map(|(_, signals)| signals).collect()
}

fn of_group(correlation: &Correlation, mut members: Vec<Member<'_>>) -> Vec<Signal> {
    // Signals come by their own clocks; a shared one may order them otherwise.
    members.sort_by_key(|member| member.time);
    let bursts = match correlation.kind {
        CorrelationType::EventCount | CorrelationType::ValueCount => {
            count::bursts(correlation, &members)
        }
        CorrelationType::Temporal => temporal::together(correlation, &members),
        CorrelationType::TemporalOrdered => temporal::in_order(correlation, &members),
    };
    bursts.iter().filter_map(|burst| member::signal(correlation, burst)).collect()
}

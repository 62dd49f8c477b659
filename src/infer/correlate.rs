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
use crate::model::{Attempt, Facts, Signal, SignalId};
use crate::rules::schema::CorrelationType;
use crate::rules::{Correlation, GroupKey};
use member::Member;

/// Adds the correlated signals to the facts, in order.
pub(super) fn correlate(
    correlations: &[Correlation],
    mut facts: Facts,
    attempts: &[Attempt],
) -> Facts {
    let names = Names::of_all(&facts.signals);
    let asked: HashSet<Name, RandomState> = correlations
        .iter()
        .flat_map(|correlation| &correlation.rules)
        .filter_map(|id| names.of(id.as_str()))
        .collect();
    let by_name = names.listed(|name| asked.contains(&name));
    // Kinds of groups know nothing of each other, so they are made on all cores.
    let correlated: Vec<Vec<Signal>> = Alike::all(correlations)
        .par_iter()
        .map(|alike| {
            let wanted = wanted(alike.rules, &names, &by_name);
            let wanted = wanted.into_iter().filter_map(|number| facts.signals.get(number.index()));
            let wanted = wanted.map(|signal| Member::new(signal, attempts));
            alike.signals(wanted)
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

/// Some of a case's signals, in order.
fn wanted(ids: &[SignalId], names: &Names, by_name: &Listed) -> Vec<Number> {
    let asked = ids.iter().filter_map(|id| names.of(id.as_str()));
    let numbers = asked.flat_map(|name| by_name.at(name.place() as usize));
    let mut wanted: Vec<Number> = numbers.copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// What the members of a group share.
type Shared<'a> = Vec<Named<'a>>;

/// Correlations that group the same signals by the same entities, and ask each group something
/// else.
struct Alike<'c> {
    rules: &'c [SignalId],
    group_by: &'c [GroupKey],
    correlations: Vec<&'c Correlation>,
}

impl<'c> Alike<'c> {
    fn all(correlations: &'c [Correlation]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for correlation in correlations {
            let Correlation { rules, group_by, .. } = correlation;
            let known = all
                .iter_mut()
                .find(|alike| alike.rules == &**rules && alike.group_by == &**group_by);
            match known {
                Some(alike) => alike.correlations.push(correlation),
                None => all.push(Self { rules, group_by, correlations: vec![correlation] }),
            }
        }
        all
    }

    /// The signals of these correlations: group by group.
    fn signals<'a>(&self, members: impl Iterator<Item = Member<'a>>) -> Vec<Signal> {
        let mut groups: HashMap<Shared<'a>, Vec<Member<'a>>, RandomState> = HashMap::default();
        let mut shared: Shared<'a> = Vec::new();
        for member in members {
            shared.clear();
            shared.extend(self.group_by.iter().map_while(|key| member.shares(key)));
            // A signal without the entity that groups are made by belongs to none.
            if shared.len() < self.group_by.len() {
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
            let signals = self.of_group(&members);
            let shared = || shared.into_iter().map(Named::into_text).collect();
            (!signals.is_empty()).then(|| (shared(), signals))
        });
        let mut found: Vec<(Vec<_>, Vec<Signal>)> = found.collect();
        found.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        found.into_iter().flat_map(|(_, signals)| signals).collect()
    }

    fn of_group(&self, members: &[Member<'_>]) -> Vec<Signal> {
        self.correlations.iter().flat_map(|correlation| found(correlation, members)).collect()
    }
}

/// The signals of a correlation in a group.
fn found(correlation: &Correlation, members: &[Member<'_>]) -> Vec<Signal> {
    let bursts = match correlation.kind {
        CorrelationType::EventCount | CorrelationType::ValueCount => {
            count::bursts(correlation, members)
        }
        CorrelationType::Temporal => temporal::together(correlation, members),
        CorrelationType::TemporalOrdered => temporal::in_order(correlation, members),
    };
    bursts.iter().filter_map(|burst| member::signal(correlation, burst)).collect()
}

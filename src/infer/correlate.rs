//! Sigma's correlations: signals that stand for many others within a sliding window.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::item::entity_text;
use crate::model::{Attempt, Effect, Entities, Facts, Signal, SignalId};
use crate::rules::Correlation;
use crate::rules::schema::{CorrelationType, Entity};

/// Adds the correlated signals to the facts, in order.
pub(super) fn correlate(
    correlations: &[Correlation],
    mut facts: Facts,
    attempts: &[Attempt],
) -> Facts {
    let correlated: Vec<Signal> = correlations
        .iter()
        .flat_map(|correlation| bursts(correlation, &facts.signals, attempts))
        .collect();
    if !correlated.is_empty() {
        facts.signals.extend(correlated);
        facts.signals.sort_by(|left, right| {
            (left.time, &left.records, &left.id).cmp(&(right.time, &right.records, &right.id))
        });
    }
    facts
}

/// One signal for each burst: overlapping windows that reach the threshold are one.
fn bursts(correlation: &Correlation, signals: &[Signal], attempts: &[Attempt]) -> Vec<Signal> {
    let wanted: BTreeSet<&SignalId> = correlation.rules.iter().collect();
    let mut groups: BTreeMap<Vec<String>, Vec<Member<'_>>> = BTreeMap::new();
    for signal in signals.iter().filter(|signal| wanted.contains(&signal.id)) {
        let member = Member { signal, entities: known(signal, attempts) };
        let key: Option<Vec<String>> =
            correlation.group_by.iter().map(|entity| member.text(*entity)).collect();
        // A signal without the entity that groups are made by belongs to none.
        if let Some(key) = key {
            groups.entry(key).or_default().push(member);
        }
    }
    groups.values().flat_map(|members| group_bursts(correlation, members)).collect()
}

struct Member<'a> {
    signal: &'a Signal,
    entities: Entities,
}

impl Member<'_> {
    fn text(&self, entity: Entity) -> Option<String> {
        entity_text(&self.signal.machine, &self.entities, entity)
    }
}

/// What the record leaves out, its attempt may know: a refused network logon names no address.
fn known(signal: &Signal, attempts: &[Attempt]) -> Entities {
    let mut entities = signal.entities.clone();
    if let Some(attempt) = signal.attempt.and_then(|attempt| attempts.get(attempt)) {
        entities.client_address = entities.client_address.or(attempt.client_address);
        entities.client_name = entities.client_name.or_else(|| attempt.client.clone());
    }
    entities
}

fn group_bursts(correlation: &Correlation, members: &[Member<'_>]) -> Vec<Signal> {
    let mut bursts: Vec<Vec<&Member<'_>>> = Vec::new();
    let mut window = Window::new(correlation);
    let mut burst: Vec<&Member<'_>> = Vec::new();
    for member in members {
        window.push(member);
        if !window.reached() {
            if !burst.is_empty() && !window.holds(burst.last().copied()) {
                bursts.push(std::mem::take(&mut burst));
            }
            continue;
        }
        if burst.is_empty() {
            burst.extend(window.members.iter().copied());
        } else {
            burst.push(member);
        }
    }
    if !burst.is_empty() {
        bursts.push(burst);
    }
    bursts.iter().filter_map(|burst| signal(correlation, burst)).collect()
}

/// The members within the timespan before the latest one.
struct Window<'a, 'b> {
    correlation: &'a Correlation,
    members: VecDeque<&'b Member<'b>>,
    /// How often each value of the counted entity stands in the window.
    values: BTreeMap<String, usize>,
}

impl<'a, 'b> Window<'a, 'b> {
    const fn new(correlation: &'a Correlation) -> Self {
        Self { correlation, members: VecDeque::new(), values: BTreeMap::new() }
    }

    fn push(&mut self, member: &'b Member<'b>) {
        while let Some(oldest) = self.members.front()
            && member.signal.time.since(oldest.signal.time) > self.correlation.timespan
        {
            if let Some(value) = self.value(oldest)
                && let Some(count) = self.values.get_mut(&value)
            {
                *count -= 1;
                if *count == 0 {
                    self.values.remove(&value);
                }
            }
            self.members.pop_front();
        }
        if let Some(value) = self.value(member) {
            *self.values.entry(value).or_default() += 1;
        }
        self.members.push_back(member);
    }

    fn reached(&self) -> bool {
        let count = match self.correlation.kind {
            CorrelationType::EventCount => self.members.len(),
            CorrelationType::ValueCount => self.values.len(),
        };
        count >= self.correlation.at_least
    }

    fn holds(&self, member: Option<&Member<'_>>) -> bool {
        match (self.members.front(), member) {
            (Some(oldest), Some(member)) => oldest.signal.time <= member.signal.time,
            _ => false,
        }
    }

    fn value(&self, member: &Member<'_>) -> Option<String> {
        self.correlation.field.and_then(|field| member.text(field))
    }
}

/// The burst as a signal, dated by its first member, with the entities that the group shares.
fn signal(correlation: &Correlation, burst: &[&Member<'_>]) -> Option<Signal> {
    let first = burst.first()?;
    let mut records: Vec<usize> =
        burst.iter().flat_map(|member| member.signal.records.iter().copied()).collect();
    records.sort_unstable();
    records.dedup();
    Some(Signal {
        id: correlation.id.clone(),
        time: first.signal.time,
        machine: first.signal.machine.clone(),
        records,
        entities: shared(&correlation.group_by, &first.entities),
        activity_id: None,
        effect: Effect::default(),
        attempt: None,
    })
}

fn shared(group_by: &[Entity], entities: &Entities) -> Entities {
    let by = |entity| group_by.contains(&entity);
    Entities {
        client_address: entities.client_address.filter(|_| by(Entity::ClientAddress)),
        client_name: entities.client_name.clone().filter(|_| by(Entity::ClientName)),
        user: entities.user.clone().filter(|_| by(Entity::User)),
        domain: entities.domain.clone().filter(|_| by(Entity::Domain)),
        target: entities.target.clone().filter(|_| by(Entity::Target)),
        session: entities.session.filter(|_| by(Entity::Session)),
        connection: entities.connection.clone().filter(|_| by(Entity::Connection)),
        logon_id: entities.logon_id.filter(|_| by(Entity::LogonId)),
        client_port: None,
    }
}

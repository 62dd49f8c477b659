//! Checks correlations.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::rules::schema::Spanned;

use super::facts::{refuse_drawn, span};
use super::names::Names;
use crate::model::SignalId;
use crate::rules::error::{Faults, Mistake};
use crate::rules::schema::{
    Correlation as Body, CorrelationDocument, CorrelationType, Entity, GroupName,
};
use crate::rules::{Correlation, GroupKey};

/// Checks a correlation.
pub(super) fn correlation(
    id: &str,
    document: &CorrelationDocument,
    names: &Names,
    faults: &mut Faults,
) -> Option<Correlation> {
    refuse_drawn(&document.id, faults);
    let body = &document.correlation;
    let rules: Vec<SignalId> =
        body.rules.iter().map(|id| names.counted_signal(id, faults)).collect();
    let least = if is_temporal(body.kind) { 2 } else { 1 };
    if rules.len() < least {
        let message = match least {
            1 => "a correlation needs at least one signal under `rules`",
            _ => "a temporal correlation needs at least two signals under `rules`",
        };
        faults.add(&document.id, message);
    }
    Some(Correlation {
        id: SignalId::from(id),
        title: document.title.clone(),
        kind: body.kind,
        group_by: group_by(&document.id, body, &rules, faults),
        rules,
        timespan: span(&body.timespan, faults)?,
        field: body.condition.as_ref().and_then(|condition| condition.field),
        count: count(&document.id, body, faults),
    })
}

const fn is_temporal(kind: CorrelationType) -> bool {
    matches!(kind, CorrelationType::Temporal | CorrelationType::TemporalOrdered)
}

/// What the signals share. The machine is among it, unless an alias names the machine for some
/// of them or the author wants all machines together.
fn group_by(
    place: &Spanned<String>,
    body: &Body,
    rules: &[SignalId],
    faults: &mut Faults,
) -> Vec<GroupKey> {
    let mut aliases: BTreeMap<&str, BTreeMap<SignalId, Entity>> = BTreeMap::new();
    for (alias, entities) in &body.aliases {
        let entities: BTreeMap<SignalId, Entity> =
            entities.iter().map(|(rule, entity)| (rule.as_str().into(), *entity)).collect();
        for rule in rules.iter().filter(|rule| !entities.contains_key(*rule)) {
            faults.add(place, format!("alias `{alias}` names no entity for `{rule}`"));
        }
        for rule in entities.keys().filter(|rule| !rules.contains(*rule)) {
            faults
                .add(place, format!("alias `{alias}` names `{rule}`, which is not among `rules`"));
        }
        aliases.insert(alias, entities);
    }
    let mut keys = Vec::new();
    for name in &body.group_by {
        match &name.value {
            GroupName::Entity(entity) => keys.push(GroupKey::Entity(*entity)),
            GroupName::Attempt => keys.push(GroupKey::Attempt),
            GroupName::Alias(alias) => match aliases.get(alias.as_str()) {
                Some(entities) => keys.push(GroupKey::Alias(entities.clone())),
                None => faults.add(name, unknown_key(alias, &aliases)),
            },
        }
    }
    let names_machines = |key: &GroupKey| match key {
        GroupKey::Alias(entities) => entities.values().any(|entity| *entity == Entity::Machine),
        GroupKey::Entity(_) | GroupKey::Attempt => false,
    };
    if !body.fleet && !keys.iter().any(names_machines) {
        keys.push(GroupKey::Entity(Entity::Machine));
    }
    keys.sort();
    keys.dedup();
    keys
}

fn unknown_key(name: &str, aliases: &BTreeMap<&str, BTreeMap<SignalId, Entity>>) -> Mistake {
    let aliases = aliases.keys().map(|alias| (*alias).to_owned());
    let known = Entity::names().chain(["attempt"]).map(str::to_owned).chain(aliases);
    Mistake::unknown("entity or alias", name, known)
}

/// The counts that meet the condition.
fn count(place: &Spanned<String>, body: &Body, faults: &mut Faults) -> RangeInclusive<usize> {
    let all = 1..=usize::MAX;
    let Some(condition) = &body.condition else {
        if !is_temporal(body.kind) {
            faults.add(place, "a correlation that counts needs a `condition`: how many");
        }
        return all;
    };
    match (body.kind, condition.field) {
        (CorrelationType::ValueCount, None) => {
            faults.add(place, "`value_count` needs `field`: the entity whose values are counted");
        }
        (CorrelationType::EventCount, Some(_)) => {
            faults.add(place, "`event_count` counts signals and takes no `field`");
        }
        (CorrelationType::Temporal | CorrelationType::TemporalOrdered, _) => {
            faults.add(place, "a temporal correlation takes no `condition`: each signal must come");
        }
        _ => {}
    }
    for (word, bound) in [("gte", condition.gte), ("eq", condition.eq)] {
        if bound == Some(0) {
            // Nothing makes no signal: there is no record to point at.
            faults.add(place, format!("`{word}: 0` asks for nothing: ask for at least 1"));
        }
    }
    let least = [condition.gte, condition.gt.map(|count| count.saturating_add(1)), condition.eq];
    let most = [condition.lte, condition.lt.map(|count| count.saturating_sub(1)), condition.eq];
    if least.iter().chain(&most).all(Option::is_none) {
        faults.add(place, "`condition` needs a count, such as `gte: 10`");
    }
    let least = least.into_iter().flatten().max().unwrap_or(1).max(1);
    let most = most.into_iter().flatten().min().unwrap_or(usize::MAX);
    if least > most {
        faults.add(place, "no count meets this `condition`");
        return all;
    }
    least..=most
}

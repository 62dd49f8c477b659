//! A signal as a correlation sees it, and the signal that several of them make.

use std::sync::Arc;

use crate::infer::entity::entity_text;
use crate::model::normal::short_name;
use crate::model::{Attempt, Effect, Entities, Signal, Time};
use crate::rules::schema::Entity;
use crate::rules::{Correlation, GroupKey};

/// A signal that a correlation asks for.
pub(super) struct Member<'a> {
    pub signal: &'a Signal,
    /// Its time by a clock that all machines of its attempt share.
    pub time: Time,
    entities: Entities,
}

impl<'a> Member<'a> {
    /// What the record leaves out, its attempt may know: a refused network logon names no
    /// address, and the end of a client's attempt no target.
    pub(super) fn new(signal: &'a Signal, time: Time, attempts: &[Attempt]) -> Self {
        let mut entities = Entities::clone(&signal.entities);
        if let Some(attempt) = signal.attempt.and_then(|attempt| attempts.get(attempt)) {
            entities.client_address = entities.client_address.or(attempt.client_address);
            entities.client_name = entities.client_name.or_else(|| attempt.client.clone());
            entities.target = entities.target.or_else(|| attempt.host.clone());
        }
        Self { signal, time, entities }
    }

    /// What it shares with the others of its group; `None` where it names nobody.
    pub(super) fn shares(&self, key: &GroupKey) -> Option<String> {
        match key {
            GroupKey::Entity(entity) => self.text(*entity),
            GroupKey::Attempt => self.signal.attempt.map(|attempt| attempt.to_string()),
            GroupKey::Alias(entities) => {
                let entity = *entities.get(&self.signal.id)?;
                self.text(entity).map(|text| plain(entity, &text))
            }
        }
    }

    /// The value of an entity.
    pub(super) fn text(&self, entity: Entity) -> Option<String> {
        entity_text(&self.signal.machine, &self.entities, entity)
    }
}

/// A value as different records spell it.
fn plain(entity: Entity, text: &str) -> String {
    match entity {
        Entity::Machine | Entity::ClientName | Entity::Target => short_name(text),
        _ => text.to_lowercase(),
    }
}

/// The burst as a signal, dated by its first member, with what the group shares.
pub(super) fn signal(correlation: &Correlation, burst: &[&Member<'_>]) -> Option<Signal> {
    let first = burst.first()?;
    let mut records: Vec<usize> =
        burst.iter().flat_map(|member| member.signal.records.iter().copied()).collect();
    records.sort_unstable();
    records.dedup();
    let by = |entity| correlation.group_by.contains(&GroupKey::Entity(entity));
    let by_attempt = correlation.group_by.contains(&GroupKey::Attempt);
    Some(Signal {
        id: correlation.id.clone(),
        time: first.signal.time,
        machine: Arc::clone(&first.signal.machine),
        records: records.into(),
        entities: Arc::new(shared(&first.entities, by)),
        activity_id: None,
        effect: Effect::default(),
        attempt: first.signal.attempt.filter(|_| by_attempt),
    })
}

fn shared(entities: &Entities, by: impl Fn(Entity) -> bool) -> Entities {
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

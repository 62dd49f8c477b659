//! A signal as a correlation sees it, and the signal that several of them make.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use crate::infer::entity::Named;
use crate::model::normal::short_name;
use crate::model::{Attempt, Effect, Entities, Signal, Time};
use crate::rules::schema::Entity;
use crate::rules::{Correlation, GroupKey};

/// A signal that a correlation asks for.
///
/// What the record leaves out, its attempt may know: a refused network logon names no address,
/// and the end of a client's attempt no target.
pub(super) struct Member<'a> {
    pub signal: &'a Signal,
    /// Its time.
    pub time: Time,
    attempt: Option<&'a Attempt>,
}

impl<'a> Member<'a> {
    pub(super) fn new(signal: &'a Signal, attempts: &'a [Attempt]) -> Self {
        let attempt = signal.attempt.and_then(|attempt| attempts.get(attempt));
        Self { signal, time: signal.time, attempt }
    }

    /// What it shares with the others of its group; `None` where it names nobody.
    pub(super) fn shares(&self, key: &GroupKey) -> Option<Named<'a>> {
        match key {
            GroupKey::Entity(entity) => self.value(*entity),
            GroupKey::Attempt => {
                self.signal.attempt.and_then(|number| number.try_into().ok()).map(Named::Number)
            }
            GroupKey::Alias(entities) => {
                let entity = *entities.get(&self.signal.id)?;
                let text = plain(entity, &self.value(entity)?.into_text());
                Some(Named::Text(Cow::Owned(text)))
            }
        }
    }

    /// The value of an entity.
    pub(super) fn value(&self, entity: Entity) -> Option<Named<'a>> {
        let text = |text: &'a Arc<str>| Named::Text(Cow::Borrowed(text));
        match entity {
            Entity::ClientAddress => self.client_address().map(Named::Address),
            Entity::ClientName => self.client_name().map(text),
            Entity::Target => self.target().map(text),
            entity => Named::of(&self.signal.machine, &self.signal.entities, entity),
        }
    }

    fn client_address(&self) -> Option<IpAddr> {
        self.signal.entities.client_address.or_else(|| self.attempt?.client_address)
    }

    fn client_name(&self) -> Option<&'a Arc<str>> {
        self.signal.entities.client_name.as_ref().or_else(|| self.attempt?.client.as_ref())
    }

    fn target(&self) -> Option<&'a Arc<str>> {
        self.signal.entities.target.as_ref().or_else(|| self.attempt?.host.as_ref())
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
        entities: Arc::new(shared(first, by)),
        activity_id: None,
        effect: Effect::default(),
        attempt: first.signal.attempt.filter(|_| by_attempt),
    })
}

fn shared(member: &Member<'_>, by: impl Fn(Entity) -> bool) -> Entities {
    let entities = &*member.signal.entities;
    Entities {
        client_address: member.client_address().filter(|_| by(Entity::ClientAddress)),
        client_name: member.client_name().filter(|_| by(Entity::ClientName)).cloned(),
        user: entities.user.clone().filter(|_| by(Entity::User)),
        domain: entities.domain.clone().filter(|_| by(Entity::Domain)),
        target: member.target().filter(|_| by(Entity::Target)).cloned(),
        session: entities.session.filter(|_| by(Entity::Session)),
        connection: entities.connection.clone().filter(|_| by(Entity::Connection)),
        logon_id: entities.logon_id.filter(|_| by(Entity::LogonId)),
        client_port: None,
    }
}

//! A signal's rule: the events that carry it, and whom they name.

use serde::{Deserialize, Serialize};

use crate::model::{Effect, Entities, Event, Observed, SignalId, Text, normal};
use crate::rules::detection::{Detection, FieldName, Place, Told};
use crate::rules::schema::Entity;

/// A checked and compiled signal.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignalRule {
    /// Its id.
    pub id: SignalId,
    /// What the record says, as a clause for reports.
    pub title: Text,
    /// The channel of its events.
    pub channel: Text,
    /// The provider of its events.
    pub provider: Text,
    /// What it says about its attempt.
    pub effect: Effect,
    /// The entities that it binds and the fields that name them.
    pub binds: Vec<Binding>,
    pub(in crate::rules) detection: Detection,
}

/// An entity and the field that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub(in crate::rules) entity: Entity,
    pub(in crate::rules) field: FieldName,
}

impl Binding {
    /// The entity that is bound.
    pub const fn entity(&self) -> Entity {
        self.entity
    }

    /// The field that names it.
    pub(super) const fn field(&self) -> &FieldName {
        &self.field
    }
}

impl SignalRule {
    /// The event IDs that its events have, ascending.
    pub fn event_ids(&self) -> impl Iterator<Item = u32> + '_ {
        self.detection.event_ids().iter().copied()
    }

    /// Whether the event carries the signal.
    pub fn matches(&self, event: &Event) -> bool {
        self.channel.eq_ignore_ascii_case(&event.channel)
            && self.provider.eq_ignore_ascii_case(&event.provider)
            && self.detection.matches(event.observed())
    }

    /// Whom and what the record names, in normal form. A value that is no name of its kind,
    /// such as `-` or `LOCAL`, leaves the entity unnamed.
    pub fn entities(&self, record: Observed<'_>) -> Entities {
        self.entities_at(&[], &[], record, &mut String::new())
    }

    /// As [`Self::entities`] says. Of the `places`, those of the fields that it binds have the
    /// positions `own`; `text` is room for the texts.
    pub(super) fn entities_at(
        &self,
        places: &[Place],
        own: &[usize],
        record: Observed<'_>,
        text: &mut String,
    ) -> Entities {
        let mut entities = Entities::default();
        for (number, binding) in self.binds.iter().enumerate() {
            let place = own.get(number).and_then(|position| places.get(*position));
            if let Some(told) = binding.field.tell_at(place, record, text) {
                bind(&mut entities, binding.entity, &told);
            }
        }
        entities
    }
}

fn bind(entities: &mut Entities, entity: Entity, told: &Told<'_>) {
    let text = match entity {
        Entity::Session => {
            entities.session = normal::session(&told.value());
            return;
        }
        Entity::LogonId => {
            entities.logon_id = normal::logon_id(&told.value());
            return;
        }
        _ => told.text(),
    };
    match entity {
        // Every signal has its machine already.
        Entity::Machine | Entity::Session | Entity::LogonId => {}
        Entity::ClientAddress => {
            let endpoint = normal::endpoint(&text);
            entities.client_address = endpoint.map(|endpoint| endpoint.address);
            entities.client_port = endpoint.and_then(|endpoint| endpoint.port);
        }
        Entity::ClientName => entities.client_name = normal::client_name(&text),
        Entity::User => {
            if let Some(account) = normal::account(&text) {
                entities.user = Some(account.name);
                // A field of its own knows the domain better than the account's spelling.
                entities.domain = entities.domain.take().or(account.domain);
            }
        }
        Entity::Domain => {
            if let Some(domain) = normal::domain(&text) {
                entities.domain = Some(domain);
            }
        }
        Entity::Target => entities.target = normal::target(&text),
        Entity::Connection => entities.connection = normal::connection(&text),
    }
}

//! Entities as text, for grouping and counting.

use crate::model::Entities;
use crate::rules::schema::Entity;

/// An entity's value; `None` where nothing names it.
pub(super) fn entity_text(machine: &str, entities: &Entities, entity: Entity) -> Option<String> {
    match entity {
        Entity::Machine => Some(machine.to_owned()),
        Entity::ClientAddress => entities.client_address.map(|address| address.to_string()),
        Entity::ClientName => entities.client_name.as_deref().map(str::to_owned),
        Entity::User => entities.user.as_deref().map(str::to_owned),
        Entity::Domain => entities.domain.as_deref().map(str::to_owned),
        Entity::Target => entities.target.as_deref().map(str::to_owned),
        Entity::Session => entities.session.map(|session| session.to_string()),
        Entity::Connection => entities.connection.as_deref().map(str::to_owned),
        Entity::LogonId => entities.logon_id.map(|id| id.to_string()),
    }
}

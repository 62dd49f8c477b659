//! What entities are grouped and counted by.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::model::Entities;
use crate::rules::schema::Entity;

/// An entity's value. Two of one entity are the same where their texts are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Named<'a> {
    Text(Cow<'a, str>),
    Address(IpAddr),
    Number(u64),
}

impl<'a> Named<'a> {
    /// An entity's value; `None` where nothing names it.
    pub(super) fn of(machine: &'a str, entities: &'a Entities, entity: Entity) -> Option<Self> {
        let text = |text: &'a str| Self::Text(Cow::Borrowed(text));
        match entity {
            Entity::Machine => Some(text(machine)),
            Entity::ClientAddress => entities.client_address.map(Self::Address),
            Entity::ClientName => entities.client_name.as_deref().map(text),
            Entity::User => entities.user.as_deref().map(text),
            Entity::Domain => entities.domain.as_deref().map(text),
            Entity::Target => entities.target.as_deref().map(text),
            Entity::Session => entities.session.map(|session| Self::Number(session.into())),
            Entity::Connection => entities.connection.as_deref().map(text),
            Entity::LogonId => entities.logon_id.map(Self::Number),
        }
    }

    /// The value as text.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Address(address) => Cow::Owned(address.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }
}

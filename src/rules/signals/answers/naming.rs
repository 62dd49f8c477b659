//! Whom records of one layout name: a client and a user, field by field.

use std::net::IpAddr;
use std::sync::Arc;

use super::super::kind::PARTY;
use super::super::recent::Recent;
use super::super::{Binding, SignalRule};
use super::values::{Column, Values};
use crate::model::{FieldNames, Observed, normal};
use crate::rules::detection::{Place, Told};
use crate::rules::schema::Entity;

/// Whom a record names by what the first of its signals says that says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The client's name.
    pub name: Option<Arc<str>>,
    /// The user.
    pub user: Option<Arc<str>>,
}

/// Whom a field names.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Address(IpAddr),
    Text(Arc<str>),
}

/// A field that names a client or a user.
#[derive(Debug)]
pub(super) struct Naming {
    binding: Binding,
    place: Place,
    column: Column,
}

/// For rules that fit, the positions of the fields that name the client's address, its name, and
/// the user, in the order in which they are asked.
pub(super) type Parties = [Box<[usize]>; PARTY.len()];

/// The positions among these of what some rules say of whom.
pub(super) fn parties(naming: &[Binding], rules: &[&SignalRule]) -> Parties {
    PARTY.map(|entity| {
        let binds = rules.iter().flat_map(|rule| &rule.binds);
        let own = binds.filter(|bind| bind.entity == entity);
        let mut positions = Vec::new();
        for position in own.filter_map(|bind| naming.iter().position(|known| known == bind)) {
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        positions.into()
    })
}

impl Naming {
    pub(super) fn of(binding: &Binding, layout: &FieldNames) -> Self {
        let values = Values::of([(binding.field.clone(), is_of_address(binding))], layout);
        let place = Place::of(&binding.field, layout);
        Self { binding: binding.clone(), place, column: Column::of(values) }
    }

    /// Whom the record names there.
    pub(super) fn name(
        &mut self,
        owner: u64,
        record: Observed<'_>,
        remembered: &mut Recent<Option<Name>>,
        key: &mut Vec<u8>,
        text: &mut String,
    ) -> Option<Name> {
        let Self { binding, place, column } = self;
        let find = || {
            let told = binding.field.tell_at(Some(place), record, text)?;
            name(binding.entity, &told)
        };
        column.answers(owner, record, remembered, key, find)
    }
}

/// Whether whom a field names depends on nothing but the address there.
pub(super) fn is_of_address(binding: &Binding) -> bool {
    binding.entity == Entity::ClientAddress
}

/// Whom a value names, as a signal's entities have it.
fn name(entity: Entity, told: &Told<'_>) -> Option<Name> {
    let text = told.text();
    Some(match entity {
        Entity::ClientAddress => Name::Address(normal::endpoint(&text)?.address),
        Entity::ClientName => Name::Text(normal::client_name(&text)?),
        _ => Name::Text(normal::account(&text)?.name),
    })
}

impl Name {
    pub(super) const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Text(_) => None,
        }
    }

    pub(super) fn text(self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Address(_) => None,
        }
    }
}

//! A record of interest, decoded as far as somebody asks.

use std::sync::Arc;

use super::plan::{self, Scratch};
use super::system::{Head, System};
use crate::model::{Event, Field, Fields, Observed, PackedEvent, Payload};

/// A record whose head a selection wants.
#[derive(Debug)]
pub struct Record<'r> {
    system: System<'r>,
    user_sid: Option<Arc<str>>,
    data: Data<'r>,
}

/// The payload.
#[derive(Debug)]
enum Data<'r> {
    /// Decoded, because no plan describes it.
    Decoded(Vec<Field>),
    /// As it stands in the chunk.
    Standing(plan::Payload<'r>, &'r mut Scratch),
}

impl<'r> Record<'r> {
    pub(super) fn decoded(
        system: System<'r>,
        user_sid: Option<Arc<str>>,
        data: Vec<Field>,
    ) -> Self {
        Self { system, user_sid, data: Data::Decoded(data) }
    }

    pub(super) fn standing(
        system: System<'r>,
        user_sid: Option<Arc<str>>,
        payload: plan::Payload<'r>,
        scratch: &'r mut Scratch,
    ) -> Self {
        Self { system, user_sid, data: Data::Standing(payload, scratch) }
    }

    /// What a selection was asked with.
    pub fn head(&self) -> Head<'_> {
        self.system.head()
    }

    /// The record as rules see it.
    pub fn observed(&self) -> Observed<'_> {
        let fields: &dyn Fields = match &self.data {
            Data::Decoded(data) => data,
            Data::Standing(payload, _) => payload,
        };
        Observed { frame: self.system.frame(self.user_sid.as_deref()), fields }
    }

    /// The whole event.
    pub fn into_event(self) -> Event {
        let data = match self.data {
            Data::Decoded(data) => data,
            Data::Standing(payload, _) => payload.decode(),
        };
        self.system.with(self.user_sid, data)
    }

    /// The whole event, packed.
    pub fn into_packed(self) -> PackedEvent {
        let data = match self.data {
            Data::Decoded(data) => Payload::from(data.as_slice()),
            Data::Standing(payload, scratch) => payload.pack(scratch),
        };
        self.system.with(self.user_sid, data)
    }
}

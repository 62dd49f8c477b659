//! A record of interest, decoded as far as somebody asks.

use std::sync::Arc;

use super::aside::{Aside, Laying};
use super::intern::Interner;
use super::plan::{self, Scratch};
use super::system::System;
use super::unread::Unread;
use crate::model::{Event, Field, Frame, Framed, Guid, Observed, PackedEvent, Payload, Time};

/// A record whose head a selection wants.
#[derive(Debug)]
pub struct Record<'r>(Form<'r>);

#[derive(Debug)]
enum Form<'r> {
    /// Decoded, because no plan describes it.
    Decoded { system: System<'r>, user_sid: Option<Arc<str>>, data: Vec<Field> },
    /// As it stands in the chunk.
    Standing { system: Unread<'r>, payload: plan::Payload<'r>, tools: Tools<'r> },
}

/// What a record that stands in a chunk is decoded with.
#[derive(Debug)]
pub(super) struct Tools<'r> {
    pub(super) scratch: &'r mut Scratch,
    /// Where it can be laid aside; `None` where it was.
    pub(super) laying: Option<&'r mut Laying>,
    pub(super) interner: &'r mut Interner,
}

impl<'r> Record<'r> {
    pub(super) const fn decoded(
        system: System<'r>,
        user_sid: Option<Arc<str>>,
        data: Vec<Field>,
    ) -> Self {
        Self(Form::Decoded { system, user_sid, data })
    }

    pub(super) const fn standing(
        system: Unread<'r>,
        payload: plan::Payload<'r>,
        tools: Tools<'r>,
    ) -> Self {
        Self(Form::Standing { system, payload, tools })
    }

    /// Its machine and channel.
    pub const fn places(&self) -> (&Arc<str>, &Arc<str>) {
        match &self.0 {
            Form::Decoded { system, .. } => (&system.machine, &system.channel),
            Form::Standing { system, .. } => {
                let [machine, channel, _] = system.names;
                (machine, channel)
            }
        }
    }

    /// Its event ID, time and number in the log.
    pub const fn own(&self) -> (u32, Time, u64) {
        match &self.0 {
            Form::Decoded { system, .. } => (system.event_id, system.time, system.record_id),
            Form::Standing { system, .. } => (system.event_id, system.time, system.record_id),
        }
    }

    /// `System/Correlation/@ActivityID`; `None` when absent or nil.
    pub fn activity_id(&self) -> Option<Guid> {
        match &self.0 {
            Form::Decoded { system, .. } => system.activity_id,
            Form::Standing { system, .. } => system.activity_id(),
        }
    }

    /// The record as rules see it.
    pub fn observed(&self) -> Observed<'_> {
        match &self.0 {
            Form::Decoded { data, .. } => Observed { frame: self, fields: data },
            Form::Standing { payload, .. } => Observed { frame: self, fields: payload },
        }
    }

    /// The record as it stands, if it does and if what tells where its fields are holds elsewhere:
    /// for whoever decides later whether it is kept.
    pub fn lay_aside(&mut self) -> Option<Aside> {
        match &mut self.0 {
            Form::Decoded { .. } => None,
            Form::Standing { system, payload, tools } => {
                tools.laying.as_mut()?.lay_aside(system, payload)
            }
        }
    }

    /// The whole event.
    pub fn into_event(self) -> Event {
        match self.0 {
            Form::Decoded { system, user_sid, data } => system.with(user_sid, data),
            Form::Standing { system, payload, tools } => {
                system.with(tools.interner, payload.decode())
            }
        }
    }

    /// The whole event, packed.
    pub fn into_packed(self) -> PackedEvent {
        match self.0 {
            Form::Decoded { system, user_sid, data } => {
                system.with(user_sid, Payload::from(data.as_slice()))
            }
            Form::Standing { system, payload, tools } => {
                let Tools { scratch, interner, .. } = tools;
                system.with(interner, payload.pack(scratch))
            }
        }
    }
}

impl Framed for Record<'_> {
    fn frame(&self) -> Frame<'_> {
        match &self.0 {
            Form::Decoded { system, user_sid, .. } => system.frame(user_sid.as_deref()),
            Form::Standing { system, .. } => system.frame(),
        }
    }
}

//! The `System` part of a record, which every record is asked for.

use std::borrow::Cow;
use std::sync::Arc;

use super::binxml::{Malformed, Result, Walk};
use super::content::Content;
use super::intern::Interner;
use super::layout::{Layouts, Part};
use crate::model::{Event, Frame, Guid, Source, Time};

/// What is known of a record before its payload is decoded.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// `System/Computer`.
    pub machine: &'a str,
    /// `System/Channel`.
    pub channel: &'a str,
    /// `System/Provider/@Name`.
    pub provider: &'a str,
    /// `System/EventID`, without qualifiers.
    pub event_id: u32,
    /// `System/Version`.
    pub version: Option<u8>,
    /// `System/Level`.
    pub level: Option<u8>,
    /// `System/TimeCreated`.
    pub time: Time,
    /// `System/EventRecordID`.
    pub record_id: u64,
    /// `System/Correlation/@ActivityID`; `None` when absent or nil.
    pub activity_id: Option<Guid>,
    /// Where the record stands.
    pub source: Source,
}

/// The `System` part of one record.
#[derive(Debug)]
pub(super) struct System<'c> {
    pub(super) machine: Arc<str>,
    pub(super) channel: Arc<str>,
    pub(super) provider: Arc<str>,
    pub(super) event_id: u32,
    pub(super) qualifiers: Option<u16>,
    pub(super) version: Option<u8>,
    pub(super) level: Option<u8>,
    pub(super) time: Time,
    pub(super) record_id: u64,
    pub(super) activity_id: Option<Guid>,
    pub(super) process_id: Option<u32>,
    pub(super) thread_id: Option<u32>,
    pub(super) user: Content<'c>,
    pub(super) source: Source,
}

/// What a record's header says, for the parts that its content lacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) id: u64,
    pub(super) written: Time,
}

impl<'c> System<'c> {
    /// Reads from the start of a record to the end of its `System` part.
    pub(super) fn read(
        walk: &mut Walk<'_, 'c>,
        layouts: &mut Layouts,
        header: Header,
        source: Source,
    ) -> Result<Self> {
        let mut parts = layouts.read(walk)?;
        let event_id = parts.of(Part::EventId).number().ok_or(Malformed::NoEvent)?;
        let interner = walk.interner();
        Ok(Self {
            machine: parts.of(Part::Computer).recent(interner),
            channel: parts.of(Part::Channel).recent(interner),
            provider: parts.of(Part::Provider).recent(interner),
            event_id,
            qualifiers: parts.of(Part::Qualifiers).number(),
            version: parts.of(Part::Version).number(),
            level: parts.of(Part::Level).number(),
            // Both are always there; a record without them is still worth its time of writing.
            time: parts.of(Part::TimeCreated).time().unwrap_or(header.written),
            record_id: parts.of(Part::RecordId).number().unwrap_or(header.id),
            activity_id: parts.of(Part::ActivityId).guid(),
            process_id: parts.of(Part::ProcessId).number(),
            thread_id: parts.of(Part::ThreadId).number(),
            user: parts.take(Part::UserId),
            source,
        })
    }

    /// What a selection is asked with.
    pub(super) fn head(&self) -> Head<'_> {
        Head {
            machine: &self.machine,
            channel: &self.channel,
            provider: &self.provider,
            event_id: self.event_id,
            version: self.version,
            level: self.level,
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id,
            source: self.source,
        }
    }

    /// The user, as rules see it.
    pub(super) fn user_sid(&self, interner: &mut Interner) -> Option<Arc<str>> {
        (!self.user.is_nothing()).then(|| self.user.shared(interner))
    }

    /// The frame, with the user that [`Self::user_sid`] gave.
    pub(super) fn frame<'s>(&'s self, user_sid: Option<&'s str>) -> Frame<'s> {
        Frame {
            machine: &self.machine,
            channel: &self.channel,
            provider: &self.provider,
            event_id: self.event_id,
            qualifiers: self.qualifiers,
            version: self.version,
            level: self.level,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid: user_sid.map(Cow::Borrowed),
        }
    }

    /// The whole event, with its user and payload.
    pub(super) fn with<D>(self, user_sid: Option<Arc<str>>, data: D) -> Event<D> {
        Event {
            machine: self.machine,
            channel: self.channel,
            provider: self.provider,
            event_id: self.event_id,
            qualifiers: self.qualifiers,
            version: self.version,
            level: self.level,
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid,
            data,
            source: self.source,
        }
    }
}

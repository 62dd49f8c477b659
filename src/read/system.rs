//! The `System` part of a record, which every record is asked for.

use std::sync::Arc;

use super::binxml::{Item, Known, Malformed, Result, Walk};
use super::content::Content;
use crate::model::{Event, Field, Guid, Source, Time};

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
    pub(super) time: Time,
    provider: Arc<str>,
    event_id: u32,
    parts: Parts<'c>,
    record_id: u64,
    source: Source,
}

/// What a record's header says, for the parts that its content lacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) id: u64,
    pub(super) written: Time,
}

impl<'c> System<'c> {
    /// Reads from the start of a record to the end of its `System` part.
    pub(super) fn read(walk: &mut Walk<'_, 'c>, header: Header, source: Source) -> Result<Self> {
        let parts = Parts::read(walk)?;
        let event_id = parts.event_id.number().ok_or(Malformed::NoEvent)?;
        let interner = walk.interner();
        Ok(Self {
            machine: parts.computer.shared(interner),
            channel: parts.channel.shared(interner),
            provider: parts.provider.shared(interner),
            event_id,
            // Both are always there; a record without them is still worth its time of writing.
            time: parts.time.time().unwrap_or(header.written),
            record_id: parts.record_id.number().unwrap_or(header.id),
            parts,
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
            version: self.parts.version.number(),
            level: self.parts.level.number(),
            time: self.time,
            record_id: self.record_id,
            activity_id: self.parts.activity_id.guid(),
            source: self.source,
        }
    }

    /// The whole event, with its payload.
    pub(super) fn with(self, data: Vec<Field>, walk: &mut Walk<'_, 'c>) -> Event {
        let Self { machine, channel, time, provider, event_id, parts, record_id, source } = self;
        let user = Some(&parts.user_id).filter(|user| !user.is_nothing());
        Event {
            machine,
            channel,
            provider,
            event_id,
            qualifiers: parts.qualifiers.number(),
            version: parts.version.number(),
            level: parts.level.number(),
            time,
            record_id,
            activity_id: parts.activity_id.guid(),
            process_id: parts.process_id.number(),
            thread_id: parts.thread_id.number(),
            user_sid: user.map(|user| user.shared(walk.interner())),
            data,
            source,
        }
    }
}

/// The contents of the elements and attributes below `System`.
#[derive(Debug, Default)]
struct Parts<'c> {
    provider: Content<'c>,
    event_id: Content<'c>,
    qualifiers: Content<'c>,
    version: Content<'c>,
    level: Content<'c>,
    time: Content<'c>,
    record_id: Content<'c>,
    activity_id: Content<'c>,
    process_id: Content<'c>,
    thread_id: Content<'c>,
    channel: Content<'c>,
    computer: Content<'c>,
    user_id: Content<'c>,
}

impl<'c> Parts<'c> {
    /// Reads `<Event …><System>…</System>`.
    fn read(walk: &mut Walk<'_, 'c>) -> Result<Self> {
        let mut parts = Self::default();
        let mut depth = 0_u32;
        // The element below `System`, and its attribute, in which the items stand.
        let mut element = Known::Other;
        let mut attribute = None;
        while let Some(item) = walk.next()? {
            match item {
                Item::Open(name) => {
                    let known = walk.name(name)?.known;
                    match (depth, known) {
                        (0, Known::Event) | (1, Known::System) | (2.., _) => depth += 1,
                        _ => return Err(Malformed::NoEvent),
                    }
                    element = if depth == 3 { known } else { Known::Other };
                    attribute = None;
                }
                Item::Attribute(name) => attribute = Some(walk.name(name)?.known),
                Item::Content => attribute = None,
                Item::Close => {
                    depth = depth.checked_sub(1).ok_or(Malformed::Unbalanced)?;
                    (element, attribute) = (Known::Other, None);
                    if depth == 1 {
                        return Ok(parts);
                    }
                }
                Item::Value(raw) => {
                    if let Some(part) = parts.part(element, attribute) {
                        walk.charge(raw.size())?;
                        part.push(raw);
                    }
                }
                Item::Character(character) => {
                    if let Some(part) = parts.part(element, attribute) {
                        part.push_char(character);
                    }
                }
            }
        }
        Err(Malformed::NoEvent)
    }

    fn part(&mut self, element: Known, attribute: Option<Known>) -> Option<&mut Content<'c>> {
        Some(match (element, attribute) {
            (Known::Provider, Some(Known::Name)) => &mut self.provider,
            (Known::EventId, None) => &mut self.event_id,
            (Known::EventId, Some(Known::Qualifiers)) => &mut self.qualifiers,
            (Known::Version, None) => &mut self.version,
            (Known::Level, None) => &mut self.level,
            (Known::TimeCreated, Some(Known::SystemTime)) => &mut self.time,
            (Known::EventRecordId, None) => &mut self.record_id,
            (Known::Correlation, Some(Known::ActivityId)) => &mut self.activity_id,
            (Known::Execution, Some(Known::ProcessId)) => &mut self.process_id,
            (Known::Execution, Some(Known::ThreadId)) => &mut self.thread_id,
            (Known::Channel, None) => &mut self.channel,
            (Known::Computer, None) => &mut self.computer,
            (Known::Security, Some(Known::UserId)) => &mut self.user_id,
            _ => return None,
        })
    }
}

//! Decides about a record by a few bytes, before anything of it is decoded.
//!
//! Nearly all records are instances of a template whose layout is known, and most are of no
//! interest to anybody. For those, the event ID, and if need be the names of channel and
//! provider, are compared where they stand; the record is counted and passed over. What is not
//! exactly as such records are is left to the walk, so that a glance never says anything that
//! the walk would not: it takes as much from the chunk's budget, and knows fewer shapes.

use super::binxml::{Document, Raw};
use super::content::Content;
use super::layout::{Layout, Layouts, Part};
use super::run::Select;
use super::shape::Shape;
use super::system::System;
use super::tally::ChunkTally;
use super::values::described;
use crate::model::{Source, Time};

/// What begins a record that is an instance of a template: fragment header, instance token.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// The value types of event IDs, record ids and times ([MS-EVEN6] 2.2.12).
const UINT16: u8 = 0x06;
const UINT64: u8 = 0x0a;
const FILETIME: u8 = 0x11;

/// What a glance at the records of one chunk remembers.
#[derive(Debug, Default)]
pub(super) struct Glance<'c> {
    /// The machines and channels met so far, as they stand there, and their places in the tally.
    origins: Vec<(&'c [u8], &'c [u8], usize)>,
    /// The last answer about names.
    source: Option<(u16, &'c [u8], &'c [u8], bool)>,
}

/// What a glance at a record shows.
#[derive(Debug)]
pub(super) enum Look<'l, 'c> {
    /// Nobody wants it. It is counted, and its part of the budget taken.
    PassedOver,
    /// Somebody may want it. Nothing has changed.
    Wanted(Sight<'l, 'c>),
    /// It is not as such records are. Nothing has changed.
    Unclear,
}

/// A record that may be wanted.
#[derive(Debug)]
pub(super) struct Sight<'l, 'c> {
    pub(super) definition: u32,
    pub(super) layout: &'l Layout<'c>,
    shape: &'l Shape<'c>,
    /// Where the values' descriptions stand, and where the record ends.
    pub(super) values: (usize, usize),
    /// Number of the values.
    pub(super) count: usize,
    /// Where the first value stands.
    first: usize,
    event_id: u16,
    time: Time,
    record_id: u64,
    machine: &'c [u8],
    channel: &'c [u8],
    provider: Option<&'c [u8]>,
}

impl<'c> Glance<'c> {
    /// Looks at the record of `length` bytes at `at`.
    pub(super) fn look<'l, S: Select>(
        &mut self,
        place: (usize, usize),
        document: &mut Document<'c>,
        layouts: &'l mut Layouts<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Look<'l, 'c> {
        let Some(sight) = Sight::of(place, document, layouts) else { return Look::Unclear };
        if select.wants_id(sight.event_id.into()) {
            let Some(provider) = sight.provider else { return Look::Unclear };
            if self.wants_source(sight.event_id, sight.channel, provider, document, select) {
                return Look::Wanted(sight);
            }
        }
        if self.pass_over(&sight, document, tally) { Look::PassedOver } else { Look::Unclear }
    }

    /// Counts a record that nobody wants. `false`, and nothing has changed, where the budget
    /// does not allow it.
    pub(super) fn pass_over(
        &mut self,
        sight: &Sight<'_, 'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
    ) -> bool {
        document.take(sight.count, sight.size()) && {
            self.count(sight, document, tally);
            true
        }
    }

    /// Counts a record.
    pub(super) fn count(
        &mut self,
        sight: &Sight<'_, 'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
    ) {
        let Sight { machine, channel, time, record_id, .. } = *sight;
        let origin = self.origin(machine, channel, time, document, tally);
        tally.record_of(origin, time, record_id);
    }

    fn wants_source<S: Select>(
        &mut self,
        event_id: u16,
        channel: &'c [u8],
        provider: &'c [u8],
        document: &mut Document<'c>,
        select: &S,
    ) -> bool {
        if let Some((id, known_channel, known_provider, answer)) = self.source
            && (id, known_channel, known_provider) == (event_id, channel, provider)
        {
            return answer;
        }
        let interner = document.interner();
        let (channel_name, provider_name) = (interner.recent(channel), interner.recent(provider));
        let answer = select.wants_source(&channel_name, &provider_name, event_id.into());
        self.source = Some((event_id, channel, provider, answer));
        answer
    }

    /// The place in the tally of that channel of that machine.
    fn origin(
        &mut self,
        machine: &'c [u8],
        channel: &'c [u8],
        time: Time,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
    ) -> usize {
        let known = self.origins.iter().find(|(known_machine, known_channel, _)| {
            *known_channel == channel && *known_machine == machine
        });
        if let Some((.., place)) = known {
            return *place;
        }
        let interner = document.interner();
        let place = tally.place(&interner.recent(machine), &interner.recent(channel), time);
        self.origins.push((machine, channel, place));
        place
    }
}

impl<'l, 'c> Sight<'l, 'c> {
    /// The parts of a record that decide about it; `None` where one of them is not as usual.
    fn of(
        (at, length): (usize, usize),
        document: &Document<'c>,
        layouts: &'l mut Layouts<'c>,
    ) -> Option<Self> {
        let (chunk, end) = (document.chunk(), at.checked_add(length)?);
        let head: &[u8; 14] = chunk.get(at..end)?.first_chunk()?;
        let [FRAGMENT_HEADER, _, _, _, INSTANCE, _, _, _, _, _, offset @ ..] = *head else {
            return None;
        };
        let definition = u32::from_le_bytes(offset);
        let at = at + head.len();
        // The definition itself stands where it is used first; that record is walked.
        if usize::try_from(definition) == Ok(at) {
            return None;
        }
        let (described, first) = described(chunk, at, end)?;
        let (layout, shape) = layouts.shape(definition, described)?;
        let part = |part| shape.part(part, chunk, first);
        let event_id = match part(Part::EventId)? {
            raw if raw.kind() == UINT16 => u16::from_le_bytes(raw.bytes().try_into().ok()?),
            _ => return None,
        };
        let time = match part(Part::TimeCreated)? {
            raw if raw.kind() == FILETIME => {
                Time::from_filetime(u64::from_le_bytes(raw.bytes().try_into().ok()?))
            }
            _ => return None,
        };
        let record_id = match part(Part::RecordId)? {
            raw if raw.kind() == UINT64 => u64::from_le_bytes(raw.bytes().try_into().ok()?),
            _ => return None,
        };
        let channel = part(Part::Channel)?.utf16()?;
        let machine = part(Part::Computer)?.utf16()?;
        let provider = part(Part::Provider).and_then(Raw::utf16);
        let (values, count) = ((at, end), described.len());
        Some(Self {
            definition,
            layout,
            shape,
            values,
            count,
            first,
            event_id,
            time,
            record_id,
            machine,
            channel,
            provider,
        })
    }

    /// Bytes of all parts of `System`, as a walk charges for them.
    pub(super) const fn size(&self) -> usize {
        self.shape.size
    }

    /// The `System` part, as a walk reads it; `None` where the record is not as usual.
    pub(super) fn system(&self, document: &mut Document<'c>, source: Source) -> Option<System<'c>> {
        let chunk = document.chunk();
        let interner = document.interner();
        let part = |part| self.shape.part(part, chunk, self.first);
        Some(System {
            machine: interner.recent(self.machine),
            channel: interner.recent(self.channel),
            provider: interner.recent(self.provider?),
            event_id: self.event_id.into(),
            qualifiers: number(part(Part::Qualifiers)),
            version: number(part(Part::Version)),
            level: number(part(Part::Level)),
            time: self.time,
            record_id: self.record_id,
            activity_id: part(Part::ActivityId)
                .and_then(Raw::guid)
                .filter(|activity| !activity.is_nil()),
            process_id: number(part(Part::ProcessId)),
            thread_id: number(part(Part::ThreadId)),
            user: part(Part::UserId).map(Content::from).unwrap_or_default(),
            source,
        })
    }
}

fn number<T: TryFrom<u64>>(raw: Option<Raw<'_>>) -> Option<T> {
    raw?.number()?.try_into().ok()
}

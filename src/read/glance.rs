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
use super::values::split;
use crate::model::{Source, Time};

/// What begins a record that is an instance of a template: fragment header, instance token.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// Bytes of these and of the instance's own head, before the count of the values.
const HEAD: usize = 14;

/// What a glance at the records of one chunk remembers.
#[derive(Debug, Default)]
pub(super) struct Glance<'c> {
    /// The machines and channels met so far, as they stand there, and their places in the tally.
    origins: Vec<(&'c [u8], &'c [u8], usize)>,
    /// Position of the last one among them.
    last: usize,
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
    layouts: &'l Layouts<'c>,
    shape: &'l Shape<'c>,
    /// Where the values' descriptions stand, and where the record ends.
    pub(super) place: (usize, usize),
    /// Number of the values.
    pub(super) count: usize,
    /// The bytes that begin with the first value.
    values: &'c [u8],
    event_id: u16,
    time: Time,
    record_id: u64,
    machine: &'c [u8],
    channel: &'c [u8],
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
            let Some(provider) = sight.provider() else { return Look::Unclear };
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
        let is = |(known_machine, known_channel, _): &(&[u8], &[u8], usize)| {
            *known_channel == channel && *known_machine == machine
        };
        if !self.origins.get(self.last).is_some_and(is) {
            self.last = match self.origins.iter().position(is) {
                Some(known) => known,
                None => {
                    let interner = document.interner();
                    let names = (interner.recent(machine), interner.recent(channel));
                    let place = tally.place(&names.0, &names.1, time);
                    self.origins.push((machine, channel, place));
                    self.origins.len() - 1
                }
            };
        }
        self.origins.get(self.last).map_or(usize::MAX, |(.., place)| *place)
    }
}

impl<'l, 'c> Sight<'l, 'c> {
    /// The parts of a record that decide about it; `None` where one of them is not as usual.
    #[inline]
    fn of(
        (at, length): (usize, usize),
        document: &Document<'c>,
        layouts: &'l mut Layouts<'c>,
    ) -> Option<Self> {
        let record = document.chunk().get(at..)?.get(..length)?;
        let (head, rest) = record.split_first_chunk::<HEAD>()?;
        let [FRAGMENT_HEADER, _, _, _, INSTANCE, _, _, _, _, _, offset @ ..] = *head else {
            return None;
        };
        let definition = u32::from_le_bytes(offset);
        // The definition itself stands where it is used first; that record is walked.
        if usize::try_from(definition) == Ok(at + HEAD) {
            return None;
        }
        let (described, values) = split(rest)?;
        let (layouts, shape) = layouts.shape(definition, described)?;
        let key = shape.key.as_ref().filter(|_| shape.fits(described, values.len()))?;
        Some(Self {
            definition,
            layouts,
            shape,
            place: (at + HEAD, at + length),
            count: described.len(),
            values,
            event_id: u16::from_le_bytes(*values.get(key.event_id..)?.first_chunk()?),
            time: Time::from_filetime(u64::from_le_bytes(
                *values.get(key.time..)?.first_chunk()?,
            )),
            record_id: u64::from_le_bytes(*values.get(key.record_id..)?.first_chunk()?),
            machine: key.machine.within(values)?,
            channel: key.channel.within(values)?,
        })
    }

    fn provider(&self) -> Option<&'c [u8]> {
        self.shape.key.as_ref()?.provider?.within(self.values)
    }

    /// The layout of the record's template.
    pub(super) fn layout(&self) -> Option<&'l Layout<'c>> {
        self.layouts.of_shape(self.shape)
    }

    /// Bytes of all parts of `System`, as a walk charges for them.
    pub(super) const fn size(&self) -> usize {
        self.shape.size
    }

    /// The `System` part, as a walk reads it; `None` where the record is not as usual.
    pub(super) fn system(&self, document: &mut Document<'c>, source: Source) -> Option<System<'c>> {
        let chunk = document.chunk();
        let (_, end) = self.place;
        let first = end - self.values.len();
        let interner = document.interner();
        let part = |part| self.shape.part(part, chunk, first);
        Some(System {
            machine: interner.recent(self.machine),
            channel: interner.recent(self.channel),
            provider: interner.recent(self.provider()?),
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

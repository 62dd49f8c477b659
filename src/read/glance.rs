//! Decides about a record by a few bytes, before anything of it is decoded.
//!
//! Nearly all records are instances of a template whose layout is known, and most are of no
//! interest to anybody. For those, the event ID, and if need be the names of channel and
//! provider, are compared where they stand; the record is counted and passed over. What is not
//! exactly as such records are is left to the walk, so that a glance never says anything that
//! the walk would not: it takes as much from the chunk's budget, and knows fewer shapes.

use std::ptr;
use std::sync::Arc;

use super::alike::{Alike, Likes};
use super::binxml::{Document, Raw};
use super::chunk::Record;
use super::instance::HEAD;
use super::layout::{Layout, Layouts};
use super::records::Records;
use super::run::Select;
use super::shape::Shape;
use super::spots::Placed;
use super::tally::ChunkTally;
use super::values::total;
use crate::model::Time;

/// Kinds of records that are remembered in a chunk. Few have more than a dozen.
const MOST_KINDS: usize = 64;

/// What a glance at the records of one chunk remembers.
#[derive(Debug, Default)]
pub(super) struct Glance<'c> {
    origins: Vec<Origin<'c>>,
    /// Position of the last one among them.
    last_origin: usize,
    kinds: Vec<Kind<'c>>,
    last_kind: usize,
    /// The last kinds of records that were passed over.
    likes: Likes<'c>,
}

/// A channel of a machine.
#[derive(Debug)]
struct Origin<'c> {
    /// The names as they stand in the chunk.
    utf16: (&'c [u8], &'c [u8]),
    machine: Arc<str>,
    channel: Arc<str>,
    /// Whether the selection wants the machine.
    is_wanted: bool,
    /// Its place in the tally, once one of its records was counted.
    place: Option<usize>,
}

/// Records of one source, and what the selection says of them.
#[derive(Debug)]
struct Kind<'c> {
    event_id: u16,
    /// The names as they stand in the chunk.
    channel: &'c [u8],
    provider: &'c [u8],
    provider_name: Arc<str>,
    number: Option<usize>,
}

/// What a glance at a record shows.
#[derive(Debug)]
pub(super) enum Look<'l, 'c> {
    /// Nobody wants it. It is counted, and its part of the budget taken.
    PassedOver,
    /// It is wanted. Nothing has changed.
    Wanted(Sight<'l, 'c>, Asked),
    /// It is not as such records are. Nothing has changed.
    Unclear,
}

/// What is known of a record that is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The selection's number for its kind.
    pub(super) kind: usize,
    /// Positions of its origin and kind among those that are remembered.
    origin: usize,
    known: usize,
}

/// A record that may be wanted.
#[derive(Debug)]
pub(super) struct Sight<'l, 'c> {
    layouts: &'l Layouts,
    shape: &'l Shape,
    /// Where the record begins and ends.
    at: usize,
    end: usize,
    /// The bytes that begin with the first value.
    values: &'c [u8],
    event_id: u16,
    time: Time,
    record_id: u64,
    machine: &'c [u8],
    channel: &'c [u8],
}

impl Origin<'_> {
    #[inline]
    fn is(&self, (machine, channel): (&[u8], &[u8])) -> bool {
        same(self.utf16.1, channel) && same(self.utf16.0, machine)
    }
}

impl Kind<'_> {
    #[inline]
    fn is(&self, (channel, provider, event_id): (&[u8], &[u8], u16)) -> bool {
        self.event_id == event_id && same(self.provider, provider) && same(self.channel, channel)
    }
}

/// Whether texts are equal; those of a template are mostly one and the same.
#[inline]
fn same(left: &[u8], right: &[u8]) -> bool {
    ptr::eq(left, right) || left == right
}

impl<'c> Glance<'c> {
    /// The next record that is not like one of the last ones that nobody wanted; those before it
    /// that are alike are counted.
    #[inline]
    pub(super) fn pass_over<S: Select>(
        &mut self,
        records: &mut Records<'_, 'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Option<Record> {
        self.likes.pass_over(records, document, tally, |id| select.wants_id(id));
        records.next()
    }

    /// Looks at the record of `length` bytes at `at`.
    pub(super) fn look<'l, S: Select>(
        &mut self,
        place: (usize, usize),
        document: &mut Document<'c>,
        layouts: &'l mut Layouts,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Look<'l, 'c> {
        let Some(sight) = Sight::of(place, document, layouts) else { return Look::Unclear };
        if select.wants_id(sight.event_id.into()) && select.wants_time(sight.time) {
            let Some(provider) = sight.provider(document.chunk()) else { return Look::Unclear };
            let Sight { machine, channel, event_id, .. } = sight;
            let asked = self.ask((machine, channel), (provider, event_id), document, select);
            if let Some(asked) = asked {
                return Look::Wanted(sight, asked);
            }
        }
        if self.count_passed(&sight, document, tally, select) {
            Look::PassedOver
        } else {
            Look::Unclear
        }
    }

    /// Asks the selection about records of that machine, channel, provider and event ID; `None`
    /// where it does not want them.
    #[inline]
    pub(super) fn ask<S: Select>(
        &mut self,
        (machine, channel): (&'c [u8], &'c [u8]),
        (provider, event_id): (&'c [u8], u16),
        document: &mut Document<'c>,
        select: &S,
    ) -> Option<Asked> {
        let origin = self.origin((machine, channel), document, select);
        let known = self.kind((channel, provider, event_id), document, select);
        let is_wanted = self.origins.get(origin).is_some_and(|origin| origin.is_wanted);
        let kind = self.kinds.get(known).and_then(|kind| kind.number);
        kind.filter(|_| is_wanted).map(|kind| Asked { kind, origin, known })
    }

    /// Counts a record that nobody wants. `false`, and nothing has changed, where the budget
    /// does not allow it.
    fn count_passed<S: Select>(
        &mut self,
        sight: &Sight<'_, 'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> bool {
        let is_allowed = document.take(sight.count(), sight.size());
        if is_allowed {
            let Sight { machine, channel, time, record_id, .. } = *sight;
            let own = (time, record_id);
            let place = self.count_unasked((machine, channel), own, document, tally, select);
            if let Some(like) = place.and_then(|place| sight.alike(document.chunk(), place)) {
                self.likes.enter(like);
            }
        }
        is_allowed
    }

    /// Counts a record of that machine and channel that nobody wants. Returns the place where it
    /// is counted.
    #[inline]
    pub(super) fn count_unasked<S: Select>(
        &mut self,
        names: (&'c [u8], &'c [u8]),
        own: (Time, u64),
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Option<usize> {
        let origin = self.origin(names, document, select);
        self.count_of(origin, own, tally)
    }

    /// Counts a record that is wanted, of that time and with that number.
    pub(super) fn count(&mut self, own: (Time, u64), asked: &Asked, tally: &mut ChunkTally) {
        self.count_of(asked.origin, own, tally);
    }

    /// Returns the place where it is counted.
    fn count_of(
        &mut self,
        origin: usize,
        (time, record_id): (Time, u64),
        tally: &mut ChunkTally,
    ) -> Option<usize> {
        let Origin { machine, channel, place, .. } = self.origins.get_mut(origin)?;
        let place = *place.get_or_insert_with(|| tally.place(machine, channel, time));
        tally.record_of(place, time, record_id);
        Some(place)
    }

    /// The position of the origin of records of that machine and channel.
    #[inline]
    fn origin<S: Select>(
        &mut self,
        names: (&'c [u8], &'c [u8]),
        document: &mut Document<'c>,
        select: &S,
    ) -> usize {
        if !self.origins.get(self.last_origin).is_some_and(|known| known.is(names)) {
            self.last_origin = self.other_origin(names, document, select);
        }
        self.last_origin
    }

    #[cold]
    fn other_origin<S: Select>(
        &mut self,
        utf16: (&'c [u8], &'c [u8]),
        document: &mut Document<'c>,
        select: &S,
    ) -> usize {
        self.origins.iter().position(|known| known.is(utf16)).unwrap_or_else(|| {
            let interner = document.interner();
            let (machine, channel) = (interner.recent(utf16.0), interner.recent(utf16.1));
            let is_wanted = select.wants_machine(&machine);
            self.origins.push(Origin { utf16, machine, channel, is_wanted, place: None });
            self.origins.len() - 1
        })
    }

    /// The position of the kind of records of that channel, provider and event ID.
    #[inline]
    fn kind<S: Select>(
        &mut self,
        names: (&'c [u8], &'c [u8], u16),
        document: &mut Document<'c>,
        select: &S,
    ) -> usize {
        if !self.kinds.get(self.last_kind).is_some_and(|known| known.is(names)) {
            self.last_kind = self.other_kind(names, document, select);
        }
        self.last_kind
    }

    #[cold]
    fn other_kind<S: Select>(
        &mut self,
        names: (&'c [u8], &'c [u8], u16),
        document: &mut Document<'c>,
        select: &S,
    ) -> usize {
        self.kinds.iter().position(|known| known.is(names)).unwrap_or_else(|| {
            let (channel, provider, event_id) = names;
            let interner = document.interner();
            let (channel_name, provider_name) =
                (interner.recent(channel), interner.recent(provider));
            let number = select.kind(&channel_name, &provider_name, event_id.into());
            if self.kinds.len() >= MOST_KINDS {
                self.kinds.clear();
            }
            self.kinds.push(Kind { event_id, channel, provider, provider_name, number });
            self.kinds.len() - 1
        })
    }

    /// The machine, channel and provider of a record that is wanted.
    pub(super) fn names(&self, asked: &Asked) -> Option<[&Arc<str>; 3]> {
        let Origin { machine, channel, .. } = self.origins.get(asked.origin)?;
        let Kind { provider_name, .. } = self.kinds.get(asked.known)?;
        Some([machine, channel, provider_name])
    }
}

impl<'l, 'c> Sight<'l, 'c> {
    /// The parts of a record that decide about it; `None` where one of them is not as usual.
    // Not inlined, it would be copied at once where it is returned to, at the price of a look.
    #[inline(always)]
    fn of(
        (at, length): (usize, usize),
        document: &mut Document<'c>,
        layouts: &'l mut Layouts,
    ) -> Option<Self> {
        let chunk = document.chunk();
        let record = chunk.get(at..)?.get(..length)?;
        let (layouts, shape, values) = layouts.shape((record, at), document)?;
        let key = shape.key.as_ref()?;
        Some(Self {
            layouts,
            shape,
            at,
            end: at + length,
            values,
            event_id: u16::from_le_bytes(*values.get(key.event_id..)?.first_chunk()?),
            time: Time::from_filetime(u64::from_le_bytes(*values.get(key.time..)?.first_chunk()?)),
            record_id: u64::from_le_bytes(*values.get(key.record_id..)?.first_chunk()?),
            machine: key.machine.within(values, chunk)?,
            channel: key.channel.within(values, chunk)?,
        })
    }

    fn provider(&self, chunk: &'c [u8]) -> Option<&'c [u8]> {
        self.shape.key.as_ref()?.provider?.within(self.values, chunk)
    }

    /// The layout of the record's template.
    pub(super) fn layout(&self) -> Option<&'l Layout> {
        self.layouts.of_shape(self.shape)
    }

    /// Offset of its template's definition in the chunk.
    pub(super) const fn definition(&self) -> u32 {
        self.shape.definition
    }

    /// Number of its values.
    pub(super) const fn count(&self) -> usize {
        self.shape.count
    }

    /// Where the count of its values stands, in front of their descriptions, and where it ends.
    pub(super) const fn place(&self) -> (usize, usize) {
        (self.end - self.values.len() - 4 * self.count() - 4, self.end)
    }

    /// Bytes of all parts of `System`, as a walk charges for them.
    pub(super) const fn size(&self) -> usize {
        self.shape.size
    }

    /// What records are held against that may be like this one, which is counted at `place`.
    fn alike(&self, chunk: &'c [u8], place: usize) -> Option<Alike<'c>> {
        let (counted, end) = self.place();
        // One that bears its definition does not begin as others do.
        let record = chunk.get(self.at..end).filter(|_| counted == self.at + HEAD)?;
        Alike::to(self.shape, record, self.values, place)
    }

    /// Its event ID, time and number.
    pub(super) fn own(&self) -> (u32, Time, u64) {
        (self.event_id.into(), self.time, self.record_id)
    }

    /// The parts of its `System`.
    pub(super) const fn placed(&self, chunk: &'l [u8]) -> Placed<'l> {
        let ((counted, end), spots) = (self.place(), &self.shape.spots);
        Placed { spots, template: chunk, chunk, counted, first: end - self.values.len(), end }
    }

    /// The value at a position.
    pub(super) fn value(&self, index: u16, chunk: &'c [u8]) -> Option<Raw<'c>> {
        let (counted, _) = self.place();
        let first = self.end - self.values.len();
        let described = chunk.get(counted + 4..first)?.as_chunks().0;
        let (known, before) = self.shape.told();
        let index = usize::from(index);
        let (known, before) = if known <= index { (known, before) } else { (0, 0) };
        let [low, high, kind, _] = *described.get(index)?;
        let at = first + before + total(described.get(known..index)?);
        Raw::standing(chunk, kind, at, u16::from_le_bytes([low, high]).into())
    }
}

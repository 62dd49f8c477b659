//! Decides about a record by a few bytes, before anything of it is decoded.
//!
//! Nearly all records are instances of a template whose layout is known, and most are of no
//! interest to anybody. For those, the event ID, and if need be the names of channel and
//! provider, are compared where they stand; the record is counted and passed over. What is not
//! exactly as such records are is left to the walk, so that a glance never says anything that
//! the walk would not: it takes as much from the chunk's budget, and knows fewer shapes.

use super::binxml::{Document, Raw, trim_nul};
use super::layout::{Found, Layout, Layouts, Part};
use super::run::Select;
use super::tally::ChunkTally;
use crate::model::Time;

/// Values of an instance that are looked at; real ones have 18 or 20.
const MOST_VALUES: usize = 32;
/// What begins a record that is an instance of a template: fragment header, instance token.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// The value types of event IDs, record ids, times and texts ([MS-EVEN6] 2.2.12).
const TEXT: u8 = 0x01;
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

/// The values of an instance: where each stands and of what type it is.
struct Values<'c> {
    chunk: &'c [u8],
    /// Offset, size and type.
    places: [(usize, usize, u8); MOST_VALUES],
    count: usize,
}

impl<'c> Glance<'c> {
    /// Whether the record of `length` bytes at `at` is one that `select` does not want. Then it
    /// is counted; else nothing has changed.
    pub(super) fn passes_over<S: Select>(
        &mut self,
        (at, length): (usize, usize),
        document: &mut Document<'c>,
        layouts: &Layouts<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> bool {
        self.unwanted((at, length), document, layouts, tally, select).is_some()
    }

    fn unwanted<S: Select>(
        &mut self,
        (at, length): (usize, usize),
        document: &mut Document<'c>,
        layouts: &Layouts<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Option<()> {
        let content = document.chunk().get(at..at.checked_add(length)?)?;
        let (head, rest) = content.split_first_chunk::<14>()?;
        let [FRAGMENT_HEADER, _, _, _, INSTANCE, _, _, _, _, _, offset @ ..] = *head else {
            return None;
        };
        let definition = u32::from_le_bytes(offset);
        // The definition itself stands where it is used first; that record is walked.
        if usize::try_from(definition) == Ok(at + head.len()) {
            return None;
        }
        let layout = layouts.of_definition(definition)?;
        let values = Values::new(document.chunk(), at + head.len(), rest)?;
        let event_id = values.event_id(layout)?;
        let time = values.time(layout)?;
        let record_id = values.record_id(layout)?;
        let channel = values.text(layout, Part::Channel)?;
        let machine = values.text(layout, Part::Computer)?;
        if select.wants_id(event_id.into()) {
            let provider = values.text(layout, Part::Provider)?;
            if self.wants_source(event_id, channel, provider, document, select) {
                return None;
            }
        }
        let size = values.size_of_parts(layout)?;
        if !document.take(values.count, size) {
            return None;
        }
        let origin = self.origin(machine, channel, time, document, tally);
        tally.record_of(origin, time, record_id);
        Some(())
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

impl<'c> Values<'c> {
    /// The values that stand at `at`, of which `rest` is left in the record: their count, the
    /// size and type of each, then their bytes.
    fn new(chunk: &'c [u8], at: usize, rest: &[u8]) -> Option<Self> {
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        if count > MOST_VALUES {
            return None;
        }
        let (described, bytes) = rest.split_at_checked(count * 4)?;
        let first = at + 4 + described.len();
        let mut places = [(0, 0, 0); MOST_VALUES];
        let mut start = first;
        for (place, [low, high, kind, _]) in places.iter_mut().zip(described.as_chunks::<4>().0) {
            let size = usize::from(u16::from_le_bytes([*low, *high]));
            *place = (start, size, *kind);
            start += size;
        }
        (start - first <= bytes.len()).then_some(Self { chunk, places, count })
    }

    /// The bytes and the type of what stands in a part: a value, or a literal.
    fn part(&self, layout: &Layout<'c>, part: Part) -> Option<(&'c [u8], u8)> {
        let placed = layout.place(part)?;
        if placed.dependency.is_some_and(|index| self.is_null(index)) {
            return None;
        }
        match placed.found {
            Found::Literal(raw) => Some((raw.bytes(), raw.kind())),
            Found::Value(index) => {
                let (at, size, kind) = self.value(index)?;
                Some((self.chunk.get(at..at + size)?, kind))
            }
        }
    }

    fn value(&self, index: u16) -> Option<(usize, usize, u8)> {
        let index = usize::from(index);
        self.places.get(index).copied().filter(|_| index < self.count)
    }

    fn is_null(&self, index: u16) -> bool {
        self.value(index).is_some_and(|(.., kind)| Raw::is_null_kind(kind))
    }

    fn event_id(&self, layout: &Layout<'c>) -> Option<u16> {
        match self.part(layout, Part::EventId)? {
            (bytes, UINT16) => Some(u16::from_le_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    fn record_id(&self, layout: &Layout<'c>) -> Option<u64> {
        match self.part(layout, Part::RecordId)? {
            (bytes, UINT64) => Some(u64::from_le_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    fn time(&self, layout: &Layout<'c>) -> Option<Time> {
        match self.part(layout, Part::TimeCreated)? {
            (bytes, FILETIME) => {
                Some(Time::from_filetime(u64::from_le_bytes(bytes.try_into().ok()?)))
            }
            _ => None,
        }
    }

    fn text(&self, layout: &Layout<'c>, part: Part) -> Option<&'c [u8]> {
        match self.part(layout, part)? {
            (bytes, TEXT) => Some(trim_nul(bytes)),
            _ => None,
        }
    }

    /// Bytes of all parts together, as a walk charges for them; `None` where one of them is a
    /// fragment.
    fn size_of_parts(&self, layout: &Layout<'c>) -> Option<usize> {
        let mut sum = layout.literals?;
        for (index, dependency) in &layout.values {
            let Some((_, size, kind)) = self.value(*index) else { continue };
            if dependency.is_some_and(|index| self.is_null(index)) {
                continue;
            }
            if Raw::is_fragment_kind(kind) {
                return None;
            }
            sum += size;
        }
        Some(sum)
    }
}

//! Tells whether a record that nobody wants is like the one before it.
//!
//! Most records are: of the same template, with values of the same sizes, of the same channel and
//! machine. Then two comparisons and an event ID tell that it can be passed over as well. What is
//! not alike is looked at as a whole; so this says nothing that a look would not.

use super::binxml::Document;
use super::chunk::Record;
use super::instance::HEAD;
use super::shape::{Key, Shape, Text};
use super::tally::{ChunkTally, Stretch};
use super::values::total;
use crate::model::Time;

/// What records are held against.
#[derive(Debug)]
pub(super) struct Alike<'c> {
    /// How the record begins, up to the last description of a value on which a part depends.
    beginning: &'c [u8],
    /// Where a record stands that bears its definition and so is not alike.
    bearing: usize,
    /// Offset of the first value in the record, and bytes of the values described until then.
    first: usize,
    before: usize,
    /// Where the channel stands in the values, and the channel; nothing where the template has it.
    channel: (usize, &'c [u8]),
    event_id: usize,
    time: usize,
    record_id: usize,
    /// What passing over it takes of the budget: tokens and bytes.
    price: (usize, usize),
    /// The place of its channel in the tally.
    place: usize,
}

impl<'c> Alike<'c> {
    /// Holds records against that one of these bytes and values, which is counted at `place`.
    /// `None` where the template does not say which machine wrote it.
    pub(super) fn to(
        shape: &Shape,
        record: &'c [u8],
        values: &'c [u8],
        place: usize,
    ) -> Option<Self> {
        let Key { event_id, time, record_id, channel, machine, .. } = shape.key?;
        let Text::Literal { .. } = machine else { return None };
        let channel = match channel {
            Text::Literal { .. } => (0, &[][..]),
            Text::Value { from, to } => (from, values.get(from..to)?),
        };
        Some(Self {
            beginning: record.get(..shape.length())?,
            bearing: usize::try_from(shape.definition).ok()?.checked_sub(HEAD)?,
            first: record.len() - values.len(),
            before: shape.before,
            channel,
            event_id,
            time,
            record_id,
            price: (shape.count, shape.size),
            place,
        })
    }

    /// The values of a record of these bytes that stands at `at`; `None` where it is not alike.
    #[inline]
    fn values<'r>(&self, record: &'r [u8], at: usize) -> Option<&'r [u8]> {
        let (described, values) = record.split_at_checked(self.first)?;
        let (beginning, behind) = described.split_at_checked(self.beginning.len())?;
        let (from, channel) = self.channel;
        let fits = self.before + total(behind.as_chunks().0) <= values.len();
        let is_alike = beginning == self.beginning
            && values.get(from..)?.starts_with(channel)
            && fits
            && at != self.bearing;
        is_alike.then_some(values)
    }
}

/// Records that are passed over one behind the other, because each is like the last one before.
#[derive(Debug)]
pub(super) struct Passing<'a, 'c> {
    like: &'a Alike<'c>,
    chunk: &'c [u8],
    passed: Stretch,
    /// How many the budget allows.
    most: u64,
}

impl<'a, 'c> Passing<'a, 'c> {
    pub(super) fn new(like: &'a Alike<'c>, document: &Document<'c>) -> Self {
        let most = document.room_for(like.price);
        Self { like, chunk: document.chunk(), passed: Stretch::default(), most }
    }

    /// Whether a record is passed over: it is like the others, and nobody asks for its event ID.
    #[inline]
    pub(super) fn passes(&mut self, record: &Record, wants_id: impl Fn(u32) -> bool) -> bool {
        self.pass(record, wants_id).is_some()
    }

    #[inline]
    fn pass(&mut self, record: &Record, wants_id: impl Fn(u32) -> bool) -> Option<()> {
        let (at, length) = record.content();
        let values = self.like.values(self.chunk.get(at..at + length)?, at)?;
        let long = |from: usize| Some(u64::from_le_bytes(*values.get(from..)?.first_chunk()?));
        let id = u16::from_le_bytes(*values.get(self.like.event_id..)?.first_chunk()?);
        let (time, record_id) = (long(self.like.time)?, long(self.like.record_id)?);
        if wants_id(id.into()) || self.passed.records >= self.most {
            return None;
        }
        self.passed.add(Time::from_filetime(time), record_id);
        Some(())
    }

    /// Counts them, and takes what they cost.
    pub(super) fn end(self, document: &mut Document<'c>, tally: &mut ChunkTally) {
        let Self { like, passed, .. } = self;
        let count = usize::try_from(passed.records).unwrap_or_default();
        let (tokens, bytes) = like.price;
        // The budget was asked for each of them.
        if count > 0 && document.take(tokens * count, bytes * count) {
            tally.stretch(like.place, passed);
        }
    }
}

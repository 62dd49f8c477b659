//! Passes over records that nobody wants and that are like one before them.
//!
//! Nearly all records are: of the same template, with values of the same sizes, of the same channel
//! and machine as one of the last kinds. Then two comparisons and an event ID tell that it can be
//! passed over as well. What is not alike is looked at as a whole; so this says nothing that a look
//! would not.

use super::binxml::Document;
use super::chunk::Undoubted;
use super::instance::HEAD;
use super::records::Records;
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

    /// The values of a record; `None` where it is not alike.
    #[inline]
    fn values(&self, record: &Undoubted<'c>) -> Option<&'c [u8]> {
        let (described, values) = record.content.split_at_checked(self.first)?;
        let (beginning, behind) = described.split_at_checked(self.beginning.len())?;
        let behind = match *behind {
            [low, high, _, _] => u16::from_le_bytes([low, high]).into(),
            _ => total(behind.as_chunks().0),
        };
        let (from, channel) = self.channel;
        let is_alike = beginning == self.beginning
            && values.get(from..)?.starts_with(channel)
            && self.before + behind <= values.len()
            && record.content_at() != self.bearing;
        is_alike.then_some(values)
    }

    /// The event ID, time and number of a record; `None` where it is not alike.
    // A call here costs a scan two percent of its instructions.
    #[inline(always)]
    fn own(&self, record: &Undoubted<'c>) -> Option<(u16, Time, u64)> {
        let values = self.values(record)?;
        let long = |from: usize| Some(u64::from_le_bytes(*values.get(from..)?.first_chunk()?));
        let event_id = u16::from_le_bytes(*values.get(self.event_id..)?.first_chunk()?);
        Some((event_id, Time::from_filetime(long(self.time)?), long(self.record_id)?))
    }

    /// Counts records that were passed over, and takes what they cost.
    fn count(&self, passed: Stretch, document: &mut Document<'c>, tally: &mut ChunkTally) {
        let count = usize::try_from(passed.records).unwrap_or_default();
        let (tokens, bytes) = self.price;
        // The budget was asked for each of them.
        if count > 0 && document.take(tokens * count, bytes * count) {
            tally.stretch(self.place, passed);
        }
    }
}

/// What the records of a chunk are held against: the last ones that nobody wanted.
#[derive(Debug, Default)]
pub(super) struct Likes<'c> {
    known: Vec<Alike<'c>>,
    /// Position of the one that came last.
    last: usize,
    /// Position of the one that is given up next.
    oldest: usize,
}

/// So many are remembered. Most chunks have two or three that come in turns.
const MOST: usize = 8;

impl<'c> Likes<'c> {
    /// Passes over the records that are like one of these, of which nobody asks for the event ID,
    /// and counts them.
    pub(super) fn pass_over(
        &mut self,
        records: &mut Records<'_, 'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        wants_id: impl Fn(u32) -> bool,
    ) {
        while let Some(like) = self.known.get(self.last) {
            let most = document.room_for(like.price);
            let mut passed = Stretch::default();
            let next = records.pass_over(|record| {
                let Some((event_id, time, record_id)) = like.own(record) else { return false };
                let passes = !wants_id(event_id.into()) && passed.records < most;
                if passes {
                    passed.add(time, record_id);
                }
                passes
            });
            like.count(passed, document, tally);
            // One that is like the last one is asked for, or the budget does not allow it.
            let next = next.filter(|next| like.values(next).is_none());
            let Some(other) = next.and_then(|next| self.like(&next)) else { return };
            self.last = other;
        }
    }

    /// The position of what a record is like.
    fn like(&self, record: &Undoubted<'c>) -> Option<usize> {
        self.known.iter().position(|like| like.values(record).is_some())
    }

    /// Remembers what records are held against from now on.
    pub(super) fn enter(&mut self, like: Alike<'c>) {
        if self.known.len() < MOST {
            self.last = self.known.len();
            self.known.push(like);
        } else if let Some(known) = self.known.get_mut(self.oldest) {
            *known = like;
            (self.last, self.oldest) = (self.oldest, (self.oldest + 1) % MOST);
        }
    }
}

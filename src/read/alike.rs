//! Tells whether a record that nobody wants is like one before it.
//!
//! Nearly all records are: of the same template, with values of the same sizes, of the same channel
//! and machine as one of the last kinds. Then two comparisons and an event ID tell that it can be
//! passed over as well. What is not alike is looked at as a whole; so this says nothing that a look
//! would not.

use super::binxml::Document;
use super::chunk::Undoubted;
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

    /// The values of a record of that content, which stands at `at`; `None` where it is not alike.
    #[inline]
    fn values<'r>(&self, content: &'r [u8], at: usize) -> Option<&'r [u8]> {
        let (described, values) = content.split_at_checked(self.first)?;
        let (beginning, behind) = described.split_at_checked(self.beginning.len())?;
        let behind = match *behind {
            [low, high, _, _] => u16::from_le_bytes([low, high]).into(),
            _ => total(behind.as_chunks().0),
        };
        let (from, channel) = self.channel;
        let is_alike = beginning == self.beginning
            && values.get(from..)?.starts_with(channel)
            && self.before + behind <= values.len()
            && at != self.bearing;
        is_alike.then_some(values)
    }

    /// The event ID, time and number of a record of these values.
    #[inline]
    fn own(&self, values: &[u8]) -> Option<(u16, Time, u64)> {
        let long = |from: usize| Some(u64::from_le_bytes(*values.get(from..)?.first_chunk()?));
        let event_id = u16::from_le_bytes(*values.get(self.event_id..)?.first_chunk()?);
        Some((event_id, Time::from_filetime(long(self.time)?), long(self.record_id)?))
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
    /// How many records like the last one the budget allows.
    fn room(&self, document: &Document<'c>) -> u64 {
        self.known.get(self.last).map_or(0, |like| document.room_for(like.price))
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

/// Records that are passed over, because each is like one before.
#[derive(Debug)]
pub(super) struct Passing<'a, 'c> {
    likes: &'a mut Likes<'c>,
    /// Those that were passed over one behind the other and are like the last one.
    passed: Stretch,
    /// How many of these the budget allows.
    most: u64,
}

impl<'a, 'c> Passing<'a, 'c> {
    pub(super) fn new(likes: &'a mut Likes<'c>, document: &Document<'c>) -> Self {
        let most = likes.room(document);
        Self { likes, passed: Stretch::default(), most }
    }

    /// Whether a record is passed over: it is like one of the others, and nobody asks for its
    /// event ID.
    #[inline]
    pub(super) fn passes(
        &mut self,
        record: &Undoubted<'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        wants_id: impl Fn(u32) -> bool,
    ) -> bool {
        let passes = self.pass(record, &wants_id);
        passes.unwrap_or_else(|| self.passes_turned(record, document, tally, wants_id))
    }

    /// The same, for a record that is not like the last one.
    #[inline(never)]
    fn passes_turned(
        &mut self,
        record: &Undoubted<'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
        wants_id: impl Fn(u32) -> bool,
    ) -> bool {
        self.turn(record, document, tally) && self.pass(record, wants_id) == Some(true)
    }

    /// The same, for a record that is like the last one; `None` for another.
    #[inline(always)]
    fn pass(&mut self, record: &Undoubted<'c>, wants_id: impl Fn(u32) -> bool) -> Option<bool> {
        let like = self.likes.known.get(self.likes.last)?;
        let values = like.values(record.content, record.content_at())?;
        let (event_id, time, record_id) = like.own(values)?;
        let passes = !wants_id(event_id.into()) && self.passed.records < self.most;
        if passes {
            self.passed.add(time, record_id);
        }
        Some(passes)
    }

    /// Turns to what a record is like, if that is another one.
    fn turn(
        &mut self,
        record: &Undoubted<'c>,
        document: &mut Document<'c>,
        tally: &mut ChunkTally,
    ) -> bool {
        let (content, at) = (record.content, record.content_at());
        let is = |like: &Alike<'c>| like.values(content, at).is_some();
        let other = self.likes.known.iter().position(is).filter(|other| *other != self.likes.last);
        if let Some(other) = other {
            self.end(document, tally);
            self.likes.last = other;
            self.passed = Stretch::default();
            self.most = self.likes.room(document);
        }
        other.is_some()
    }

    /// Counts those that were passed over, and takes what they cost.
    pub(super) fn end(&self, document: &mut Document<'c>, tally: &mut ChunkTally) {
        let Self { likes, passed, .. } = self;
        let Some(like) = likes.known.get(likes.last) else { return };
        let count = usize::try_from(passed.records).unwrap_or_default();
        let (tokens, bytes) = like.price;
        // The budget was asked for each of them.
        if count > 0 && document.take(tokens * count, bytes * count) {
            tally.stretch(like.place, *passed);
        }
    }
}

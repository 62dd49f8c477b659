//! Tells whether a record that nobody wants is like the one before it.
//!
//! Most records are: of the same template, with values of the same sizes, of the same channel and
//! machine. Then two comparisons and an event ID tell that it can be passed over as well. What is
//! not alike is looked at as a whole; so this says nothing that a look would not.

use super::instance::HEAD;
use super::shape::{Key, Shape, Text};
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
    pub(super) price: (usize, usize),
    /// The place of its channel in the tally.
    pub(super) place: usize,
}

/// What is asked of a record that is like another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) event_id: u16,
    pub(super) time: Time,
    pub(super) record_id: u64,
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

    /// Looks at the record of these bytes, which stands at `at`; `None` where it is not alike.
    #[inline]
    pub(super) fn look(&self, record: &[u8], at: usize) -> Option<Seen> {
        let (described, values) = record.split_at_checked(self.first)?;
        let (beginning, behind) = described.split_at_checked(self.beginning.len())?;
        let (from, channel) = self.channel;
        let fits = self.before + total(behind.as_chunks().0) <= values.len();
        let is_alike = beginning == self.beginning
            && values.get(from..)?.starts_with(channel)
            && fits
            && at != self.bearing;
        is_alike.then_some(Seen {
            event_id: u16::from_le_bytes(*values.get(self.event_id..)?.first_chunk()?),
            time: Time::from_filetime(u64::from_le_bytes(*values.get(self.time..)?.first_chunk()?)),
            record_id: u64::from_le_bytes(*values.get(self.record_id..)?.first_chunk()?),
        })
    }
}

//! Finds where the chunks of a log stand, and which of them are the oldest and the latest.
//!
//! Chunks are written in a row from the first slot on and, once a log has its full size, over the
//! oldest ones. A log that was closed says in its header where its ends are. The header of one that
//! was in use, as most are that were copied from a disk, says where they were some time before; but
//! its chunks bear numbers, which fall at one place at most.

use std::ops::Range;

use super::super::chunk::Start;
use super::slots::Slots;

/// What a file with a header begins with.
const MAGIC: &[u8] = b"ElfFile\0";
/// Flag of a log that was in use, so that its header lags behind.
const IN_USE: u32 = 1;

/// Where the chunks of a log stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// Slots of the chunks with the oldest and the latest records.
    pub(super) first: u64,
    pub(super) last: u64,
    /// How many chunks there are, from the first slot on, at least two; and slots.
    pub(super) chunks: u64,
    pub(super) slots: u64,
    /// The number of the record that would come next, and whether there may be more by now.
    next_record: u64,
    was_in_use: bool,
}

impl Places {
    /// Those of a file of so many bytes. `None` where it is not as it was written, or has no two
    /// chunks.
    pub(super) fn of(slots: &mut Slots, bytes: u64) -> Option<Self> {
        let header = Header::read(slots)?;
        let count = slots.count(bytes)?;
        let places = if header.flags & IN_USE == 0 {
            header.of_closed(count)
        } else {
            header.of_used(count, slots)
        };
        places.filter(|places| {
            let Self { first, last, chunks, .. } = *places;
            chunks > 1 && last < chunks && (last + 1) % chunks == first
        })
    }

    /// Whether the last record can have that number in the file.
    pub(super) const fn can_end_with(&self, number: u64) -> bool {
        match number.checked_add(1) {
            Some(next) if self.was_in_use => next >= self.next_record,
            Some(next) => next == self.next_record,
            None => false,
        }
    }
}

/// What a file's header says.
#[derive(Debug)]
struct Header {
    /// Numbers of the chunks with the oldest and the latest records.
    first_chunk: u64,
    last_chunk: u64,
    /// The number of the record that would come next.
    next_record: u64,
    /// How many chunks there are, as far as 16 bits tell.
    chunks: u16,
    flags: u32,
}

impl Header {
    /// `None` where it is not as it was written.
    fn read(slots: &mut Slots) -> Option<Self> {
        let mut header = [0; 128];
        slots.read(0, &mut header)?;
        let (word, long) = (|at| Start(&header).word(at), |at| Start(&header).long(at));
        let is_sound =
            header.starts_with(MAGIC) && header.get(..120).map(crc32fast::hash) == word(124);
        let [_, _, low, high] = word(40)?.to_le_bytes();
        is_sound.then_some(Self {
            first_chunk: long(8)?,
            last_chunk: long(16)?,
            next_record: long(24)?,
            chunks: u16::from_le_bytes([low, high]),
            flags: word(120)?,
        })
    }

    /// Of a log that was closed with this header; it grows by empty slots.
    fn of_closed(&self, slots: u64) -> Option<Places> {
        let Self { first_chunk: first, last_chunk: last, next_record, .. } = *self;
        // Of the number of chunks the header has the lower 16 bits.
        let chunks = slots.checked_sub(slots.wrapping_sub(self.chunks.into()) & 0xffff)?;
        Some(Places { first, last, chunks, slots, next_record, was_in_use: false })
    }

    /// Of a log that was in use when it had this header, or later.
    fn of_used(&self, count: u64, slots: &mut Slots) -> Option<Places> {
        let chunks = first_not(0..count, |slot| Some(slots.beginning(slot)?.is_some()))?;
        let (top, _) = slots.beginning(0)??.numbers;
        let anew = first_not(1..chunks, |slot| Some(slots.beginning(slot)??.numbers.0 > top))?;
        let (first, last) = match anew {
            _ if anew < chunks => (anew, anew - 1),
            _ => (0, chunks.checked_sub(1)?),
        };
        // Only a log that is full begins anew at the top.
        let is_likely = (first == 0 || chunks == count) && self.last_chunk < chunks;
        let next_record = self.next_record;
        let places = Places { first, last, chunks, slots: count, next_record, was_in_use: true };
        is_likely.then_some(places)
    }
}

/// The first number of a range for which something is not so, where it is so for all before it and
/// for none behind; the range's end where it is so for all.
fn first_not(range: Range<u64>, mut is_so: impl FnMut(u64) -> Option<bool>) -> Option<u64> {
    let (mut from, mut to) = (range.start, range.end);
    while from < to {
        let middle = from + (to - from) / 2;
        if is_so(middle)? { from = middle + 1 } else { to = middle }
    }
    Some(from)
}

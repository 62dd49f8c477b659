//! Remembers which records came, so that copies of them can be told.
//!
//! A record is known by its machine, channel, hour and number: in one hour a log gives a number
//! once. One bit a record: numbers that follow each other share a word.

use std::mem;

use super::{Mark, Window};
use crate::zeros;

/// Places for words at first: 128 KiB of memory.
const FIRST_PLACES: usize = 1 << 13;
/// So many words may take these, so that hardly one finds no place.
const MOST_FIRST: usize = FIRST_PLACES / 4;
/// Places for words at most: 2 MiB of memory. They hold eight million records whose numbers follow
/// each other; copies of what finds no place are taken for new.
const PLACES: usize = 1 << 17;
/// Words that follow each other stand side by side: so many are a cache line.
const LINE: usize = 4;
/// So many lines behind its own a word may stand at.
const REACH: usize = 16;

/// The records that came. Takes no memory before the first; those of most cases stay within few
/// pages.
#[derive(Debug, Default)]
pub struct Known {
    /// So many lines as a power of two, and those that the last one reaches.
    words: Vec<Word>,
    /// Places that are taken.
    taken: usize,
}

/// Records whose numbers differ in the lowest six bits only: a number for their log, their hour and
/// the line that their numbers belong to, then a bit for each that came; where there is none, the
/// place is free.
type Word = [u64; 2];

impl Known {
    /// Whether the record did not come before. Without a number nothing tells a copy from a
    /// record like it.
    pub fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        if number == 0 {
            return true;
        }
        let word = number / u64::from(u64::BITS);
        let (key, bit) = (key(mark, word / LINE as u64), 1 << (number % u64::from(u64::BITS)));
        let within = usize::try_from(word % LINE as u64).unwrap_or_default();
        if self.words.is_empty() {
            self.grow(FIRST_PLACES);
        } else if self.words.len() < PLACES && self.taken >= MOST_FIRST {
            self.grow(PLACES);
        }
        let Some([known, bits]) = place(&mut self.words, key, within) else {
            return true;
        };
        let is_new = *bits & bit == 0;
        self.taken += usize::from(*bits == 0);
        (*known, *bits) = (key, *bits | bit);
        is_new
    }

    /// Makes room for so many words.
    fn grow(&mut self, places: usize) {
        let before = mem::replace(&mut self.words, zeros::written(places + LINE * REACH));
        for (within, [key, bits]) in
            (0..LINE).cycle().zip(before).filter(|(_, [_, bits])| *bits != 0)
        {
            if let Some(place) = place(&mut self.words, key, within) {
                *place = [key, bits];
            }
        }
    }
}

/// The place of the word of that key which is the line's so many-th, or a free one for it.
fn place(words: &mut [Word], key: u64, within: usize) -> Option<&mut Word> {
    let lines = words.len() / LINE - REACH;
    let line = usize::try_from(key & (lines as u64 - 1)).unwrap_or_default();
    let mut reached = words.iter_mut().skip(LINE * line + within).step_by(LINE).take(REACH);
    reached.find(|[known, bits]| *known == key || *bits == 0)
}

/// A number that hardly two lines of records share.
fn key(mark: &Mark, line: u64) -> u64 {
    let parts = [mark.channel, Window::Hour.number(mark.hour), line];
    parts.into_iter().fold(mark.machine, |key, part| {
        let mixed = (key ^ part.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of a log: so many hours after the first, of that number.
    fn record(log: u64, number: u64) -> (Mark, u64) {
        let hour = i64::try_from(number / 1000).unwrap_or_default();
        let (kind, client, user) = (1, 2, 3);
        let mark = Mark { machine: 5, channel: log, kind, client, user, hour, is_named: true };
        (mark, number + 1)
    }

    #[test]
    fn each_record_is_new_once_however_much_grew() {
        let mut known = Known::default();
        let records = || (0..400_000).flat_map(|number| [record(8, number), record(9, number)]);
        assert!(records().all(|(mark, number)| known.is_new(&mark, number)));
        assert!(known.words.len() > PLACES);
        assert!(!records().any(|(mark, number)| known.is_new(&mark, number)));
    }

    #[test]
    fn memory_stays_within_its_bound() {
        let mut known = Known::default();
        // Numbers so far apart that each takes a place of its own.
        let records = (0..300_000).map(|number| record(8, 1000 * number));
        let new = records.filter(|(mark, number)| known.is_new(mark, *number)).count();
        assert_eq!(new, 300_000);
        assert_eq!(known.words.len(), PLACES + LINE * REACH);
    }

    #[test]
    fn what_has_no_number_is_always_new() {
        let mut known = Known::default();
        let (mark, _) = record(8, 0);
        assert!(known.is_new(&mark, 0) && known.is_new(&mark, 0));
    }
}

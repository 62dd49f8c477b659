//! Remembers which records came, so that copies of them can be told.
//!
//! A record is known by its machine, channel, hour and number: in one hour a log gives a number
//! once. One bit a record: numbers that follow each other share a word.

use std::hash::{BuildHasher, RandomState};
use std::mem;

use super::{Mark, Window};
use crate::zeros;

/// Places for words at first: 192 KiB of memory.
const FIRST_PLACES: usize = 1 << 13;
/// So many words may take these, so that hardly one finds no place.
const MOST_FIRST: usize = FIRST_PLACES / 4;
/// Places for words at most: 3 MiB of memory. They hold eight million records whose numbers follow
/// each other; copies of what finds no place are taken for new.
const PLACES: usize = 1 << 17;
/// So many words that follow each other stand side by side.
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
    /// The line of the last record: mostly the next one is of it, too.
    last: Option<(Line, Key)>,
    state: RandomState,
}

/// What a line's records have in common: machine, channel, hour, and all of their numbers but the
/// lowest bits.
type Line = (u64, u64, i64, u64);

/// What stands for a line.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// Where it stands, the same in every run: what finds no place must not depend on chance.
    place: u64,
    /// A number that hardly two lines share, another in every run. With one that can be known
    /// beforehand, a log could be made up whose records make others seem to be copies.
    number: u64,
}

/// Records whose numbers differ in the lowest six bits only: where their line belongs, its number,
/// then a bit for each that came; where there is none, the place is free.
type Word = [u64; 3];

impl Known {
    /// Whether the record did not come before. Without a number nothing tells a copy from a
    /// record like it.
    pub fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        if number == 0 {
            return true;
        }
        let word = number / u64::from(u64::BITS);
        let bit = 1 << (number % u64::from(u64::BITS));
        let key = self.key((mark.machine, mark.channel, mark.hour, word / LINE as u64));
        let within = usize::try_from(word % LINE as u64).unwrap_or_default();
        if self.words.is_empty() {
            self.grow(FIRST_PLACES);
        } else if self.words.len() < PLACES && self.taken >= MOST_FIRST {
            self.grow(PLACES);
        }
        let Some([place, known, bits]) = place(&mut self.words, key, within) else {
            return true;
        };
        let is_new = *bits & bit == 0;
        self.taken += usize::from(*bits == 0);
        (*place, *known, *bits) = (key.place, key.number, *bits | bit);
        is_new
    }

    fn key(&mut self, line: Line) -> Key {
        if let Some((_, key)) = self.last.filter(|(last, _)| *last == line) {
            return key;
        }
        let key = Key { place: place_of(line), number: self.state.hash_one(line) };
        self.last = Some((line, key));
        key
    }

    /// Makes room for so many words.
    fn grow(&mut self, places: usize) {
        let before = mem::replace(&mut self.words, zeros::written(places + LINE * REACH));
        for (within, word) in (0..LINE).cycle().zip(before).filter(|(_, [.., bits])| *bits != 0) {
            let [own, number, _] = word;
            if let Some(place) = place(&mut self.words, Key { place: own, number }, within) {
                *place = word;
            }
        }
    }
}

/// The place of the word of that line which is the line's so many-th, or a free one for it.
fn place(words: &mut [Word], key: Key, within: usize) -> Option<&mut Word> {
    let lines = words.len() / LINE - REACH;
    let line = usize::try_from(key.place & (lines as u64 - 1)).unwrap_or_default();
    let mut reached = words.iter_mut().skip(LINE * line + within).step_by(LINE).take(REACH);
    reached.find(|[_, known, bits]| *known == key.number || *bits == 0)
}

/// Where a line belongs.
fn place_of((machine, channel, hour, line): Line) -> u64 {
    let parts = [channel, Window::Hour.number(hour), line];
    parts.into_iter().fold(machine, with)
}

const fn with(key: u64, part: u64) -> u64 {
    let mixed = (key ^ part.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
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

    /// Each log can state any number: none makes records of another log seem to be copies.
    #[test]
    fn numbers_that_were_made_up_hide_no_record() {
        let (victim, number) = record(8, 5000);
        let line = number / 64 / LINE as u64;
        let mut known = Known::default();
        for forged in 0..2000 {
            // The number with which the other log's line would belong where the victim's does.
            let hour = victim.hour + forged;
            let other = Mark { channel: 9, hour, ..victim };
            let before = |mark: &Mark| {
                with(with(mark.machine, mark.channel), Window::Hour.number(mark.hour))
            };
            let own = (before(&victim) ^ before(&other)).rotate_right(29) ^ line;
            let Some(number) = own.checked_mul(256) else { continue };
            let of = |mark: &Mark, line| place_of((mark.machine, mark.channel, mark.hour, line));
            assert_eq!(of(&other, own), of(&victim, line));
            assert!((0..256).all(|more| known.is_new(&other, number + more)));
        }
        assert!(known.taken > 0, "some numbers are small enough");
        assert!(known.is_new(&victim, number) && !known.is_new(&victim, number));
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

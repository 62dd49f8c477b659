//! Remembers which records came, so that a copy of a flood is no second flood.
//!
//! A record is known by its machine, channel, event, hour and number: in one hour a log gives a
//! number once. One bit a record: numbers that follow each other share a word.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::select::{Mark, Window};

/// So many words are kept, some ten million records of a flood. Of what comes later, copies
/// count twice.
const MOST: usize = 1 << 19;

/// The records that came.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By the kind of the record and the higher bits of its number.
    words: HashMap<(u64, u64, u64), u64, RandomState>,
}

impl Known {
    /// Whether the record did not come before. Without a number nothing tells a copy from a
    /// record like it.
    pub(super) fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        if number == 0 {
            return true;
        }
        let hour = Window::Hour.number(mark.hour);
        let (word, bit) = ((mark.kind, hour, number >> 6), 1 << (number & 63));
        if self.words.len() >= MOST && !self.words.contains_key(&word) {
            return true;
        }
        let word = self.words.entry(word).or_default();
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

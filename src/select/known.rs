//! Remembers which records came, so that copies of them can be told.
//!
//! A record is known by its machine, channel, hour and number: in one hour a log gives a number
//! once. One bit a record: numbers that follow each other share a word.

use super::{Mark, Window};

/// Places for words: 2 MiB of memory. They hold eight million records whose numbers follow each
/// other; copies of what finds no place are taken for new.
const PLACES: usize = 1 << 17;
/// Words that follow each other stand side by side: so many are a cache line.
const LINE: usize = 4;
/// So many lines behind its own a word may stand at.
const REACH: usize = 16;

/// The records that came. Takes no memory before the first, and then what is written of it.
#[derive(Debug, Default)]
pub struct Known(Vec<Word>);

/// Records whose numbers differ in the lowest six bits only: a number for their log, their hour and
/// the line that their numbers belong to, then a bit for each that came; where there is none, the
/// place is free. An array: zeros of these are memory as the system gives it.
type Word = [u64; 2];

impl Known {
    /// Whether the record did not come before. Without a number nothing tells a copy from a
    /// record like it.
    pub fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        if number == 0 {
            return true;
        }
        if self.0.is_empty() {
            self.0 = vec![[0, 0]; PLACES + LINE * REACH];
        }
        let word = number / u64::from(u64::BITS);
        let (key, bit) = (key(mark, word / LINE as u64), 1 << (number % u64::from(u64::BITS)));
        let [first, within] = [(key, PLACES / LINE), (word, LINE)]
            .map(|(number, places)| usize::try_from(number % places as u64).unwrap_or_default());
        let mut places = self.0.iter_mut().skip(LINE * first + within).step_by(LINE).take(REACH);
        let Some([known, bits]) = places.find(|[known, bits]| *known == key || *bits == 0) else {
            return true;
        };
        let is_new = *bits & bit == 0;
        (*known, *bits) = (key, *bits | bit);
        is_new
    }
}

/// A number that hardly two lines of records share.
fn key(mark: &Mark, line: u64) -> u64 {
    let parts = [mark.channel, Window::Hour.number(mark.hour), line];
    parts.into_iter().fold(mark.machine, |key, part| {
        let mixed = (key ^ part.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 32
    })
}

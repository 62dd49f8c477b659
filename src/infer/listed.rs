//! Lists of signals, one for each of many places, in one piece of memory.

use super::names::{Name, Names};
use super::number::Number;

/// The signals of numbered places, each place's ordered by name, then by time.
#[derive(Default)]
pub(super) struct Listed {
    numbers: Vec<Number>,
    /// Where each place's begin, and where the last one's end.
    begins: Vec<u32>,
}

impl Listed {
    /// Puts signals at so many places; they come ordered by name, then by time, each with its
    /// place.
    pub(super) fn of(places: usize, entries: &[(u32, Number)]) -> Self {
        let mut begins = vec![0_u32; places + 1];
        for (place, _) in entries {
            if let Some(count) = begins.get_mut(*place as usize + 1) {
                *count += 1;
            }
        }
        let mut begin = 0;
        for count in &mut begins {
            begin += *count;
            *count = begin;
        }
        let mut ends = begins.clone();
        let mut numbers = vec![Number::of(0); entries.len()];
        for (place, number) in entries {
            if let Some(end) = ends.get_mut(*place as usize) {
                if let Some(slot) = numbers.get_mut(*end as usize) {
                    *slot = *number;
                }
                *end += 1;
            }
        }
        Self { numbers, begins }
    }

    /// The signals of a place.
    pub(super) fn at(&self, place: usize) -> &[Number] {
        let bound = |place: usize| self.begins.get(place).map(|begin| *begin as usize);
        let range = bound(place).zip(bound(place + 1));
        range.and_then(|(begin, end)| self.numbers.get(begin..end)).unwrap_or_default()
    }

    /// Puts the signals of each place in order.
    pub(super) fn sort_each_by_key<K: Ord>(&mut self, key: impl Fn(&Number) -> K) {
        for bounds in self.begins.windows(2) {
            let &[begin, end] = bounds else { continue };
            let signals = self.numbers.get_mut(begin as usize..end as usize);
            signals.unwrap_or_default().sort_unstable_by_key(&key);
        }
    }

    /// For each name the places that have a signal of it, ascending.
    pub(super) fn having(&self, names: &Names) -> Vec<Vec<u32>> {
        let mut having: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
        for (place, bounds) in (0..).zip(self.begins.windows(2)) {
            let &[begin, end] = bounds else { continue };
            let signals = self.numbers.get(begin as usize..end as usize).unwrap_or_default();
            let mut last = None;
            for name in signals.iter().filter_map(|number| names.of_signal(*number)) {
                if last.replace(name) != Some(name)
                    && let Some(places) = having.get_mut(name.place() as usize)
                {
                    places.push(place);
                }
            }
        }
        having
    }
}

/// The signals of a list that have a name; it is ordered by name.
pub(super) fn named<'a>(signals: &'a [Number], name: Name, names: &Names) -> &'a [Number] {
    let of = |number: &Number| names.of_signal(*number);
    let from = signals.partition_point(|number| of(number) < Some(name));
    let rest = signals.get(from..).unwrap_or_default();
    let length = rest.partition_point(|number| of(number) <= Some(name));
    rest.get(..length).unwrap_or_default()
}

/// The places that have a signal of any of some names, ascending, each once.
pub(super) fn any(having: &[Vec<u32>], names: &[Name]) -> Vec<usize> {
    let places = names.iter().filter_map(|name| having.get(name.place() as usize)).flatten();
    let mut places: Vec<usize> = places.map(|place| *place as usize).collect();
    places.sort_unstable();
    places.dedup();
    places
}

//! Counts records by kind, client and user within each window, in a fixed amount of memory.
//!
//! Few keys are counted one by one. Where there are more, a count-min sketch for each window: two
//! rows of counters, the smaller of which counts. A collision can only make a record seem less rare
//! than it is. Counters that are asked for together stand side by side, as each place is a load from
//! memory. The counters of a window begin anew before they are so full that collisions matter; what
//! comes then gets the room of the first records once more, but for those of whom it is entered that
//! there is enough.

use std::collections::HashMap;
use std::mem;

use foldhash::fast::RandomState;

use super::rank::{Before, Rank};
use crate::model::{Time, WholeHours};
use crate::select::{Mark, Window};
use crate::zeros;

/// So many distinct keys of a window are counted one by one, in some 32 KiB: most cases have fewer,
/// and do not need the memory of rows.
const FEW_KEYS: usize = 1024;
/// Counters of one row: 512 KiB of memory, and 4 MiB for all rows. With half as many they began anew
/// within a year of an ordinary host, where some attempts were left with half of their records.
const ROW: usize = 1 << 18;
/// Distinct keys after which the counters of a window begin anew: half a row.
pub(super) const MOST_KEYS: usize = ROW / 2;

/// The counters of all windows.
#[derive(Debug, Default)]
pub(super) struct Counts([Sketch; Window::ALL.len()]);

/// The counters of one window. They take no memory before the first record is counted.
#[derive(Debug, Default)]
struct Sketch {
    /// As long as there are no rows.
    few: HashMap<Key, u16, RandomState>,
    rows: Option<Rows>,
    keys: usize,
}

/// Of each key the smaller of two counters tells how often it came.
#[derive(Debug)]
struct Rows([Vec<u16>; 2]);

/// What is counted within a window, as a number whose halves tell the places in both rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key(u64);

/// What is counted apart: odd numbers, by which a mark's are multiplied.
mod part {
    /// Records on a machine, and beside them the clients that wrote such.
    pub(super) const MACHINE: u64 = 0x9E37_79B9_7F4A_7C15;
    /// Records of a client, and beside them the users that it named.
    pub(super) const CLIENT: u64 = 0x1656_67B1_9E37_79F9;
    /// Records of a user.
    pub(super) const USER: u64 = 0x85EB_CA77_C2B2_AE63;
}

impl Counts {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(Sketch::clear);
    }

    /// What came before a record with that mark within its hour.
    pub(super) fn of_hour(&mut self, mark: &Mark) -> Before {
        let [hour, ..] = &mut self.0;
        hour.before(mark, Window::Hour.number(mark.hour))
    }

    /// What came before a record with that mark, of that time, and before which that came within
    /// its hour.
    pub(super) fn rank(&mut self, mark: &Mark, time: Time, hour: Before) -> Rank {
        let mut within = [hour; Window::ALL.len()];
        let sketches = self.0.iter_mut().zip(&mut within);
        for (window, (sketch, before)) in Window::ALL.into_iter().zip(sketches).skip(1) {
            *before = sketch.before(mark, window.number(mark.hour));
        }
        Rank { named: mark.is_named, lot: WholeHours::lot(time), within }
    }

    /// Counts a record.
    pub(super) fn count(&mut self, mark: &Mark) {
        for (window, sketch) in Window::ALL.into_iter().zip(&mut self.0) {
            sketch.count(mark, window.number(mark.hour));
        }
    }
}

impl Sketch {
    /// Begins anew. What nobody wrote is left alone.
    fn clear(&mut self) {
        if self.keys > 0 {
            self.few.clear();
            self.rows.iter_mut().for_each(Rows::clear);
            self.keys = 0;
        }
    }

    /// What came before within the window of that number.
    fn before(&mut self, mark: &Mark, window: u64) -> Before {
        if self.keys >= MOST_KEYS {
            self.clear();
        }
        let machine = Key::of(mark.kind, window, part::MACHINE).first_of_two();
        let client = Key::of(mark.client, window, part::CLIENT).first_of_two();
        let user = Key::of(mark.user, window, part::USER);
        let all = [machine, machine.second_of_two(), client, client.second_of_two(), user];
        // One question for all: the loads from rows do not wait for each other.
        let [on_machine, clients, of_client, users, of_user] = match &self.rows {
            Some(rows) => all.map(|key| rows.peek(key)),
            None => all.map(|key| self.few.get(&key).copied().unwrap_or_default()),
        };
        Before { on_machine, clients, of_client, users, of_user }
    }

    fn count(&mut self, mark: &Mark, window: u64) {
        let machine = Key::of(mark.kind, window, part::MACHINE).first_of_two();
        self.add(machine);
        let client = Key::of(mark.client, window, part::CLIENT).first_of_two();
        if self.add(client) == 0 {
            self.add(machine.second_of_two());
        }
        if self.add(Key::of(mark.user, window, part::USER)) == 0 {
            self.add(client.second_of_two());
        }
    }

    /// Counts one, and tells how many there were before.
    fn add(&mut self, key: Key) -> u16 {
        let Self { few, rows, keys } = self;
        let before = match rows {
            Some(rows) => rows.add(key),
            None => {
                let count = few.entry(key).or_default();
                let before = *count;
                *count = before.saturating_add(1);
                if few.len() > FEW_KEYS {
                    *rows = Some(Rows::of(mem::take(few)));
                }
                before
            }
        };
        *keys += usize::from(before == 0);
        before
    }
}

impl Rows {
    fn of(counts: impl IntoIterator<Item = (Key, u16)>) -> Self {
        let mut rows = Self([zeros::written(ROW), zeros::written(ROW)]);
        counts.into_iter().for_each(|(key, count)| rows.raise(key, count));
        rows
    }

    fn clear(&mut self) {
        self.0.iter_mut().for_each(|row| row.fill(0));
    }

    fn add(&mut self, key: Key) -> u16 {
        let before = self.peek(key);
        self.raise(key, before.saturating_add(1));
        before
    }

    /// Makes a count at least so large. Only the smaller counter grows: fewer collisions show.
    fn raise(&mut self, key: Key, least: u16) {
        for (row, slot) in self.0.iter_mut().zip(key.slots()) {
            if let Some(count) = row.get_mut(slot) {
                *count = (*count).max(least);
            }
        }
    }

    fn peek(&self, key: Key) -> u16 {
        let counts = self.0.iter().zip(key.slots()).map(|(row, slot)| row.get(slot).copied());
        counts.min().flatten().unwrap_or_default()
    }
}

impl Key {
    /// The lowest bit of each half: of the two counters that stand side by side at a place, whether
    /// it is the second.
    const SECOND: u64 = 1 << 32 | 1;

    const fn of(number: u64, window: u64, part: u64) -> Self {
        let mixed = (number ^ part ^ window.rotate_left(32)).wrapping_mul(part);
        Self(mixed ^ mixed >> 29)
    }

    const fn first_of_two(self) -> Self {
        let Self(number) = self;
        Self(number & !Self::SECOND)
    }

    const fn second_of_two(self) -> Self {
        let Self(number) = self;
        Self(number | Self::SECOND)
    }

    /// The places in both rows.
    fn slots(self) -> [usize; 2] {
        let Self(number) = self;
        [number, number >> 32].map(|bits| usize::try_from(bits % ROW as u64).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mark of one of so many users, each of whom is a client of its own.
    fn mark(user: u64) -> Mark {
        let number = (user + 1).wrapping_mul(0x2545_F491_4F6C_DD1D);
        let (kind, client, user) = (7, number ^ 1, number);
        Mark { machine: 1, channel: 2, kind, client, user, hour: 0, is_named: true }
    }

    #[test]
    fn many_keys_have_never_too_little_and_hardly_ever_too_much() {
        let mut counts = Counts::default();
        let users = || (0..30_000).zip([1, 2, 3].into_iter().cycle());
        for (user, times) in users() {
            (0..times).for_each(|_| counts.count(&mark(user)));
        }
        assert!(counts.0.iter().all(|sketch| sketch.rows.is_some()));
        let mut too_much = 0;
        for (user, times) in users() {
            let Before { of_client, of_user, .. } = counts.of_hour(&mark(user));
            assert!(of_client >= times && of_user >= times, "{of_client} {of_user} {times}");
            too_much += usize::from(of_user > times);
        }
        assert!(too_much < users().count() / 10, "{too_much}");
    }

    #[test]
    fn few_keys_are_counted_exactly_without_rows() {
        let mut counts = Counts::default();
        let users = FEW_KEYS as u64 / 4;
        (0..100).for_each(|_| (0..users).for_each(|user| counts.count(&mark(user))));
        assert!(!counts.0.iter().any(|sketch| sketch.rows.is_some()));
        let clients = u16::try_from(users).unwrap();
        let of_one =
            Before { on_machine: 100 * clients, clients, of_client: 100, users: 1, of_user: 100 };
        assert!((0..users).all(|user| counts.of_hour(&mark(user)) == of_one));
        // What was counted before there are rows counts within them.
        (0..10 * users).for_each(|user| counts.count(&mark(user)));
        assert!(counts.0.iter().all(|sketch| sketch.rows.is_some()));
        assert!((0..users).all(|user| counts.of_hour(&mark(user)).of_user >= 101));
    }
}

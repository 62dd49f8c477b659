//! Counts records by kind, client and user within each window, in a fixed amount of memory.
//!
//! A count-min sketch for each window: two rows of counters, the smaller of which counts. A
//! collision can only make a record seem less rare than it is. Counters that are asked for together
//! stand side by side, as each place is a load from memory. The counters of a window begin anew
//! before they are so full that collisions matter; what comes then gets the room of the first
//! records once more, but for those of whom it is entered that there is enough.

use std::hint::black_box;

use super::rank::{Before, Rank};
use crate::model::{Time, WholeHours};
use crate::select::{Mark, Window};

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
    rows: [Vec<u16>; 2],
    keys: usize,
}

/// Counters in memory that was written. Zeros as the system gives them cost two page faults in
/// place of one: they are read before they are first written.
fn written_zeros() -> Vec<u16> {
    let mut counters = vec![0; ROW];
    black_box(&mut counters).fill(0);
    counters
}

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
            self.rows.iter_mut().for_each(|row| row.fill(0));
            self.keys = 0;
        }
    }

    /// What came before within the window of that number.
    fn before(&mut self, mark: &Mark, window: u64) -> Before {
        if self.keys >= MOST_KEYS {
            self.clear();
        }
        let machine = slots(mark.kind, window, part::MACHINE).map(first_of_two);
        let client = slots(mark.client, window, part::CLIENT).map(first_of_two);
        let user = slots(mark.user, window, part::USER);
        Before {
            on_machine: self.peek(machine),
            clients: self.peek(machine.map(second_of_two)),
            of_client: self.peek(client),
            users: self.peek(client.map(second_of_two)),
            of_user: self.peek(user),
        }
    }

    fn count(&mut self, mark: &Mark, window: u64) {
        let Self { rows, .. } = self;
        rows.iter_mut().filter(|row| row.is_empty()).for_each(|row| *row = written_zeros());
        let machine = slots(mark.kind, window, part::MACHINE).map(first_of_two);
        self.add(machine);
        let client = slots(mark.client, window, part::CLIENT).map(first_of_two);
        if self.add(client) == 0 {
            self.add(machine.map(second_of_two));
        }
        if self.add(slots(mark.user, window, part::USER)) == 0 {
            self.add(client.map(second_of_two));
        }
    }

    /// Counts one, and tells how many there were before.
    fn add(&mut self, slots: [usize; 2]) -> u16 {
        let before = self.peek(slots);
        self.keys += usize::from(before == 0);
        for (row, slot) in self.rows.iter_mut().zip(slots) {
            // Only the smaller counter grows: fewer collisions show.
            if let Some(count) = row.get_mut(slot) {
                *count = (*count).max(before.saturating_add(1));
            }
        }
        before
    }

    fn peek(&self, slots: [usize; 2]) -> u16 {
        let counts = self.rows.iter().zip(slots).map(|(row, slot)| row.get(slot).copied());
        counts.min().flatten().unwrap_or_default()
    }
}

/// The places of a counter in both rows.
fn slots(number: u64, window: u64, part: u64) -> [usize; 2] {
    let mixed = (number ^ part ^ window.rotate_left(32)).wrapping_mul(part);
    let mixed = mixed ^ mixed >> 29;
    [mixed, mixed >> 32].map(|bits| usize::try_from(bits % ROW as u64).unwrap_or_default())
}

/// Of the two counters that stand side by side at a place, the places of the first and the second.
const fn first_of_two(slot: usize) -> usize {
    slot & !1
}

const fn second_of_two(first: usize) -> usize {
    first | 1
}

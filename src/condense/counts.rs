//! Counts records by kind, client and user within each window, in a fixed amount of memory.
//!
//! A count-min sketch for each window: two rows of counters, the smaller of which counts. A
//! collision can only make a record seem less rare than it is. The counters of a window begin anew
//! before they are so full that collisions matter; what comes then gets the room of the first
//! records once more.

use super::rank::{Before, Rank};
use crate::model::{Time, WholeHours};
use crate::select::{Mark, Window};

/// Counters of one row: 256 KiB of memory, and 2 MiB for all rows.
const ROW: usize = 1 << 17;
/// Distinct keys after which the counters of a window begin anew: half a row.
pub(super) const MOST_KEYS: usize = ROW / 2;

/// The counters of all windows.
#[derive(Debug, Default)]
pub(super) struct Counts([Sketch; Window::ALL.len()]);

/// The counters of one window.
#[derive(Debug)]
struct Sketch {
    first: Vec<u16>,
    second: Vec<u16>,
    keys: usize,
}

impl Default for Sketch {
    fn default() -> Self {
        Self { first: vec![0; ROW], second: vec![0; ROW], keys: 0 }
    }
}

/// What is counted apart: odd numbers, by which a mark's are multiplied.
mod part {
    pub(super) const MACHINE: u64 = 0x9E37_79B9_7F4A_7C15;
    pub(super) const CLIENTS: u64 = 0xC2B2_AE3D_27D4_EB4F;
    pub(super) const CLIENT: u64 = 0x1656_67B1_9E37_79F9;
    pub(super) const USERS: u64 = 0x27D4_EB2F_1656_67C5;
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
    /// Begins anew. Memory that was not written yet stays so.
    fn clear(&mut self) {
        if self.keys > 0 {
            self.first.fill(0);
            self.second.fill(0);
            self.keys = 0;
        }
    }

    /// What came before within the window of that number.
    fn before(&mut self, mark: &Mark, window: u64) -> Before {
        if self.keys >= MOST_KEYS {
            self.clear();
        }
        let count = |number, part| self.peek(slots(number, window, part));
        Before {
            on_machine: count(mark.kind, part::MACHINE),
            clients: count(mark.kind, part::CLIENTS),
            of_client: count(mark.client, part::CLIENT),
            users: count(mark.client, part::USERS),
            of_user: count(mark.user, part::USER),
        }
    }

    fn count(&mut self, mark: &Mark, window: u64) {
        self.add(slots(mark.kind, window, part::MACHINE));
        if self.add(slots(mark.client, window, part::CLIENT)) == 0 {
            self.add(slots(mark.kind, window, part::CLIENTS));
        }
        if self.add(slots(mark.user, window, part::USER)) == 0 {
            self.add(slots(mark.client, window, part::USERS));
        }
    }

    /// Counts one, and tells how many there were before.
    fn add(&mut self, (first, second): (usize, usize)) -> u16 {
        let before = self.peek((first, second));
        self.keys += usize::from(before == 0);
        for slot in [self.first.get_mut(first), self.second.get_mut(second)].into_iter().flatten() {
            // Only the smaller counter grows: fewer collisions show.
            *slot = (*slot).max(before.saturating_add(1));
        }
        before
    }

    fn peek(&self, (first, second): (usize, usize)) -> u16 {
        let count = |row: &[u16], slot: usize| row.get(slot).copied().unwrap_or_default();
        count(&self.first, first).min(count(&self.second, second))
    }
}

fn slots(number: u64, window: u64, part: u64) -> (usize, usize) {
    let mixed = (number ^ part ^ window.rotate_left(32)).wrapping_mul(part);
    let mixed = mixed ^ mixed >> 29;
    let slot = |bits: u64| usize::try_from(bits % ROW as u64).unwrap_or_default();
    (slot(mixed), slot(mixed >> 32))
}

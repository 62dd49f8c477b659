//! Counts records by kind, client and user within an hour, in a fixed amount of memory.
//!
//! A count-min sketch: two rows of counters, the smaller of which counts. A collision can only
//! make a record seem less rare than it is. The counters begin anew before they are so full
//! that collisions matter; floods then get the room of their first records once more.

use super::rank::Rank;
use crate::select::{Mark, Window};

/// Counters of one row: 1 MiB of memory.
const ROW: usize = 1 << 18;
/// Distinct keys after which the counters begin anew: a quarter of a row.
const MOST_KEYS: usize = ROW / 4;

/// The counters.
#[derive(Debug)]
pub(super) struct Counts {
    first: Vec<u32>,
    second: Vec<u32>,
    keys: usize,
}

impl Default for Counts {
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
    /// What came before a record with that mark.
    pub(super) fn rank(&mut self, mark: &Mark) -> Rank {
        if self.keys >= MOST_KEYS {
            *self = Self::default();
        }
        let hour = Window::Hour.number(mark.hour);
        let count = |number, part| self.peek(slots(number ^ hour.rotate_left(32), part));
        Rank {
            named: mark.is_named,
            on_machine: count(mark.kind, part::MACHINE),
            clients: count(mark.kind, part::CLIENTS),
            of_client: count(mark.client, part::CLIENT),
            users: count(mark.client, part::USERS),
            of_user: count(mark.user, part::USER),
        }
    }

    /// Counts a record.
    pub(super) fn count(&mut self, mark: &Mark) {
        let hour = Window::Hour.number(mark.hour).rotate_left(32);
        self.add(mark.kind ^ hour, part::MACHINE);
        if self.add(mark.client ^ hour, part::CLIENT) == 0 {
            self.add(mark.kind ^ hour, part::CLIENTS);
        }
        if self.add(mark.user ^ hour, part::USER) == 0 {
            self.add(mark.client ^ hour, part::USERS);
        }
    }

    /// Counts one, and tells how many there were before.
    fn add(&mut self, number: u64, part: u64) -> u32 {
        let (first, second) = slots(number, part);
        let before = self.peek((first, second));
        self.keys += usize::from(before == 0);
        for slot in [self.first.get_mut(first), self.second.get_mut(second)].into_iter().flatten() {
            // Only the smaller counter grows: fewer collisions show.
            *slot = (*slot).max(before.saturating_add(1));
        }
        before
    }

    fn peek(&self, (first, second): (usize, usize)) -> u32 {
        let count = |row: &[u32], slot: usize| row.get(slot).copied().unwrap_or_default();
        count(&self.first, first).min(count(&self.second, second))
    }
}

fn slots(number: u64, part: u64) -> (usize, usize) {
    let mixed = (number ^ part).wrapping_mul(part);
    let mixed = mixed ^ mixed >> 29;
    let slot = |bits: u64| usize::try_from(bits % ROW as u64).unwrap_or_default();
    (slot(mixed), slot(mixed >> 32))
}

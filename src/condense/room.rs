//! How much room there is for what is kept, and what gives way when there is none.

use std::sync::Arc;

use super::level::Level;
use crate::select::{Match, Selected};

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Records.
    pub records: usize,
    /// Bytes that they take in memory, with what is concluded about those whom they name.
    pub bytes: usize,
}

/// Where a record stands among those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// The last level that keeps it.
    pub until: Level,
    /// How many of its kind came before on its machine.
    pub before: u16,
    /// Whether it is the first of its kind that names its user and client.
    pub is_somebodys_first: bool,
}

/// What is known of a record that is kept when room gets short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    standing: Standing,
    /// The bytes that it takes.
    bytes: usize,
    /// Whether it opens an attempt.
    opens: bool,
    /// Whether an attempt failed by it.
    pub fails: bool,
}

/// The room for what is kept.
#[derive(Debug)]
pub(super) struct Room {
    most: Bounds,
    level: Level,
    bulk: usize,
    records: usize,
    bytes: usize,
    /// Bytes of records that are large.
    large: usize,
    is_closed: bool,
}

/// A record of more bytes is large: hardly any that rules ask for is.
const LARGE: usize = 4096;

/// When large records take most of the bytes, they give way themselves: those of more bytes than
/// the first number, but for the first of their kind on a machine, as many as the second says.
const BULKS: [(usize, u16); 6] =
    [(usize::MAX, 0), (32_768, 256), (16_384, 64), (8192, 16), (LARGE, 4), (LARGE, 1)];

/// Bytes of an attempt, by measurement as those below.
const OF_ATTEMPT: usize = 512;
/// Bytes of what is concluded about a user and a client of whom one more kind of record tells that
/// an attempt failed.
pub(super) const OF_SOMEBODY: usize = 4096;
/// The same about a machine.
pub(super) const OF_MACHINE: usize = 8192;

impl Standing {
    /// Of a record that comes after many and about which the level says nothing.
    pub(super) const LATE: Self =
        Self { until: Level::ALL, before: u16::MAX, is_somebodys_first: false };
}

impl Worth {
    pub(super) fn of(selected: &Selected, standing: Standing) -> Self {
        let Selected { event, signals, .. } = selected;
        let mut bytes = event.bytes() + size_of::<(Self, Selected)>() + size_of_val(&**signals);
        let mut last = None;
        for Match { entities, .. } in signals.iter() {
            // Signals that name the same share it.
            if last.replace(entities).is_none_or(|last| !Arc::ptr_eq(last, entities)) {
                bytes += entities.bytes();
            }
        }
        let opens = signals.iter().any(|found| found.effect.opens);
        let fails = signals.iter().any(|found| found.effect.fails.is_some());
        Self { standing, bytes, opens, fails }
    }

    /// The bytes that it takes with what is concluded from it.
    const fn cost(&self) -> usize {
        let Standing { before, is_somebodys_first, .. } = self.standing;
        let of_attempt = if self.opens { OF_ATTEMPT } else { 0 };
        let of_somebody = if self.fails && is_somebodys_first { OF_SOMEBODY } else { 0 };
        let of_machine = if self.fails && before == 0 { OF_MACHINE } else { 0 };
        self.bytes + of_attempt + of_somebody + of_machine
    }
}

impl Room {
    pub(super) const fn within(most: Bounds) -> Self {
        let (records, bytes, large) = (0, 0, 0);
        Self { most, level: Level::ALL, bulk: 0, records, bytes, large, is_closed: false }
    }

    /// The same room before anything was kept.
    pub(super) const fn emptied(&self) -> Self {
        Self::within(self.most)
    }

    /// How much is kept.
    pub(super) const fn level(&self) -> Level {
        self.level
    }

    /// Whether nothing more is kept.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether a record is kept.
    pub(super) fn keeps(&self, worth: &Worth) -> bool {
        let (most, first) = BULKS.get(self.bulk).copied().unwrap_or((LARGE, 0));
        !self.is_closed
            && worth.standing.until >= self.level
            && (worth.bytes <= most || worth.standing.before < first)
    }

    /// Notes that a record is kept.
    pub(super) const fn add(&mut self, worth: &Worth) {
        self.records += 1;
        self.bytes += worth.cost();
        if worth.bytes > LARGE {
            self.large += worth.bytes;
        }
    }

    /// Notes that a record is no longer kept.
    pub(super) const fn remove(&mut self, worth: &Worth) {
        self.records -= 1;
        self.bytes -= worth.cost();
        if worth.bytes > LARGE {
            self.large -= worth.bytes;
        }
    }

    /// Whether more is kept than may be.
    pub(super) const fn is_over(&self) -> bool {
        !self.is_closed && (self.records > self.most.records || self.bytes > self.most.bytes)
    }

    /// Whether what is kept takes more bytes than it may, with so many besides.
    pub(super) const fn is_heavy(&self, besides: usize) -> bool {
        self.bytes + besides > self.most.bytes
    }

    /// Leaves less room for each. Where there is nothing left to give way, what is there stays,
    /// and nothing more is kept.
    pub(super) fn tighten(&mut self) {
        let is_bulky = self.records <= self.most.records && self.large > self.bytes / 2;
        let next = self.level.next();
        if (is_bulky || next.is_none()) && self.bulk + 1 < BULKS.len() {
            self.bulk += 1;
        } else if let Some(next) = next {
            self.level = next;
        } else {
            self.is_closed = true;
        }
    }
}

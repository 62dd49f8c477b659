//! Remembers what became of the latest connections, so that their records stay together.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::rank::Rank;
use crate::model::Guid;

/// So many connections are remembered: more than are open at once in the worst flood.
const MOST: usize = 32_768;

/// What became of a connection's first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was kept, with this rank.
    Kept(Rank),
    /// It was counted only.
    Counted,
}

/// The latest connections by activity and machine.
#[derive(Debug, Default)]
pub(super) struct Activities {
    fates: HashMap<(Guid, u64), Fate, RandomState>,
    order: VecDeque<(Guid, u64)>,
}

impl Activities {
    pub(super) fn fate(&self, machine: u64, activity: Guid) -> Option<Fate> {
        self.fates.get(&(activity, machine)).copied()
    }

    /// Remembers a connection; the oldest is forgotten. The first fate of one stays.
    pub(super) fn enter(&mut self, machine: u64, activity: Guid, fate: Fate) {
        let key = (activity, machine);
        if self.fates.contains_key(&key) {
            return;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.fates.remove(&oldest);
        }
        self.order.push_back(key);
        self.fates.insert(key, fate);
    }
}

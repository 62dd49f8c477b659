//! Remembers what became of the latest connections, so that their records stay together.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::rank::Rank;
use crate::model::Guid;

/// So many connections are remembered at least, and twice as many at most: more than are open at
/// once in the worst flood.
const MOST: usize = 16_384;

/// What became of a record that opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was kept, with this rank.
    Kept(Rank),
    /// It was counted only.
    Counted,
}

/// The latest connections by machine and activity.
#[derive(Debug, Default)]
pub(super) struct Activities {
    /// Those that were opened last, and those before them.
    young: HashMap<(u64, Guid), Fates, RandomState>,
    old: HashMap<(u64, Guid), Fates, RandomState>,
}

/// What became of the records that opened one connection. A connection is announced in several
/// channels.
#[derive(Clone, Copy, Debug)]
struct Fates {
    /// The channel of the first, and what became of its last.
    first: (u64, Fate),
    /// The same for the latest other channel.
    other: Option<(u64, Fate)>,
}

impl Activities {
    /// What became of a connection's last opening in that channel; where it knows none, of what
    /// opened it first.
    pub(super) fn fate(&self, machine: u64, channel: u64, activity: Guid) -> Option<Fate> {
        let key = (machine, activity);
        let fates = self.young.get(&key).or_else(|| self.old.get(&key))?;
        let own = fates.other.filter(|(other, _)| *other == channel);
        let (_, fate) = own.unwrap_or(fates.first);
        Some(fate)
    }

    /// Remembers what became of an opening of a connection.
    pub(super) fn enter(&mut self, machine: u64, channel: u64, activity: Guid, fate: Fate) {
        let key = (machine, activity);
        if let Some(fates) = self.young.get_mut(&key) {
            fates.enter(channel, fate);
            return;
        }
        let mut fates =
            self.old.get(&key).copied().unwrap_or(Fates { first: (channel, fate), other: None });
        fates.enter(channel, fate);
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, fates);
    }
}

impl Fates {
    fn enter(&mut self, channel: u64, fate: Fate) {
        if self.first.0 == channel {
            self.first = (channel, fate);
        } else {
            self.other = Some((channel, fate));
        }
    }
}

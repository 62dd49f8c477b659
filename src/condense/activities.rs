//! Remembers what became of the latest connections, so that their records stay together.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::level::Level;
use crate::model::Guid;

/// So many connections are remembered at least, and twice as many at most: more than are open at
/// once in the worst flood. They take less than 2 MiB.
const MOST: usize = 16_384;

/// So many records share the fate of the one that opened their connection, which is more than a
/// connection has; of one that has more, the others count for themselves.
const SHARING: u8 = 64;

/// What became of a record that opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was kept, and is up to this level.
    Kept(Level),
    /// It was counted only.
    Counted,
}

/// The latest connections by machine and activity.
#[derive(Debug, Default)]
pub(super) struct Activities {
    /// Those that were opened last, and those before them, by a number for both.
    young: HashMap<u64, Fates, RandomState>,
    old: HashMap<u64, Fates, RandomState>,
}

/// What became of the records that opened one connection. A connection is announced in several
/// channels.
#[derive(Clone, Copy, Debug)]
struct Fates {
    /// The channel of the first, by the upper half of its number, and what became of its last.
    first: (u32, Fate),
    /// The same for the latest other channel.
    other: Option<(u32, Fate)>,
    /// Records that shared one of these fates.
    sharing: u8,
}

impl Activities {
    /// What became of a connection's last opening in that channel; where it knows none, of what
    /// opened it first. A record is told that shares this fate; `None` where it shares none.
    pub(super) fn share(&mut self, machine: u64, channel: u64, activity: Guid) -> Option<Fate> {
        let key = key(machine, activity);
        let fates = match self.young.get_mut(&key) {
            Some(fates) => fates,
            None => self.old.get_mut(&key)?,
        };
        let own = fates.other.filter(|(other, _)| *other == half(channel));
        let (_, fate) = own.unwrap_or(fates.first);
        if fate != Fate::Counted {
            if fates.sharing >= SHARING {
                return None;
            }
            fates.sharing += 1;
        }
        Some(fate)
    }

    /// Remembers what became of an opening of a connection.
    pub(super) fn enter(&mut self, machine: u64, channel: u64, activity: Guid, fate: Fate) {
        let (key, channel) = (key(machine, activity), half(channel));
        if self.young.len() >= MOST {
            // Its room is used again: to grow anew would move each connection several times.
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        let Self { young, old } = self;
        let new = Fates { first: (channel, fate), other: None, sharing: 0 };
        let known = || old.get(&key).copied().unwrap_or(new);
        young.entry(key).or_insert_with(known).enter(channel, fate);
    }
}

impl Fates {
    const fn enter(&mut self, channel: u32, fate: Fate) {
        if self.first.0 == channel {
            self.first = (channel, fate);
        } else {
            self.other = Some((channel, fate));
        }
    }
}

/// A number that hardly two connections share.
fn key(machine: u64, Guid(bytes): Guid) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    words.iter().fold(machine, |key, word| {
        let word = u64::from_le_bytes(*word);
        let mixed = (key ^ word.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 32
    })
}

fn half(channel: u64) -> u32 {
    u32::try_from(channel >> 32).unwrap_or_default()
}

//! Remembers what became of the latest connections, so that their records stay together.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::level::Level;
use crate::model::Guid;
use crate::select::{Connection, connection};

/// So many connections are remembered at least, and twice as many at most: more than are open at
/// once in the worst flood, and than those of one span, of which its reader knows. They take less
/// than 3 MiB.
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
    /// Those that were opened last, and those before them. In a flood each comes anew, and in these
    /// maps new ones stand one behind the other: in a table each would be waited for.
    young: IndexMap<Connection, Fates, RandomState>,
    old: IndexMap<Connection, Fates, RandomState>,
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
        let key = connection(machine, activity);
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
        let (key, channel) = (connection(machine, activity), half(channel));
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

fn half(channel: u64) -> u32 {
    u32::try_from(channel >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Fate = Fate::Kept(Level::ALL);

    const fn guid(number: u128) -> Guid {
        Guid(number.to_le_bytes())
    }

    /// The numbers of two channels.
    const CHANNELS: (u64, u64) = (0x1111_0000_0000_0000, 0x2222_0000_0000_0000);

    #[test]
    fn each_channel_has_its_own_fate_and_others_that_of_the_first() {
        let mut activities = Activities::default();
        let (first, other) = CHANNELS;
        assert_eq!(activities.share(1, first, guid(7)), None);
        activities.enter(1, first, guid(7), KEPT);
        activities.enter(1, other, guid(7), Fate::Counted);
        assert_eq!(activities.share(1, first, guid(7)), Some(KEPT));
        assert_eq!(activities.share(1, other, guid(7)), Some(Fate::Counted));
        assert_eq!(activities.share(1, 3 << 60, guid(7)), Some(KEPT));
        for (machine, number) in [(2, 7), (1, 8), (1, 7 << 64)] {
            assert_eq!(activities.share(machine, first, guid(number)), None);
        }
        activities.enter(1, first, guid(7), Fate::Counted);
        assert_eq!(activities.share(1, first, guid(7)), Some(Fate::Counted));
    }

    #[test]
    fn so_many_records_share_what_is_kept() {
        let mut activities = Activities::default();
        let (channel, _) = CHANNELS;
        activities.enter(1, channel, guid(7), KEPT);
        let shared = (0..2 * SHARING).map_while(|_| activities.share(1, channel, guid(7)));
        assert_eq!(shared.count(), usize::from(SHARING));
        activities.enter(1, channel, guid(7), Fate::Counted);
        let mut more = (0..2 * SHARING).map(|_| activities.share(1, channel, guid(7)));
        assert!(more.all(|fate| fate == Some(Fate::Counted)));
    }

    /// Each of the latest: a reader that met a connection's opening says what becomes of its records,
    /// and must not say anything else than whoever keeps them.
    #[test]
    fn the_latest_are_remembered_and_the_first_forgotten() {
        let mut activities = Activities::default();
        let (channel, _) = CHANNELS;
        let (all, most) = (200_000_u128, MOST as u128);
        for number in 0..all {
            activities.enter(1, channel, guid(number), Fate::Counted);
        }
        let mut remembered = |number: u128| activities.share(1, channel, guid(number)).is_some();
        assert!((all - most..all).all(&mut remembered));
        assert!(!(0..all - 2 * most).any(&mut remembered));
    }
}

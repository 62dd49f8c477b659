//! What a record is and whom it names, as numbers.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};

use super::{Match, Window};
use crate::model::{Guid, Time};
use crate::rules::Who;

/// What a record is and whom it names, as numbers that are the same for equal ones: counting
/// records compares them by the million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The machine.
    pub machine: u64,
    /// The channel.
    pub channel: u64,
    /// Machine, channel, event ID and what its signals say: a wrong password and a locked account
    /// are two kinds, so that many of one do not hide the other.
    pub kind: u64,
    /// Of that kind, by that client.
    pub client: u64,
    /// Of that kind, by that client and user.
    pub user: u64,
    /// The hour in which it was written, counted from the epoch of times.
    pub hour: i64,
    /// Whether the record names a client, a user or a connection.
    pub is_named: bool,
}

impl Mark {
    /// The mark of a record of that machine and channel, with that event ID and signals of that
    /// number (see [`crate::rules::said`]), which `party` wrote.
    pub(super) fn of(
        (machine, channel): (u64, u64),
        (event_id, said): (u32, u64),
        time: Time,
        is_connection: bool,
        party: &Party,
    ) -> Self {
        let kind = mixed(mixed(machine, channel), mixed(event_id.into(), said));
        let client = mixed(kind, party.client);
        let user = mixed(client, party.user);
        let is_named = party.is_named || is_connection;
        let hour = Window::hour(time);
        Self { machine, channel, kind, client, user, hour, is_named }
    }
}

/// A connection: the number of its machine, and its activity as a number, which hashes faster than
/// bytes. Nothing shorter: two forged ones must not become one.
pub type Connection = (u64, u128);

/// The connection of that activity on the machine with that number.
pub const fn connection(machine: u64, Guid(activity): Guid) -> Connection {
    (machine, u128::from_le_bytes(activity))
}

/// The client and the user that a record names, by what any of its signals says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Party {
    /// Numbers of both.
    client: u64,
    user: u64,
    /// Whether one of them is named.
    is_named: bool,
    /// The client's address.
    pub(super) address: Option<IpAddr>,
}

impl Party {
    pub(super) fn of(who: &Who) -> Self {
        Self::named(who.address, who.name.as_deref(), who.user.as_deref())
    }

    pub(super) fn of_signals(signals: &[Match]) -> Self {
        let entities = || signals.iter().map(|found| &*found.entities);
        Self::named(
            entities().find_map(|entities| entities.client_address),
            entities().find_map(|entities| entities.client_name.as_deref()),
            entities().find_map(|entities| entities.user.as_deref()),
        )
    }

    fn named(address: Option<IpAddr>, name: Option<&str>, user: Option<&str>) -> Self {
        let octets = address.map(|address| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        });
        Self {
            client: number([octets.as_deref(), name.map(str::as_bytes)]),
            user: number([user.map(str::as_bytes)]),
            is_named: address.is_some() || name.is_some() || user.is_some(),
            address,
        }
    }
}

/// The numbers of machines and channels.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The last ones: those of one record are mostly those of the record before.
    recent: Vec<(Arc<str>, u64)>,
    /// The place among these that is given up next.
    oldest: usize,
    known: HashMap<Arc<str>, u64, RandomState>,
}

/// So many of the last ones are looked through.
const RECENT: usize = 4;
/// So many are known before all are forgotten.
const MOST_NAMES: usize = 4096;

impl Names {
    pub(super) fn number(&mut self, name: &Arc<str>) -> u64 {
        let Self { recent, oldest, known } = self;
        let same = recent.iter().find(|(known, _)| Arc::ptr_eq(known, name));
        // Each chunk has texts of its own.
        let equal = || recent.iter().find(|(known, _)| known == name);
        if let Some((_, number)) = same.or_else(equal) {
            return *number;
        }
        let number = match known.get(name) {
            Some(number) => *number,
            None => {
                if known.len() >= MOST_NAMES {
                    known.clear();
                }
                *known.entry(Arc::clone(name)).or_insert(number([Some(name.as_bytes())]))
            }
        };
        match recent.get_mut(*oldest) {
            Some(place) => *place = (Arc::clone(name), number),
            None => recent.push((Arc::clone(name), number)),
        }
        *oldest = (*oldest + 1) % RECENT;
        number
    }
}

/// One number for two.
pub(super) const fn mixed(first: u64, second: u64) -> u64 {
    let mixed = (first ^ second.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 29
}

/// A number that stands for names, the same in every run. Nobody can choose a name so that it has
/// the number of another: records of that one would seem to be copies, or of somebody known.
fn number<const COUNT: usize>(names: [Option<&[u8]>; COUNT]) -> u64 {
    let mut hasher = Sha256::new();
    for name in names {
        // Lengths first, so that each list of names is told from every other.
        let length = name.map_or(u64::MAX, |name| name.len() as u64);
        hasher.update(length.to_le_bytes());
        hasher.update(name.unwrap_or_default());
    }
    let hash: [u8; 32] = hasher.finalize().into();
    hash.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_whatever_came_before() {
        let names: Vec<Arc<str>> =
            ["", "a", "b", "c", "d", "e"].map(Arc::from).into_iter().collect();
        let fresh: Vec<u64> = names.iter().map(|name| Names::default().number(name)).collect();
        let mut known = Names::default();
        for round in 0..3 {
            for (name, number) in names.iter().zip(&fresh) {
                assert_eq!(known.number(name), *number, "{round}: {name:?}");
                // Equal names need not be one text.
                assert_eq!(known.number(&Arc::from(&**name)), *number, "{round}: {name:?}");
            }
        }
    }

    #[test]
    fn who_is_named_otherwise_has_another_number() {
        let address: IpAddr = "10.0.0.5".parse().unwrap();
        let all = [
            (None, None),
            (None, Some("")),
            (None, Some("PC")),
            (Some(address), None),
            (Some(address), Some("PC")),
            (Some("::ffff:10.0.0.5".parse().unwrap()), Some("PC")),
        ];
        let numbers: std::collections::BTreeSet<u64> =
            all.iter().map(|(address, name)| Party::named(*address, *name, None).client).collect();
        assert_eq!(numbers.len(), all.len());
    }
}

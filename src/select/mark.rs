//! What a record is and whom it names, as numbers.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

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
        Self {
            client: number(&(address, name)),
            user: number(&user),
            is_named: address.is_some() || name.is_some() || user.is_some(),
            address,
        }
    }
}

/// The numbers of the last machines and channels: those of one record are mostly those of the
/// record before.
#[derive(Debug, Default)]
pub(super) struct Names {
    recent: [(Arc<str>, u64); 4],
    /// The place that is given up next.
    oldest: usize,
}

impl Names {
    pub(super) fn number(&mut self, name: &Arc<str>) -> u64 {
        let Self { recent, .. } = self;
        let same = recent.iter().find(|(known, _)| Arc::ptr_eq(known, name));
        let equal = || recent.iter().find(|(known, _)| known == name);
        if let Some((_, number)) = same.or_else(equal) {
            return *number;
        }
        let number = number(&**name);
        if let Some(place) = self.recent.get_mut(self.oldest) {
            *place = (Arc::clone(name), number);
        }
        self.oldest = (self.oldest + 1) % self.recent.len();
        number
    }
}

/// One number for two. Whoever chose names so that two become one would only have records
/// counted together.
pub(super) const fn mixed(first: u64, second: u64) -> u64 {
    let mixed = (first ^ second.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 29
}

/// A number that stands for a value: the same in every run.
fn number(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = Mixer::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Mixes eight bytes at a time.
#[derive(Debug, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        mixed(self.0, 0)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.write_u64(last);
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // So that zeros make a difference, too.
        self.0 = mixed(self.0.wrapping_add(0x9E37_79B9), number);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.cast_unsigned() as u64);
    }
}

//! Counts records by kind, client and user within an hour, in a fixed amount of memory.
//!
//! A count-min sketch: two rows of counters, the smaller of which counts. A collision can only
//! make a record seem less rare than it is. The counters begin anew before they are so full
//! that collisions matter; floods then get the room of their first records once more.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::rank::Rank;
use crate::model::{Entities, Span, Time};
use crate::select::Selected;

/// Counters of one row: 1 MiB of memory.
const ROW: usize = 1 << 18;
/// Distinct keys after which the counters begin anew: a quarter of a row.
const MOST_KEYS: usize = ROW / 4;
/// What counts as the same flood.
const HOUR: Span = Span::seconds(3600);

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

/// What is counted apart, in the order of the rank's numbers.
#[derive(Hash)]
enum Part {
    Machine,
    Clients,
    Client,
    Users,
    User,
}

impl Counts {
    /// Counts a record, and tells what came before it.
    pub(super) fn rank(&mut self, selected: &Selected) -> Rank {
        if self.keys >= MOST_KEYS {
            *self = Self::default();
        }
        let event = &selected.event;
        let kind = (&event.machine, &event.channel, event.event_id, hour(event.time));
        let whom = Whom::of(selected);
        let client = (whom.address, whom.name);
        let on_machine = self.count(&(Part::Machine, kind));
        let of_client = self.count(&(Part::Client, kind, client));
        let clients = (Part::Clients, kind);
        let clients = if of_client == 0 { self.count(&clients) } else { self.peek(&clients) };
        let of_user = self.count(&(Part::User, kind, client, whom.user));
        let users = (Part::Users, kind, client);
        let users = if of_user == 0 { self.count(&users) } else { self.peek(&users) };
        let named = event.activity_id.is_some() || whom.is_somebody();
        Rank { named, on_machine, clients, of_client, users, of_user }
    }

    /// Counts one, and tells how many there were before.
    fn count(&mut self, key: &impl Hash) -> u32 {
        let (first, second) = slots(key);
        let before = self.peek(key);
        self.keys += usize::from(before == 0);
        for slot in [self.first.get_mut(first), self.second.get_mut(second)].into_iter().flatten() {
            // Only the smaller counter grows: fewer collisions show.
            *slot = (*slot).max(before.saturating_add(1));
        }
        before
    }

    fn peek(&self, key: &impl Hash) -> u32 {
        let (first, second) = slots(key);
        let count = |row: &[u32], slot: usize| row.get(slot).copied().unwrap_or_default();
        count(&self.first, first).min(count(&self.second, second))
    }
}

fn slots(key: &impl Hash) -> (usize, usize) {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let hash = hasher.finish();
    let slot = |bits: u64| usize::try_from(bits % ROW as u64).unwrap_or_default();
    (slot(hash), slot(hash >> 32))
}

fn hour(time: Time) -> i64 {
    time.0.div_euclid(HOUR.0)
}

/// Whom a record names, in any of its signals.
struct Whom<'a> {
    address: Option<std::net::IpAddr>,
    name: Option<&'a str>,
    user: Option<&'a str>,
}

impl<'a> Whom<'a> {
    const fn is_somebody(&self) -> bool {
        self.address.is_some() || self.name.is_some() || self.user.is_some()
    }

    fn of(selected: &'a Selected) -> Self {
        let all = || selected.signals.iter().map(|found| &*found.entities);
        fn text<'a>(
            mut all: impl Iterator<Item = &'a Entities>,
            read: fn(&Entities) -> Option<&str>,
        ) -> Option<&'a str> {
            all.find_map(read)
        }
        Self {
            address: all().find_map(|entities| entities.client_address),
            name: text(all(), |entities| entities.client_name.as_deref()),
            user: text(all(), |entities| entities.user.as_deref()),
        }
    }
}

//! Counts what is not kept, by machine and client.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Flood, Time, channel};
use crate::select::{Counted, Selected};

/// So many clients are counted apart; the others of a machine count together.
const MOST: usize = 4096;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By machine, then client.
    floods: HashMap<u64, Clients, RandomState>,
    /// How many are counted apart.
    count: usize,
    /// Machines and channels by their numbers.
    names: HashMap<u64, Arc<str>, RandomState>,
}

/// What was counted of a machine's clients.
type Clients = HashMap<Option<IpAddr>, Sum, RandomState>;

#[derive(Debug)]
struct Sum {
    records: u64,
    /// Records that open attempts, by channel and event ID: one attempt has several.
    openers: Vec<(u64, u32, u64)>,
    first: Time,
    last: Time,
}

impl Tally {
    /// Learns what the numbers of a record's mark stand for.
    pub(super) fn name(&mut self, selected: &Selected) {
        let Selected { event, mark, .. } = selected;
        self.names.entry(mark.machine).or_insert_with(|| Arc::clone(&event.machine));
        self.names.entry(mark.channel).or_insert_with(|| Arc::clone(&event.channel));
    }

    /// Counts a record whose machine and channel it knows.
    pub(super) fn count(&mut self, counted: &Counted) {
        let Counted { mark, time, address, .. } = *counted;
        let clients = self.floods.entry(mark.machine).or_default();
        let is_full = self.count >= MOST && !clients.contains_key(&address);
        let sum = clients.entry(address.filter(|_| !is_full)).or_insert_with(|| {
            self.count += 1;
            Sum { records: 0, openers: Vec::new(), first: time, last: time }
        });
        sum.records += 1;
        sum.first = sum.first.min(time);
        sum.last = sum.last.max(time);
        if counted.opens {
            sum.opened(mark.channel, counted.event_id);
        }
    }

    fn name_of(&self, number: u64) -> Arc<str> {
        self.names.get(&number).cloned().unwrap_or_default()
    }

    /// The numbers of all channels of that name.
    fn channels(&self, name: &str) -> Vec<u64> {
        let is = |(_, own): &(&u64, &Arc<str>)| own.eq_ignore_ascii_case(name);
        self.names.iter().filter(is).map(|(number, _)| *number).collect()
    }

    /// The machines on which records of that channel were counted which open attempts.
    pub(super) fn with_openers(&self, channel: &str) -> BTreeSet<Arc<str>> {
        let channels = self.channels(channel);
        let has_openers =
            |clients: &Clients| clients.values().any(|sum| sum.openers_of(&channels) > 0);
        let machines = self.floods.iter().filter(|(_, clients)| has_openers(clients));
        machines.map(|(machine, _)| self.name_of(*machine)).collect()
    }

    /// What was counted, by machine and client. Where the stack's records were counted, which
    /// name the client, the service's are others of the same attempts.
    pub(super) fn floods(&self) -> Vec<Flood> {
        let stack = self.channels(channel::RDP_CORE_TS);
        let named = self.floods.iter().map(|(machine, clients)| (self.name_of(*machine), clients));
        let floods: BTreeMap<Arc<str>, &Clients> = named.collect();
        let mut all = Vec::with_capacity(self.count);
        for (machine, clients) in floods {
            let is_stacked = clients.values().any(|sum| sum.openers_of(&stack) > 0);
            let clients: BTreeMap<Option<IpAddr>, &Sum> =
                clients.iter().map(|(address, sum)| (*address, sum)).collect();
            all.extend(clients.into_iter().map(|(client_address, sum)| Flood {
                machine: Arc::clone(&machine),
                client_address,
                attempts: if is_stacked { sum.openers_of(&stack) } else { sum.most_openers() },
                records: sum.records,
                first: sum.first,
                last: sum.last,
            }));
        }
        all
    }
}

impl Sum {
    fn opened(&mut self, channel: u64, event_id: u32) {
        let is = |(known, id, _): &&mut (u64, u32, u64)| *id == event_id && *known == channel;
        match self.openers.iter_mut().find(is) {
            Some((.., count)) => *count += 1,
            None => self.openers.push((channel, event_id, 1)),
        }
    }

    /// Records of a channel that open attempts. Each attempt has at most one of a kind, so the
    /// commonest kind tells.
    fn openers_of(&self, channels: &[u64]) -> u64 {
        let own = self.openers.iter().filter(|(channel, ..)| channels.contains(channel));
        own.map(|(.., count)| *count).max().unwrap_or_default()
    }

    fn most_openers(&self) -> u64 {
        self.openers.iter().map(|(.., count)| *count).max().unwrap_or_default()
    }
}

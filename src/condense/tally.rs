//! Counts what is not kept, by machine and client.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{COUNTED_APART, Flood, Time, channel};
use crate::select::{Counted, Mark, Selected};

/// So many machines are counted apart; the others count together, without a name.
const MOST_MACHINES: usize = 4096;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: Vec<Sum>,
    /// Their positions, by machine and client.
    positions: HashMap<(Option<u64>, Option<Bits>), usize, RandomState>,
    /// Machines by their numbers.
    names: HashMap<u64, Arc<str>, RandomState>,
    /// The numbers of the stack's channel, by its spellings.
    stack: BTreeSet<u64>,
}

/// A machine and a client that are counted apart; those that are not are none.
type Apart = (Option<u64>, Option<IpAddr>);

/// An address as numbers, which hash faster than bytes: whether it is one of version 6, and which.
type Bits = (bool, u128);

fn bits(address: IpAddr) -> Bits {
    match address {
        IpAddr::V4(address) => (false, u32::from(address).into()),
        IpAddr::V6(address) => (true, address.into()),
    }
}

#[derive(Debug)]
struct Sum {
    whose: Apart,
    records: u64,
    /// Records that open attempts, by whether the stack wrote them and event ID: one attempt has
    /// several.
    openers: Vec<(bool, u32, u64)>,
    first: Time,
    last: Time,
}

impl Tally {
    /// Learns what the numbers of a record's mark stand for: its machine and channel.
    pub(super) fn name(&mut self, mark: &Mark, (machine, own): (&Arc<str>, &Arc<str>)) {
        if self.names.len() < MOST_MACHINES && !self.names.contains_key(&mark.machine) {
            self.names.insert(mark.machine, Arc::clone(machine));
        }
        let is_stack = own.eq_ignore_ascii_case(channel::RDP_CORE_TS);
        if is_stack && self.stack.len() < MOST_MACHINES {
            self.stack.insert(mark.channel);
        }
    }

    /// Counts a record that was kept.
    pub(super) fn leave(&mut self, selected: &Selected) {
        let Selected { event, mark, .. } = selected;
        self.name(mark, (&event.machine, &event.channel));
        self.count(&Counted::of(selected));
    }

    /// Counts a record whose machine and channel it was told of, if it will tell them apart.
    pub(super) fn count(&mut self, counted: &Counted) {
        let Counted { mark, time, address, .. } = counted;
        let position = self.position(mark.machine, *address, *time);
        let Some(sum) = self.sums.get_mut(position) else { return };
        sum.records += 1;
        sum.first = sum.first.min(*time);
        sum.last = sum.last.max(*time);
        if counted.opens {
            sum.opened(self.stack.contains(&mark.channel), counted.event_id);
        }
    }

    /// The position of the sum of a machine's client, of whom a record of that time is counted.
    fn position(&mut self, machine: u64, address: Option<IpAddr>, time: Time) -> usize {
        let Self { sums, positions, names, .. } = self;
        // Mostly its machine has a name, and it was counted before.
        if let Some(position) = positions.get(&(Some(machine), address.map(bits))) {
            return *position;
        }
        let machine = Some(machine).filter(|machine| names.contains_key(machine));
        let own = (machine, address.map(bits));
        let is_full = sums.len() >= COUNTED_APART && !positions.contains_key(&own);
        let whose = (machine, address.filter(|_| !is_full));
        *positions.entry((machine, whose.1.map(bits))).or_insert_with(|| {
            sums.push(Sum { whose, records: 0, openers: Vec::new(), first: time, last: time });
            sums.len() - 1
        })
    }

    /// What was counted of each machine's clients, by its name.
    fn machines(&self) -> impl Iterator<Item = (Arc<str>, Vec<(Option<IpAddr>, &Sum)>)> {
        let mut machines: BTreeMap<Option<u64>, Vec<(Option<IpAddr>, &Sum)>> = BTreeMap::new();
        for sum in &self.sums {
            let (machine, address) = sum.whose;
            machines.entry(machine).or_default().push((address, sum));
        }
        let name = |machine: Option<u64>| self.names.get(&machine?).cloned();
        machines.into_iter().map(move |(machine, own)| (name(machine).unwrap_or_default(), own))
    }

    /// The machines on which the stack's records were counted that open attempts.
    pub(super) fn stacked(&self) -> BTreeSet<Arc<str>> {
        let machines = self.machines().filter(|(_, clients)| is_stacked(clients));
        machines.map(|(machine, _)| machine).collect()
    }

    /// What was counted, by machine and client. Where the stack's records were counted, which
    /// name the client, the service's are others of the same attempts.
    pub(super) fn floods(&self) -> Vec<Flood> {
        let mut all = Vec::with_capacity(self.sums.len());
        for (machine, clients) in self.machines() {
            let is_stacked = is_stacked(&clients);
            all.extend(clients.iter().map(|(client_address, sum)| Flood {
                machine: Arc::clone(&machine),
                client_address: *client_address,
                attempts: if is_stacked { sum.openers_of_stack() } else { sum.most_openers() },
                records: sum.records,
                first: sum.first,
                last: sum.last,
            }));
        }
        all.sort_by(|left, right| {
            let key = |flood: &Flood| (flood.client_address, flood.first, flood.records);
            left.machine.cmp(&right.machine).then_with(|| key(left).cmp(&key(right)))
        });
        all
    }
}

/// Whether records were counted of the stack that open attempts.
fn is_stacked(clients: &[(Option<IpAddr>, &Sum)]) -> bool {
    clients.iter().any(|(_, sum)| sum.openers_of_stack() > 0)
}

impl Sum {
    fn opened(&mut self, is_stack: bool, event_id: u32) {
        let is = |(stack, id, _): &&mut (bool, u32, u64)| *id == event_id && *stack == is_stack;
        match self.openers.iter_mut().find(is) {
            Some((.., count)) => *count += 1,
            None => self.openers.push((is_stack, event_id, 1)),
        }
    }

    /// Records of the stack that open attempts. Each attempt has at most one of a kind, so the
    /// commonest kind tells.
    fn openers_of_stack(&self) -> u64 {
        let own = self.openers.iter().filter(|(is_stack, ..)| *is_stack);
        own.map(|(.., count)| *count).max().unwrap_or_default()
    }

    fn most_openers(&self) -> u64 {
        self.openers.iter().map(|(.., count)| *count).max().unwrap_or_default()
    }
}

//! Counts what is not kept, by machine and client.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Flood, Time, channel};
use crate::select::{Counted, Mark};

/// So many clients are counted apart; the others of a machine count together.
const MOST: usize = 4096;
/// So many machines are counted apart; the others count together, without a name.
const MOST_MACHINES: usize = 4096;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: Vec<Sum>,
    /// By machine, then client.
    floods: HashMap<u64, Clients, RandomState>,
    /// What was counted of machines that are not counted apart.
    others: Clients,
    /// The machine and client that were counted last, and the position of their sum.
    last: Option<((u64, Option<IpAddr>), usize)>,
    /// Machines by their numbers.
    names: HashMap<u64, Arc<str>, RandomState>,
    /// The numbers of the stack's channel, by its spellings.
    stack: BTreeSet<u64>,
}

/// The positions of the sums of a machine's clients.
type Clients = HashMap<Option<IpAddr>, usize, RandomState>;

#[derive(Debug)]
struct Sum {
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
            self.last = None;
        }
        let is_stack = own.eq_ignore_ascii_case(channel::RDP_CORE_TS);
        if is_stack && self.stack.len() < MOST {
            self.stack.insert(mark.channel);
        }
    }

    /// Counts a record whose machine and channel it was told of, if it will tell them apart.
    pub(super) fn count(&mut self, counted: &Counted) {
        let Counted { mark, time, address, .. } = counted;
        let position = self.position((mark.machine, *address), *time);
        let Some(sum) = self.sums.get_mut(position) else { return };
        sum.records += 1;
        sum.first = sum.first.min(*time);
        sum.last = sum.last.max(*time);
        if counted.opens {
            sum.opened(self.stack.contains(&mark.channel), counted.event_id);
        }
    }

    /// The position of the sum of a machine's client, of whom a record of that time is counted.
    fn position(&mut self, whose: (u64, Option<IpAddr>), time: Time) -> usize {
        if let Some((_, position)) = self.last.filter(|(last, _)| *last == whose) {
            return position;
        }
        let (machine, address) = whose;
        let Self { sums, floods, others, names, .. } = self;
        let clients = match names.contains_key(&machine) {
            true => floods.entry(machine).or_default(),
            false => others,
        };
        let is_full = sums.len() >= MOST && !clients.contains_key(&address);
        let position = *clients.entry(address.filter(|_| !is_full)).or_insert_with(|| {
            sums.push(Sum { records: 0, openers: Vec::new(), first: time, last: time });
            sums.len() - 1
        });
        self.last = Some((whose, position));
        position
    }

    /// What was counted of each machine's clients, by its name.
    fn machines(&self) -> impl Iterator<Item = (Arc<str>, Vec<(Option<IpAddr>, &Sum)>)> {
        let name = |number: &u64| self.names.get(number).cloned().unwrap_or_default();
        let named = self.floods.iter().map(move |(number, clients)| (name(number), clients));
        let sum = |(address, position): (&_, &usize)| Some((*address, self.sums.get(*position)?));
        let all = named.chain([(Arc::default(), &self.others)]);
        all.map(move |(machine, clients)| (machine, clients.iter().filter_map(sum).collect()))
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

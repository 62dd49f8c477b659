//! Counts what is not kept, by machine and client.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Flood, Time, channel};
use crate::select::Selected;

/// So many clients are counted apart; the others of a machine count together.
const MOST: usize = 4096;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By machine, then client.
    floods: HashMap<u64, (Arc<str>, Clients), RandomState>,
    /// How many are counted apart.
    count: usize,
}

/// What was counted of a machine's clients.
type Clients = HashMap<Option<IpAddr>, Counted, RandomState>;

#[derive(Debug)]
struct Counted {
    records: u64,
    /// Records that open attempts, by channel and event ID: one attempt has several.
    openers: Vec<(Arc<str>, u32, u64)>,
    first: Time,
    last: Time,
}

impl Tally {
    /// Counts a record that is not kept.
    pub(super) fn count(&mut self, selected: &Selected) {
        let event = &selected.event;
        let address = selected.signals.iter().find_map(|found| found.entities.client_address);
        let machine = self.floods.entry(selected.mark.machine);
        let (_, clients) = machine.or_insert_with(|| (event.machine.clone(), Clients::default()));
        let is_full = self.count >= MOST && !clients.contains_key(&address);
        let counted = clients.entry(address.filter(|_| !is_full)).or_insert_with(|| {
            self.count += 1;
            Counted { records: 0, openers: Vec::new(), first: event.time, last: event.time }
        });
        counted.records += 1;
        counted.first = counted.first.min(event.time);
        counted.last = counted.last.max(event.time);
        if selected.signals.iter().any(|found| found.effect.opens) {
            counted.opened(&event.channel, event.event_id);
        }
    }

    /// The machines on which records of that channel were counted which open attempts.
    pub(super) fn with_openers(&self, channel: &str) -> BTreeSet<Arc<str>> {
        let has_openers =
            |clients: &Clients| clients.values().any(|counted| counted.openers_of(channel) > 0);
        let machines = self.floods.values().filter(|(_, clients)| has_openers(clients));
        machines.map(|(machine, _)| Arc::clone(machine)).collect()
    }

    /// What was counted, by machine and client. Where the stack's records were counted, which
    /// name the client, the service's are others of the same attempts.
    pub(super) fn floods(self) -> Vec<Flood> {
        let floods: BTreeMap<Arc<str>, BTreeMap<Option<IpAddr>, Counted>> = self
            .floods
            .into_values()
            .map(|(machine, clients)| (machine, clients.into_iter().collect()))
            .collect();
        let mut all = Vec::with_capacity(self.count);
        for (machine, clients) in floods {
            let is_stacked = |counted: &Counted| counted.openers_of(channel::RDP_CORE_TS) > 0;
            let is_stacked = clients.values().any(is_stacked);
            all.extend(clients.into_iter().map(|(client_address, counted)| Flood {
                machine: Arc::clone(&machine),
                client_address,
                attempts: if is_stacked {
                    counted.openers_of(channel::RDP_CORE_TS)
                } else {
                    counted.openers.iter().map(|(.., count)| *count).max().unwrap_or_default()
                },
                records: counted.records,
                first: counted.first,
                last: counted.last,
            }));
        }
        all
    }
}

impl Counted {
    fn opened(&mut self, channel: &Arc<str>, event_id: u32) {
        let known = self.openers.iter_mut().find(|(known, id, _)| {
            *id == event_id && (Arc::ptr_eq(known, channel) || known == channel)
        });
        match known {
            Some((.., count)) => *count += 1,
            None => self.openers.push((Arc::clone(channel), event_id, 1)),
        }
    }

    /// Records of a channel that open attempts. Each attempt has at most one of a kind, so the
    /// commonest kind tells.
    fn openers_of(&self, channel: &str) -> u64 {
        self.openers
            .iter()
            .filter(|(name, ..)| name.eq_ignore_ascii_case(channel))
            .map(|(.., count)| *count)
            .max()
            .unwrap_or_default()
    }
}

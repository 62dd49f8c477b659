//! Counts what is not kept, by machine and client.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{Flood, Time, channel};
use crate::select::Selected;

/// So many clients are counted apart; the others of a machine count together.
const MOST: usize = 4096;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    floods: BTreeMap<(Arc<str>, Option<IpAddr>), Counted>,
}

#[derive(Debug)]
struct Counted {
    records: u64,
    /// Records that open attempts, by channel and event ID: one attempt has several.
    openers: BTreeMap<(Arc<str>, u32), u64>,
    first: Time,
    last: Time,
}

impl Tally {
    /// Counts a record that is not kept.
    pub(super) fn count(&mut self, selected: &Selected) {
        let event = &selected.event;
        let address = selected.signals.iter().find_map(|found| found.entities.client_address);
        let mut key = (event.machine.clone(), address);
        if self.floods.len() >= MOST && !self.floods.contains_key(&key) {
            key.1 = None;
        }
        let counted = self.floods.entry(key).or_insert_with(|| Counted {
            records: 0,
            openers: BTreeMap::new(),
            first: event.time,
            last: event.time,
        });
        counted.records += 1;
        counted.first = counted.first.min(event.time);
        counted.last = counted.last.max(event.time);
        if selected.signals.iter().any(|found| found.effect.opens) {
            let kind = (event.channel.clone(), event.event_id);
            *counted.openers.entry(kind).or_default() += 1;
        }
    }

    /// Whether records of that channel which open attempts were counted on a machine.
    pub(super) fn has_openers(&self, machine: &Arc<str>, channel: &str) -> bool {
        self.floods.iter().any(|((counted_on, _), counted)| {
            counted_on == machine && counted.openers_of(channel) > 0
        })
    }

    /// What was counted, by machine and client. Where the stack's records were counted, which
    /// name the client, the service's are others of the same attempts.
    pub(super) fn floods(self) -> Vec<Flood> {
        let stacked: BTreeSet<Arc<str>> = self
            .floods
            .iter()
            .filter(|(_, counted)| counted.openers_of(channel::RDP_CORE_TS) > 0)
            .map(|((machine, _), _)| machine.clone())
            .collect();
        self.floods
            .into_iter()
            .map(|((machine, client_address), counted)| Flood {
                attempts: if stacked.contains(&machine) {
                    counted.openers_of(channel::RDP_CORE_TS)
                } else {
                    counted.openers.values().copied().max().unwrap_or_default()
                },
                machine,
                client_address,
                records: counted.records,
                first: counted.first,
                last: counted.last,
            })
            .collect()
    }
}

impl Counted {
    /// Records of a channel that open attempts. Each attempt has at most one of a kind, so the
    /// commonest kind tells.
    fn openers_of(&self, channel: &str) -> u64 {
        self.openers
            .iter()
            .filter(|((name, _), _)| name.eq_ignore_ascii_case(channel))
            .map(|(_, count)| *count)
            .max()
            .unwrap_or_default()
    }
}

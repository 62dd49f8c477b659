//! Joins what a domain controller or a connection broker recorded to the attempts that asked.
//!
//! Knows users, clients and clocks. An account is checked once for each try, so the records of
//! a controller stand beside the beginning of an attempt; whom they name decides.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::clocks::{self, Possible};
use super::draft::{Draft, taken_in};
use super::links::same_machine;
use super::views::{around, closest, compared};
use super::weak::agree;
use crate::model::{
    ClockOffset, Confidence, Facts, JoinedBy, MachineRole, Side, Signal, Span, Time, View, channel,
};

/// Security events about accounts that are written where the account lives: NTLM checks,
/// Kerberos tickets and lockouts.
const ACCOUNT_EVENTS: [u32; 5] = [4740, 4768, 4769, 4771, 4776];
/// How far apart two clocks are believed to be.
const REACH: Span = Span::seconds(15 * 60);
/// A ticket is asked for before the client connects, and both logs may lag a little.
const BEFORE: Span = Span::seconds(3);
/// So long after an attempt began its account is checked.
const AFTER: Span = Span::seconds(10);

/// Gives each record of an authority to the attempt that it decided, and tells the offsets of
/// the authorities' clocks.
pub(super) fn join(drafts: &mut [Draft], facts: &Facts) -> Vec<ClockOffset> {
    let joined = taken_in(drafts, facts);
    let records: Vec<Record> = facts
        .signals
        .iter()
        .enumerate()
        .zip(joined)
        .filter(|(_, joined)| !joined)
        .filter_map(|((index, signal), _)| Record::of(index, signal, facts))
        .collect();
    if records.is_empty() {
        return Vec::new();
    }
    let people = People::of(drafts, records.len());
    let offsets = offsets(&records, drafts, &people, facts);
    for record in &records {
        let Some(signal) = facts.signals.get(record.signal) else { continue };
        let best = people
            .drafts(signal, REACH + AFTER)
            .filter_map(|number| Some((fit(record, signal, number, drafts, &offsets)?, number)))
            .min();
        if let Some((fit, number)) = best
            && let Some(draft) = drafts.get_mut(number)
        {
            let offset = offsets.get(&(signal.machine.clone(), draft.machine.clone()));
            enter(draft, record, signal, &fit, offset);
        }
    }
    offsets.into_values().collect()
}

/// A record of an authority.
struct Record {
    signal: usize,
    role: MachineRole,
}

impl Record {
    fn of(index: usize, signal: &Signal, facts: &Facts) -> Option<Self> {
        let event = signal.records.first().and_then(|record| facts.events.get(*record))?;
        let is = |name: &str| event.channel.eq_ignore_ascii_case(name);
        let role = if is(channel::SECURITY) && ACCOUNT_EVENTS.contains(&event.event_id) {
            MachineRole::Dc
        } else if is(channel::SESSION_BROKER) {
            MachineRole::Broker
        } else {
            return None;
        };
        Some(Self { signal: index, role })
    }
}

type Offsets = BTreeMap<(Arc<str>, Arc<str>), ClockOffset>;

fn offsets(records: &[Record], drafts: &[Draft], people: &People, facts: &Facts) -> Offsets {
    let mut possible: BTreeMap<(Arc<str>, Arc<str>), Vec<Possible>> = BTreeMap::new();
    for record in records {
        let Some(signal) = facts.signals.get(record.signal) else { continue };
        for number in people.drafts(signal, REACH) {
            let Some(draft) = drafts.get(number) else { continue };
            if draft.machine == signal.machine {
                continue;
            }
            if let Some(tie) = tie(draft, signal) {
                let pair = (signal.machine.clone(), draft.machine.clone());
                possible.entry(pair).or_default().push(Possible {
                    viewer: record.signal,
                    lead: number,
                    difference: draft.started.since(signal.time),
                    named: tie.is_sure(),
                });
            }
        }
    }
    possible
        .into_iter()
        .filter_map(|((authority, host), pairs)| {
            let offset = clocks::estimate(&authority, &host, pairs)?;
            Some(((authority, host), offset))
        })
        .collect()
}

/// What a record and an attempt have in common.
#[derive(Clone, Copy, Debug)]
struct Tie {
    user: bool,
    address: bool,
    client: bool,
}

impl Tie {
    const fn is_sure(self) -> bool {
        self.user && (self.address || self.client)
    }

    fn names(self) -> Vec<&'static str> {
        [("client address", self.address), ("client name", self.client), ("user", self.user)]
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(name, _)| name)
            .collect()
    }

    const fn reason(self) -> JoinedBy {
        if self.address {
            JoinedBy::ClientAddress
        } else if self.client {
            JoinedBy::ClientName
        } else {
            JoinedBy::User
        }
    }
}

/// `None` where the record is about somebody else, or names nobody that the attempt knows.
fn tie(draft: &Draft, signal: &Signal) -> Option<Tie> {
    let entities = &signal.entities;
    // A ticket for another machine's service is about another connection.
    if entities.target.as_ref().is_some_and(|target| !same_machine(target, &draft.machine)) {
        return None;
    }
    let user = agree(draft.user.as_ref(), entities.user.as_ref())?;
    let address = agree(draft.client_address.as_ref(), entities.client_address.as_ref());
    // What passes a password on may be the host itself, whose address the ticket then bears.
    let address = address.unwrap_or(false);
    let client = match (draft.client_name.as_deref(), entities.client_name.as_deref()) {
        (Some(left), Some(right)) => same_machine(left, right),
        _ => false,
    };
    (user || address).then_some(Tie { user, address, client })
}

/// How well a record fits an attempt; the smallest is best.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    taken: bool,
    by: JoinedBy,
    apart: Span,
    ties: Vec<&'static str>,
    sure: bool,
}

fn fit(
    record: &Record,
    signal: &Signal,
    number: usize,
    drafts: &[Draft],
    offsets: &Offsets,
) -> Option<Fit> {
    let draft = drafts.get(number)?;
    let offset = offsets.get(&(signal.machine.clone(), draft.machine.clone()));
    let time = signal.time + offset.map(|offset| offset.offset).unwrap_or_default();
    if time < draft.started - BEFORE || time > draft.started + AFTER {
        return None;
    }
    let tie = tie(draft, signal)?;
    // A host knows the user of what it refused; one that knows only an address had the client
    // fail before, which a broker does not see.
    if !tie.user && record.role == MachineRole::Broker {
        return None;
    }
    Some(Fit {
        taken: draft.kinds.contains(&signal.id),
        by: tie.reason(),
        apart: time.since(draft.started).abs(),
        ties: tie.names(),
        sure: tie.is_sure(),
    })
}

fn enter(
    draft: &mut Draft,
    record: &Record,
    signal: &Signal,
    fit: &Fit,
    offset: Option<&ClockOffset>,
) {
    let shift = offset
        .map(|offset| offset.offset)
        .filter(|offset| offset.abs() >= clocks::NO_OFFSET)
        .unwrap_or_default();
    let (started, last) = (draft.started, draft.last);
    draft.join_at(record.signal, signal, fit.by, signal.time + shift);
    // A ticket that came before is no part of the try's own time.
    (draft.started, draft.last) = (started, last);
    if signal.machine == draft.machine
        || draft.views.iter().any(|view| view.machine == signal.machine)
    {
        return;
    }
    draft.views.push(View {
        machine: signal.machine.clone(),
        role: record.role,
        offset: shift,
        confidence: if fit.sure { Confidence::Likely } else { Confidence::Possible },
        ties: fit.ties.clone(),
    });
}

/// The attempts of each user and of each client address, by start.
#[derive(Default)]
struct People {
    users: BTreeMap<Arc<str>, Vec<(Time, usize)>>,
    clients: BTreeMap<IpAddr, Vec<(Time, usize)>>,
    /// So many attempts of each a record is compared with.
    compared: usize,
}

impl People {
    /// For so many records.
    fn of(drafts: &[Draft], records: usize) -> Self {
        let mut people = Self { compared: compared(records), ..Self::default() };
        for (number, draft) in drafts.iter().enumerate() {
            if draft.side == Side::Client {
                continue;
            }
            if let Some(user) = &draft.user {
                people.users.entry(user.clone()).or_default().push((draft.started, number));
            }
            if let Some(client) = draft.client_address {
                people.clients.entry(client).or_default().push((draft.started, number));
            }
        }
        people.users.values_mut().for_each(|starts| starts.sort_unstable());
        people.clients.values_mut().for_each(|starts| starts.sort_unstable());
        people
    }

    /// The attempts around a record that share its user or its client's address.
    fn drafts(&self, signal: &Signal, reach: Span) -> impl Iterator<Item = usize> + '_ {
        let time = signal.time;
        let near = move |list: &'_ Vec<(Time, usize)>| -> Vec<usize> {
            closest(around(list, time, reach), time, self.compared).collect()
        };
        let user = signal.entities.user.as_ref().and_then(|user| self.users.get(user)).map(near);
        let client = signal.entities.client_address.and_then(|client| self.clients.get(&client));
        let both: BTreeSet<usize> = user.into_iter().chain(client.map(near)).flatten().collect();
        both.into_iter()
    }
}

//! Joins records that carry no activity of their own: Security, Schannel and other channels
//! that know nothing of Remote Desktop connections.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::Draft;
use super::keys::Keys;
use super::sides::side;
use crate::model::{Facts, JoinedBy, Signal, Span, Stage, Time};

/// How long before an attempt's first record a record may still belong to it. Channels are
/// written by different processes, so their clocks' readings can cross by a little.
const BEFORE: Span = Span::milliseconds(500);
/// How long after an attempt's last record a record may still belong to it.
const AFTER: Span = Span::seconds(3);
/// Where nothing but time speaks for a join, the record must be this close to the attempt.
const AFTER_BY_TIME: Span = Span::seconds(1);

/// Where a record only names somebody and says nothing about a stage, it must be this close to
/// the attempt's beginning, which is when accounts are checked.
const AFTER_BEGINNING: Span = Span::seconds(30);

/// Gives each signal that has no attempt yet to the attempt whose keys it bears, else to the
/// attempt that fits best: one that has no such record yet, by address before name before user
/// before time, then the one that was going on, then the latest.
pub(super) fn join(drafts: &mut [Draft], facts: &Facts) {
    let joined: BTreeSet<usize> =
        drafts.iter().flat_map(|draft| draft.signals.iter().map(|joined| joined.signal)).collect();
    let starts = Starts::of(drafts);
    let mut keys = Keys::of(drafts);
    for (index, signal) in facts.signals.iter().enumerate() {
        if joined.contains(&index) {
            continue;
        }
        let found = keys.holder(signal, drafts).or_else(|| best(drafts, signal, &starts, facts));
        if let Some((number, by)) = found
            && let Some(draft) = drafts.get_mut(number)
        {
            draft.join(index, signal, by);
            keys.learn(number, draft);
        }
    }
}

fn best(
    drafts: &[Draft],
    signal: &Signal,
    starts: &Starts,
    facts: &Facts,
) -> Option<(usize, JoinedBy)> {
    let side = side(signal, facts);
    starts
        .near(signal)
        .filter_map(|number| Some((number, drafts.get(number)?)))
        .filter(|(_, draft)| draft.side == side)
        .filter_map(|(number, draft)| Some((fit(draft, signal)?, number)))
        .min()
        .map(|(fit, number)| (number, fit.by))
}

/// How well a signal fits a draft; the smallest is best.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// A draft that has a record of this kind already comes last: a tool's refusals are all of
    /// one user, and each belongs to an attempt of its own.
    taken: bool,
    by: JoinedBy,
    /// A draft that died in the stage that the signal names comes first.
    same_stage: Reverse<bool>,
    /// A draft that was over already comes last.
    over: bool,
    /// The draft that began most recently comes first: a session of the same client may be
    /// hours old.
    age: Span,
}

fn fit(draft: &Draft, signal: &Signal) -> Option<Fit> {
    if signal.time < draft.started - BEFORE || signal.time > draft.last + AFTER {
        return None;
    }
    let entities = &signal.entities;
    let address = agree(draft.client_address.as_ref(), entities.client_address.as_ref())?;
    let user = agree(draft.user.as_ref(), entities.user.as_ref())?;
    let name = agree(draft.client_name.as_ref(), entities.client_name.as_ref())?;
    let target = agree(draft.target.as_ref(), entities.target.as_ref())?;
    let by = match (address, name, user || target) {
        (true, ..) => JoinedBy::ClientAddress,
        (false, true, _) => JoinedBy::ClientName,
        (false, false, true) => JoinedBy::User,
        (false, false, false) => JoinedBy::Time,
    };
    let speaks = signal.effect.proves.is_some() || signal.effect.fails.is_some();
    if !speaks && signal.time > draft.started + AFTER_BEGINNING {
        return None;
    }
    // A failure cannot belong to an attempt that passed the stage it failed in.
    if let Some(fails) = signal.effect.fails
        && fails != Stage::Session
        && draft.reached >= Some(fails)
    {
        return None;
    }
    // Time alone never proves progress: the logon may be anybody's.
    if by == JoinedBy::Time
        && (signal.effect.fails.is_none() || signal.time > draft.last + AFTER_BY_TIME)
    {
        return None;
    }
    Some(Fit {
        taken: draft.kinds.contains(&signal.id),
        by,
        same_stage: Reverse(signal.effect.fails.is_some_and(|stage| draft.fails.contains(&stage))),
        over: signal.time > draft.last,
        age: signal.time.since(draft.started).abs(),
    })
}

/// Whether two names are known to be the same; `None` when they are known to differ.
pub(super) fn agree<T: PartialEq>(left: Option<&T>, right: Option<&T>) -> Option<bool> {
    match (left, right) {
        (Some(left), Some(right)) => (left == right).then_some(true),
        _ => Some(false),
    }
}

/// Attempts that last longer than this are looked at one by one: there are few of them, and
/// every record of their time may be theirs.
const LONG: Span = Span::seconds(60);

/// The drafts of each machine by start, to find those around a time without looking at all.
struct Starts {
    by_machine: BTreeMap<Arc<str>, Machine>,
}

#[derive(Default)]
struct Machine {
    /// Start and number of the short ones, ascending.
    short: Vec<(Time, usize)>,
    /// Numbers of the long ones.
    long: Vec<usize>,
}

impl Starts {
    fn of(drafts: &[Draft]) -> Self {
        let mut by_machine: BTreeMap<Arc<str>, Machine> = BTreeMap::new();
        for (number, draft) in drafts.iter().enumerate() {
            let machine = by_machine.entry(draft.machine.clone()).or_default();
            if draft.last.since(draft.started) > LONG {
                machine.long.push(number);
            } else {
                machine.short.push((draft.started, number));
            }
        }
        for machine in by_machine.values_mut() {
            machine.short.sort_unstable();
        }
        Self { by_machine }
    }

    /// The drafts that a signal may belong to by its time; some more may be among them.
    fn near(&self, signal: &Signal) -> impl Iterator<Item = usize> {
        let machine = self.by_machine.get(&signal.machine);
        let short = machine.and_then(|machine| {
            let from = signal.time - LONG - AFTER;
            let to = signal.time + BEFORE;
            let first = machine.short.partition_point(|(start, _)| *start < from);
            let last = machine.short.partition_point(|(start, _)| *start <= to);
            machine.short.get(first..last)
        });
        let long = machine.map(|machine| machine.long.as_slice());
        let short = short.unwrap_or_default().iter().map(|(_, number)| *number);
        short.chain(long.unwrap_or_default().iter().copied())
    }
}

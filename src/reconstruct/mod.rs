//! Groups signals into connection attempts.
//!
//! Knows activity IDs, addresses, names and time. Knows nothing about causes: what a record
//! says about its attempt (opens it, ends it, proves or refutes a stage) comes with the signal.

mod conclude;
mod draft;
mod draw;
mod pair;
#[cfg(test)]
mod tests;
mod weak;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Attempt, ClockOffset, Facts, Guid, JoinedBy, Side, Signal};
use draft::Draft;

/// What the signals of a case amount to.
#[derive(Clone, Debug, Default)]
pub struct Reconstruction {
    /// The facts; signals know their attempts, and drawn signals are added.
    pub facts: Facts,
    /// The attempts, ordered by start, machine and id.
    pub attempts: Vec<Attempt>,
    /// How far machines' clocks are apart, ordered by machine.
    pub clocks: Vec<ClockOffset>,
}

/// Rebuilds the attempts of a case. Signals learn which attempt they belong to, and the
/// signals that are drawn from attempts ([`crate::model::drawn`]) are added.
///
/// `client_channel` tells whether a channel is logged by the machine that connects.
/// The attempts come out ordered by start, machine and id.
pub fn reconstruct(mut facts: Facts, client_channel: impl Fn(&str) -> bool) -> Reconstruction {
    let side = |signal: &Signal, facts: &Facts| {
        let channel = signal.records.first().and_then(|record| facts.events.get(*record));
        match channel {
            Some(event) if client_channel(&event.channel) => Side::Client,
            _ => Side::Host,
        }
    };
    let mut drafts = group_by_activity(&facts, side);
    weak::join(&mut drafts, &facts, &side);
    let drafts = pair::views(drafts, &facts);
    let mut attempts: Vec<(Attempt, Draft)> =
        drafts.into_iter().map(|draft| (conclude::attempt(&draft, &facts), draft)).collect();
    attempts.sort_by(|(left, _), (right, _)| {
        (left.started, &left.machine, &left.id).cmp(&(right.started, &right.machine, &right.id))
    });
    for (index, (_, draft)) in attempts.iter().enumerate() {
        for joined in &draft.signals {
            if let Some(signal) = facts.signals.get_mut(joined.signal) {
                signal.attempt = Some(index);
            }
        }
    }
    let mut attempts: Vec<Attempt> = attempts.into_iter().map(|(attempt, _)| attempt).collect();
    conclude::mark_probes(&mut attempts);
    draw::signals(&mut facts, &attempts);
    Reconstruction { facts, attempts, clocks: Vec::new() }
}

/// One draft for each activity that opens an attempt. An activity that opens again after its
/// end is a new attempt: the client keeps one activity over several tries.
fn group_by_activity(facts: &Facts, side: impl Fn(&Signal, &Facts) -> Side) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut current: BTreeMap<(Arc<str>, Guid), usize> = BTreeMap::new();
    for (index, signal) in facts.signals.iter().enumerate() {
        let key = signal.activity_id.map(|activity| (signal.machine.clone(), activity));
        let known = key.as_ref().and_then(|key| current.get(key)).copied();
        match known.and_then(|draft| drafts.get_mut(draft)) {
            Some(draft) if !(signal.effect.opens && draft.ended) => {
                draft.join(index, signal, JoinedBy::Activity);
            }
            _ if signal.effect.opens => {
                let mut draft =
                    Draft::new(signal.machine.clone(), side(signal, facts), signal.time);
                draft.join(index, signal, JoinedBy::Activity);
                if let Some(key) = key {
                    current.insert(key, drafts.len());
                }
                drafts.push(draft);
            }
            _ => {}
        }
    }
    drafts
}

//! Groups signals into connection attempts.
//!
//! Knows activity IDs, connection names, sessions, addresses, names, clocks and time, which tie
//! records to attempts in that order of strength. Knows nothing about causes: what a record
//! says about its attempt (opens it, ends it, proves or refutes a stage) comes with the signal.

mod activity;
mod authorities;
mod clocks;
mod conclude;
mod draft;
mod draw;
mod going;
mod keys;
mod links;
mod probes;
mod sessions;
mod sides;
#[cfg(test)]
mod tests;
mod views;
mod weak;
mod witness;

use rayon::prelude::*;

use crate::model::{Attempt, ClockOffset, Facts, arrange};
use conclude::Rest;

/// What the signals of a case amount to.
#[derive(Clone, Debug, Default)]
pub struct Reconstruction {
    /// The facts; signals know their attempts and stand at one clock, their attempt's or else the
    /// one that their machine was compared with, and drawn signals are added.
    pub facts: Facts,
    /// The attempts, ordered by start, machine and id.
    pub attempts: Vec<Attempt>,
    /// How far machines' clocks are apart, ordered by machine.
    pub clocks: Vec<ClockOffset>,
}

/// Rebuilds the attempts of a case. Signals learn which attempt they belong to, and the
/// signals that are drawn from attempts ([`crate::model::drawn`]) are added.
///
/// The attempts come out ordered by start, machine and id.
pub fn reconstruct(mut facts: Facts) -> Reconstruction {
    let mut drafts = activity::drafts(&facts);
    weak::join(&mut drafts, &facts);
    let known = drafts.len();
    witness::drafts(&mut drafts, &facts);
    if drafts.len() > known {
        weak::join(&mut drafts, &facts);
    }
    let (mut drafts, mut clocks) = views::unite(drafts, &facts);
    clocks.extend(authorities::join(&mut drafts, &facts));
    clocks.sort_by(|left, right| {
        (&left.machine, &left.relative_to).cmp(&(&right.machine, &right.relative_to))
    });
    clocks::set(&mut facts, &mut drafts, &clocks);
    let (mut attempts, mut rests): (Vec<Attempt>, Vec<Rest>) =
        drafts.into_par_iter().map(|draft| conclude::attempt(draft, &facts)).unzip();
    let places = in_order(&attempts);
    arrange(&mut attempts, places.clone());
    arrange(&mut rests, places);
    for (number, rest) in rests.iter().enumerate() {
        for joined in &rest.signals {
            if let Some(signal) = facts.signals.get_mut(joined.signal) {
                signal.attempt = Some(number);
                signal.time = joined.time;
            }
        }
    }
    probes::mark(&mut attempts, &rests);
    sessions::mark(&mut attempts, &rests);
    drop(rests);
    draw::signals(&mut facts, &attempts);
    Reconstruction { facts, attempts, clocks }
}

/// The places of attempts by start, machine and id.
fn in_order(attempts: &[Attempt]) -> Vec<usize> {
    let key = |place: &usize| {
        let attempt = attempts.get(*place);
        attempt.map(|attempt| (attempt.started, &attempt.machine, &attempt.id))
    };
    let mut places: Vec<usize> = (0..attempts.len()).collect();
    places.sort_by(|left, right| key(left).cmp(&key(right)));
    places
}

//! Leaves what the options ask for: the attempts of some machines, users, clients and times, and
//! the conclusions about them that are sure enough.
//!
//! Everything is concluded before anything is left out: what others met on the same machine is
//! evidence, an attempt that a choice of times cut in two would be a failure that never was, and
//! what is not shown was concluded all the same. How much is left out is told.

use std::collections::BTreeMap;

use crate::model::{Attempt, Candidate, Diagnosis, Facts, Flood, Role, Undecided};
use crate::options::{Options, saw};

/// Whether an attempt is one of those asked for.
pub fn concerns(attempt: &Attempt, options: &Options) -> bool {
    let user = || attempt.user.as_deref().is_some_and(|user| options.has_user(user));
    let client = || attempt.client_address.is_some_and(|client| options.clients.contains(&client));
    let machine = || options.machines.iter().any(|machine| saw(attempt, machine));
    options.has_time(attempt.started)
        && (options.machines.is_empty() || machine())
        && (options.users.is_empty() || user())
        && (options.clients.is_empty() || client())
}

/// The conclusions that concern what is asked for, with its attempts alone. Whom a conclusion
/// concerns besides, and since when, stays on record.
pub fn candidates(
    candidates: Vec<Candidate>,
    attempts: &[Attempt],
    facts: &Facts,
    options: &Options,
) -> Vec<Candidate> {
    if !is_narrow(options) {
        return candidates;
    }
    let asked =
        |attempt: &usize| attempts.get(*attempt).is_some_and(|attempt| concerns(attempt, options));
    let mut kept = Vec::new();
    for mut candidate in candidates {
        // What explains attempts stands and falls with them, what explains none with its records.
        let stands_alone = candidate.attempts.is_empty() && is_recorded(&candidate, facts, options);
        candidate.attempts.retain(asked);
        for episode in &mut candidate.episodes {
            episode.attempts.retain(asked);
        }
        let Candidate { users, clients, .. } = &candidate;
        let is_named = (options.users.is_empty()
            || users.iter().any(|user| options.has_user(user)))
            && (options.clients.is_empty()
                || clients.iter().any(|client| options.clients.contains(client)));
        // The evidence may name who tried where the attempt itself does not.
        let is_named = is_named && (stands_alone || !options.is_partial());
        if is_named || !candidate.attempts.is_empty() {
            kept.push(candidate);
        }
    }
    kept
}

/// Whether a record of the machines and times asked for speaks for a conclusion.
fn is_recorded(candidate: &Candidate, facts: &Facts, options: &Options) -> bool {
    let lies_there = candidate.scope.machine().is_some_and(|name| options.has_machine(name));
    let speaks = |role| matches!(role, Role::Decisive | Role::Supporting);
    let items = candidate.evidence.iter().filter(|item| speaks(item.role));
    let mut events =
        items.flat_map(|item| &item.records).filter_map(|record| facts.events.get(*record));
    events.any(|event| {
        options.has_time(event.time) && (lies_there || options.has_machine(&event.machine))
    })
}

/// What was only counted of the machines, clients and times asked for. Of which user it was is
/// not known.
pub fn floods(mut floods: Vec<Flood>, options: &Options) -> Vec<Flood> {
    floods.retain(|flood| {
        let client =
            || flood.client_address.is_some_and(|client| options.clients.contains(&client));
        options.has_machine(&flood.machine)
            && (options.clients.is_empty() || client())
            && options.since.is_none_or(|since| flood.last >= since)
            && options.until.is_none_or(|until| flood.first < until)
    });
    floods
}

/// Takes out the conclusions that are less sure than asked for; the ranks of the others close up.
pub fn below_band(diagnoses: &mut Vec<Diagnosis>, options: &Options) -> Vec<Diagnosis> {
    let is_below = |found: &mut Diagnosis| found.candidate.confidence < options.min_confidence;
    let below: Vec<Diagnosis> = diagnoses.extract_if(.., is_below).collect();
    for (number, diagnosis) in (1..).zip(diagnoses) {
        diagnosis.rank = number;
    }
    below
}

/// Leaves out the attempts that are not asked for, wherever something points at them, and says how
/// many these are.
pub fn attempts(
    attempts: &mut Vec<Attempt>,
    facts: &mut Facts,
    diagnoses: &mut [Diagnosis],
    undecided: &mut Vec<Undecided>,
    options: &Options,
) -> usize {
    if !is_narrow(options) {
        return 0;
    }
    let total = attempts.len();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for (number, attempt) in std::mem::take(attempts).into_iter().enumerate() {
        if concerns(&attempt, options) {
            places.insert(number, kept.len());
            kept.push(attempt);
        }
    }
    let moved = |numbers: &mut Vec<usize>| {
        *numbers = numbers.iter().filter_map(|number| places.get(number).copied()).collect();
    };
    for attempt in &mut kept {
        attempt.continues = attempt.continues.and_then(|number| places.get(&number).copied());
    }
    for diagnosis in diagnoses {
        moved(&mut diagnosis.candidate.attempts);
        diagnosis.candidate.episodes.iter_mut().for_each(|one| moved(&mut one.attempts));
    }
    for signal in &mut facts.signals {
        signal.attempt = signal.attempt.and_then(|number| places.get(&number).copied());
    }
    undecided.retain_mut(|undecided| match places.get(&undecided.attempt) {
        Some(place) => {
            undecided.attempt = *place;
            true
        }
        None => false,
    });
    *attempts = kept;
    total - attempts.len()
}

/// Whether not everything is asked for.
pub const fn is_narrow(options: &Options) -> bool {
    options.is_partial() || !options.users.is_empty() || !options.clients.is_empty()
}

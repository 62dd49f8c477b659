//! Leaves what the options ask for: the attempts of some users and clients, and the conclusions
//! about them.
//!
//! Everything is concluded before anything is left out: what others met on the same machine is
//! evidence. Machines and times are chosen while reading.

use std::collections::BTreeMap;

use crate::model::{Attempt, Candidate, Diagnosis, Facts, Undecided};
use crate::options::Options;

/// Whether an attempt is one of those asked for.
pub fn concerns(attempt: &Attempt, options: &Options) -> bool {
    let user = || attempt.user.as_deref().is_some_and(|user| options.has_user(user));
    let client = || attempt.client_address.is_some_and(|client| options.clients.contains(&client));
    (options.users.is_empty() || user()) && (options.clients.is_empty() || client())
}

/// The conclusions that concern the users and clients asked for, with their attempts alone.
/// Whom a conclusion concerns besides stays on record.
pub fn candidates(
    candidates: Vec<Candidate>,
    attempts: &[Attempt],
    options: &Options,
) -> Vec<Candidate> {
    if !is_narrow(options) {
        return candidates;
    }
    let asked =
        |attempt: &usize| attempts.get(*attempt).is_some_and(|attempt| concerns(attempt, options));
    let mut kept = Vec::new();
    for mut candidate in candidates {
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
        if is_named || !candidate.attempts.is_empty() {
            kept.push(candidate);
        }
    }
    kept
}

/// Leaves out the attempts that are not asked for, wherever something points at them.
pub fn attempts(
    attempts: &mut Vec<Attempt>,
    facts: &mut Facts,
    diagnoses: &mut [Diagnosis],
    undecided: &mut Vec<Undecided>,
    options: &Options,
) {
    if !is_narrow(options) {
        return;
    }
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
}

const fn is_narrow(options: &Options) -> bool {
    !options.users.is_empty() || !options.clients.is_empty()
}

//! Tells where a fault went away and came back, so that each spell is judged by itself.
//!
//! A certificate that expired in March and again in September is two faults in one place. Taken
//! together, the success after the first repair would speak against both. A spell is therefore
//! judged as if the log began with the recovery before it and ended with the recovery after it.

use std::collections::BTreeSet;

use super::ground::{Ground, Window};
use crate::model::{Kind, SignalId, Span, Time, drawn};
use crate::rules::schema::At;
use crate::rules::{Cause, ItemRole, Pattern};

/// A pause in which somebody got a session parts two spells when it is longer than a weekend:
/// before that, a fault that is not met every day could pass for mended.
const PAUSE: Span = Span::seconds(3 * 24 * 3600);
/// What ends a fault by the rule's own word needs no long pause, only one that is longer than
/// the retries around a repair.
const PAUSE_AFTER_REPAIR: Span = Span::seconds(3600);
/// A fault that comes and goes more often than this is one that comes and goes.
const MOST_SPELLS: usize = 64;

/// The stretches of time of each spell, in order; empty where there is only one. They begin and
/// end with a recovery, so that neighbors share what lies between the first and the last one of
/// a pause.
pub(super) fn windows(cause: &Cause, ground: &Ground<'_>) -> Vec<Window> {
    if cause.kind == Kind::Benign {
        return Vec::new();
    }
    let signs = times(ground);
    let mut windows = Vec::new();
    let mut from = Time(i64::MIN);
    for (left, right) in signs.iter().zip(signs.iter().skip(1)) {
        let Some((first, last)) = recovery(cause, ground, *left, *right) else { continue };
        windows.push((from, last));
        from = first;
    }
    if windows.is_empty() || windows.len() >= MOST_SPELLS {
        return Vec::new();
    }
    windows.push((from, Time(i64::MAX)));
    windows
}

/// All signals that open the cause's gate or prove it. How attempts came out is a sign only of
/// causes that know no other: attempts fail for many reasons.
pub(super) fn signs(cause: &Cause) -> BTreeSet<&SignalId> {
    let gate = cause.requires.any.iter().chain(&cause.requires.all);
    let proofs = cause.items.iter().filter(|item| item.role == ItemRole::Confirms);
    let own = |pattern: &&Pattern| matches!(pattern.at, None | Some(At::Attempt));
    let mut ids: BTreeSet<&SignalId> = gate
        .map(|condition| &condition.pattern)
        .chain(proofs.map(|item| &item.pattern))
        .filter(own)
        .flat_map(|pattern| &pattern.signals)
        // That somebody tried, or got through, is no sign of a fault.
        .filter(|id| ![drawn::ATTEMPT_OPENED, drawn::ATTEMPT_SUCCEEDED].contains(&id.as_str()))
        .collect();
    let is_drawn = |id: &SignalId| drawn::ALL.contains(&id.as_str());
    if ids.iter().any(|id| !is_drawn(id)) {
        ids.retain(|id| !is_drawn(id));
    }
    ids
}

/// The times of the signs in a scope, in order.
fn times(ground: &Ground<'_>) -> Vec<Time> {
    let numbers = ground.words.signs.iter().flat_map(|id| ground.own(id));
    let mut times: Vec<Time> = numbers.filter_map(|number| ground.time(*number)).collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// The first and the last recovery between two neighboring signs; `None` where the pause proves
/// none.
fn recovery(cause: &Cause, ground: &Ground<'_>, left: Time, right: Time) -> Option<Window> {
    let pause = right.since(left);
    if pause < PAUSE_AFTER_REPAIR {
        return None;
    }
    let until: Vec<&str> = cause.until.iter().map(SignalId::as_str).collect();
    let repaired = ground.first_and_last(&until, (left, right));
    let worked = ground.first_and_last(&[drawn::ATTEMPT_SUCCEEDED], (left, right));
    match (repaired, worked) {
        // What came of the repair belongs to the spell before it.
        (Some(repaired), Some(worked)) => {
            Some((repaired.0.min(worked.0), repaired.1.max(worked.1)))
        }
        (Some(repaired), None) => Some(repaired),
        (None, worked) => worked.filter(|_| pause >= PAUSE),
    }
}

//! Recognizes a client's first connection, made to learn what the host offers and dropped.
//!
//! Its records are those of a failure; only what follows tells them apart.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::conclude::{Rest, dropped_early};
use crate::model::{Attempt, AttemptKind, JoinedBy, Outcome, Side, Span, Stage, Time};

/// A dropped attempt is the client's probe when the same client gets through this soon after.
/// mstsc comes back within seconds; a credential prompt in between takes a person longer.
const PROBE_FOLLOWED_WITHIN: Span = Span::seconds(60);

/// So soon mstsc comes back by itself, and nobody can have mended anything: an error that the
/// machine logged in that moment is somebody else's.
const MENDED_WITHIN: Span = Span::seconds(5);

/// A client that failed more often than this just before it got through was not probing.
const MOST_PROBES: usize = 3;

/// Dropped attempts that the same client followed by a successful one are its probes, unless
/// there are so many that a tool must have made them.
pub(super) fn mark(attempts: &mut [Attempt], rests: &[Rest]) {
    let mut by_client: HashMap<(&str, Client<'_>), Vec<usize>, RandomState> = HashMap::default();
    for (number, attempt) in attempts.iter().enumerate() {
        if let Some(client) = Client::of(attempt) {
            by_client.entry((&attempt.machine, client)).or_default().push(number);
        }
    }
    // No client's probes depend on another's, so their order does not matter.
    let probes: Vec<usize> =
        by_client.into_values().flat_map(|numbers| probes(numbers, attempts, rests)).collect();
    for probe in probes {
        if let Some(attempt) = attempts.get_mut(probe) {
            attempt.outcome = Outcome::Benign;
            attempt.failed_at = None;
            attempt.kind = AttemptKind::Probe;
        }
    }
}

/// The probes among the attempts of one client: for each success, the failures shortly before
/// it, if they are few and all were dropped early.
fn probes(mut numbers: Vec<usize>, attempts: &[Attempt], rests: &[Rest]) -> Vec<usize> {
    // By when they came out, not by when they began: the client's view of a success begins
    // before the probe that it made.
    numbers.sort_by_key(|number| (attempts.get(*number).map(came_out), *number));
    let mut probes = Vec::new();
    let mut failures: Vec<usize> = Vec::new();
    for number in &numbers {
        let Some(attempt) = attempts.get(*number) else { continue };
        if attempt.reached == Some(Stage::Session) {
            let recent = |failure: &&usize| {
                attempts.get(**failure).is_some_and(|failure| {
                    attempt.started.since(failure.ended) <= PROBE_FOLLOWED_WITHIN
                })
            };
            let recent: Vec<usize> = failures.iter().filter(recent).copied().collect();
            if recent.len() <= MOST_PROBES {
                let dropped = |number: &usize| {
                    attempts.get(*number).is_some_and(|failure| {
                        let pause = attempt.started.since(failure.ended);
                        let named = rests.get(*number).and_then(|rest| rest.named);
                        dropped_early(failure) && !is_fault(named, pause)
                    })
                };
                probes.extend(recent.into_iter().filter(dropped));
            }
            failures.clear();
        } else if attempt.outcome == Outcome::Failed {
            failures.push(*number);
        }
    }
    probes
}

/// Whether a record says what an attempt died of. One that only its time ties to the attempt may
/// be about another connection, which is believed where the client was back at once.
fn is_fault(named: Option<JoinedBy>, pause: Span) -> bool {
    named.is_some_and(|by| by < JoinedBy::Time || pause > MENDED_WITHIN)
}

/// When a session was reached, or the attempt ended without one.
fn came_out(attempt: &Attempt) -> Time {
    let session = attempt.milestones.iter().find(|milestone| milestone.stage == Stage::Session);
    session.map_or(attempt.ended, |milestone| milestone.time)
}

/// Who connects, as far as one machine can tell its clients apart.
#[derive(PartialEq, Eq, Hash)]
enum Client<'a> {
    Address(IpAddr),
    Target(&'a str),
}

impl<'a> Client<'a> {
    fn of(attempt: &'a Attempt) -> Option<Self> {
        match attempt.side {
            Side::Host => attempt.client_address.map(Self::Address),
            Side::Gateway | Side::Client => attempt.host.as_deref().map(Self::Target),
        }
    }
}

//! Tells which attempts a cause explains.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::ground::Ground;
use super::judge::Weighed;
use super::sheet::{records, speaks_for};
use crate::model::normal::short_name;
use crate::model::{Outcome, Scope, Span, Stage, Time, drawn};
use crate::rules::Cause;
use crate::rules::schema::{At, ScopeKind};

/// Evidence and the end of an attempt are logged by different processes; so far apart they
/// still belong together.
const SLACK: Span = Span::seconds(2);

/// The attempts whose own records speak for the cause, those of its scope that drew a signal
/// which it explains while the fault lasted, and those that only the client's side shows.
///
/// An attempt that succeeded may speak for a cause and is not explained by it, unless the cause
/// spoils what succeeded: the side channel of a session. One that broke in its session had passed
/// what comes before.
pub(super) fn attempts(cause: &Cause, weighed: &Weighed, ground: &Ground<'_>) -> Vec<usize> {
    let attempts = ground.world.attempts;
    let own = witnesses(cause, weighed, ground);
    let (from, to) = lasted(cause, weighed.span, ground);
    let victims = cause
        .explains_attempts
        .iter()
        .flat_map(|id| ground.own(id))
        .filter(|number| ground.time(**number).is_some_and(|time| from <= time && time <= to))
        .filter_map(|number| ground.attempt_of(*number));
    // What is concluded for a single attempt explains it, whoever logged the evidence.
    let itself = ground
        .drawn(drawn::ATTEMPT_OPENED)
        .iter()
        .filter(|_| ground.place.kind == ScopeKind::Attempt)
        .filter_map(|number| ground.attempt_of(*number));
    let unheard = unheard(weighed, ground);
    let answered = answered_elsewhere(cause, weighed, ground);
    let explained: BTreeSet<usize> =
        own.chain(victims).chain(itself).chain(unheard).chain(answered).collect();
    let suffers = |number: &usize| {
        let Some(attempt) = attempts.get(*number) else { return false };
        let succeeded = attempt.outcome == Outcome::Succeeded;
        let passed = attempt.failed_at == Some(Stage::Session) && is_passed_once(cause.stage);
        !passed && (!succeeded || cause.stage == Stage::Transport)
    };
    explained.into_iter().filter(suffers).collect()
}

/// Whether whoever passed a stage is done with it. A service may stop and a license run out while
/// sessions go on.
const fn is_passed_once(stage: Stage) -> bool {
    matches!(stage, Stage::Tls | Stage::Nla | Stage::Authorize)
}

/// The attempts of the scope whose own records speak for the cause. A correlated signal names
/// no attempt, but its records do.
fn witnesses<'a>(
    cause: &Cause,
    weighed: &Weighed,
    ground: &'a Ground<'_>,
) -> impl Iterator<Item = usize> + use<'a> {
    let speaking = weighed.sheet.entries.iter().filter(|entry| speaks_for(entry.role));
    let speaking: BTreeSet<usize> = speaking
        .filter_map(|entry| Some((cause.items.get(entry.item)?, &entry.signals)))
        .flat_map(|(item, signals)| records(item, signals, ground))
        .collect();
    ground
        .drawn(drawn::ATTEMPT_OPENED)
        .iter()
        .filter_map(|number| ground.signal(*number))
        .filter(move |opened| opened.records.iter().any(|record| speaking.contains(record)))
        .filter_map(|opened| opened.attempt)
}

/// The attempts on the scope's machine that it never heard of, and that speak for the cause all
/// the same: a client was turned away while the host's service was down.
fn unheard(weighed: &Weighed, ground: &Ground<'_>) -> Vec<usize> {
    let host = ground.place.scope.machine();
    let on_host = |number: &usize| {
        host.zip(ground.world.attempts.get(*number)).is_some_and(|(host, attempt)| {
            let meant = attempt.host.as_deref().map(short_name);
            attempt.machine != *host && meant == Some(short_name(host))
        })
    };
    let speaking = weighed.sheet.speaking_for();
    speaking.iter().filter_map(|number| ground.attempt_of(*number)).filter(on_host).collect()
}

/// The attempts of the scope's client on machines that it did not mean, and that speak for the
/// cause: another host answered. A client whose name is not on record may be the one.
fn answered_elsewhere(cause: &Cause, weighed: &Weighed, ground: &Ground<'_>) -> Vec<usize> {
    let Scope::Pair { client, .. } = &ground.place.scope else { return Vec::new() };
    let is_same = |number: &usize| {
        ground.world.attempts.get(*number).is_some_and(|attempt| {
            let name = attempt.client.as_deref();
            name.is_none_or(|name| short_name(name) == short_name(client))
        })
    };
    let speaking = weighed.sheet.entries.iter().filter(|entry| speaks_for(entry.role));
    let elsewhere = speaking.filter(|entry| {
        cause.items.get(entry.item).is_some_and(|item| item.pattern.at == Some(At::Fleet))
    });
    elsewhere
        .flat_map(|entry| &entry.signals)
        .filter_map(|number| ground.attempt_of(*number))
        .filter(is_same)
        .collect()
}

/// Whom a conclusion concerns.
#[derive(Debug, Default)]
pub(super) struct People {
    /// `domain\user` or `user`.
    pub users: BTreeSet<Arc<str>>,
    /// Addresses.
    pub clients: BTreeSet<IpAddr>,
}

impl People {
    /// Adds those of the attempts; and of signals that belong to no attempt.
    pub(super) fn add(&mut self, weighed: &Weighed, explained: &[usize], ground: &Ground<'_>) {
        let attempts = explained.iter().filter_map(|number| ground.world.attempts.get(*number));
        for attempt in attempts {
            self.users.extend(attempt.user.clone());
            self.clients.extend(attempt.client_address);
        }
        let speaking = weighed.sheet.speaking_for();
        let alone = speaking.iter().filter_map(|number| ground.signal(*number));
        for signal in alone.filter(|signal| signal.attempt.is_none()) {
            self.users.extend(signal.entities.user.clone());
            self.clients.extend(signal.entities.client_address);
        }
    }
}

/// From the first evidence until a signal that ends the fault, else until the last evidence.
fn lasted(cause: &Cause, (first, last): (Time, Time), ground: &Ground<'_>) -> (Time, Time) {
    let from = first - SLACK;
    if cause.until.is_empty() {
        return (from, last + SLACK);
    }
    let mended = cause
        .until
        .iter()
        .flat_map(|id| ground.own(id))
        .filter_map(|number| ground.time(*number))
        .filter(|time| *time > last)
        .min();
    (from, mended.unwrap_or(Time(i64::MAX)))
}

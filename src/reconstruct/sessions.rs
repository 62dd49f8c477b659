//! Tells which attempts came back to a session, and which took one over.
//!
//! Knows session ids, which a host uses again: the latest attempt that had one is the one that
//! is continued.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conclude::Rest;
use crate::model::{Attempt, AttemptKind, Outcome, SessionChange, Side, Span};

/// A session that was left less than this before it was resumed was taken from whoever had it.
const AT_ONCE: Span = Span::seconds(2);

/// Marks reconnects and takeovers, with the attempt that each one continues. The rests are
/// those of the attempts, in the same order.
pub(super) fn mark(attempts: &mut [Attempt], rests: &[Rest]) {
    let mut holders: BTreeMap<(Arc<str>, u32), usize> = BTreeMap::new();
    for (number, rest) in rests.iter().enumerate() {
        let Some(attempt) = attempts.get(number) else { continue };
        let is_host = attempt.side == Side::Host;
        let Some(session) = attempt.session.filter(|_| is_host) else { continue };
        let before = holders.insert((attempt.machine.clone(), session), number);
        if !rest.changes.contains(&SessionChange::Resumed) {
            continue;
        }
        let kind = before
            .and_then(|before| Some((attempts.get(before)?, rests.get(before)?)))
            .zip(attempts.get(number))
            .filter(|((before, lost), now)| is_taken(before, lost, now))
            .map_or(AttemptKind::Reconnect, |_| AttemptKind::Takeover);
        if let Some(attempt) = attempts.get_mut(number)
            && attempt.outcome != Outcome::Benign
        {
            attempt.kind = kind;
            attempt.continues = before;
        }
    }
}

/// Whether the session was taken from another client: it was still held, or its holder was told
/// that another connection replaced it.
fn is_taken(before: &Attempt, lost: &Rest, now: &Attempt) -> bool {
    let same_client = match (before.client_address, now.client_address) {
        (Some(left), Some(right)) => left == right,
        _ => before.client.is_some() && before.client == now.client,
    };
    let held = !lost.ended || now.started.since(before.ended) < AT_ONCE;
    !same_client && (held || lost.changes.contains(&SessionChange::Replaced))
}

//! Tells which attempts came back to a session, and which took one over.
//!
//! Knows session ids, which a host uses again: the latest attempt that had one is the one that
//! is continued.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use crate::model::{Attempt, AttemptKind, Outcome, SessionChange, Side, Span};

/// A session that was left less than this before it was resumed was taken from whoever had it.
const AT_ONCE: Span = Span::seconds(2);

/// Marks reconnects and takeovers, with the attempt that each one continues. The drafts are
/// those of the attempts, in the same order.
pub(super) fn mark(attempts: &mut [Attempt], drafts: &[Draft]) {
    let mut holders: BTreeMap<(Arc<str>, u32), usize> = BTreeMap::new();
    for (number, draft) in drafts.iter().enumerate() {
        let Some(session) = draft.session.filter(|_| draft.side == Side::Host) else { continue };
        let before = holders.insert((draft.machine.clone(), session), number);
        if !draft.changes.contains(&SessionChange::Resumed) {
            continue;
        }
        let kind = before
            .and_then(|before| Some((attempts.get(before)?, drafts.get(before)?)))
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
fn is_taken(before: &Attempt, lost: &Draft, now: &Attempt) -> bool {
    let same_client = match (before.client_address, now.client_address) {
        (Some(left), Some(right)) => left == right,
        _ => before.client.is_some() && before.client == now.client,
    };
    let held = !lost.ended || now.started.since(before.ended) < AT_ONCE;
    !same_client && (held || lost.changes.contains(&SessionChange::Replaced))
}

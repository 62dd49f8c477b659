//! Halves of attempts: a connection is announced by the service, without an address, and by the
//! stack, with one. Where the stack's record was counted, the service's is no attempt of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Guid, channel};
use crate::select::Selected;

/// What tells halves of attempts.
#[derive(Debug)]
pub(super) struct Halves {
    /// The machines on which the stack's announcements were counted.
    stacked: BTreeSet<Arc<str>>,
    /// The connections of which the stack's records are kept.
    known: BTreeSet<Guid>,
}

impl Halves {
    /// Among what is kept, with such announcements counted on those machines.
    pub(super) fn of(kept: &[Selected], stacked: BTreeSet<Arc<str>>) -> Self {
        // Where nothing was counted there are no halves.
        let kept = if stacked.is_empty() { &[] } else { kept };
        let events = kept.iter().map(|selected| &selected.event);
        let of_stack =
            events.filter(|event| event.channel.eq_ignore_ascii_case(channel::RDP_CORE_TS));
        let known = of_stack.filter_map(|event| event.activity_id).collect();
        Self { stacked, known }
    }

    /// Whether a record is the service's announcement of a connection whose other was counted.
    pub(super) fn has(&self, selected: &Selected) -> bool {
        let Selected { event, signals, .. } = selected;
        !self.stacked.is_empty()
            && event.channel.eq_ignore_ascii_case(channel::REMOTE_CONNECTION_MANAGER)
            && !signals.iter().any(|found| found.effect.is_progress())
            && signals.iter().any(|found| found.effect.opens)
            && event.activity_id.is_some_and(|activity| !self.known.contains(&activity))
            && self.stacked.contains(&event.machine)
    }
}

//! A record as it came: whole, or as it stood in its log.

use std::sync::Arc;

use crate::model::FileId;
use crate::select::{Counted, Mark, Memory, Pending, Selected};

/// A record as it came.
pub(super) enum Came<'a> {
    Whole(Selected),
    Pending(Pending<'a>),
}

impl Came<'_> {
    /// What counts of it.
    pub(super) fn counted(&self) -> Counted {
        match self {
            Self::Whole(selected) => Counted::of(selected),
            Self::Pending(pending) => *pending.counted(),
        }
    }

    pub(super) const fn mark(&self) -> &Mark {
        match self {
            Self::Whole(selected) => &selected.mark,
            Self::Pending(pending) => &pending.counted().mark,
        }
    }

    /// Its machine and channel.
    pub(super) fn places(&self) -> (&Arc<str>, &Arc<str>) {
        match self {
            Self::Whole(Selected { event, .. }) => (&event.machine, &event.channel),
            Self::Pending(pending) => pending.places(),
        }
    }

    /// The log that it was read in.
    pub(super) fn file(&self) -> FileId {
        match self {
            Self::Whole(selected) => selected.event.source.file,
            Self::Pending(pending) => pending.file(),
        }
    }

    /// The event with its signals.
    pub(super) fn selected(self, memory: &mut Memory) -> Option<Selected> {
        match self {
            Self::Whole(selected) => Some(selected),
            Self::Pending(pending) => pending.selected(memory),
        }
    }
}

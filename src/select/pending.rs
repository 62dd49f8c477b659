//! A record that a rule asks for and of which it is not known yet whether it is kept.

use std::sync::Arc;

use super::{Counted, Memory, Selected};
use crate::model::FileId;
use crate::read::{Aside, Shelf};
use crate::rules::SignalIndex;

/// A record as it stood in its log, with what counts of it.
#[derive(Clone, Debug)]
pub struct Pending<'a> {
    pub(super) counted: Counted,
    pub(super) record: Aside,
    /// The number of its kind.
    pub(super) kind: usize,
    pub(super) rules: &'a SignalIndex,
}

impl Pending<'_> {
    /// What counts of it.
    pub const fn counted(&self) -> &Counted {
        &self.counted
    }

    /// Its machine and channel; `shelf` is that of its batch.
    pub fn places<'s>(&self, shelf: &'s Shelf) -> Option<(&'s Arc<str>, &'s Arc<str>)> {
        self.record.places(shelf)
    }

    /// The log that it was read in.
    pub const fn file(&self) -> FileId {
        self.record.source().file
    }

    /// The event with its signals; `shelf` is that of its batch. `None` where it carries none.
    pub fn selected(&self, shelf: &Shelf, memory: &mut Memory) -> Option<Selected> {
        let Self { record, kind, rules, .. } = self;
        let Memory { bench, told } = memory;
        record
            .read(shelf, bench, |record| Selected::of_record(rules, record, *kind, told))
            .flatten()
    }
}

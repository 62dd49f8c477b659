//! What records cost at most of which it was not counted yet how many there had been.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::counts::MOST_KEYS;
use super::room::{OF_MACHINE, OF_SOMEBODY};
use crate::select::Mark;

/// Records of which the first ones of their kind and of those whom they name can be told: the
/// counters begin anew after so many at the earliest, as each record adds up to five keys.
const FRESH: usize = MOST_KEYS / 5;

/// Records by which attempts failed, as far as more is concluded from the first of them.
#[derive(Debug, Default)]
pub(super) struct Unranked {
    kinds: HashSet<u64, RandomState>,
    users: HashSet<u64, RandomState>,
}

impl Unranked {
    /// Notes a record by which an attempt failed.
    pub(super) fn note(&mut self, mark: &Mark) {
        self.kinds.insert(mark.kind);
        self.users.insert(mark.user);
    }

    /// Bytes of what is concluded at most about whom they name, as one of so many records.
    pub(super) fn most(&self, records: usize) -> usize {
        let once = self.kinds.len() * OF_MACHINE + self.users.len() * OF_SOMEBODY;
        once * (1 + records / FRESH)
    }
}

//! Numbers the ids of signals, so that sorting and finding them compares no text.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::{Signal, SignalId};

/// The number of an id, in the order in which ids first come up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(usize);

/// The ids of a case's signals.
#[derive(Default)]
pub(super) struct Names {
    by_id: HashMap<SignalId, Name, RandomState>,
    /// The name of each signal.
    of_signals: Vec<Name>,
}

impl Names {
    pub(super) fn of_all(signals: &[Signal]) -> Self {
        let mut names = Self::default();
        for signal in signals {
            let next = Name(names.by_id.len());
            let name = match names.by_id.get(&signal.id) {
                Some(name) => *name,
                None => {
                    names.by_id.insert(signal.id.clone(), next);
                    next
                }
            };
            names.of_signals.push(name);
        }
        names
    }

    /// The name of an id; `None` where no signal has it.
    pub(super) fn of(&self, id: &SignalId) -> Option<Name> {
        self.by_id.get(id).copied()
    }

    /// The name of a signal, by its number.
    pub(super) fn of_signal(&self, number: usize) -> Option<Name> {
        self.of_signals.get(number).copied()
    }
}

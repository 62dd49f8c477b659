//! Numbers the ids of signals, so that sorting and finding them compares no text.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::listed::Listed;
use super::number::Number;
use crate::model::{Signal, SignalId};

/// The number of an id, in the order in which ids first come up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

impl Name {
    /// Its place in a list of all names.
    pub(super) const fn place(self) -> u32 {
        self.0
    }
}

/// The ids of a case's signals.
#[derive(Default)]
pub(super) struct Names {
    by_id: HashMap<SignalId, Name, RandomState>,
    /// The name of each signal.
    of_signals: Vec<Name>,
    /// What was found for the ids of rules, by where these stand: rules ask again and again.
    of_rules: HashMap<usize, Option<Name>, RandomState>,
}

impl Names {
    pub(super) fn of_all(signals: &[Signal]) -> Self {
        let mut by_id: HashMap<SignalId, Name, RandomState> = HashMap::default();
        // Signals that one rule drew share its id, so that its text is looked at once.
        let mut by_text: HashMap<*const u8, Name, RandomState> = HashMap::default();
        let mut next = 0;
        let name = |signal: &Signal| {
            *by_text.entry(signal.id.as_str().as_ptr()).or_insert_with(|| {
                *by_id.entry(signal.id.clone()).or_insert_with(|| {
                    next += 1;
                    Name(next - 1)
                })
            })
        };
        let of_signals = signals.iter().map(name).collect();
        Self { by_id, of_signals, of_rules: HashMap::default() }
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Name> {
        (0..self.len()).filter_map(|number| u32::try_from(number).ok()).map(Name)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The signals of each name that is `wanted`, in order.
    pub(super) fn listed(&self, wanted: impl Fn(Name) -> bool) -> Listed {
        let entries = self.of_signals.iter().zip(Number::all(self.of_signals.len()));
        let entries: Vec<(u32, Number)> = entries
            .filter(|(name, _)| wanted(**name))
            .map(|(name, number)| (name.place(), number))
            .collect();
        Listed::of(self.len(), &entries)
    }

    /// The name of an id; `None` where no signal has it.
    pub(super) fn of(&self, id: &str) -> Option<Name> {
        let known = self.of_rules.get(&id.as_ptr().addr()).copied();
        known.unwrap_or_else(|| self.by_id.get(id).copied())
    }

    /// The same for an id of a rule, which stays where it is as long as this does.
    pub(super) fn of_rule(&mut self, id: &str) -> Option<Name> {
        let name = self.by_id.get(id).copied();
        self.of_rules.insert(id.as_ptr().addr(), name);
        name
    }

    /// The name of a signal.
    pub(super) fn of_signal(&self, number: Number) -> Option<Name> {
        self.of_signals.get(number.index()).copied()
    }
}

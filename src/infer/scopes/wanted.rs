//! The signals of a case that are asked for, on their way into the lists of each kind of scope.

use std::collections::BTreeSet;

use super::pairs::Pairs;
use super::people::{Key, People, Whom};
use super::singles::Singles;
use super::sorted::Sorted;
use crate::infer::asked::{Asked, By};
use crate::infer::listed::Listed;
use crate::infer::names::{Name, Names};
use crate::infer::number::Number;
use crate::model::{Attempt, Facts, Scope, Time, drawn};

/// The signals that are asked for, by name, and whom they concern.
pub(super) struct Wanted<'a> {
    facts: &'a Facts,
    attempts: &'a [Attempt],
    names: &'a Names,
    asked: &'a Asked,
    /// Those of each name, in order of time.
    by_name: Listed,
    people: People<'a>,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(
        facts: &'a Facts,
        attempts: &'a [Attempt],
        times: &[Time],
        names: &'a Names,
        asked: &'a Asked,
    ) -> Self {
        let all = asked.all();
        let is_wanted: Vec<bool> = names.all().map(|name| all.contains(&name)).collect();
        let is_wanted =
            |name: Name| is_wanted.get(name.place() as usize).copied().unwrap_or_default();
        let mut by_name = names.listed(is_wanted);
        by_name.sort_each_by_key(|number| (times.get(number.index()), *number));
        let whose = |number| names.of_signal(number).is_some_and(is_wanted);
        let people = People::of(&facts.signals, attempts, whose);
        Self { facts, attempts, names, asked, by_name, people }
    }

    /// Those that are asked for by one sorting, ordered by name, then by time.
    fn signals(&self, by: By) -> impl Iterator<Item = Number> {
        let names = self.asked.of(by);
        names.flat_map(|name| self.by_name.at(name.place() as usize)).copied()
    }

    fn names(&self, by: By) -> BTreeSet<Name> {
        self.asked.of(by).collect()
    }

    /// The signals sorted by a key, which stands for a scope.
    pub(super) fn sorted<K: Copy + Eq + std::hash::Hash>(
        &self,
        by: By,
        mut key: impl FnMut(Number) -> Option<K>,
        scope: impl Fn(K) -> Option<Scope>,
    ) -> Sorted {
        let keyed = self.signals(by).filter_map(|number| Some((key(number)?, number)));
        Sorted::of(keyed, scope, self.names, self.names(by))
    }

    /// The signals sorted by whom they concern.
    pub(super) fn by_whom(&self, by: By, key: impl Fn(&Whom) -> Option<Key>) -> Sorted {
        let key = |number| key(self.people.whom(number)?);
        self.sorted(by, key, |key| self.people.scope(key))
    }

    /// Where the refused account is not on record, the session that the same client got soon
    /// after still speaks of it.
    pub(super) fn by_account(&self) -> Sorted {
        let succeeded = self.names.of(drawn::ATTEMPT_SUCCEEDED);
        let keyed = self.signals(By::Account).filter_map(|number| {
            let whom = self.people.whom(number)?;
            let is_session = succeeded.is_some() && self.names.of_signal(number) == succeeded;
            let client = whom.client().filter(|_| is_session && whom.names_user());
            Some([whom.account(), client].into_iter().flatten().map(move |key| (key, number)))
        });
        let scope = |key| self.people.scope(key);
        Sorted::of(keyed.flatten(), scope, self.names, self.names(By::Account))
    }

    pub(super) fn by_pair(&self) -> Sorted {
        if !self.asked.any(By::Pair) {
            return Sorted::default();
        }
        let mut pairs = Pairs::of(self.facts, self.attempts);
        let pair = |number: Number| {
            let signal = self.facts.signals.get(number.index())?;
            Some((pairs.of_signal(signal, self.attempts)?, number))
        };
        let keyed: Vec<(u32, Number)> = self.signals(By::Pair).filter_map(pair).collect();
        let scopes = pairs.scopes();
        let scope = |pair: u32| scopes.get(pair as usize).cloned();
        Sorted::of(keyed.into_iter(), scope, self.names, self.names(By::Pair))
    }

    pub(super) fn by_attempt(&self) -> Singles {
        if !self.asked.any(By::Attempt) {
            return Singles::default();
        }
        let attempt = |number: Number| self.facts.signals.get(number.index())?.attempt;
        let entry = |number| Some((u32::try_from(attempt(number)?).ok()?, number));
        let entries: Vec<(u32, Number)> = self.signals(By::Attempt).filter_map(entry).collect();
        Singles::of(self.attempts, &entries, self.names, self.names(By::Attempt))
    }
}

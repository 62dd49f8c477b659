//! Single attempts as scopes, which have numbers already.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Area, Place};
use crate::infer::listed::{self, Listed};
use crate::infer::names::{Name, Names};
use crate::infer::number::Number;
use crate::model::{Attempt, Scope};
use crate::rules::schema::ScopeKind;

/// The signals of each attempt.
#[derive(Default)]
pub(super) struct Singles {
    listed: Listed,
    /// The numbers of the attempts that have a signal, by its name.
    having: Vec<Vec<u32>>,
    /// The machine and the id of each attempt; `None` for one that a later one is named like,
    /// which stands for both.
    named: Vec<Option<(Arc<str>, Arc<str>)>>,
    asked: BTreeSet<Name>,
}

impl Singles {
    /// The signals come ordered by name, then by time, each with the number of its attempt.
    pub(super) fn of(
        attempts: &[Attempt],
        signals: &[(u32, Number)],
        names: &Names,
        asked: BTreeSet<Name>,
    ) -> Self {
        let listed = Listed::of(attempts.len(), signals);
        let having = listed.having(names);
        let mut last: HashMap<(&str, &str), usize, RandomState> = HashMap::default();
        for (number, attempt) in attempts.iter().enumerate() {
            last.insert((&attempt.machine, &attempt.id), number);
        }
        let named = attempts.iter().enumerate().map(|(number, attempt)| {
            let is_last = last.get(&(&*attempt.machine, &*attempt.id)) == Some(&number);
            is_last.then(|| (attempt.machine.clone(), attempt.id.clone()))
        });
        let named = named.collect();
        Self { listed, having, named, asked }
    }

    /// The signals of an attempt.
    pub(super) fn at(&self, attempt: usize) -> Area<'_> {
        Area { signals: self.listed.at(attempt), asked: Some(&self.asked) }
    }

    /// All attempts, ordered by machine and id.
    pub(super) fn all(&self) -> Vec<Place> {
        self.places(0..self.named.len())
    }

    /// The attempts that have any of these signals, ordered by machine and id.
    pub(super) fn having(&self, names: &[Name]) -> Vec<Place> {
        self.places(listed::any(&self.having, names))
    }

    fn places(&self, attempts: impl IntoIterator<Item = usize>) -> Vec<Place> {
        let place = |attempt: usize| {
            let (machine, id) = self.named.get(attempt)?.clone()?;
            let scope = Scope::Attempt { machine, id };
            Some(Place { kind: ScopeKind::Attempt, scope, at: Some(attempt) })
        };
        let mut places: Vec<Place> = attempts.into_iter().filter_map(place).collect();
        places.sort_unstable_by(|left, right| left.scope.cmp(&right.scope));
        places
    }
}

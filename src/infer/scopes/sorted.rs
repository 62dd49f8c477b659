//! The scopes of one kind: found by hash, told in order, and listed by the signals that they have.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::names::Name;
use crate::model::Scope;

/// Scopes of one kind, each with what belongs to it.
pub(super) struct Sorted<T> {
    by_scope: HashMap<Scope, T, RandomState>,
    in_order: Vec<Scope>,
    /// The places in that order of those that have a signal, ascending.
    having: HashMap<Name, Vec<usize>, RandomState>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        let (by_scope, having) = (HashMap::default(), HashMap::default());
        Self { by_scope, in_order: Vec::new(), having }
    }
}

impl<T: Default> Sorted<T> {
    /// What belongs to a scope; it is new where the scope is.
    pub(super) fn at(&mut self, scope: Scope) -> &mut T {
        self.by_scope.entry(scope).or_default()
    }

    /// Orders the scopes, once all are there; `names` are those of a scope's signals, each once.
    pub(super) fn settle(&mut self, names: impl Fn(&T) -> Vec<Name>) {
        let mut entries: Vec<(&Scope, &T)> = self.by_scope.iter().collect();
        entries.sort_unstable_by_key(|(scope, _)| *scope);
        for (place, (_, entry)) in entries.iter().enumerate() {
            for name in names(entry) {
                self.having.entry(name).or_default().push(place);
            }
        }
        self.in_order = entries.into_iter().map(|(scope, _)| scope.clone()).collect();
    }

    /// What belongs to a scope; `None` where there is no such scope.
    pub(super) fn get(&self, scope: &Scope) -> Option<&T> {
        self.by_scope.get(scope)
    }

    /// All scopes, in order.
    pub(super) fn in_order(&self) -> &[Scope] {
        &self.in_order
    }

    /// The scopes that have any of these signals, in order.
    pub(super) fn having(&self, names: &[Name]) -> Vec<&Scope> {
        let places = names.iter().filter_map(|name| self.having.get(name)).flatten();
        let mut places: Vec<usize> = places.copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.in_order.get(place)).collect()
    }
}

/// The signals of one scope by name, each list in time order.
#[derive(Default)]
pub(in crate::infer) struct Signals {
    /// Ascending by name.
    lists: Vec<(Name, Vec<usize>)>,
}

impl Signals {
    pub(super) fn enter(&mut self, name: Name, number: usize) {
        match self.lists.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => self.lists.get_mut(at).into_iter().for_each(|(_, list)| list.push(number)),
            Err(at) => self.lists.insert(at, (name, vec![number])),
        }
    }

    /// The signals of that name.
    pub(super) fn named(&self, name: Name) -> &[usize] {
        let at = self.lists.binary_search_by_key(&name, |(name, _)| *name).ok();
        at.and_then(|at| self.lists.get(at)).map_or(&[], |(_, list)| list)
    }

    /// The names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = Name> {
        self.lists.iter().map(|(name, _)| *name)
    }
}

//! The scopes of one kind, told in order, with the signals of each.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::Area;
use crate::infer::listed::{self, Listed};
use crate::infer::names::{Name, Names};
use crate::infer::number::Number;
use crate::model::Scope;

/// Scopes of one kind, each with its signals.
#[derive(Default)]
pub(super) struct Sorted {
    /// In order; a scope's place here is its number.
    scopes: Vec<Scope>,
    listed: Listed,
    /// The places of those that have a signal, by its name, ascending.
    having: Vec<Vec<u32>>,
    asked: BTreeSet<Name>,
}

impl Sorted {
    /// The scopes of some signals, which come ordered by name, then by time. A `key` stands for
    /// a scope while they are sorted, so that few scopes are made and compared.
    pub(super) fn of<K: Copy + Eq + Hash>(
        keyed: impl Iterator<Item = (K, Number)>,
        scope: impl Fn(K) -> Option<Scope>,
        names: &Names,
        asked: BTreeSet<Name>,
    ) -> Self {
        let mut known: HashMap<K, Option<u32>, RandomState> = HashMap::default();
        let mut scopes: Vec<(Scope, u32)> = Vec::new();
        let mut entries: Vec<(u32, Number)> = Vec::new();
        // Most signals concern the machine that the one before did.
        let mut last: Option<(K, Option<u32>)> = None;
        for (key, number) in keyed {
            let found = match last {
                Some((before, found)) if before == key => found,
                _ => *known.entry(key).or_insert_with(|| {
                    let number = u32::try_from(scopes.len()).ok()?;
                    scopes.push((scope(key)?, number));
                    Some(number)
                }),
            };
            last = Some((key, found));
            entries.extend(found.map(|found| (found, number)));
        }
        drop(known);
        scopes.sort_unstable();
        let mut places = vec![0; scopes.len()];
        for (place, (_, found)) in (0..).zip(&scopes) {
            if let Some(slot) = places.get_mut(*found as usize) {
                *slot = place;
            }
        }
        for (found, _) in &mut entries {
            *found = places.get(*found as usize).copied().unwrap_or_default();
        }
        let listed = Listed::of(scopes.len(), &entries);
        let having = listed.having(names);
        let scopes = scopes.into_iter().map(|(scope, _)| scope).collect();
        Self { scopes, listed, having, asked }
    }

    /// How many scopes there are.
    pub(super) const fn len(&self) -> usize {
        self.scopes.len()
    }

    /// The scope at a place.
    pub(super) fn scope(&self, place: usize) -> Option<&Scope> {
        self.scopes.get(place)
    }

    /// The place of a scope; `None` where there is no such scope.
    pub(super) fn place(&self, scope: &Scope) -> Option<usize> {
        self.scopes.binary_search(scope).ok()
    }

    /// The signals of the scope at a place.
    pub(super) fn at(&self, place: usize) -> Area<'_> {
        Area { signals: self.listed.at(place), asked: Some(&self.asked) }
    }

    /// The signals of a scope that is none of these.
    pub(super) const fn nothing(&self) -> Area<'_> {
        Area { signals: &[], asked: Some(&self.asked) }
    }

    /// The places of the scopes that have any of these signals, in order.
    pub(super) fn having(&self, names: &[Name]) -> Vec<usize> {
        listed::any(&self.having, names)
    }
}

//! Sorts signals by whom they concern: a machine, an account on it, a client of it, an attempt,
//! a pair of client and host, or the whole fleet.
//!
//! Ids and names are numbered first, so that sorting compares numbers; each kind of scope is one
//! list of signals. What nobody asks for is in none.

mod pairs;
mod people;
mod singles;
mod sorted;
mod wanted;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::{Asked, By};
use super::listed::named;
use super::names::{Name, Names};
use super::number::Number;
use crate::model::{Attempt, Facts, Scope, Time};
use crate::rules::schema::ScopeKind;
use people::Whom;
use singles::Singles;
use sorted::Sorted;
use wanted::Wanted;

/// A scope together with the way signals were sorted into it.
///
/// As an account's stand-in, a client holds only the signals that name no account; as a
/// client, it holds all of its signals.
#[derive(Clone)]
pub(super) struct Place {
    pub kind: ScopeKind,
    pub scope: Scope,
    /// Its number among the scopes of its kind, which for attempts is theirs; `None` where
    /// nothing was sorted into it.
    at: Option<usize>,
}

/// Signals that are looked at together, ordered by name, then by time.
#[derive(Clone, Copy)]
pub(super) struct Area<'a> {
    signals: &'a [Number],
    /// The names of those that were sorted here; `None` where there are none at all.
    asked: Option<&'a BTreeSet<Name>>,
}

impl Area<'_> {
    /// One without signals.
    pub(super) const EMPTY: Self = Self { signals: &[], asked: None };
}

/// The signals of every scope that somebody asks for.
#[derive(Default)]
pub(super) struct Scopes {
    /// The time of each signal by the clock that its attempt is told by.
    times: Vec<Time>,
    names: Names,
    machines: Sorted,
    accounts: Sorted,
    clients: Sorted,
    pairs: Sorted,
    fleet: Sorted,
    singles: Singles,
    /// What each machine logged without naming a user; and without naming a client.
    without_user: Sorted,
    without_client: Sorted,
}

impl Place {
    /// A scope of a kind that nothing was sorted into, or maybe something.
    pub(super) const fn new(kind: ScopeKind, scope: Scope) -> Self {
        Self { kind, scope, at: None }
    }

    /// The number of the attempt that is the scope, if one is.
    pub(super) fn attempt(&self) -> Option<usize> {
        self.at.filter(|_| self.kind == ScopeKind::Attempt)
    }
}

impl Scopes {
    /// Sorts the signals that are asked for, by what they are asked for.
    pub(super) fn of(facts: &Facts, attempts: &[Attempt], names: Names, asked: &Asked) -> Self {
        let times: Vec<Time> = facts.signals.iter().map(|signal| signal.time).collect();
        let wanted = Wanted::of(facts, attempts, &times, &names, asked);
        // Each kind of scope goes over the signals for itself, side by side with the others.
        let mut scopes = Self::default();
        let Self {
            times: _,
            names: _,
            machines,
            accounts,
            clients,
            pairs,
            fleet,
            singles,
            without_user,
            without_client,
        } = &mut scopes;
        rayon::scope(|side| {
            side.spawn(|_| *accounts = wanted.by_account());
            side.spawn(|_| *singles = wanted.by_attempt());
            side.spawn(|_| *clients = wanted.by_whom(By::Client, Whom::client));
            side.spawn(|_| *pairs = wanted.by_pair());
            side.spawn(|_| *machines = wanted.by_whom(By::Machine, |whom| Some(whom.machine())));
            side.spawn(|_| {
                *fleet = wanted.sorted(By::Fleet, |_| Some(()), |()| Some(Scope::Fleet));
                *without_user = wanted.by_whom(By::MachineWithoutUser, |whom| {
                    Some(whom.machine()).filter(|_| !whom.names_user())
                });
                *without_client = wanted.by_whom(By::MachineWithoutClient, |whom| {
                    Some(whom.machine()).filter(|_| whom.client().is_none())
                });
            });
        });
        Self { times, names, ..scopes }
    }

    /// The ids of the case's signals.
    pub(super) const fn names(&self) -> &Names {
        &self.names
    }

    /// All scopes of a kind, in order.
    pub(super) fn of_kind(&self, kind: ScopeKind) -> Vec<Place> {
        match self.sorted(kind) {
            Some(sorted) => places(kind, sorted, 0..sorted.len()),
            None => self.singles.all(),
        }
    }

    /// The scopes of a kind that have any of some signals, in order.
    pub(super) fn having(&self, kind: ScopeKind, names: &[Name]) -> Vec<Place> {
        match self.sorted(kind) {
            Some(sorted) => places(kind, sorted, sorted.having(names)),
            None => self.singles.having(names),
        }
    }

    /// The signals of a scope.
    pub(super) fn area(&self, place: &Place) -> Area<'_> {
        match (self.sorted(place.kind), place.at) {
            (Some(sorted), Some(at)) => sorted.at(at),
            (Some(sorted), None) => listed(sorted, &place.scope),
            (None, Some(attempt)) => self.attempt(attempt),
            (None, None) => Area::EMPTY,
        }
    }

    /// The signals of a machine.
    pub(super) fn machine(&self, machine: &Arc<str>) -> Area<'_> {
        listed(&self.machines, &Scope::Machine(machine.clone()))
    }

    /// The signals of all machines.
    pub(super) fn fleet(&self) -> Area<'_> {
        listed(&self.fleet, &Scope::Fleet)
    }

    /// The signals of an area that have that id, in time order.
    pub(super) fn signals<'a>(&self, area: Area<'a>, id: &str) -> &'a [Number] {
        debug_assert!(self.is_foreseen(area, id), "nobody said that `{id}` is asked for");
        if area.signals.is_empty() {
            return &[];
        }
        self.names.of(id).map(|name| named(area.signals, name, &self.names)).unwrap_or_default()
    }

    /// What another machine logged that can be about a scope: what names its user or client,
    /// and what names none. To look at all that it logged, for each of a hundred thousand
    /// accounts, would never end.
    pub(super) fn beside(&self, scope: &Scope, machine: &Arc<str>) -> [Area<'_>; 2] {
        let on_machine = Scope::Machine(machine.clone());
        match scope {
            Scope::Account { user, .. } => {
                let scope = Scope::Account { machine: machine.clone(), user: user.clone() };
                [listed(&self.accounts, &scope), listed(&self.without_user, &on_machine)]
            }
            Scope::Client { address, .. } => {
                let scope = Scope::Client { machine: machine.clone(), address: *address };
                [listed(&self.clients, &scope), listed(&self.without_client, &on_machine)]
            }
            Scope::Machine(_) | Scope::Attempt { .. } | Scope::Pair { .. } | Scope::Fleet => {
                [listed(&self.machines, &on_machine), Area::EMPTY]
            }
        }
    }

    /// The signals of an attempt.
    pub(super) fn attempt(&self, attempt: usize) -> Area<'_> {
        self.singles.at(attempt)
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: Number) -> Option<Time> {
        self.times.get(number.index()).copied()
    }

    /// Whether signals of that id would be in an area, if there were any.
    fn is_foreseen(&self, area: Area<'_>, id: &str) -> bool {
        let asked = self.names.of(id).zip(area.asked);
        asked.is_none_or(|(name, asked)| asked.contains(&name))
    }

    const fn sorted(&self, kind: ScopeKind) -> Option<&Sorted> {
        match kind {
            ScopeKind::Machine => Some(&self.machines),
            ScopeKind::Account => Some(&self.accounts),
            ScopeKind::Client => Some(&self.clients),
            ScopeKind::Pair => Some(&self.pairs),
            ScopeKind::Fleet => Some(&self.fleet),
            ScopeKind::Attempt => None,
        }
    }
}

fn places(kind: ScopeKind, sorted: &Sorted, chosen: impl IntoIterator<Item = usize>) -> Vec<Place> {
    let place = |at| Some(Place { kind, scope: sorted.scope(at)?.clone(), at: Some(at) });
    chosen.into_iter().filter_map(place).collect()
}

fn listed<'a>(sorted: &'a Sorted, scope: &Scope) -> Area<'a> {
    sorted.place(scope).map_or_else(|| sorted.nothing(), |place| sorted.at(place))
}

//! Sorts signals by whom they concern: a machine, an account on it, a client of it, an attempt,
//! a pair of client and host, or the whole fleet.
//!
//! Ids and names are numbered first, so that sorting compares numbers; each kind of scope is one
//! list of signals.

mod pairs;
mod people;
mod singles;
mod sorted;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::listed::{Listed, named};
use super::names::{Name, Names};
use super::number::Number;
use crate::model::{Attempt, Facts, Scope, SignalId, Time, drawn};
use crate::rules::schema::ScopeKind;
use pairs::Pairs;
use people::People;
use singles::Singles;
use sorted::Sorted;

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
pub(super) struct Area<'a>(&'a [Number]);

impl Area<'_> {
    /// One without signals.
    pub(super) const EMPTY: Self = Self(&[]);
}

/// The signals of every scope.
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
    /// Sorts the signals. Pairs, single attempts and the fleet are only made where a rule of
    /// these `kinds` asks for them.
    pub(super) fn of(
        facts: &Facts,
        attempts: &[Attempt],
        times: Vec<Time>,
        kinds: &BTreeSet<ScopeKind>,
    ) -> Self {
        let names = Names::of_all(&facts.signals);
        let by_name = by_name(&times, &names);
        let signals = || by_name.iter().copied();
        let people = People::of(&facts.signals, attempts);
        // Each kind of scope goes over the signals for itself, side by side with the others.
        let has = |kind| kinds.contains(&kind);
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
            side.spawn(|_| *accounts = of_accounts(&people, signals(), &names));
            side.spawn(|_| {
                if has(ScopeKind::Attempt) {
                    *singles = Singles::of(facts, attempts, &by_name, &names);
                }
            });
            side.spawn(|_| *clients = of_people(&people, signals(), &names, people::Whom::client));
            side.spawn(|_| {
                if has(ScopeKind::Pair) {
                    *pairs = of_pairs(facts, attempts, signals(), &names);
                }
            });
            side.spawn(|_| {
                *machines = of_people(&people, signals(), &names, |whom| Some(whom.machine()));
            });
            side.spawn(|_| {
                if has(ScopeKind::Fleet) {
                    let keyed = signals().map(|number| ((), number));
                    *fleet = Sorted::of(keyed, |()| Some(Scope::Fleet), &names);
                }
                *without_user = of_people(&people, signals(), &names, |whom| {
                    Some(whom.machine()).filter(|_| !whom.names_user())
                });
                *without_client = of_people(&people, signals(), &names, |whom| {
                    Some(whom.machine()).filter(|_| whom.client().is_none())
                });
            });
        });
        Self { times, names, ..scopes }
    }

    /// All scopes of a kind, in order.
    pub(super) fn of_kind(&self, kind: ScopeKind) -> Vec<Place> {
        match self.sorted(kind) {
            Some(sorted) => places(kind, sorted, 0..sorted.len()),
            None => self.singles.all(),
        }
    }

    /// The scopes of a kind that have any of some signals, in order.
    pub(super) fn having(&self, kind: ScopeKind, ids: &[&SignalId]) -> Vec<Place> {
        let names: Vec<Name> = ids.iter().filter_map(|id| self.names.of(id.as_str())).collect();
        match self.sorted(kind) {
            Some(sorted) => places(kind, sorted, sorted.having(&names)),
            None => self.singles.having(&names),
        }
    }

    /// Whether the case has a signal of that id at all.
    pub(super) fn has(&self, id: &SignalId) -> bool {
        self.names.of(id.as_str()).is_some()
    }

    /// The signals of a scope.
    pub(super) fn area(&self, place: &Place) -> Area<'_> {
        match (self.sorted(place.kind), place.at) {
            (Some(sorted), Some(at)) => Area(sorted.at(at)),
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
        if area.0.is_empty() {
            return &[];
        }
        self.names.of(id).map(|name| named(area.0, name, &self.names)).unwrap_or_default()
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
        Area(self.singles.at(attempt))
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: Number) -> Option<Time> {
        self.times.get(number.index()).copied()
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

/// All signals, ordered by name, then by time.
fn by_name(times: &[Time], names: &Names) -> Vec<Number> {
    let mut in_order: Vec<Number> = Number::all(times.len()).collect();
    in_order.sort_unstable_by_key(|number| (times.get(number.index()), *number));
    let entry = |number: Number| Some((names.of_signal(number)?.place(), number));
    let entries: Vec<(u32, Number)> = in_order.into_iter().filter_map(entry).collect();
    Listed::of(names.len(), &entries).into_all()
}

fn of_people(
    people: &People<'_>,
    signals: impl Iterator<Item = Number>,
    names: &Names,
    key: impl Fn(&people::Whom) -> Option<people::Key>,
) -> Sorted {
    let keyed = signals.filter_map(|number| Some((key(people.whom(number)?)?, number)));
    Sorted::of(keyed, |key| people.scope(key), names)
}

/// Where the refused account is not on record, the session that the same client got soon after
/// still speaks of it.
fn of_accounts(
    people: &People<'_>,
    signals: impl Iterator<Item = Number>,
    names: &Names,
) -> Sorted {
    let succeeded = names.of(drawn::ATTEMPT_SUCCEEDED);
    let keyed = signals.filter_map(|number| Some((people.whom(number)?, number)));
    let keyed = keyed.flat_map(|(whom, number)| {
        let is_session = succeeded.is_some() && names.of_signal(number) == succeeded;
        let client = whom.client().filter(|_| is_session && whom.names_user());
        [whom.account(), client].into_iter().flatten().map(move |key| (key, number))
    });
    Sorted::of(keyed, |key| people.scope(key), names)
}

fn of_pairs(
    facts: &Facts,
    attempts: &[Attempt],
    signals: impl Iterator<Item = Number>,
    names: &Names,
) -> Sorted {
    let mut pairs = Pairs::of(facts, attempts);
    let keyed: Vec<(pairs::Pair, Number)> = signals
        .filter_map(|number| {
            let signal = facts.signals.get(number.index())?;
            Some((pairs.of_signal(signal, attempts)?, number))
        })
        .collect();
    let scopes = pairs.scopes();
    Sorted::of(keyed.into_iter(), |pair| scopes.get(pair as usize).cloned(), names)
}

fn places(kind: ScopeKind, sorted: &Sorted, chosen: impl IntoIterator<Item = usize>) -> Vec<Place> {
    let place = |at| Some(Place { kind, scope: sorted.scope(at)?.clone(), at: Some(at) });
    chosen.into_iter().filter_map(place).collect()
}

fn listed<'a>(sorted: &'a Sorted, scope: &Scope) -> Area<'a> {
    sorted.place(scope).map_or(Area::EMPTY, |place| Area(sorted.at(place)))
}

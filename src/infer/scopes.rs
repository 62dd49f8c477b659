//! Sorts signals by whom they concern: a machine, an account on it, a client of it, an attempt,
//! a pair of client and host, or the whole fleet.

mod names;
mod pairs;
mod sorted;
mod whom;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Attempt, Facts, Scope, Signal, SignalId, Time, drawn};
use crate::rules::schema::ScopeKind;
use names::{Name, Names};
use pairs::Pairs;
use sorted::{Signals, Sorted};
use whom::Whom;

/// A scope together with the way signals were sorted into it.
///
/// As an account's stand-in, a client holds only the signals that name no account; as a
/// client, it holds all of its signals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub kind: ScopeKind,
    pub scope: &'a Scope,
}

/// Signals that are looked at together.
#[derive(Clone, Copy)]
pub(super) enum Area<'a> {
    /// Those of a scope.
    Scope(&'a Signals),
    /// Those of an attempt, ordered by name, then by time.
    Attempt(&'a [usize]),
    /// None.
    Empty,
}

/// The signals of every scope.
#[derive(Default)]
pub(super) struct Scopes {
    /// The time of each signal by the clock that its attempt is told by.
    times: Vec<Time>,
    names: Names,
    machines: Sorted<Signals>,
    accounts: Sorted<Signals>,
    clients: Sorted<Signals>,
    pairs: Sorted<Signals>,
    fleet: Sorted<Signals>,
    /// What each machine logged without naming a user; and without naming a client.
    without_user: Sorted<Signals>,
    without_client: Sorted<Signals>,
    /// The number of each attempt.
    attempts: Sorted<usize>,
    /// The signals of each attempt, ordered by name, then by time.
    by_attempt: Vec<Vec<usize>>,
}

/// The signals in time order, each with its number, its name and its attempt.
#[derive(Clone, Copy)]
struct Entries<'a> {
    in_order: &'a [usize],
    facts: &'a Facts,
    attempts: &'a [Attempt],
    names: &'a Names,
}

impl<'a> Entries<'a> {
    fn iter(self) -> impl Iterator<Item = (usize, Name, &'a Signal, Option<&'a Attempt>)> {
        self.in_order.iter().filter_map(move |number| {
            let signal = self.facts.signals.get(*number)?;
            let attempt = signal.attempt.and_then(|attempt| self.attempts.get(attempt));
            Some((*number, self.names.of_signal(*number)?, signal, attempt))
        })
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
        let mut in_order: Vec<usize> = (0..times.len()).collect();
        in_order.sort_unstable_by_key(|number| (times.get(*number), *number));
        let entries = Entries { in_order: &in_order, facts, attempts, names: &names };
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
            without_user,
            without_client,
            attempts: single,
            by_attempt,
        } = &mut scopes;
        rayon::scope(|side| {
            side.spawn(|_| enter_people(entries, accounts, clients));
            side.spawn(|_| {
                enter_machines(entries, machines, without_user, without_client);
                if has(ScopeKind::Fleet) {
                    for (number, name, ..) in entries.iter() {
                        fleet.at(Scope::Fleet).enter(name, number);
                    }
                    settle(fleet);
                }
            });
            side.spawn(|_| {
                if has(ScopeKind::Pair) {
                    enter_pairs(entries, Pairs::of(facts, attempts), pairs);
                }
            });
            side.spawn(|_| {
                if has(ScopeKind::Attempt) {
                    enter_attempts(entries, by_attempt);
                    number_attempts(entries, single, by_attempt);
                }
            });
        });
        Self { times, names, ..scopes }
    }

    /// All scopes of a kind, in order.
    pub(super) fn of_kind(&self, kind: ScopeKind) -> Vec<Place<'_>> {
        let scopes = match self.sorted(kind) {
            Some(sorted) => sorted.in_order(),
            None => self.attempts.in_order(),
        };
        scopes.iter().map(|scope| Place { kind, scope }).collect()
    }

    /// The scopes of a kind that have any of some signals, in order.
    pub(super) fn having(&self, kind: ScopeKind, ids: &[&SignalId]) -> Vec<Place<'_>> {
        let names: Vec<Name> = ids.iter().filter_map(|id| self.names.of(id)).collect();
        let scopes = match self.sorted(kind) {
            Some(sorted) => sorted.having(&names),
            None => self.attempts.having(&names),
        };
        scopes.into_iter().map(|scope| Place { kind, scope }).collect()
    }

    /// Whether the case has a signal of that id at all.
    pub(super) fn has(&self, id: &SignalId) -> bool {
        self.names.of(id).is_some()
    }

    /// The signals of a scope.
    pub(super) fn area(&self, place: Place<'_>) -> Area<'_> {
        match self.sorted(place.kind) {
            Some(scopes) => listed(scopes, place.scope),
            None => self.attempts.get(place.scope).map_or(Area::Empty, |id| self.attempt(*id)),
        }
    }

    /// The signals of an area that have that id, in time order.
    pub(super) fn signals<'a>(&'a self, area: Area<'a>, id: &SignalId) -> &'a [usize] {
        let Some(name) = self.names.of(id) else { return &[] };
        match area {
            Area::Empty => &[],
            Area::Scope(signals) => signals.named(name),
            Area::Attempt(signals) => {
                let of = |number: &usize| self.names.of_signal(*number);
                let from = signals.partition_point(|number| of(number) < Some(name));
                let rest = signals.get(from..).unwrap_or_default();
                let length = rest.partition_point(|number| of(number) <= Some(name));
                rest.get(..length).unwrap_or_default()
            }
        }
    }

    /// What another machine logged that can be about a scope: what names its user or client,
    /// and what names none. To look at all that it logged, for each of a hundred thousand
    /// accounts, would never end.
    pub(super) fn beside(&self, place: Place<'_>, machine: &Arc<str>) -> [Area<'_>; 2] {
        let on_machine = Scope::Machine(machine.clone());
        match place.scope {
            Scope::Account { user, .. } => {
                let scope = Scope::Account { machine: machine.clone(), user: user.clone() };
                [listed(&self.accounts, &scope), listed(&self.without_user, &on_machine)]
            }
            Scope::Client { address, .. } => {
                let scope = Scope::Client { machine: machine.clone(), address: *address };
                [listed(&self.clients, &scope), listed(&self.without_client, &on_machine)]
            }
            Scope::Machine(_) | Scope::Attempt { .. } | Scope::Pair { .. } | Scope::Fleet => {
                [listed(&self.machines, &on_machine), Area::Empty]
            }
        }
    }

    /// The signals of an attempt.
    pub(super) fn attempt(&self, attempt: usize) -> Area<'_> {
        self.by_attempt.get(attempt).map_or(Area::Empty, |signals| Area::Attempt(signals))
    }

    /// The number of an attempt.
    pub(super) fn attempt_number(&self, machine: &Arc<str>, id: &Arc<str>) -> Option<usize> {
        let scope = Scope::Attempt { machine: machine.clone(), id: id.clone() };
        self.attempts.get(&scope).copied()
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: usize) -> Option<Time> {
        self.times.get(number).copied()
    }

    const fn sorted(&self, kind: ScopeKind) -> Option<&Sorted<Signals>> {
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

/// Puts scopes in order, and notes which of them have which signals.
fn settle(sorted: &mut Sorted<Signals>) {
    sorted.settle(|signals| signals.names().collect());
}

fn enter_machines(
    entries: Entries<'_>,
    machines: &mut Sorted<Signals>,
    without_user: &mut Sorted<Signals>,
    without_client: &mut Sorted<Signals>,
) {
    for (number, name, signal, attempt) in entries.iter() {
        let whom = Whom::of(signal, attempt);
        let machine = Scope::Machine(whom.machine.clone());
        if whom.user.is_none() {
            without_user.at(machine.clone()).enter(name, number);
        }
        if whom.client().is_none() {
            without_client.at(machine.clone()).enter(name, number);
        }
        machines.at(machine).enter(name, number);
    }
    settle(machines);
}

fn enter_people(
    entries: Entries<'_>,
    accounts: &mut Sorted<Signals>,
    clients: &mut Sorted<Signals>,
) {
    for (number, name, signal, attempt) in entries.iter() {
        let whom = Whom::of(signal, attempt);
        if let Some(scope) = whom.account() {
            accounts.at(scope).enter(name, number);
        }
        if let Some(scope) = whom.client() {
            // Where the refused account is not on record, the session that the same client
            // got soon after still speaks of it.
            if whom.user.is_some() && signal.id.as_str() == drawn::ATTEMPT_SUCCEEDED {
                accounts.at(scope.clone()).enter(name, number);
            }
            clients.at(scope).enter(name, number);
        }
    }
    settle(accounts);
    settle(clients);
}

fn enter_pairs(entries: Entries<'_>, mut known: Pairs, pairs: &mut Sorted<Signals>) {
    for (number, name, signal, attempt) in entries.iter() {
        if let Some(pair) = known.scope(signal, attempt) {
            pairs.at(pair).enter(name, number);
        }
    }
    settle(pairs);
}

/// Gives each attempt its signals, ordered by name, then by time.
fn enter_attempts(entries: Entries<'_>, by_attempt: &mut Vec<Vec<usize>>) {
    *by_attempt = vec![Vec::new(); entries.attempts.len()];
    for (number, _, signal, _) in entries.iter() {
        if let Some(signals) = signal.attempt.and_then(|attempt| by_attempt.get_mut(attempt)) {
            signals.push(number);
        }
    }
    for signals in by_attempt {
        signals.sort_by_key(|number| entries.names.of_signal(*number));
    }
}

fn number_attempts(entries: Entries<'_>, single: &mut Sorted<usize>, by_attempt: &[Vec<usize>]) {
    for (number, attempt) in entries.attempts.iter().enumerate() {
        let id = attempt.id.as_str().into();
        let machine = attempt.machine.clone();
        *single.at(Scope::Attempt { machine, id }) = number;
    }
    single.settle(|attempt| {
        let signals = by_attempt.get(*attempt).into_iter().flatten();
        let name = |number: &usize| entries.names.of_signal(*number);
        let mut names: Vec<Name> = signals.filter_map(name).collect();
        names.dedup();
        names
    });
}

fn listed<'a>(scopes: &'a Sorted<Signals>, scope: &Scope) -> Area<'a> {
    scopes.get(scope).map_or(Area::Empty, Area::Scope)
}

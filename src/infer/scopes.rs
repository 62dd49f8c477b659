//! Sorts signals by whom they concern: a machine, an account on it, a client of it, an attempt,
//! a pair of client and host, or the whole fleet.

mod pairs;
mod whom;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Attempt, Facts, Scope, Signal, SignalId, Time, drawn};
use crate::rules::schema::ScopeKind;
use pairs::Pairs;
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

/// The signals of one scope by id, each list in time order.
type Signals = HashMap<SignalId, Vec<usize>, RandomState>;

/// Signals that are looked at together.
#[derive(Clone, Copy)]
pub(super) enum Area<'a> {
    /// Those of a scope.
    Scope(&'a Signals),
    /// Those of an attempt, ordered by id, then by time.
    Attempt(&'a [usize]),
    /// None.
    Empty,
}

/// The signals of every scope.
#[derive(Default)]
pub(super) struct Scopes {
    /// The time of each signal by the clock that its attempt is told by.
    times: Vec<Time>,
    machines: BTreeMap<Scope, Signals>,
    accounts: BTreeMap<Scope, Signals>,
    clients: BTreeMap<Scope, Signals>,
    pairs: BTreeMap<Scope, Signals>,
    fleet: BTreeMap<Scope, Signals>,
    /// What each machine logged without naming a user; and without naming a client.
    without_user: BTreeMap<Scope, Signals>,
    without_client: BTreeMap<Scope, Signals>,
    /// The number of each attempt.
    attempts: BTreeMap<Scope, usize>,
    /// The signals of each attempt, ordered by id, then by time.
    by_attempt: Vec<Vec<usize>>,
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
        let mut scopes = Self { times, ..Self::default() };
        let pairs = kinds.contains(&ScopeKind::Pair).then(|| Pairs::of(facts, attempts));
        for number in scopes.in_time_order() {
            let Some(signal) = facts.signals.get(number) else { continue };
            let attempt = signal.attempt.and_then(|attempt| attempts.get(attempt));
            let whom = Whom::of(signal, attempt);
            scopes.enter_own(number, signal, &whom);
            let pair = pairs.as_ref().and_then(|pairs| pairs.scope(signal, attempt));
            if let Some(pair) = pair {
                enter(&mut scopes.pairs, pair, signal, number);
            }
            if kinds.contains(&ScopeKind::Fleet) {
                enter(&mut scopes.fleet, Scope::Fleet, signal, number);
            }
        }
        if kinds.contains(&ScopeKind::Attempt) {
            scopes.enter_attempts(facts, attempts);
        }
        scopes
    }

    fn in_time_order(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.times.len()).collect();
        numbers.sort_by_key(|number| (self.time(*number), *number));
        numbers
    }

    fn enter_own(&mut self, number: usize, signal: &Signal, whom: &Whom) {
        let machine = Scope::Machine(whom.machine.clone());
        if whom.user.is_none() {
            enter(&mut self.without_user, machine.clone(), signal, number);
        }
        if whom.client().is_none() {
            enter(&mut self.without_client, machine.clone(), signal, number);
        }
        if let Some(scope) = whom.account() {
            enter(&mut self.accounts, scope, signal, number);
        }
        if let Some(scope) = whom.client() {
            // Where the refused account is not on record, the session that the same client
            // got soon after still speaks of it.
            if whom.user.is_some() && signal.id.as_str() == drawn::ATTEMPT_SUCCEEDED {
                enter(&mut self.accounts, scope.clone(), signal, number);
            }
            enter(&mut self.clients, scope, signal, number);
        }
        enter(&mut self.machines, machine, signal, number);
    }

    fn enter_attempts(&mut self, facts: &Facts, attempts: &[Attempt]) {
        for (number, attempt) in attempts.iter().enumerate() {
            let id = attempt.id.as_str().into();
            let machine = attempt.machine.clone();
            self.attempts.insert(Scope::Attempt { machine, id }, number);
        }
        self.by_attempt = vec![Vec::new(); attempts.len()];
        for number in self.in_time_order() {
            let attempt = facts.signals.get(number).and_then(|signal| signal.attempt);
            if let Some(signals) = attempt.and_then(|attempt| self.by_attempt.get_mut(attempt)) {
                signals.push(number);
            }
        }
        for signals in &mut self.by_attempt {
            signals.sort_by_key(|number| facts.signals.get(*number).map(|signal| &signal.id));
        }
    }

    /// All scopes of a kind, in order.
    pub(super) fn of_kind(&self, kind: ScopeKind) -> impl Iterator<Item = Place<'_>> {
        let listed = self.sorted(kind).into_iter().flat_map(BTreeMap::keys);
        let attempts = self.attempts.keys().filter(move |_| kind == ScopeKind::Attempt);
        listed.chain(attempts).map(move |scope| Place { kind, scope })
    }

    /// The signals of a scope.
    pub(super) fn area(&self, place: Place<'_>) -> Area<'_> {
        match self.sorted(place.kind) {
            Some(scopes) => listed(scopes, place.scope),
            None => self.attempts.get(place.scope).map_or(Area::Empty, |id| self.attempt(*id)),
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

    const fn sorted(&self, kind: ScopeKind) -> Option<&BTreeMap<Scope, Signals>> {
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

impl<'a> Area<'a> {
    /// The signals of that id, in time order.
    pub(super) fn signals(self, id: &SignalId, facts: &Facts) -> &'a [usize] {
        match self {
            Area::Empty => &[],
            Area::Scope(signals) => signals.get(id).map_or(&[], Vec::as_slice),
            Area::Attempt(signals) => {
                let id_of = |number: &usize| facts.signals.get(*number).map(|signal| &signal.id);
                let from = signals.partition_point(|number| id_of(number) < Some(id));
                let to = signals.partition_point(|number| id_of(number) <= Some(id));
                signals.get(from..to).unwrap_or_default()
            }
        }
    }
}

fn listed<'a>(scopes: &'a BTreeMap<Scope, Signals>, scope: &Scope) -> Area<'a> {
    scopes.get(scope).map_or(Area::Empty, Area::Scope)
}

fn enter(scopes: &mut BTreeMap<Scope, Signals>, scope: Scope, signal: &Signal, number: usize) {
    let signals = scopes.entry(scope).or_default();
    match signals.get_mut(&signal.id) {
        Some(numbers) => numbers.push(number),
        None => {
            signals.insert(signal.id.clone(), vec![number]);
        }
    }
}

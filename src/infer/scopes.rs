//! Sorts signals by whom they concern: a machine, an account on it, a client of it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{Attempt, Facts, Scope, Signal, SignalId, drawn};
use crate::rules::schema::ScopeKind;

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
type Signals = BTreeMap<SignalId, Vec<usize>>;

/// The signals of every scope.
#[derive(Default)]
pub(super) struct Scopes {
    machines: BTreeMap<Scope, Signals>,
    accounts: BTreeMap<Scope, Signals>,
    clients: BTreeMap<Scope, Signals>,
}

impl Scopes {
    pub(super) fn of(facts: &Facts, attempts: &[Attempt]) -> Self {
        let mut scopes = Self::default();
        for (number, signal) in facts.signals.iter().enumerate() {
            let attempt = signal.attempt.and_then(|attempt| attempts.get(attempt));
            let whom = Whom::of(signal, attempt);
            let enter = |scopes: &mut BTreeMap<Scope, Signals>, scope| {
                let signals = scopes.entry(scope).or_default();
                signals.entry(signal.id.clone()).or_default().push(number);
            };
            if let Some(scope) = whom.account() {
                enter(&mut scopes.accounts, scope);
            }
            if let Some(scope) = whom.client() {
                // Where the refused account is not on record, the session that the same client
                // got soon after still speaks of it.
                if whom.user.is_some() && signal.id.as_str() == drawn::ATTEMPT_SUCCEEDED {
                    enter(&mut scopes.accounts, scope.clone());
                }
                enter(&mut scopes.clients, scope);
            }
            enter(&mut scopes.machines, Scope::Machine(whom.machine));
        }
        scopes
    }

    /// All scopes of a kind, in order.
    pub(super) fn of_kind(&self, kind: ScopeKind) -> impl Iterator<Item = Place<'_>> {
        self.sorted(kind).keys().map(move |scope| Place { kind, scope })
    }

    /// The signals of that id in a scope, in time order.
    pub(super) fn signals(&self, place: Place<'_>, id: &SignalId) -> &[usize] {
        let signals = self.sorted(place.kind).get(place.scope);
        signals.and_then(|signals| signals.get(id)).map_or(&[], Vec::as_slice)
    }

    /// Whether a scope has a signal.
    pub(super) fn has(&self, place: Place<'_>, id: &SignalId) -> bool {
        !self.signals(place, id).is_empty()
    }

    const fn sorted(&self, kind: ScopeKind) -> &BTreeMap<Scope, Signals> {
        match kind {
            ScopeKind::Machine => &self.machines,
            ScopeKind::Account => &self.accounts,
            ScopeKind::Client => &self.clients,
        }
    }
}

/// Whom a signal concerns. What the record leaves out, its attempt may know.
struct Whom {
    machine: Arc<str>,
    user: Option<Arc<str>>,
    address: Option<IpAddr>,
    in_attempt: bool,
}

impl Whom {
    fn of(signal: &Signal, attempt: Option<&Attempt>) -> Self {
        let entities = &signal.entities;
        Self {
            machine: attempt.map_or(&signal.machine, |attempt| &attempt.machine).clone(),
            user: entities.user.clone().or_else(|| attempt.and_then(bare_user)),
            address: entities.client_address.or_else(|| attempt?.client_address),
            in_attempt: attempt.is_some(),
        }
    }

    /// The account. Where none is named the client stands in for it; and where no client is
    /// named either, as in a client's own log, the machine, but only for what belongs to an
    /// attempt.
    fn account(&self) -> Option<Scope> {
        let machine = || self.machine.clone();
        let named = |user: &Arc<str>| Scope::Account { machine: machine(), user: user.clone() };
        let alone = || self.in_attempt.then(|| Scope::Machine(machine()));
        self.user.as_ref().map(named).or_else(|| self.client()).or_else(alone)
    }

    fn client(&self) -> Option<Scope> {
        let machine = self.machine.clone();
        self.address.map(|address| Scope::Client { machine, address })
    }
}

fn bare_user(attempt: &Attempt) -> Option<Arc<str>> {
    let user = attempt.user.as_ref()?;
    Some(user.rsplit('\\').next().map_or_else(|| user.clone(), Arc::from))
}

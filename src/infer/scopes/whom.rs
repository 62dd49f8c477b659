//! Whom a signal concerns, from what its record and its attempt know.

use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{Attempt, Scope, Signal};

/// Whom a signal concerns. What the record leaves out, its attempt may know.
pub(super) struct Whom {
    pub machine: Arc<str>,
    pub user: Option<Arc<str>>,
    address: Option<IpAddr>,
    in_attempt: bool,
}

impl Whom {
    pub(super) fn of(signal: &Signal, attempt: Option<&Attempt>) -> Self {
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
    pub(super) fn account(&self) -> Option<Scope> {
        let machine = || self.machine.clone();
        let named = |user: &Arc<str>| Scope::Account { machine: machine(), user: user.clone() };
        let alone = || self.in_attempt.then(|| Scope::Machine(machine()));
        self.user.as_ref().map(named).or_else(|| self.client()).or_else(alone)
    }

    pub(super) fn client(&self) -> Option<Scope> {
        let machine = self.machine.clone();
        self.address.map(|address| Scope::Client { machine, address })
    }
}

fn bare_user(attempt: &Attempt) -> Option<Arc<str>> {
    let user = attempt.user.as_ref()?;
    Some(user.rsplit('\\').next().map_or_else(|| user.clone(), Arc::from))
}

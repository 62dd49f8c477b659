//! Which client and which host a signal is about, whichever of the two logged it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::normal::short_name;
use crate::model::{Attempt, Facts, Scope, Side, Signal};

/// The names of machines, and of the clients behind addresses.
pub(super) struct Pairs {
    /// The machines of the case by name, lower case and without domain suffix. Two of one name
    /// in two domains are left out.
    machines: BTreeMap<String, Option<Arc<str>>>,
    /// The name of each client address on each machine; `None` where several names used it.
    clients: BTreeMap<(Arc<str>, IpAddr), Option<Arc<str>>>,
    /// The pair of each attempt, once it was asked for: all of its signals are about that.
    of_attempts: Vec<Option<Option<Scope>>>,
}

impl Pairs {
    pub(super) fn of(facts: &Facts, attempts: &[Attempt]) -> Self {
        let mut machines: BTreeMap<String, Option<Arc<str>>> = BTreeMap::new();
        for machine in &facts.machines {
            machines
                .entry(short_name(&machine.name))
                .and_modify(|other| *other = None)
                .or_insert_with(|| Some(machine.name.clone()));
        }
        let mut clients: BTreeMap<(Arc<str>, IpAddr), Option<Arc<str>>> = BTreeMap::new();
        for attempt in attempts {
            let (Some(client), Some(address)) = (&attempt.client, attempt.client_address) else {
                continue;
            };
            clients
                .entry((attempt.machine.clone(), address))
                .and_modify(|known| {
                    if known.as_ref() != Some(client) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(client.clone()));
        }
        Self { machines, clients, of_attempts: vec![None; attempts.len()] }
    }

    /// The pair that a signal is about; `None` where it names only one of the two.
    pub(super) fn scope(&mut self, signal: &Signal, attempt: Option<&Attempt>) -> Option<Scope> {
        let number = signal.attempt.filter(|_| attempt.is_some());
        if let Some(Some(known)) = number.and_then(|number| self.of_attempts.get(number)) {
            return known.clone();
        }
        let scope = self.find(signal, attempt);
        if let Some(slot) = number.and_then(|number| self.of_attempts.get_mut(number)) {
            *slot = Some(scope.clone());
        }
        scope
    }

    fn find(&self, signal: &Signal, attempt: Option<&Attempt>) -> Option<Scope> {
        let entities = &signal.entities;
        let (host, client) = match attempt {
            Some(attempt) if attempt.side == Side::Client => {
                (attempt.host.as_ref()?, self.named(&attempt.machine))
            }
            Some(attempt) => {
                let host = attempt.host.as_ref().unwrap_or(&attempt.machine);
                (
                    host,
                    self.client(&attempt.machine, attempt.client.as_ref(), attempt.client_address)?,
                )
            }
            // Only who connects names a target.
            None => match &entities.target {
                Some(target) => (target, self.named(&signal.machine)),
                None => {
                    let (name, address) = (entities.client_name.as_ref(), entities.client_address);
                    (&signal.machine, self.client(&signal.machine, name, address)?)
                }
            },
        };
        Some(Scope::Pair { host: self.named(host), client })
    }

    fn client(
        &self,
        machine: &Arc<str>,
        name: Option<&Arc<str>>,
        address: Option<IpAddr>,
    ) -> Option<Arc<str>> {
        let known = |address| self.clients.get(&(machine.clone(), address))?.clone();
        let name = name.cloned().or_else(|| known(address?));
        name.map(|name| self.named(&name)).or_else(|| Some(address?.to_string().into()))
    }

    /// The machine of that name as the case spells it, else the name in upper case without
    /// suffix, as clients give theirs; an address stays.
    fn named(&self, name: &Arc<str>) -> Arc<str> {
        if let Some(Some(machine)) = self.machines.get(&short_name(name)) {
            return machine.clone();
        }
        if name.parse::<IpAddr>().is_ok() {
            return name.clone();
        }
        short_name(name).to_uppercase().into()
    }
}

//! Who takes part in a scope's attempts, and whose logs are therefore looked at or missed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ground::Ground;
use super::peers::Peer;
use crate::model::{Attempt, MachineRole, Side};
use crate::rules::schema::{At, ScopeKind};

/// Clients named as those whose log is missing.
const MOST_CLIENTS: usize = 3;

impl Ground<'_> {
    /// The peers that an item looks at. Of attempts that only their client shows, it is the client.
    pub(super) fn peers(&self, at: At) -> impl Iterator<Item = &Peer> {
        let own = self.place.scope.machine();
        let is_other = move |peer: &&Peer| at != At::Peers || Some(&peer.machine) != own;
        let peers = self.beside.get_or_init(|| self.find_peers()).iter();
        peers.filter(move |peer| peer.is_at(at)).filter(is_other)
    }

    fn find_peers(&self) -> BTreeSet<Peer> {
        let Some(machine) = self.place.scope.machine() else { return BTreeSet::new() };
        let mut peers = self.find_others(machine);
        let mut attempts = self.attempts().peekable();
        let is_client = |one: &Attempt| one.side == Side::Client && one.machine == *machine;
        if attempts.peek().is_some() && attempts.all(is_client) {
            peers.insert(Peer { machine: machine.clone(), role: MachineRole::Client });
        }
        peers
    }

    fn find_others(&self, machine: &Arc<str>) -> BTreeSet<Peer> {
        match self.place.kind {
            ScopeKind::Machine | ScopeKind::Fleet => self.world.peers().of_machine(machine),
            ScopeKind::Account | ScopeKind::Client | ScopeKind::Attempt | ScopeKind::Pair => {
                self.world.peers().of_attempts(machine, self.attempt_numbers())
            }
        }
    }

    /// Those who connect in the scope's attempts, the first few: by name, else by address.
    pub(super) fn clients(&self) -> Vec<Arc<str>> {
        let found = self.clients.get_or_init(|| {
            let attempts = self.attempts();
            let mut clients: BTreeSet<Arc<str>> = BTreeSet::new();
            for attempt in attempts {
                let address = || attempt.client_address.map(|address| address.to_string().into());
                clients.extend(match attempt.side {
                    Side::Client => Some(attempt.machine.clone()),
                    Side::Host | Side::Gateway => attempt.client.clone().or_else(address),
                });
                if clients.len() >= MOST_CLIENTS {
                    break;
                }
            }
            if clients.is_empty() {
                clients.insert("the client".into());
            }
            clients.into_iter().collect()
        });
        found.clone()
    }

    /// The hosts of attempts that only the scope's machine shows, which is their client; the
    /// first few, by the names that it typed.
    pub(super) fn hosts(&self) -> Vec<Arc<str>> {
        let mut hosts: BTreeSet<Arc<str>> = BTreeSet::new();
        for attempt in self.attempts().filter(|one| one.side == Side::Client) {
            hosts.extend(attempt.host.clone());
            if hosts.len() >= MOST_CLIENTS {
                break;
            }
        }
        hosts.into_iter().collect()
    }
}

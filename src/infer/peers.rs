//! The other machines that take part in a scope's attempts: the client that connects, the host,
//! the gateway between them, and the brokers and domain controllers of the case.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::machines;
use crate::model::normal::short_name;
use crate::model::{Attempt, Facts, MachineRole, Side};
use crate::rules::schema::At;

/// A machine that takes part, and what it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Peer {
    pub machine: Arc<str>,
    pub role: MachineRole,
}

/// The machines beside another, with their role there.
type Beside = BTreeSet<(Arc<str>, MachineRole)>;

/// The machines that names mean, by where these stand: attempts share the names of a few.
type Named = HashMap<usize, Option<Arc<str>>, RandomState>;

/// Who takes part in which attempts.
#[derive(Default)]
pub(super) struct Peers {
    /// Those that were supplied, by the machine that they share attempts with, and by role.
    beside: BTreeMap<Arc<str>, Beside>,
    /// Brokers and domain controllers serve every machine of the case.
    everywhere: BTreeSet<Peer>,
    /// The machines of the case by name, lower case and without domain suffix.
    by_name: BTreeMap<String, Arc<str>>,
    /// The participants of each attempt, by its number: every cause asks for them.
    present: Vec<Vec<(Arc<str>, MachineRole)>>,
}

impl Peers {
    pub(super) fn of(facts: &Facts, attempts: &[Attempt]) -> Self {
        let mut peers = Self::default();
        for machine in &facts.machines {
            peers.by_name.insert(short_name(&machine.name), machine.name.clone());
        }
        for (machine, roles) in machines::roles(facts) {
            let serving = [MachineRole::Broker, MachineRole::Dc];
            let serving = serving.into_iter().filter(|role| roles.contains(role));
            peers.everywhere.extend(serving.map(|role| Peer { machine: machine.clone(), role }));
        }
        let mut known = HashMap::default();
        for attempt in attempts {
            peers.enter(attempt, &mut known);
        }
        peers
    }

    fn enter(&mut self, attempt: &Attempt, known: &mut Named) {
        let present = self.participants(attempt, known);
        self.present.push(present.iter().map(|peer| (peer.machine.clone(), peer.role)).collect());
        for own in &present {
            for other in present.iter().filter(|other| other.machine != own.machine) {
                let beside = self.beside.entry(own.machine.clone()).or_default();
                beside.insert((other.machine.clone(), other.role));
            }
        }
    }

    /// The machines of an attempt whose logs were supplied.
    fn participants(&self, attempt: &Attempt, known: &mut Named) -> Vec<Peer> {
        let leading = match attempt.side {
            Side::Host => MachineRole::Host,
            Side::Gateway => MachineRole::Gateway,
            Side::Client => MachineRole::Client,
        };
        let mut present = vec![Peer { machine: attempt.machine.clone(), role: leading }];
        present.extend(
            attempt
                .views
                .iter()
                .map(|view| Peer { machine: view.machine.clone(), role: view.role }),
        );
        // A machine that the attempt only names may have been supplied as well.
        let named = [(&attempt.client, MachineRole::Client), (&attempt.host, MachineRole::Host)];
        for (name, role) in named {
            let Some(name) = name else { continue };
            let find = || self.by_name.get(&short_name(name)).cloned();
            if let Some(machine) = known.entry(name.as_ptr().addr()).or_insert_with(find) {
                present.push(Peer { machine: machine.clone(), role });
            }
        }
        let mut distinct: Vec<Peer> = Vec::with_capacity(present.len());
        for peer in present {
            if !distinct.iter().any(|other| other.machine == peer.machine) {
                distinct.push(peer);
            }
        }
        distinct
    }

    /// The peers of a machine in all of its attempts.
    pub(super) fn of_machine(&self, machine: &Arc<str>) -> BTreeSet<Peer> {
        let beside = self.beside.get(machine).into_iter().flatten();
        beside
            .map(|(machine, role)| Peer { machine: machine.clone(), role: *role })
            .chain(self.everywhere.iter().filter(|peer| peer.machine != *machine).cloned())
            .collect()
    }

    /// The peers of a machine in some of its attempts, given by number.
    pub(super) fn of_attempts(
        &self,
        machine: &Arc<str>,
        attempts: impl Iterator<Item = usize>,
    ) -> BTreeSet<Peer> {
        let beside = self.beside.get(machine);
        let present: BTreeSet<&(Arc<str>, MachineRole)> =
            attempts.filter_map(|attempt| self.present.get(attempt)).flatten().collect();
        let is_beside =
            |participant: &&_| beside.is_some_and(|beside| beside.contains(*participant));
        let present = present.into_iter().filter(is_beside);
        let present = present.map(|(machine, role)| Peer { machine: machine.clone(), role: *role });
        let serving = self.everywhere.iter().filter(|peer| peer.machine != *machine).cloned();
        present.chain(serving).collect()
    }
}

impl Peer {
    /// Whether an item that looks there means this machine.
    pub(super) const fn is_at(&self, at: At) -> bool {
        match at {
            At::Peers => true,
            At::Client => matches!(self.role, MachineRole::Client),
            At::Host => matches!(self.role, MachineRole::Host),
            At::Gateway => matches!(self.role, MachineRole::Gateway),
            At::Broker => matches!(self.role, MachineRole::Broker),
            At::Dc => matches!(self.role, MachineRole::Dc),
            At::Attempt | At::Machine | At::Fleet => false,
        }
    }
}

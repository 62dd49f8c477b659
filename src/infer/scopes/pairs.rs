//! Which client and which host a signal is about, whichever of the two logged it.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::normal::short_name;
use crate::model::{Attempt, Facts, Scope, Side, Signal};

/// The number of a pair, in the order in which pairs first come up.
pub(super) type Pair = u32;

/// The names of machines, and of the clients behind addresses.
pub(super) struct Pairs<'a> {
    /// The machines of the case by name, lower case and without domain suffix. Two of one name
    /// in two domains are left out.
    machines: BTreeMap<String, Option<Arc<str>>>,
    /// The name of each client address on each machine; `None` where several names used it.
    clients: HashMap<(&'a str, IpAddr), Option<&'a Arc<str>>, RandomState>,
    /// The pair of each attempt, once it was asked for: all of its signals are about that.
    of_attempts: Vec<Option<Option<Pair>>>,
    /// The pair that signals without an attempt are about, by what they name.
    of_others: HashMap<Naming<'a>, Option<Pair>, RandomState>,
    /// Hosts, each with a client.
    known: HashMap<(Arc<str>, Arc<str>), Pair, RandomState>,
}

/// What tells the pair of a signal without an attempt: its machine, the target, the client's name
/// and its address.
type Naming<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<IpAddr>);

impl<'a> Pairs<'a> {
    pub(super) fn of(facts: &Facts, attempts: &'a [Attempt]) -> Self {
        let mut machines: BTreeMap<String, Option<Arc<str>>> = BTreeMap::new();
        for machine in &facts.machines {
            machines
                .entry(short_name(&machine.name))
                .and_modify(|other| *other = None)
                .or_insert_with(|| Some(machine.name.clone()));
        }
        let mut clients: HashMap<(&str, IpAddr), Option<&Arc<str>>, RandomState> =
            HashMap::default();
        for attempt in attempts {
            let (Some(client), Some(address)) = (&attempt.client, attempt.client_address) else {
                continue;
            };
            clients
                .entry((&attempt.machine, address))
                .and_modify(|known| *known = known.filter(|known| *known == client))
                .or_insert(Some(client));
        }
        Self {
            machines,
            clients,
            of_attempts: vec![None; attempts.len()],
            of_others: HashMap::default(),
            known: HashMap::default(),
        }
    }

    /// The pair that a signal is about; `None` where it names only one of the two.
    pub(super) fn of_signal(&mut self, signal: &'a Signal, attempts: &[Attempt]) -> Option<Pair> {
        let attempt = signal.attempt.and_then(|number| Some((number, attempts.get(number)?)));
        let Some((number, attempt)) = attempt else {
            let named = &signal.entities;
            let (target, client) = (named.target.as_deref(), named.client_name.as_deref());
            let naming = (&*signal.machine, target, client, named.client_address);
            if let Some(known) = self.of_others.get(&naming) {
                return *known;
            }
            let found = self.find(signal, None).map(|pair| self.number(pair));
            self.of_others.insert(naming, found);
            return found;
        };
        if let Some(Some(known)) = self.of_attempts.get(number) {
            return *known;
        }
        let found = self.find(signal, Some(attempt)).map(|pair| self.number(pair));
        if let Some(slot) = self.of_attempts.get_mut(number) {
            *slot = Some(found);
        }
        found
    }

    /// The scopes of all pairs, by number.
    pub(super) fn scopes(self) -> Vec<Scope> {
        let mut pairs: Vec<(Pair, Scope)> = Vec::with_capacity(self.known.len());
        pairs.extend(
            self.known
                .into_iter()
                .map(|((host, client), number)| (number, Scope::Pair { host, client })),
        );
        pairs.sort_unstable_by_key(|(number, _)| *number);
        pairs.into_iter().map(|(_, scope)| scope).collect()
    }

    fn number(&mut self, pair: (Arc<str>, Arc<str>)) -> Pair {
        let next = Pair::try_from(self.known.len()).unwrap_or(Pair::MAX);
        *self.known.entry(pair).or_insert(next)
    }

    fn find(&self, signal: &Signal, attempt: Option<&Attempt>) -> Option<(Arc<str>, Arc<str>)> {
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
        Some((self.named(host), client))
    }

    fn client(
        &self,
        machine: &Arc<str>,
        name: Option<&Arc<str>>,
        address: Option<IpAddr>,
    ) -> Option<Arc<str>> {
        let known = |address| self.clients.get(&(&**machine, address)).copied().flatten().cloned();
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

//! What an item is tested on: the signals of a scope, and those that it looks at beside them.
//!
//! Knows places, times and entities. Knows nothing about counts and weights.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::peers::{Peer, Peers};
use super::scopes::{Area, Place, Scopes};
use crate::model::normal::short_name;
use crate::model::{Attempt, Facts, Scope, Signal, SignalId, Span, Time, drawn};
use crate::rules::schema::{At, ScopeKind};
use crate::rules::{Anchor, RuleSet};

/// All that a cause is tested on, in any scope.
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub facts: &'a Facts,
    pub attempts: &'a [Attempt],
    pub scopes: &'a Scopes,
    pub peers: &'a Peers,
}

/// One scope of it.
pub(super) struct Ground<'a> {
    pub world: &'a World<'a>,
    pub place: Place<'a>,
    /// The scope's own signals.
    own: Area<'a>,
    /// Found when an item first looks there.
    beside: OnceCell<BTreeSet<Peer>>,
}

/// A signal with its time by the clock of the scope's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub time: Time,
    pub number: usize,
}

impl<'a> Ground<'a> {
    pub(super) fn new(world: &'a World<'a>, place: Place<'a>) -> Self {
        Self { world, place, own: world.scopes.area(place), beside: OnceCell::new() }
    }

    /// A signal by its number.
    pub(super) fn signal(&self, number: usize) -> Option<&'a Signal> {
        self.world.facts.signals.get(number)
    }

    /// The scope's own signals of that id, in time order.
    pub(super) fn own(&self, id: &SignalId) -> &'a [usize] {
        self.own.signals(id, self.world.facts)
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: usize) -> Option<Time> {
        self.world.scopes.time(number)
    }

    /// All of some signals at a place, in time order, each once.
    pub(super) fn seen(&self, at: Option<At>, ids: &[SignalId]) -> Vec<Seen> {
        let mut seen: Vec<Seen> = match at {
            None => self.of_area(self.own, ids),
            Some(At::Attempt) => {
                let mut seen = self.of_area(self.own, ids);
                seen.retain(|seen| self.attempt_of(seen.number).is_some());
                seen
            }
            Some(At::Machine) => self.of_area(self.machine(), ids),
            Some(At::Fleet) => self.of_area(self.fleet(), ids),
            Some(at) => self.of_peers(at, ids),
        };
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    fn of_area(&self, area: Area<'a>, ids: &[SignalId]) -> Vec<Seen> {
        ids.iter()
            .flat_map(|id| area.signals(id, self.world.facts))
            .filter_map(|number| Some(Seen { time: self.time(*number)?, number: *number }))
            .collect()
    }

    /// What peers logged, unless it names somebody else than the scope does.
    fn of_peers(&self, at: At, ids: &[SignalId]) -> Vec<Seen> {
        let mut seen = Vec::new();
        for peer in self.peers(at) {
            let areas = self.world.scopes.beside(self.place, &peer.machine);
            for (area, id) in
                areas.into_iter().flat_map(|area| ids.iter().map(move |id| (area, id)))
            {
                let numbers = area.signals(id, self.world.facts).iter().copied();
                seen.extend(numbers.filter(|number| self.may_concern(*number)).filter_map(
                    |number| {
                        let time = self.time(number)? + peer.offset;
                        Some(Seen { time, number })
                    },
                ));
            }
        }
        seen
    }

    /// The peers that an item looks at.
    pub(super) fn peers(&self, at: At) -> impl Iterator<Item = &Peer> {
        self.beside.get_or_init(|| self.find_peers()).iter().filter(move |peer| peer.is_at(at))
    }

    fn find_peers(&self) -> BTreeSet<Peer> {
        let Some(machine) = self.place.scope.machine() else { return BTreeSet::new() };
        match self.place.kind {
            ScopeKind::Machine | ScopeKind::Fleet => self.world.peers.of_machine(machine),
            ScopeKind::Account | ScopeKind::Client | ScopeKind::Attempt | ScopeKind::Pair => {
                self.world.peers.of_attempts(machine, &self.attempts())
            }
        }
    }

    /// The attempts of the scope.
    fn attempts(&self) -> Vec<&'a Attempt> {
        self.own(&drawn::ATTEMPT_OPENED.into())
            .iter()
            .filter_map(|number| self.attempt_of(*number))
            .filter_map(|attempt| self.world.attempts.get(attempt))
            .collect()
    }

    pub(super) fn attempt_of(&self, number: usize) -> Option<usize> {
        self.signal(number)?.attempt
    }

    /// Whether a signal names neither another user, client nor host than the scope's.
    fn may_concern(&self, number: usize) -> bool {
        let Some(entities) = self.signal(number).map(|signal| &signal.entities) else {
            return false;
        };
        let same = |name: &Option<Arc<str>>, own: &str| {
            name.as_deref().is_none_or(|name| short_name(name) == short_name(own))
        };
        let host = self.place.scope.machine();
        // An address as target may be anybody's.
        let is_address = |name: &Arc<str>| name.parse::<std::net::IpAddr>().is_ok();
        let to_host = entities.target.as_ref().is_none_or(|target| {
            is_address(target) || host.is_none_or(|host| short_name(target) == short_name(host))
        });
        to_host
            && match self.place.scope {
                Scope::Account { user, .. } => {
                    entities.user.as_ref().is_none_or(|name| name == user)
                }
                Scope::Client { address, .. } => {
                    entities.client_address.is_none_or(|other| other == *address)
                }
                Scope::Pair { client, .. } => same(&entities.client_name, client),
                Scope::Machine(_) | Scope::Attempt { .. } | Scope::Fleet => true,
            }
    }

    /// Where an item's anchors stand: in the scope itself, wherever the item looks. What the
    /// machine logged beside another's attempt says nothing about this one.
    pub(super) fn anchors(&self, at: Option<At>, number: usize) -> Area<'a> {
        match at {
            Some(At::Attempt) => self
                .attempt_of(number)
                .map_or(Area::Empty, |attempt| self.world.scopes.attempt(attempt)),
            at => self.anchors_of_all(at),
        }
    }

    /// The same for items that no single signal stands for.
    pub(super) fn anchors_of_all(&self, at: Option<At>) -> Area<'a> {
        match at {
            Some(At::Fleet) => self.fleet(),
            _ => self.own,
        }
    }

    /// Where what must be missing beside a signal is looked for.
    pub(super) fn neighborhood(&self, at: Option<At>, number: usize) -> Area<'a> {
        match at {
            Some(At::Machine) => self.machine(),
            at => self.anchors(at, number),
        }
    }

    fn machine(&self) -> Area<'a> {
        let Some(machine) = self.place.scope.machine() else { return Area::Empty };
        let scope = Scope::Machine(machine.clone());
        self.world.scopes.area(Place { kind: ScopeKind::Machine, scope: &scope })
    }

    fn fleet(&self) -> Area<'a> {
        self.world.scopes.area(Place { kind: ScopeKind::Fleet, scope: &Scope::Fleet })
    }

    /// The time of an anchor.
    pub(super) fn anchor(&self, anchor: &Anchor, area: Area<'a>) -> Option<Time> {
        match anchor {
            Anchor::First(id) => self.span(id, area).map(|(first, _)| first),
            Anchor::Last(id) => self.span(id, area).map(|(_, last)| last),
        }
    }

    /// The times of the first and the last of a signal.
    pub(super) fn span(&self, id: &SignalId, area: Area<'a>) -> Option<(Time, Time)> {
        let numbers = area.signals(id, self.world.facts);
        Some((self.time(*numbers.first()?)?, self.time(*numbers.last()?)?))
    }

    /// Whether one of a signal stands in a stretch of time, its ends included.
    pub(super) fn any_within(
        &self,
        id: &SignalId,
        area: Area<'a>,
        (from, to): (Time, Time),
    ) -> bool {
        let numbers = area.signals(id, self.world.facts);
        // The signals of a scope are in time order; a flood has too many to look at each.
        let first = numbers.partition_point(|number| self.time(*number) < Some(from));
        let time = numbers.get(first).and_then(|number| self.time(*number));
        time.is_some_and(|time| time <= to)
    }
}

/// How close `near` means where a rule names no distance.
pub(super) const NEAR: Span = Span::seconds(2);

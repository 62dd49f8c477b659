//! What an item is tested on: the signals of a scope, and those that it looks at beside them.
//!
//! Knows places, times and entities. Knows nothing about counts and weights.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::coverage::Supplied;
use super::peers::{Peer, Peers};
use super::scopes::{Area, Place, Scopes};
use super::words::Words;
use crate::model::normal::short_name;
use crate::model::{Attempt, Facts, Scope, Side, Signal, SignalId, Span, Time, drawn};
use crate::rules::schema::{At, ScopeKind};
use crate::rules::{Anchor, Pattern, Position, RuleSet};

/// A stretch of time, its ends included.
pub(super) type Window = (Time, Time);
/// All times.
const ALWAYS: Window = (Time(i64::MIN), Time(i64::MAX));
/// Of what another place logged without being asked for its time, so many of each signal are
/// looked at: a busy machine has as much for each of a hundred thousand accounts.
pub(super) const MOST_ELSEWHERE: usize = 200;
/// Clients named as those whose log is missing.
const MOST_CLIENTS: usize = 3;

/// All that a cause is tested on, in any scope.
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub facts: &'a Facts,
    pub attempts: &'a [Attempt],
    pub scopes: &'a Scopes,
    pub peers: &'a Peers,
    pub supplied: &'a Supplied,
    /// The machines that somebody tried to connect to.
    pub involved: &'a BTreeSet<Arc<str>>,
}

/// One scope of it, or one stretch of time there.
pub(super) struct Ground<'a> {
    pub world: &'a World<'a>,
    pub place: Place<'a>,
    pub words: &'a Words<'a>,
    /// The scope's own signals.
    own: Area<'a>,
    /// What lies outside of it is not looked at.
    window: Window,
    /// Found when an item first looks there.
    beside: OnceCell<BTreeSet<Peer>>,
    /// Found when a client's log is missing.
    clients: OnceCell<Vec<Arc<str>>>,
}

/// A signal with its time by the clock of the scope's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub time: Time,
    pub number: usize,
}

impl<'a> Ground<'a> {
    pub(super) fn new(world: &'a World<'a>, place: Place<'a>, words: &'a Words<'a>) -> Self {
        let own = world.scopes.area(place);
        Self {
            world,
            place,
            words,
            own,
            window: ALWAYS,
            beside: OnceCell::new(),
            clients: OnceCell::new(),
        }
    }

    /// The same scope in a stretch of time.
    pub(super) fn within(&self, window: Window) -> Self {
        let Self { world, place, words, own, window: _, beside, clients } = self;
        Self {
            world,
            place: *place,
            words,
            own: *own,
            window,
            beside: beside.clone(),
            clients: clients.clone(),
        }
    }

    /// A signal by its number.
    pub(super) fn signal(&self, number: usize) -> Option<&'a Signal> {
        self.world.facts.signals.get(number)
    }

    /// The scope's own signals of that id, in time order.
    pub(super) fn own(&self, id: &SignalId) -> &'a [usize] {
        self.listed(self.own, id)
    }

    /// The signals of an area, in time order.
    fn listed(&self, area: Area<'a>, id: &SignalId) -> &'a [usize] {
        let numbers = self.world.scopes.signals(area, id);
        if self.window == ALWAYS { numbers } else { self.stretch(numbers, self.window) }
    }

    /// Those of some signals in time order that lie in a stretch of time.
    fn stretch(&self, numbers: &'a [usize], (from, to): Window) -> &'a [usize] {
        let first = numbers.partition_point(|number| self.time(*number) < Some(from));
        let end = numbers.partition_point(|number| self.time(*number) <= Some(to));
        numbers.get(first..end).unwrap_or_default()
    }

    /// The times of the first and the last of the scope's signals of these ids in a stretch.
    pub(super) fn first_and_last(&self, ids: &[SignalId], window: Window) -> Option<Window> {
        let spans = ids.iter().filter_map(|id| {
            let numbers = self.stretch(self.own(id), window);
            Some((self.time(*numbers.first()?)?, self.time(*numbers.last()?)?))
        });
        spans.reduce(|left, right| (left.0.min(right.0), left.1.max(right.1)))
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: usize) -> Option<Time> {
        self.world.scopes.time(number)
    }

    /// The signals of a pattern at its place that can stand where it wants them: all that do,
    /// and maybe more. A busy machine logs too much to look at each for every account.
    pub(super) fn candidates(&self, pattern: &Pattern) -> Vec<Seen> {
        let asks_for_time = pattern.position.is_given();
        let is_elsewhere = !matches!(pattern.at, None | Some(At::Attempt));
        if !is_elsewhere {
            return self.seen(pattern.at, &pattern.signals);
        }
        if asks_for_time {
            let reach = self.reach(pattern.at, &pattern.position);
            return self.seen_in(pattern.at, &pattern.signals, &reach, usize::MAX);
        }
        let most = if pattern.counts() { usize::MAX } else { MOST_ELSEWHERE };
        self.seen_in(pattern.at, &pattern.signals, &[self.window], most)
    }

    /// All of some signals at a place, in time order, each once.
    pub(super) fn seen(&self, at: Option<At>, ids: &[SignalId]) -> Vec<Seen> {
        self.seen_in(at, ids, &[self.window], usize::MAX)
    }

    /// The same within stretches of time, which do not overlap, and at most so many of each
    /// signal.
    pub(super) fn seen_in(
        &self,
        at: Option<At>,
        ids: &[SignalId],
        reach: &[Window],
        most: usize,
    ) -> Vec<Seen> {
        let mut seen: Vec<Seen> = match at {
            None => self.of_area(self.own, ids, reach, most),
            Some(At::Attempt) => {
                let mut seen = self.of_area(self.own, ids, reach, most);
                seen.retain(|seen| self.attempt_of(seen.number).is_some());
                seen
            }
            Some(At::Machine) => self.of_area(self.machine(), ids, reach, most),
            Some(At::Fleet) => self.of_area(self.fleet(), ids, reach, most),
            Some(at) => self.of_peers(at, ids, reach, most),
        };
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    fn of_area(
        &self,
        area: Area<'a>,
        ids: &[SignalId],
        reach: &[Window],
        most: usize,
    ) -> Vec<Seen> {
        let seen = |number: &usize| Some(Seen { time: self.time(*number)?, number: *number });
        ids.iter()
            .flat_map(|id| {
                let numbers = self.listed(area, id);
                reach.iter().flat_map(|window| self.stretch(numbers, *window)).take(most)
            })
            .filter_map(seen)
            .collect()
    }

    /// What peers logged, unless it names somebody else than the scope does.
    fn of_peers(&self, at: At, ids: &[SignalId], reach: &[Window], most: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        for peer in self.peers(at) {
            let areas = self.world.scopes.beside(self.place, &peer.machine);
            for (area, id) in
                areas.into_iter().flat_map(|area| ids.iter().map(move |id| (area, id)))
            {
                // Their clock differs from the one that the stretches are told by.
                let numbers = self.world.scopes.signals(area, id);
                let near = reach.iter().flat_map(|(from, to)| {
                    self.stretch(numbers, (*from - peer.offset, *to - peer.offset))
                });
                let concerning = near.copied().filter(|number| self.may_concern(*number));
                seen.extend(concerning.take(most).filter_map(|number| {
                    Some(Seen { time: self.time(number)? + peer.offset, number })
                }));
            }
        }
        seen
    }

    /// The stretches of time, in order and apart, in which a signal can stand where a position
    /// wants it; none where its anchors are missing.
    pub(super) fn reach(&self, at: Option<At>, position: &Position) -> Vec<Window> {
        let area = self.anchors_of_all(at);
        let (mut from, mut to) = self.window;
        let mut narrow = |window: Option<Window>| {
            let (first, last) = window.unwrap_or((Time(i64::MAX), Time(i64::MIN)));
            (from, to) = (from.max(first), to.min(last));
        };
        if let Some(anchor) = &position.after {
            let after =
                |begin: Time| (begin, position.within.map_or(ALWAYS.1, |span| begin + span));
            narrow(self.anchor(anchor, area).map(after));
        }
        if let Some(anchor) = &position.before {
            let before = |end: Time| (position.within.map_or(ALWAYS.0, |span| end - span), end);
            narrow(self.anchor(anchor, area).map(before));
        }
        if let Some(id) = &position.during {
            narrow(self.span(id, area));
        }
        if from > to {
            return Vec::new();
        }
        let Some(near) = &position.near else { return vec![(from, to)] };
        let reach = position.within.unwrap_or(NEAR);
        let mut windows: Vec<Window> = Vec::new();
        for time in self.listed(area, near).iter().filter_map(|number| self.time(*number)) {
            let window = ((time - reach).max(from), (time + reach).min(to));
            match windows.last_mut() {
                _ if window.0 > window.1 => {}
                Some(last) if window.0 <= last.1 => last.1 = last.1.max(window.1),
                _ => windows.push(window),
            }
        }
        windows
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
                self.world.peers.of_attempts(machine, self.attempt_numbers())
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
        for attempt in self.attempts().into_iter().filter(|one| one.side == Side::Client) {
            hosts.extend(attempt.host.clone());
            if hosts.len() >= MOST_CLIENTS {
                break;
            }
        }
        hosts.into_iter().collect()
    }

    /// The attempts of the scope.
    pub(super) fn attempts(&self) -> Vec<&'a Attempt> {
        let numbers = self.attempt_numbers();
        numbers.filter_map(|attempt| self.world.attempts.get(attempt)).collect()
    }

    fn attempt_numbers(&self) -> impl Iterator<Item = usize> {
        let opened = self.own(&drawn::ATTEMPT_OPENED.into());
        opened.iter().filter_map(|number| self.attempt_of(*number))
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
        let numbers = self.listed(area, id);
        Some((self.time(*numbers.first()?)?, self.time(*numbers.last()?)?))
    }

    /// Whether one of a signal stands in a stretch of time, its ends included.
    pub(super) fn any_within(
        &self,
        id: &SignalId,
        area: Area<'a>,
        (from, to): (Time, Time),
    ) -> bool {
        let numbers = self.listed(area, id);
        // The signals of a scope are in time order; a flood has too many to look at each.
        let first = numbers.partition_point(|number| self.time(*number) < Some(from));
        let time = numbers.get(first).and_then(|number| self.time(*number));
        time.is_some_and(|time| time <= to)
    }
}

/// How close `near` means where a rule names no distance.
pub(super) const NEAR: Span = Span::seconds(2);

//! Tests one item of evidence in one scope.

use std::collections::BTreeSet;

use crate::model::{
    Entities, Facts, MachineCoverage, Scope, Signal, SignalId, Span, Time, channel, drawn,
};
use crate::rules::schema::{Entity, ScopeKind};
use crate::rules::{Anchor, Item, Position, RuleSet};

use super::scopes::{Place, Scopes};

/// How close `near` means where a rule names no distance.
const NEAR: Span = Span::seconds(2);

/// Channels that show attempts on a host: without one of them an attempt may have happened
/// unseen.
const ATTEMPT_CHANNELS: [&str; 3] =
    [channel::RDP_CORE_TS, channel::LOCAL_SESSION_MANAGER, channel::RDP_CLIENT];

/// What an item is tested on.
pub(super) struct Ground<'a> {
    pub rules: &'a RuleSet,
    pub facts: &'a Facts,
    pub scopes: &'a Scopes,
    pub place: Place<'a>,
}

/// What became of an item.
pub(super) enum Tested {
    /// It holds on these signals; none for an item that holds by absence.
    Holds(Vec<usize>),
    /// It does not hold, and the logs would show it.
    Fails,
    /// It cannot be told, for want of these channels (at least one).
    Untestable(Vec<String>),
}

impl Ground<'_> {
    /// Whether the item's signals stand where it wants them.
    pub(super) fn test(&self, item: &Item) -> Tested {
        let machine = Scope::Machine(self.place.scope.machine().clone());
        let place = self.widened(item.scope, &machine);
        let mut found: Vec<usize> = item
            .signals
            .iter()
            .flat_map(|id| self.scopes.signals(place, id))
            .copied()
            .filter(|number| self.stands(*number, &item.position, place))
            .collect();
        found.sort_unstable();
        let enough = found.len() >= item.at_least
            && item.distinct.is_none_or(|(entity, count)| self.distinct(&found, entity) >= count);
        if enough { Tested::Holds(found) } else { self.unseen(item, None) }
    }

    /// Whether the item's signals are missing where they would have been logged. `span` is the
    /// time that the cause's other evidence spans.
    pub(super) fn test_absence(&self, item: &Item, span: (Time, Time)) -> Tested {
        let machine = Scope::Machine(self.place.scope.machine().clone());
        let place = self.widened(item.scope, &machine);
        let Some(window) = self.window(&item.position, place, span) else { return Tested::Fails };
        if item.signals.iter().any(|id| self.any_within(place, id, window)) {
            return Tested::Fails;
        }
        match self.unseen(item, Some(window)) {
            Tested::Untestable(channels) => Tested::Untestable(channels),
            _ => Tested::Holds(Vec::new()),
        }
    }

    pub(super) fn signal(&self, number: usize) -> Option<&Signal> {
        self.facts.signals.get(number)
    }

    /// The scope that an item looks at: the cause's own, or the whole machine.
    fn widened<'b>(&'b self, kind: ScopeKind, machine: &'b Scope) -> Place<'b> {
        match kind {
            ScopeKind::Machine => Place { kind, scope: machine },
            ScopeKind::Account | ScopeKind::Client => self.place,
        }
    }

    fn stands(&self, number: usize, position: &Position, place: Place<'_>) -> bool {
        let Some(time) = self.signal(number).map(|signal| signal.time) else { return false };
        let within = |distance: Span| position.within.is_none_or(|within| distance <= within);
        let near = position.near.as_ref().is_none_or(|id| {
            let reach = position.within.unwrap_or(NEAR);
            self.any_within(place, id, (time - reach, time + reach))
        });
        let after = position.after.as_ref().is_none_or(|anchor| {
            self.anchor(anchor, place).is_some_and(|at| time > at && within(time.since(at)))
        });
        let before = position.before.as_ref().is_none_or(|anchor| {
            self.anchor(anchor, place).is_some_and(|at| time < at && within(at.since(time)))
        });
        let during = position.during.as_ref().is_none_or(|id| {
            self.span(place, id).is_some_and(|(first, last)| first <= time && time <= last)
        });
        near && after && before && during
    }

    /// The stretch of time in which an absent item had to appear; `None` where its anchors
    /// are missing, so that it says nothing.
    fn window(
        &self,
        position: &Position,
        place: Place<'_>,
        span: (Time, Time),
    ) -> Option<(Time, Time)> {
        let (mut from, mut to) = match &position.during {
            Some(id) => self.span(place, id)?,
            None => span,
        };
        if let Some(anchor) = &position.after {
            from = self.anchor(anchor, place)?;
            to = position.within.map_or_else(|| to.max(from), |within| from + within);
        }
        if let Some(anchor) = &position.before {
            to = self.anchor(anchor, place)?;
            from = position.within.map_or_else(|| from.min(to), |within| to - within);
        }
        (from <= to).then_some((from, to))
    }

    /// Whether one of a signal stands in a stretch of time, its ends included.
    fn any_within(&self, place: Place<'_>, id: &SignalId, (from, to): (Time, Time)) -> bool {
        let numbers = self.scopes.signals(place, id);
        let time = |number: &usize| self.signal(*number).map(|signal| signal.time);
        // The signals of a scope are in time order; a flood has too many to look at each.
        let first = numbers.partition_point(|number| time(number) < Some(from));
        numbers.get(first).and_then(time).is_some_and(|time| time <= to)
    }

    fn anchor(&self, anchor: &Anchor, place: Place<'_>) -> Option<Time> {
        match anchor {
            Anchor::First(id) => self.span(place, id).map(|(first, _)| first),
            Anchor::Last(id) => self.span(place, id).map(|(_, last)| last),
        }
    }

    fn span(&self, place: Place<'_>, id: &SignalId) -> Option<(Time, Time)> {
        let numbers = self.scopes.signals(place, id);
        let first = self.signal(*numbers.first()?)?.time;
        let last = self.signal(*numbers.last()?)?.time;
        Some((first, last))
    }

    fn distinct(&self, found: &[usize], entity: Entity) -> usize {
        let values: BTreeSet<String> = found
            .iter()
            .filter_map(|number| self.signal(*number))
            .filter_map(|signal| entity_text(&signal.machine, &signal.entities, entity))
            .collect();
        values.len()
    }

    /// Whether the logs would show the item's signals. Without a window it is enough that the
    /// channel was supplied at all.
    fn unseen(&self, item: &Item, window: Option<(Time, Time)>) -> Tested {
        let sees = |channel: &str| {
            self.machines_logging(channel).any(|machine| match window {
                Some((from, to)) => machine.covers(channel, from, to),
                None => machine.channel(channel).is_some(),
            })
        };
        let mut missing: Vec<String> = item
            .signals
            .iter()
            .filter_map(|id| {
                let channels = self.channels_of(id);
                let unseen = !channels.is_empty() && !channels.iter().any(|channel| sees(channel));
                channels.into_iter().next().filter(|_| unseen)
            })
            .collect();
        missing.sort_unstable();
        missing.dedup();
        // An item that may come by several signals is untestable only if none can be seen.
        if missing.len() >= item.signals.len().min(1) && !missing.is_empty() {
            Tested::Untestable(missing)
        } else {
            Tested::Fails
        }
    }

    /// The channels that would show a signal; any one of them is enough.
    fn channels_of(&self, id: &SignalId) -> Vec<String> {
        if drawn::ALL.contains(&id.as_str()) {
            return ATTEMPT_CHANNELS.map(str::to_owned).to_vec();
        }
        self.rules.channel_of(id).map(|channel| channel.to_string()).into_iter().collect()
    }

    /// The machines whose log of that channel tells of the scope: the scope's own, and for
    /// what clients log any machine that connects.
    fn machines_logging(&self, channel: &str) -> impl Iterator<Item = &MachineCoverage> {
        let by_clients = channel.eq_ignore_ascii_case(channel::RDP_CLIENT);
        let own = self.place.scope.machine();
        self.facts.machines.iter().filter(move |machine| by_clients || machine.name == *own)
    }
}

/// An entity's value as text, for grouping and counting.
pub(super) fn entity_text(machine: &str, entities: &Entities, entity: Entity) -> Option<String> {
    match entity {
        Entity::Machine => Some(machine.to_owned()),
        Entity::ClientAddress => entities.client_address.map(|address| address.to_string()),
        Entity::ClientName => entities.client_name.as_deref().map(str::to_owned),
        Entity::User => entities.user.as_deref().map(str::to_owned),
        Entity::Domain => entities.domain.as_deref().map(str::to_owned),
        Entity::Target => entities.target.as_deref().map(str::to_owned),
        Entity::Session => entities.session.map(|session| session.to_string()),
        Entity::Connection => entities.connection.as_deref().map(str::to_owned),
        Entity::LogonId => entities.logon_id.map(|id| id.to_string()),
    }
}

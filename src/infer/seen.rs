//! Finds the signals that an item asks for, in its scope and beside it.
//!
//! Knows where an item looks, and whom signals name. Whether they stand as the item wants them,
//! `pattern` knows.

use std::sync::Arc;

use super::ground::{Ground, Window};
use super::number::Number;
use super::scopes::Area;
use crate::model::normal::short_name;
use crate::model::{Scope, SignalId, Time};
use crate::rules::Pattern;
use crate::rules::schema::At;

/// Of what another place logged without being asked for its time, so many of each signal are
/// looked at: a busy machine has as much for each of a hundred thousand accounts.
pub(super) const MOST_ELSEWHERE: usize = 200;

/// A signal with its time by the clock of the scope's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub time: Time,
    pub number: Number,
}

impl<'a> Ground<'a> {
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
        let seen = |number: &Number| Some(Seen { time: self.time(*number)?, number: *number });
        ids.iter()
            .flat_map(|id| {
                let numbers = self.listed(area, id.as_str());
                reach.iter().flat_map(|window| self.stretch(numbers, *window)).take(most)
            })
            .filter_map(seen)
            .collect()
    }

    /// What peers logged, unless it names somebody else than the scope does.
    fn of_peers(&self, at: At, ids: &[SignalId], reach: &[Window], most: usize) -> Vec<Seen> {
        let mut seen = Vec::new();
        for peer in self.peers(at) {
            let areas = self.world.scopes.beside(&self.place.scope, &peer.machine);
            for (area, id) in
                areas.into_iter().flat_map(|area| ids.iter().map(move |id| (area, id)))
            {
                let numbers = self.world.scopes.signals(area, id.as_str());
                let near = reach.iter().flat_map(|window| self.stretch(numbers, *window));
                let concerning = near.copied().filter(|number| self.may_concern(*number));
                let with_time = |number| Some(Seen { time: self.time(number)?, number });
                seen.extend(concerning.take(most).filter_map(with_time));
            }
        }
        seen
    }

    /// Whether a signal names neither another user, client nor host than the scope's.
    fn may_concern(&self, number: Number) -> bool {
        let Some(entities) = self.signal(number).map(|signal| &signal.entities) else {
            return false;
        };
        let same = |name: &Option<Arc<str>>, own: &str| {
            name.as_deref().is_none_or(|name| short_name(name) == short_name(own))
        };
        let host = self.place.scope.machine();
        // An address as target may be anybody's.
        let is_address = |name: &Arc<str>| name.parse::<std::net::IpAddr>().is_ok();
        let is_host = |name: &str| host.is_none_or(|host| short_name(name) == short_name(host));
        // Whom it tried to reach its attempt knows, and whether that was another.
        let meant = self.attempt_of(number).and_then(|attempt| self.world.attempts.get(attempt));
        let to_other = meant.is_some_and(|attempt| {
            let is_own = host.is_some_and(|host| attempt.machine == *host);
            !is_own && attempt.host.as_ref().is_some_and(|name| !is_host(name))
        });
        let to_host = !to_other
            && entities.target.as_ref().is_none_or(|target| is_address(target) || is_host(target));
        to_host
            && match &self.place.scope {
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
}

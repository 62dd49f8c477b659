//! What a cause is tested on: one scope of a case, its signals and its attempts.
//!
//! Knows places and times. Where items look beside them, `seen`, `anchors` and `company` know.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::coverage::Supplied;
use super::number::Number;
use super::peers::{Peer, Peers};
use super::scopes::{Area, Place, Scopes};
use super::untested::Involved;
use super::words::Words;
use crate::model::{Attempt, Facts, Signal, SignalId, Time, drawn};
use crate::rules::RuleSet;

/// A stretch of time, its ends included.
pub(super) type Window = (Time, Time);
/// All times.
pub(super) const ALWAYS: Window = (Time(i64::MIN), Time(i64::MAX));

/// All that a cause is tested on, in any scope.
pub(super) struct World<'a> {
    pub rules: &'a RuleSet,
    pub facts: &'a Facts,
    pub attempts: &'a [Attempt],
    pub scopes: &'a Scopes,
    /// Found when an item first looks at other machines.
    pub peers: OnceLock<Peers>,
    pub supplied: &'a Supplied,
    /// The machines that somebody tried to connect to.
    pub involved: &'a Involved<'a>,
}

impl World<'_> {
    /// Who takes part in which attempts.
    pub(super) fn peers(&self) -> &Peers {
        self.peers.get_or_init(|| Peers::of(self.facts, self.attempts))
    }
}

/// One scope of it, or one stretch of time there.
pub(super) struct Ground<'a> {
    pub world: &'a World<'a>,
    pub place: Place,
    pub words: &'a Words<'a>,
    /// The scope's own signals.
    pub own: Area<'a>,
    /// What lies outside of it is not looked at.
    pub window: Window,
    /// Found when an item first looks there.
    pub beside: OnceCell<BTreeSet<Peer>>,
    /// Found when a client's log is missing.
    pub clients: OnceCell<Vec<Arc<str>>>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(world: &'a World<'a>, place: Place, words: &'a Words<'a>) -> Self {
        let own = world.scopes.area(&place);
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
            place: place.clone(),
            words,
            own: *own,
            window,
            beside: beside.clone(),
            clients: clients.clone(),
        }
    }

    /// A signal by its number.
    pub(super) fn signal(&self, number: Number) -> Option<&'a Signal> {
        self.world.facts.signals.get(number.index())
    }

    /// The scope's own signals of that id, in time order.
    pub(super) fn own(&self, id: &SignalId) -> &'a [Number] {
        self.listed(self.own, id.as_str())
    }

    /// The same for a signal that is drawn from attempts.
    pub(super) fn drawn(&self, id: &str) -> &'a [Number] {
        self.listed(self.own, id)
    }

    /// The signals of an area, in time order.
    pub(super) fn listed(&self, area: Area<'a>, id: &str) -> &'a [Number] {
        let numbers = self.world.scopes.signals(area, id);
        if self.window == ALWAYS { numbers } else { self.stretch(numbers, self.window) }
    }

    /// Those of some signals in time order that lie in a stretch of time.
    pub(super) fn stretch(&self, numbers: &'a [Number], (from, to): Window) -> &'a [Number] {
        let first = numbers.partition_point(|number| self.time(*number) < Some(from));
        let end = numbers.partition_point(|number| self.time(*number) <= Some(to));
        numbers.get(first..end).unwrap_or_default()
    }

    /// The times of the first and the last of the scope's signals of these ids in a stretch.
    pub(super) fn first_and_last(&self, ids: &[&str], window: Window) -> Option<Window> {
        let spans = ids.iter().filter_map(|id| {
            let numbers = self.stretch(self.listed(self.own, id), window);
            Some((self.time(*numbers.first()?)?, self.time(*numbers.last()?)?))
        });
        spans.reduce(|left, right| (left.0.min(right.0), left.1.max(right.1)))
    }

    /// The time of a signal by the clock that its attempt is told by.
    pub(super) fn time(&self, number: Number) -> Option<Time> {
        self.world.scopes.time(number)
    }

    /// The attempts of the scope.
    pub(super) fn attempts(&self) -> impl Iterator<Item = &'a Attempt> {
        let numbers = self.attempt_numbers();
        numbers.filter_map(|attempt| self.world.attempts.get(attempt))
    }

    pub(super) fn attempt_numbers(&self) -> impl Iterator<Item = usize> {
        let opened = self.drawn(drawn::ATTEMPT_OPENED);
        opened.iter().filter_map(|number| self.attempt_of(*number))
    }

    pub(super) fn attempt_of(&self, number: Number) -> Option<usize> {
        self.signal(number)?.attempt
    }
}

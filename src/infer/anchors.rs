//! Where an item's anchors stand, and the stretches of time that they leave.
//!
//! Knows places and times. Knows nothing about what signals say.

use super::ground::{ALWAYS, Ground, Window};
use super::number::Number;
use super::scopes::Area;
use crate::model::{SignalId, Span, Time};
use crate::rules::schema::At;
use crate::rules::{Anchor, Position};

/// How close `near` means where a rule names no distance.
pub(super) const NEAR: Span = Span::seconds(2);

impl<'a> Ground<'a> {
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
        for time in self.listed(area, near.as_str()).iter().filter_map(|number| self.time(*number))
        {
            let window = ((time - reach).max(from), (time + reach).min(to));
            match windows.last_mut() {
                _ if window.0 > window.1 => {}
                Some(last) if window.0 <= last.1 => last.1 = last.1.max(window.1),
                _ => windows.push(window),
            }
        }
        windows
    }

    /// Where an item's anchors stand: in the scope itself, wherever the item looks. What the
    /// machine logged beside another's attempt says nothing about this one.
    pub(super) fn anchors(&self, at: Option<At>, number: Number) -> Area<'a> {
        match at {
            Some(At::Attempt) => self
                .attempt_of(number)
                .map_or(Area::EMPTY, |attempt| self.world.scopes.attempt(attempt)),
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
    pub(super) fn neighborhood(&self, at: Option<At>, number: Number) -> Area<'a> {
        match at {
            Some(At::Machine) => self.machine(),
            at => self.anchors(at, number),
        }
    }

    pub(super) fn machine(&self) -> Area<'a> {
        let Some(machine) = self.place.scope.machine() else { return Area::EMPTY };
        self.world.scopes.machine(machine)
    }

    pub(super) fn fleet(&self) -> Area<'a> {
        self.world.scopes.fleet()
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
        let numbers = self.listed(area, id.as_str());
        Some((self.time(*numbers.first()?)?, self.time(*numbers.last()?)?))
    }

    /// Whether one of a signal stands in a stretch of time, its ends included.
    pub(super) fn any_within(
        &self,
        id: &SignalId,
        area: Area<'a>,
        (from, to): (Time, Time),
    ) -> bool {
        let numbers = self.listed(area, id.as_str());
        // The signals of a scope are in time order; a flood has too many to look at each.
        let first = numbers.partition_point(|number| self.time(*number) < Some(from));
        let time = numbers.get(first).and_then(|number| self.time(*number));
        time.is_some_and(|time| time <= to)
    }
}

//! Tells in what state a signal stands: what came latest before it, and what comes next after it.
//!
//! A host that went to sleep sleeps until its log shows life again, however long that takes. No
//! distance in time says as much.

use std::collections::BTreeSet;

use super::coverage::Missing;
use super::ground::{ALWAYS, Ground};
use super::number::Number;
use super::pattern::Tested;
use super::scopes::Area;
use super::seen::Seen;
use crate::model::{SignalId, Time};
use crate::rules::schema::{At, Side};
use crate::rules::{Pattern, Turn};

/// The nearest of some signals: when, and which.
type Nearest<'a> = (Time, &'a SignalId);

impl<'a> Ground<'a> {
    /// Whether a signal stands in the states that the pattern names. What must not stand between
    /// counts wherever it is seen. That it does not is known where the log was supplied that
    /// would hold it beside one of the two between which it would stand.
    pub(super) fn is_in_turn(
        &self,
        seen: Seen,
        pattern: &Pattern,
        missing: &mut BTreeSet<Missing>,
    ) -> bool {
        let mut holds = |turn: &Option<Box<Turn>>, side| {
            turn.as_ref().is_none_or(|turn| self.is_turned(seen, turn, side, missing))
        };
        holds(&pattern.latest, Side::Before) && holds(&pattern.next, Side::After)
    }

    fn is_turned(
        &self,
        seen: Seen,
        turn: &Turn,
        side: Side,
        missing: &mut BTreeSet<Missing>,
    ) -> bool {
        let distance = |time: Time| match side {
            Side::After => time.since(seen.time),
            Side::Before | Side::Near => seen.time.since(time),
        };
        let Some((time, id)) = self.nearest(turn.at, &turn.signals, seen, side) else {
            if let Tested::Untestable(logs) = self.unseen(turn.at, &turn.signals, None) {
                missing.extend(logs);
            }
            return false;
        };
        let is_close = turn.within.is_none_or(|within| distance(time) <= within);
        let other = self.nearest(turn.at, &turn.not, seen, side);
        if !is_close || other.is_some_and(|(other, _)| distance(other) < distance(time)) {
            return false;
        }
        let ends = self.signal(seen.number).into_iter().map(|signal| &signal.id).chain([id]);
        let ends: Vec<&SignalId> = ends.collect();
        let beside = |other: &&SignalId| ends.iter().any(|end| self.shares_log(end, other));
        let beside: Vec<SignalId> = turn.not.iter().filter(beside).cloned().collect();
        let between = (time.min(seen.time), time.max(seen.time));
        match self.unseen(turn.at, &beside, Some(between)) {
            Tested::Untestable(logs) => {
                missing.extend(logs);
                false
            }
            _ => true,
        }
    }

    /// The nearest of some signals on one side of a signal, in the scope and at another place.
    fn nearest<'i>(
        &self,
        at: Option<At>,
        ids: &'i [SignalId],
        seen: Seen,
        side: Side,
    ) -> Option<Nearest<'i>> {
        let areas = match at {
            None => vec![self.own],
            Some(At::Attempt) => vec![self.anchors(at, seen.number)],
            Some(At::Machine) => vec![self.own, self.machine()],
            Some(At::Fleet) => vec![self.own, self.fleet()],
            // Only what may concern the scope counts elsewhere.
            Some(_) => {
                let others = ids.iter().filter_map(|id| {
                    let others = self.seen_in(at, std::slice::from_ref(id), &[ALWAYS], usize::MAX);
                    let others = others.iter().filter(|other| other.number != seen.number);
                    let times = others.map(|other| (other.time, id));
                    nearer(side, seen.time, times)
                });
                let own = self.nearest_in(self.own, ids, seen, side);
                return nearer(side, seen.time, others.chain(own));
            }
        };
        let found = areas.into_iter().filter_map(|area| self.nearest_in(area, ids, seen, side));
        nearer(side, seen.time, found)
    }

    fn nearest_in<'i>(
        &self,
        area: Area<'a>,
        ids: &'i [SignalId],
        seen: Seen,
        side: Side,
    ) -> Option<Nearest<'i>> {
        let is_other = |number: &&Number| **number != seen.number;
        let found = ids.iter().filter_map(|id| {
            let numbers = self.world.scopes.signals(area, id.as_str());
            let number = match side {
                Side::After => {
                    let earlier = |number: &Number| self.time(*number) < Some(seen.time);
                    let from = numbers.partition_point(earlier);
                    numbers.iter().skip(from).find(is_other)
                }
                Side::Before | Side::Near => {
                    let not_later = |number: &Number| self.time(*number) <= Some(seen.time);
                    let end = numbers.partition_point(not_later);
                    numbers.iter().take(end).rev().find(is_other)
                }
            };
            number.and_then(|number| Some((self.time(*number)?, id)))
        });
        nearer(side, seen.time, found)
    }
}

/// The nearest on one side of a time.
fn nearer<'i>(
    side: Side,
    to: Time,
    found: impl Iterator<Item = Nearest<'i>>,
) -> Option<Nearest<'i>> {
    match side {
        Side::After => found.filter(|(time, _)| *time >= to).min(),
        Side::Before | Side::Near => found.filter(|(time, _)| *time <= to).max(),
    }
}

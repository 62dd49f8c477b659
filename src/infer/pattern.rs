//! Tests a pattern in one scope: do its signals stand where it wants them, and are they as many?
//!
//! Knows positions, counts and shares. What a missing log means, `coverage` knows.

use std::collections::BTreeSet;

use super::anchors::NEAR;
use super::coverage::Missing;
use super::entity::Named;
use super::ground::Ground;
use super::number::Number;
use super::seen::Seen;
use crate::model::{Span, Time};
use crate::rules::schema::{At, Entity, Side};
use crate::rules::{Pattern, Position, Share, Without};

/// What became of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tested {
    /// It holds on these signals; none for one that holds by absence.
    Holds(Vec<Number>),
    /// It does not hold, and the logs would show it.
    Fails,
    /// It cannot be told, for want of these logs (at least one).
    Untestable(Vec<Missing>),
}

impl Ground<'_> {
    /// Whether a pattern holds. Most gates only ask whether a signal is there at all.
    pub(super) fn holds(&self, pattern: &Pattern) -> bool {
        if pattern.is_plain() {
            return pattern.signals.iter().any(|id| !self.own(id).is_empty());
        }
        self.look(pattern).is_ok()
    }

    /// Whether the pattern's signals stand where it wants them.
    pub(super) fn test(&self, pattern: &Pattern) -> Tested {
        match self.look(pattern) {
            Ok(seen) => Tested::Holds(seen.into_iter().map(|seen| seen.number).collect()),
            Err(Lack::Refuted) => Tested::Fails,
            // What stands without the neighbor that it must not have counts only where the
            // neighbor's log was supplied.
            Err(Lack::TooFew(missing)) if missing.is_empty() => {
                match self.any_in_logs(&pattern.signals) {
                    true => self.unseen(pattern.at, &pattern.signals, None),
                    false => Tested::Fails,
                }
            }
            Err(Lack::TooFew(missing) | Lack::Unknown(missing)) => {
                Tested::Untestable(missing.into_iter().collect())
            }
        }
    }

    /// The pattern's signals where they stand as it wants them, or what it lacks.
    fn look(&self, pattern: &Pattern) -> Result<Vec<Seen>, Lack> {
        if pattern.unless.as_ref().is_some_and(|id| !self.own(id).is_empty()) {
            return Err(Lack::Refuted);
        }
        let mut missing = BTreeSet::new();
        let found = match pattern.sequence {
            Some(length) => self.sequences(pattern, length, &mut missing),
            None => {
                let mut seen = self.candidates(pattern);
                seen.retain(|seen| self.stands(*seen, pattern, &mut missing));
                Found { count: seen.len(), seen }
            }
        };
        let is_even = pattern.evenly.is_none_or(|part| are_even(&found.seen, part));
        if found.count < pattern.at_least || !is_even || !self.is_varied(pattern, &found.seen) {
            return Err(Lack::TooFew(missing));
        }
        if let Some(most) = pattern.at_most {
            if found.count > most {
                return Err(Lack::Refuted);
            }
            let window = self.window(pattern, span_of(&found.seen));
            if let Tested::Untestable(logs) = self.unseen(pattern.at, &pattern.signals, window) {
                return Err(Lack::Unknown(logs.into_iter().collect()));
            }
        }
        if pattern.share.as_ref().is_some_and(|share| !self.is_share(pattern, share, found.count)) {
            return Err(Lack::Refuted);
        }
        Ok(found.seen)
    }

    /// Whether the pattern's signals are missing where they would have been logged. `span` is
    /// the time that the cause's other evidence spans.
    pub(super) fn test_absence(&self, pattern: &Pattern, span: (Time, Time)) -> Tested {
        let Some(window) = self.window(pattern, Some(span)) else { return Tested::Fails };
        if !self.seen_in(pattern.at, &pattern.signals, &[window], 1).is_empty() {
            return Tested::Fails;
        }
        match self.unseen(pattern.at, &pattern.signals, Some(window)) {
            Tested::Untestable(logs) => Tested::Untestable(logs),
            _ => Tested::Holds(Vec::new()),
        }
    }

    /// Whether a signal stands where the pattern wants it, and without what must be missing.
    fn stands(&self, seen: Seen, pattern: &Pattern, missing: &mut BTreeSet<Missing>) -> bool {
        self.is_placed(seen, pattern.at, &pattern.position)
            && pattern.without.as_ref().is_none_or(|without| {
                // What is looked for elsewhere has itself beside it where that is no elsewhere.
                let itself = pattern.at != Some(At::Fleet) || without.at == pattern.at;
                self.is_alone(seen, itself.then_some(seen.number), without, missing)
            })
            && self.is_in_turn(seen, pattern, missing)
    }

    fn is_placed(&self, seen: Seen, at: Option<At>, position: &Position) -> bool {
        let area = self.anchors(at, seen.number);
        let time = seen.time;
        let within = |distance: Span| position.within.is_none_or(|within| distance <= within);
        let near = position.near.as_ref().is_none_or(|id| {
            let reach = position.within.unwrap_or(NEAR);
            self.any_within(id, area, (time - reach, time + reach))
        });
        let after = position.after.as_ref().is_none_or(|anchor| {
            self.anchor(anchor, area).is_some_and(|from| time > from && within(time.since(from)))
        });
        let before = position.before.as_ref().is_none_or(|anchor| {
            self.anchor(anchor, area).is_some_and(|to| time < to && within(to.since(time)))
        });
        let during = position.during.as_ref().is_none_or(|id| {
            self.span(id, area).is_some_and(|(first, last)| first <= time && time <= last)
        });
        near && after && before && during
    }

    /// Whether nothing of `without` is near, in a log that would hold it. The signal `itself` is
    /// no company.
    fn is_alone(
        &self,
        seen: Seen,
        itself: Option<Number>,
        without: &Without,
        missing: &mut BTreeSet<Missing>,
    ) -> bool {
        let window = match without.side {
            Side::After => (seen.time, seen.time + without.within),
            Side::Before => (seen.time - without.within, seen.time),
            Side::Near => (seen.time - without.within, seen.time + without.within),
        };
        let in_reach = |number: Number, time: Time| {
            Some(number) != itself && window.0 <= time && time <= window.1
        };
        let accompanied = match without.at {
            None | Some(At::Attempt | At::Machine | At::Fleet) => {
                let area = self.neighborhood(without.at, seen.number);
                without.signals.iter().any(|id| {
                    let numbers = self.world.scopes.signals(area, id.as_str());
                    let from =
                        numbers.partition_point(|number| self.time(*number) < Some(window.0));
                    let near = numbers.iter().skip(from).map_while(|number| {
                        self.time(*number)
                            .filter(|time| *time <= window.1)
                            .map(|time| (*number, time))
                    });
                    near.into_iter().any(|(number, time)| in_reach(number, time))
                })
            }
            at => {
                let others = self.seen_in(at, &without.signals, &[window], usize::MAX);
                others.iter().any(|other| in_reach(other.number, other.time))
            }
        };
        if accompanied {
            return false;
        }
        match self.unseen(without.at, &without.signals, Some(window)) {
            Tested::Untestable(logs) => {
                missing.extend(logs);
                false
            }
            _ => true,
        }
    }

    /// The sequences of a pattern, none of which share a signal.
    fn sequences(&self, pattern: &Pattern, length: Span, missing: &mut BTreeSet<Missing>) -> Found {
        let steps: Vec<Vec<Seen>> = pattern
            .signals
            .iter()
            .map(|id| self.seen(pattern.at, std::slice::from_ref(id)))
            .collect();
        let Some((firsts, later)) = steps.split_first() else { return Found::default() };
        let mut found = Found::default();
        for first in firsts {
            if found.seen.last().is_some_and(|last| first <= last) {
                continue;
            }
            let Some(chain) = self.chain(pattern, *first, later, length) else { continue };
            if self.stands(*first, pattern, missing) {
                found.count += 1;
                found.seen.extend(chain);
            }
        }
        found
    }

    /// The earliest of each step after the one before; `None` when one is missing or too late.
    fn chain(
        &self,
        pattern: &Pattern,
        first: Seen,
        later: &[Vec<Seen>],
        length: Span,
    ) -> Option<Vec<Seen>> {
        let attempt = self.attempt_of(first.number);
        let in_attempt = |seen: &&Seen| {
            pattern.at != Some(At::Attempt) || self.attempt_of(seen.number) == attempt
        };
        let mut chain = vec![first];
        for step in later {
            let last = *chain.last()?;
            let from = step.partition_point(|seen| seen.time < last.time);
            let next = step
                .iter()
                .skip(from)
                .take_while(|seen| seen.time.since(first.time) <= length)
                .filter(|seen| !chain.contains(seen))
                .find(in_attempt)?;
            chain.push(*next);
        }
        Some(chain)
    }

    /// Whether enough distinct values of the pattern's entity appear.
    fn is_varied(&self, pattern: &Pattern, seen: &[Seen]) -> bool {
        pattern.distinct.is_none_or(|(entity, least)| self.distinct(seen, entity) >= least)
    }

    fn distinct(&self, seen: &[Seen], entity: Entity) -> usize {
        let values: BTreeSet<Named<'_>> = seen
            .iter()
            .filter_map(|seen| self.signal(seen.number))
            .filter_map(|signal| Named::of(&signal.machine, &signal.entities, entity))
            .collect();
        values.len()
    }

    /// Whether the pattern's count is such a part of another signal's. Both are counted between
    /// the same anchors.
    fn is_share(&self, pattern: &Pattern, share: &Share, count: usize) -> bool {
        let position = Position { near: None, ..pattern.position.clone() };
        let of = std::slice::from_ref(&share.of);
        let mut whole =
            self.seen_in(pattern.at, of, &self.reach(pattern.at, &position), usize::MAX);
        whole.retain(|seen| self.is_placed(*seen, pattern.at, &position));
        if whole.is_empty() {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "2^53 signals do not fit in memory")]
        let part = count as f64 / whole.len() as f64;
        share.at_least <= part && part <= share.at_most
    }

    /// The stretch of time in which a pattern's signals had to appear; `None` where its anchors
    /// are missing, so that it says nothing.
    pub(super) fn window(
        &self,
        pattern: &Pattern,
        span: Option<(Time, Time)>,
    ) -> Option<(Time, Time)> {
        let area = self.anchors_of_all(pattern.at);
        let Position { near: _, after, before, during, within } = &pattern.position;
        let (mut from, mut to) = match during {
            Some(id) => self.span(id, area)?,
            None => span?,
        };
        if let Some(anchor) = after {
            from = self.anchor(anchor, area)?;
            to = within.map_or_else(|| to.max(from), |within| from + within);
        }
        if let Some(anchor) = before {
            to = self.anchor(anchor, area)?;
            from = within.map_or_else(|| from.min(to), |within| to - within);
        }
        (from <= to).then_some((from, to))
    }
}

/// Whether so large a part of the pauses between signals is as long as the median, give or take a
/// tenth. Machines keep the time, people do not.
fn are_even(seen: &[Seen], part: f64) -> bool {
    let pauses = seen.iter().zip(seen.iter().skip(1));
    let mut pauses: Vec<i64> = pauses.map(|(left, right)| right.time.since(left.time).0).collect();
    pauses.sort_unstable();
    let Some(median) = pauses.get(pauses.len() / 2).copied() else { return false };
    let even = pauses.iter().filter(|pause| (**pause - median).abs() <= median / 10).count();
    #[expect(clippy::cast_precision_loss, reason = "2^53 signals do not fit in memory")]
    let even = even as f64 / pauses.len() as f64;
    even >= part
}

/// Why a pattern does not hold.
enum Lack {
    /// What was seen speaks against it.
    Refuted,
    /// Too little was seen. Some may stand where a log is missing.
    TooFew(BTreeSet<Missing>),
    /// That there is no more cannot be told for want of these logs.
    Unknown(BTreeSet<Missing>),
}

/// The signals of a pattern, and how often it was met.
#[derive(Default)]
struct Found {
    count: usize,
    seen: Vec<Seen>,
}

fn span_of(seen: &[Seen]) -> Option<(Time, Time)> {
    Some((seen.first()?.time, seen.last()?.time))
}

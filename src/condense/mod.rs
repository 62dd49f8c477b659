//! Keeps what is kept within bounds: a flood is counted, its first records stand for the rest.
//!
//! Knows how often a kind of record came from whom within an hour. Knows nothing about causes.
//! Up to a stated number everything is kept. Beyond it the rank decides that every record was
//! given when it came: how many of its kind its machine, its client and its user had already.
//! Who is rare keeps all records, so that one user's failure stays amid a million guesses; and
//! the records of one connection stay or go together. A copy of what came is no second flood.
//! Same records in the same order, same outcome.

mod activities;
mod counts;
mod known;
mod level;
mod rank;
mod tally;

use std::collections::BTreeSet;

use crate::model::{Flood, Guid, channel};
use crate::select::{Counted, Enough, Mark, Selected, Taken};
use activities::{Activities, Fate};
use counts::Counts;
use known::Known;
use level::Level;
use rank::Rank;
use tally::Tally;

/// So many records are kept before the first are counted only. Some kilobytes each with all that
/// is concluded from them, this keeps a run within tens of MiB.
const MOST_KEPT: usize = 20_000;

/// What was kept, and what was counted.
#[derive(Debug, Default)]
pub struct Condensed {
    /// In the order in which it came.
    pub kept: Vec<Selected>,
    /// By machine and client.
    pub floods: Vec<Flood>,
}

/// Takes records as they are read.
#[derive(Debug)]
pub struct Condenser<'e> {
    most: usize,
    kept: Vec<(Rank, Selected)>,
    level: Level,
    counts: Counts,
    /// Of whom enough is kept, whatever comes.
    enough: &'e Enough,
    activities: Activities,
    tally: Tally,
    /// Which records came, once there are too many to keep: fewer are told apart later, where
    /// the most exact copy stays.
    known: Option<Known>,
}

impl<'e> Condenser<'e> {
    /// A condenser that enters in `enough` whose records it will count only.
    pub fn new(enough: &'e Enough) -> Self {
        Self::keeping(MOST_KEPT, enough)
    }

    /// The same, keeping about so many records.
    pub fn keeping(most: usize, enough: &'e Enough) -> Self {
        Self {
            most,
            kept: Vec::new(),
            level: Level::default(),
            counts: Counts::default(),
            enough,
            activities: Activities::default(),
            tally: Tally::default(),
            known: None,
        }
    }

    /// Takes the next records.
    pub fn take(&mut self, batch: Vec<Taken>) {
        for taken in batch {
            match taken {
                Taken::Kept(selected) => self.take_new(selected),
                Taken::Counted(counted) => self.count_new(&counted),
            }
            if self.kept.len() > self.most && self.known.is_none() {
                self.drop_copies();
            }
            while self.kept.len() > self.most && self.raise() {}
        }
    }

    /// Begins anew with what came so far, without copies.
    fn drop_copies(&mut self) {
        self.known = Some(Known::default());
        self.counts = Counts::default();
        self.activities = Activities::default();
        for (_, selected) in std::mem::take(&mut self.kept) {
            self.take_new(selected);
        }
    }

    /// Takes a record, unless it is known to be a copy of one that came.
    fn take_new(&mut self, selected: Selected) {
        if self.is_new(&selected.mark, selected.event.record_id) {
            self.take_one(selected);
        }
    }

    /// Counts a record of which nothing else is needed, unless it is known to be a copy.
    fn count_new(&mut self, counted: &Counted) {
        if self.is_new(&counted.mark, counted.record_id) {
            let activity = counted.activity_id.filter(|_| counted.opens && !counted.is_progress);
            self.enter(&counted.mark, activity, Fate::Counted);
            self.tally.count(counted);
        }
    }

    fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        self.known.as_mut().is_none_or(|known| known.is_new(mark, number))
    }

    /// Remembers what became of a record that opened a connection.
    fn enter(&mut self, mark: &Mark, opened: Option<Guid>, fate: Fate) {
        if let Some(activity) = opened {
            self.activities.enter(mark.machine, mark.channel, activity, fate);
        }
    }

    /// What is left of all that came.
    pub fn finish(mut self) -> Condensed {
        self.drop_halves();
        Condensed {
            kept: self.kept.into_iter().map(|(_, selected)| selected).collect(),
            floods: self.tally.floods(),
        }
    }

    fn take_one(&mut self, selected: Selected) {
        let Selected { event, mark, .. } = &selected;
        let (mark, activity) = (*mark, event.activity_id);
        let (opens, is_progress) = (opens(&selected), is_progress(&selected));
        let rank = match activity.filter(|_| !is_progress && !opens) {
            // The records of one connection share its rank.
            Some(activity) => match self.activities.fate(mark.machine, mark.channel, activity) {
                Some(Fate::Kept(rank)) => Some(rank).filter(|rank| self.level.keeps(rank)),
                Some(Fate::Counted) => None,
                None => self.rank(&selected),
            },
            None => self.rank(&selected),
        };
        let fate = rank.map_or(Fate::Counted, Fate::Kept);
        self.enter(&mark, activity.filter(|_| opens && !is_progress), fate);
        match rank {
            Some(rank) => self.kept.push((rank, selected)),
            None => count(&mut self.tally, &selected),
        }
    }

    /// The rank of a record that is kept by it, and counted from now on; `None` for one that is
    /// not kept.
    fn rank(&mut self, selected: &Selected) -> Option<Rank> {
        let mark = &selected.mark;
        if self.enough.has(mark) {
            return None;
        }
        let rank = self.counts.rank(mark);
        if self.level.keeps(&rank) {
            self.counts.count(mark);
            return Some(rank);
        }
        // Whoever counts more of them has to know their names.
        self.tally.name(selected);
        self.enough.enter(mark, self.level.enough(&rank));
        None
    }

    /// Goes to the next level, and counts what it does not keep. `false` at the last one.
    fn raise(&mut self) -> bool {
        let Some(level) = self.level.next() else { return false };
        self.level = level;
        let tally = &mut self.tally;
        self.kept.retain(|(rank, selected)| {
            let keeps = level.keeps(rank);
            if !keeps {
                count(tally, selected);
            }
            keeps
        });
        true
    }

    /// A connection is announced by the service, without an address, and by the stack, with
    /// one. Where the stack's record was counted, the service's is no attempt of its own.
    fn drop_halves(&mut self) {
        let is_stack =
            |selected: &Selected| selected.event.channel.eq_ignore_ascii_case(channel::RDP_CORE_TS);
        let known: BTreeSet<Guid> = self
            .kept
            .iter()
            .filter(|(_, selected)| is_stack(selected))
            .filter_map(|(_, selected)| selected.event.activity_id)
            .collect();
        let tally = &mut self.tally;
        let stacked = tally.with_openers(channel::RDP_CORE_TS);
        self.kept.retain(|(_, selected)| {
            let event = &selected.event;
            let is_half = event.channel.eq_ignore_ascii_case(channel::REMOTE_CONNECTION_MANAGER)
                && !is_progress(selected)
                && opens(selected)
                && event.activity_id.is_some_and(|activity| !known.contains(&activity))
                && stacked.contains(&event.machine);
            if is_half {
                count(tally, selected);
            }
            !is_half
        });
    }
}

/// Counts a record that is not kept.
fn count(tally: &mut Tally, selected: &Selected) {
    tally.name(selected);
    tally.count(&Counted::of(selected));
}

/// Whether a record opens an attempt.
fn opens(selected: &Selected) -> bool {
    selected.signals.iter().any(|found| found.effect.opens)
}

/// Whether a record shows that somebody got past the handshake.
fn is_progress(selected: &Selected) -> bool {
    selected.signals.iter().any(|found| found.effect.is_progress())
}

#[cfg(test)]
mod tests;

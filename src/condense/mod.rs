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

use crate::model::{Flood, Guid, Stage, channel};
use crate::select::Selected;
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
pub struct Condenser {
    most: usize,
    kept: Vec<(Rank, Selected)>,
    level: Level,
    counts: Counts,
    activities: Activities,
    tally: Tally,
    /// Which records came, once there are too many to keep: fewer are told apart later, where
    /// the most exact copy stays.
    known: Option<Known>,
}

impl Default for Condenser {
    fn default() -> Self {
        Self::keeping(MOST_KEPT)
    }
}

impl Condenser {
    /// A condenser that keeps about so many records.
    pub fn keeping(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            level: Level::default(),
            counts: Counts::default(),
            activities: Activities::default(),
            tally: Tally::default(),
            known: None,
        }
    }

    /// Takes the next records.
    pub fn take(&mut self, batch: Vec<Selected>) {
        for selected in batch {
            self.take_new(selected);
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
        if self.known.as_mut().is_none_or(|known| known.is_new(&selected)) {
            self.take_one(selected);
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
        let activity = selected.event.activity_id;
        let progress = is_progress(&selected);
        let opens = selected.signals.iter().any(|found| found.effect.opens);
        let fate = activity.filter(|_| !progress && !opens);
        let fate = fate.and_then(|activity| self.activities.fate(selected.mark.machine, activity));
        let rank = match fate {
            // The records of one connection share its rank.
            Some(Fate::Kept(rank)) => rank,
            Some(Fate::Counted) => return self.tally.count(&selected),
            None => self.counts.rank(&selected.mark),
        };
        let keeps = self.level.keeps(&rank);
        if let Some(activity) = activity.filter(|_| opens && !progress) {
            let fate = if keeps { Fate::Kept(rank) } else { Fate::Counted };
            self.activities.enter(selected.mark.machine, activity, fate);
        }
        if keeps {
            self.kept.push((rank, selected));
        } else {
            self.tally.count(&selected);
        }
    }

    /// Goes to the next level, and counts what it does not keep. `false` at the last one.
    fn raise(&mut self) -> bool {
        let Some(level) = self.level.next() else { return false };
        self.level = level;
        let tally = &mut self.tally;
        self.kept.retain(|(rank, selected)| {
            let keeps = level.keeps(rank);
            if !keeps {
                tally.count(selected);
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
                && selected.signals.iter().any(|found| found.effect.opens)
                && event.activity_id.is_some_and(|activity| !known.contains(&activity))
                && stacked.contains(&event.machine);
            if is_half {
                tally.count(selected);
            }
            !is_half
        });
    }
}

/// Whether a record shows that somebody got past the handshake, which a flood's do not.
fn is_progress(selected: &Selected) -> bool {
    selected.signals.iter().any(|found| {
        found.effect.witnesses
            || found
                .effect
                .proves
                .is_some_and(|stage| Stage::Nla <= stage && stage < Stage::Transport)
    })
}

#[cfg(test)]
mod tests;

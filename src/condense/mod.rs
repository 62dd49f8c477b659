//! Keeps what is kept within bounds: a flood is counted, its first records stand for the rest.
//!
//! Knows how often a kind of record came from whom within an hour, a day, a month and ever. Knows
//! nothing about causes. Up to a stated number and size everything is kept. Beyond it the rank
//! decides that every record was given when it came: how many of its kind its machine, its client
//! and its user had already. Who is rare keeps all records, so that one user's failure stays amid a
//! million guesses; what comes anew stays amid a year of the same; and the records of one
//! connection stay or go together. A copy of what came is no second flood. Where even that is too
//! much, nothing more is kept, and that is told. Same records in the same order, same outcome.

mod activities;
mod counts;
mod level;
mod rank;
mod room;
mod tally;

use std::collections::BTreeSet;

pub use self::room::Bounds;

use crate::model::{FileId, Flood, Guid, LogFile, Problem, ProblemKind, WholeHours, channel};
use crate::select::{Counted, Enough, Known, Mark, Selected, Taken};
use activities::{Activities, Fate};
use counts::Counts;
use level::Level;
use room::{Room, Worth};
use tally::Tally;

/// What is kept before the first records are counted only. Beside it a run takes some 22 MiB on two
/// threads, and ordinary records take up to 1.8 KiB each with all that is concluded from them, so
/// that the peak stays below 64 MiB and 8 MiB for each thread. Measured with floods, years of
/// failures, records of 50 KB, and where each attempt is of another user, client or machine
/// (`benches/goals/shapes.rs`); what is concluded of other cases may take more.
const MOST_KEPT: Bounds = Bounds { records: 30_000, bytes: 36 << 20 };

/// What was kept, and what was counted.
#[derive(Debug, Default)]
pub struct Condensed {
    /// In the order in which it came.
    pub kept: Vec<Selected>,
    /// By machine and client.
    pub floods: Vec<Flood>,
    /// Of which all was kept.
    pub hours: WholeHours,
    /// From where on nothing was kept, if there was too much of everything.
    pub closed: Option<Closed>,
}

/// From where on nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The log in which that began.
    pub file: FileId,
    /// Records that were counted from then on.
    pub records: u64,
}

/// Takes records as they are read.
#[derive(Debug)]
pub struct Condenser<'e> {
    kept: Vec<(Worth, Selected)>,
    room: Room,
    counts: Counts,
    /// Of whom enough is kept, whatever comes.
    enough: &'e Enough,
    activities: Activities,
    tally: Tally,
    /// Which records came, once there are too many to keep, so that a copy of a flood is no second
    /// flood: fewer are told apart later, where the most exact copy stays.
    known: Option<Known>,
    closed: Option<Closed>,
}

impl Closed {
    /// What a report says of it.
    pub fn problem(self, logs: &[LogFile]) -> Problem {
        let log = usize::try_from(self.file.0).ok().and_then(|number| logs.get(number));
        Problem {
            path: log.map(|log| log.path.clone()).unwrap_or_default(),
            kind: ProblemKind::LimitReached,
            detail: format!(
                "more happened than can be kept: of {} records from here on it is only counted \
                 that they are there; choose with --machine, --since and --until what to look at",
                self.records
            ),
            lost_records: None,
        }
    }
}

impl<'e> Condenser<'e> {
    /// A condenser that enters in `enough` whose records it will count only.
    pub fn new(enough: &'e Enough) -> Self {
        Self::within(MOST_KEPT, enough)
    }

    /// The same, keeping so much.
    pub fn within(most: Bounds, enough: &'e Enough) -> Self {
        Self {
            kept: Vec::new(),
            room: Room::within(most),
            counts: Counts::default(),
            enough,
            activities: Activities::default(),
            tally: Tally::default(),
            known: None,
            closed: None,
        }
    }

    /// Takes the next records.
    pub fn take(&mut self, batch: Vec<Taken>) {
        for taken in batch {
            match taken {
                Taken::Kept(selected) => {
                    let file = selected.event.source.file;
                    self.take_new(selected);
                    if self.room.is_over() {
                        self.make_room(file);
                    }
                }
                Taken::Counted(counted) => self.count_new(&counted),
            }
        }
    }

    /// Keeps less, until it is little enough; `file` is the log of the last record.
    fn make_room(&mut self, file: FileId) {
        if self.known.is_none() {
            self.drop_copies();
        }
        while self.room.is_over() {
            self.room.tighten();
            if self.room.is_closed() {
                self.enough.enter_all();
                self.closed = Some(Closed { file, records: 0 });
            } else {
                self.drop_what_has_no_room();
            }
        }
    }

    /// Begins anew with what came so far, without copies.
    fn drop_copies(&mut self) {
        self.known = Some(Known::default());
        self.counts = Counts::default();
        self.activities = Activities::default();
        self.room = self.room.emptied();
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
            self.count(counted);
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
        let level = self.room.level();
        let hours = self.closed.map_or_else(|| level.hours(), |_| WholeHours::below(0));
        Condensed {
            kept: self.kept.into_iter().map(|(_, selected)| selected).collect(),
            floods: self.tally.floods(),
            hours,
            closed: self.closed,
        }
    }

    fn take_one(&mut self, selected: Selected) {
        let Selected { event, mark, .. } = &selected;
        let (mark, activity) = (*mark, event.activity_id);
        let (opens, is_progress) = (opens(&selected), is_progress(&selected));
        let shared = activity
            .filter(|_| !is_progress && !opens)
            .and_then(|activity| self.activities.share(mark.machine, mark.channel, activity));
        let worth = match shared {
            // The records of one connection share its rank.
            Some(Fate::Kept(until)) => Some(Worth { until, ..Worth::of(&selected) }),
            Some(Fate::Counted) => None,
            None => self.rank(&selected),
        };
        if worth.is_some_and(|worth| !self.room.keeps(&worth)) && !self.room.is_closed() {
            self.tally.name(&selected);
        }
        let worth = worth.filter(|worth| self.room.keeps(worth));
        let fate = worth.map_or(Fate::Counted, |worth| Fate::Kept(worth.until));
        self.enter(&mark, activity.filter(|_| opens && !is_progress), fate);
        match worth {
            Some(worth) => {
                self.room.add(&worth);
                self.kept.push((worth, selected));
            }
            None => self.count(&Counted::of(&selected)),
        }
    }

    /// What a record is worth that the level keeps, which counts from now on; `None` for one that
    /// it does not keep.
    fn rank(&mut self, selected: &Selected) -> Option<Worth> {
        let mark = &selected.mark;
        if self.enough.has(mark) {
            return None;
        }
        let rank = self.counts.rank(mark, selected.event.time);
        let (until, ever) = (Level::last(&rank), rank.ever());
        if until >= self.room.level() {
            self.counts.count(mark);
            let is_somebodys_first = rank.named && ever.of_user == 0;
            let before = ever.on_machine;
            return Some(Worth { until, before, is_somebodys_first, ..Worth::of(selected) });
        }
        // Whoever counts more of them has to know their names.
        self.tally.name(selected);
        let (window, whose) = self.room.level().enough(&rank);
        self.enough.enter(mark, window, whose);
        None
    }

    /// Counts a record that is not kept.
    fn count(&mut self, counted: &Counted) {
        self.tally.count(counted);
        if let Some(closed) = &mut self.closed {
            closed.records += 1;
        }
    }

    /// Counts what the room no longer keeps.
    fn drop_what_has_no_room(&mut self) {
        let Self { kept, room, tally, .. } = self;
        kept.retain(|(worth, selected)| {
            let keeps = room.keeps(worth);
            if !keeps {
                room.remove(worth);
                tally.name(selected);
                tally.count(&Counted::of(selected));
            }
            keeps
        });
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
        let stacked = tally.stacked();
        self.kept.retain(|(_, selected)| {
            let event = &selected.event;
            let is_half = event.channel.eq_ignore_ascii_case(channel::REMOTE_CONNECTION_MANAGER)
                && !is_progress(selected)
                && opens(selected)
                && event.activity_id.is_some_and(|activity| !known.contains(&activity))
                && stacked.contains(&event.machine);
            if is_half {
                tally.name(selected);
                tally.count(&Counted::of(selected));
            }
            !is_half
        });
    }
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

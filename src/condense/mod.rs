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
mod closed;
mod counts;
mod halves;
mod level;
mod rank;
mod room;
mod tally;
mod unranked;

use std::sync::Arc;

pub use self::closed::Closed;
pub use self::room::Bounds;

use crate::model::{FileId, Flood, WholeHours};
use crate::read::{Batch, Shelf};
use crate::select::{
    Counted, Enough, Known, Mark, Memory, Next, Pending, Selected, TakenList, Window,
};
use activities::{Activities, Fate};
use counts::Counts;
use halves::Halves;
use room::{Room, Standing, Worth};
use tally::Tally;
use unranked::Unranked;

/// What is kept before the first records are counted only. Beside it a run takes some 25 MiB on two
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

/// A record's machine and channel.
type Places<'r> = (&'r Arc<str>, &'r Arc<str>);

/// Takes records as they are read.
#[derive(Debug)]
pub struct Condenser<'e> {
    kept: Vec<Selected>,
    /// What each of these is worth: a list of its own, so that they are handed on as they are.
    worths: Vec<Worth>,
    room: Room,
    /// What has no rank as long as everything fits, whatever the ranks are.
    unranked: Option<Unranked>,
    counts: Counts,
    /// Of whom enough is kept, whatever comes.
    enough: &'e Enough,
    activities: Activities,
    tally: Tally,
    /// Which records came, once there are too many to keep, so that a copy of a flood is no second
    /// flood: fewer are told apart later, where the most exact copy stays.
    known: Option<Known>,
    closed: Option<Closed>,
    /// What is remembered of records that were handed on as they stood.
    memory: Memory,
}

impl<'e> Condenser<'e> {
    /// A condenser that enters in `enough` whose records it will count only.
    pub fn new(enough: &'e Enough) -> Self {
        Self::within(MOST_KEPT, enough)
    }

    /// The same, keeping so much.
    pub fn within(most: Bounds, enough: &'e Enough) -> Self {
        // Memory that is not written takes none: growing would write all of it twice.
        let room = most.records.min(MOST_KEPT.records) + 1;
        Self {
            kept: Vec::with_capacity(room),
            worths: Vec::with_capacity(room),
            room: Room::within(most),
            unranked: Some(Unranked::default()),
            counts: Counts::default(),
            enough,
            activities: Activities::default(),
            tally: Tally::default(),
            known: None,
            closed: None,
            memory: Memory::default(),
        }
    }

    /// Takes the next records out of a batch.
    pub fn take(&mut self, batch: &mut Batch<TakenList<'_>>) {
        let Batch { kept, shelf } = batch;
        kept.drain(|next| match next {
            Next::Kept(selected) => self.take_next(selected),
            Next::Pending(pending) => self.take_pending(pending, shelf),
            Next::Counted(all) => all.iter().for_each(|counted| self.count_new(counted)),
        });
    }

    /// Takes a record that was laid aside on that shelf.
    fn take_pending(&mut self, pending: &Pending<'_>, shelf: &Shelf) {
        if let Some(places) = pending.places(shelf)
            && let Some(standing) = self.admit(pending.counted(), places)
            && let Some(selected) = pending.selected(shelf, &mut self.memory)
        {
            if let Some(worth) = self.enter_kept(standing, &selected, pending.counted()) {
                self.keep(worth, selected);
            }
            self.make_room(pending.file());
        }
    }

    fn take_next(&mut self, selected: Selected) {
        let file = selected.event.source.file;
        let Some(unranked) = &mut self.unranked else {
            self.take_one(selected);
            self.make_room(file);
            return;
        };
        let worth = Worth::of(&selected, Standing::LATE);
        if worth.fails {
            unranked.note(&selected.mark);
        }
        self.room.add(&worth);
        self.worths.push(worth);
        self.kept.push(selected);
        let is_heavy = self.room.is_heavy(unranked.most(self.kept.len()));
        if is_heavy || self.room.is_over() {
            self.unranked = None;
            self.rank_all(file, is_heavy);
        }
    }

    /// Gives what is there the ranks that it has. It may be too heavy, or it is too much; `file` is
    /// the log of the last record.
    fn rank_all(&mut self, file: FileId, is_heavy: bool) {
        if !is_heavy {
            self.make_room(file);
            return;
        }
        self.room = self.room.emptied();
        self.worths.clear();
        for selected in std::mem::take(&mut self.kept) {
            self.take_next(selected);
        }
    }

    /// Keeps less, until it is little enough; `file` is the log of the last record.
    fn make_room(&mut self, file: FileId) {
        if self.room.is_over() && self.known.is_none() {
            self.drop_copies();
        }
        while self.room.is_over() {
            self.room.tighten();
            if self.room.is_closed() {
                self.enough.enter_all();
                self.closed = Some(Closed { file, records: 0 });
            } else {
                self.room.level().tell(self.enough);
                self.drop_what_has_no_room();
            }
        }
    }

    /// Begins anew with what came so far, without copies.
    fn drop_copies(&mut self) {
        self.known = Some(Known::default());
        self.enough.ask();
        self.counts.clear();
        self.activities = Activities::default();
        self.room = self.room.emptied();
        // In place: a list of its own would take as much memory again.
        let mut kept = std::mem::take(&mut self.kept);
        self.worths.clear();
        kept.retain(|selected| {
            let worth = self.weigh(selected);
            self.worths.extend(worth);
            worth.is_some()
        });
        self.kept = kept;
    }

    /// Takes a record, unless it is known to be a copy of one that came.
    fn take_one(&mut self, selected: Selected) {
        if let Some(worth) = self.weigh(&selected) {
            self.keep(worth, selected);
        }
    }

    fn keep(&mut self, worth: Worth, selected: Selected) {
        self.worths.push(worth);
        self.kept.push(selected);
    }

    /// What a record is worth that is kept; `None` for a copy, and for one that is counted only.
    fn weigh(&mut self, selected: &Selected) -> Option<Worth> {
        let counted = Counted::of(selected);
        let standing = self.admit(&counted, (&selected.event.machine, &selected.event.channel))?;
        self.enter_kept(standing, selected, &counted)
    }

    /// Counts a record of which nothing else is needed, unless it is known to be a copy.
    fn count_new(&mut self, counted: &Counted) {
        if self.is_new(&counted.mark, counted.record_id) {
            self.leave(counted);
        } else {
            self.pass_copy(counted);
        }
    }

    /// Passes over a copy of a record that came. Readers do not tell copies: where there is enough
    /// of a record that opened a connection, they have what comes after it counted, so it is.
    fn pass_copy(&mut self, counted: &Counted) {
        if counted.opens && self.enough.has(&counted.mark, counted.time) {
            self.enter(counted, Fate::Counted);
        }
    }

    fn is_new(&mut self, mark: &Mark, number: u64) -> bool {
        self.known.as_mut().is_none_or(|known| known.is_new(mark, number))
    }

    /// Remembers what became of a record, if it opened a connection.
    fn enter(&mut self, counted: &Counted, fate: Fate) {
        if let Some(activity) = counted.opened() {
            let Mark { machine, channel, .. } = counted.mark;
            self.activities.enter(machine, channel, activity, fate);
        }
    }

    /// What is left of all that came.
    pub fn finish(mut self) -> Condensed {
        self.drop_halves();
        let level = self.room.level();
        let hours = self.closed.map_or_else(|| level.hours(), |_| WholeHours::below(0));
        Condensed { kept: self.kept, floods: self.tally.floods(), hours, closed: self.closed }
    }

    /// Where a record stands that the level keeps. `None` for a copy of one that came, and for a
    /// record that is counted from now on.
    fn admit(&mut self, counted: &Counted, places: Places<'_>) -> Option<Standing> {
        let Counted { mark, activity_id, opens, is_progress, .. } = counted;
        if !self.is_new(mark, counted.record_id) {
            self.pass_copy(counted);
            return None;
        }
        let shared = activity_id
            .filter(|_| !is_progress && !opens)
            .and_then(|activity| self.activities.share(mark.machine, mark.channel, activity));
        let standing = match shared {
            // The records of one connection share its rank.
            Some(Fate::Kept(until)) => Some(Standing { until, ..Standing::LATE }),
            Some(Fate::Counted) => None,
            None => self.rank(counted, places),
        };
        let is_kept =
            |standing: &Standing| !self.room.is_closed() && standing.until >= self.room.level();
        let admitted = standing.filter(is_kept);
        if admitted.is_none() {
            if standing.is_some() {
                self.name(mark, places);
            }
            self.leave(counted);
        }
        admitted
    }

    /// Enters a record that was admitted as one that is kept, if it is not too large. Returns what
    /// it is worth.
    fn enter_kept(
        &mut self,
        standing: Standing,
        selected: &Selected,
        counted: &Counted,
    ) -> Option<Worth> {
        let worth = Worth::of(selected, standing);
        if !self.room.keeps(&worth) {
            self.name(&counted.mark, (&selected.event.machine, &selected.event.channel));
            self.leave(counted);
            return None;
        }
        self.room.add(&worth);
        self.enter(counted, Fate::Kept(standing.until));
        Some(worth)
    }

    /// Counts a record that is not kept.
    fn leave(&mut self, counted: &Counted) {
        self.enter(counted, Fate::Counted);
        self.count(counted);
    }

    /// Where a record stands that the level keeps, which counts from now on; `None` for one that
    /// it does not keep.
    fn rank(&mut self, counted: &Counted, places: Places<'_>) -> Option<Standing> {
        let Counted { mark, time, .. } = counted;
        if self.enough.has(mark, *time) {
            return None;
        }
        let level = self.room.level();
        let hour = self.counts.of_hour(mark);
        if let Some(whose) = level.enough_of_hour(mark.is_named, &hour) {
            self.enough.enter(mark, Window::Hour, whose);
        } else {
            let rank = self.counts.rank(mark, *time, hour);
            if level.keeps(&rank) {
                self.counts.count(mark);
                let (until, ever) = (level.last(&rank), rank.ever());
                let is_somebodys_first = rank.named && ever.of_user == 0;
                return Some(Standing { until, before: ever.on_machine, is_somebodys_first });
            }
            for (window, whose) in level.enough(&rank) {
                self.enough.enter(mark, window, whose);
            }
        }
        // Whoever counts more of them has to know their names.
        self.name(mark, places);
        None
    }

    /// Learns the names of a record that is not kept. Where nothing is kept they are not needed.
    fn name(&mut self, mark: &Mark, places: Places<'_>) {
        if !self.room.is_closed() {
            self.tally.name(mark, places);
        }
    }

    fn count(&mut self, counted: &Counted) {
        self.tally.count(counted);
        if let Some(closed) = &mut self.closed {
            closed.records += 1;
        }
    }

    /// Counts what the room no longer keeps.
    fn drop_what_has_no_room(&mut self) {
        let Self { kept, worths, room, tally, .. } = self;
        let mut own = worths.iter();
        kept.retain(|selected| {
            let left = own.next().filter(|worth| !room.keeps(worth));
            if let Some(worth) = left {
                room.remove(worth);
                tally.leave(selected);
            }
            left.is_none()
        });
        worths.retain(|worth| room.keeps(worth));
    }

    /// Counts what is half of an attempt of which the other half was counted.
    fn drop_halves(&mut self) {
        let Self { kept, tally, .. } = self;
        let halves = Halves::of(kept, tally.stacked());
        kept.retain(|selected| {
            let is_half = halves.has(selected);
            if is_half {
                tally.leave(selected);
            }
            !is_half
        });
    }
}

#[cfg(test)]
mod tests;

//! Counts what was read and what was lost, for coverage and problems.
//!
//! - `channels`: the records of each channel of a file
//! - `coverage`: what all files hold of each channel
//! - `problems`: what kept a file from being read whole

mod channels;
mod coverage;
mod problems;

use std::sync::Arc;

use self::channels::{Channels, Count, Key, Loss, same};
pub(super) use self::channels::{Room, Stretch};
pub(super) use self::coverage::Coverage;
use super::binxml::Malformed;
use super::export::Flaw;
use super::system::System;
use crate::isolate::Panicked;
use crate::model::{FileCoverage, FileId, ProblemKind, Run, Span, Time};

/// Records are written within this after what they tell of.
const WRITTEN: Span = Span::seconds(3600);

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// In a log as Windows keeps it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// In an export.
    #[error(transparent)]
    Flaw(#[from] Flaw),
}

/// What was found in one chunk.
#[derive(Debug, Default)]
pub(super) struct ChunkTally {
    channels: Vec<(Key, Count)>,
    /// Records that were read.
    pub(super) records: u64,
    /// Places where a record should stand and none does.
    pub(super) torn: u64,
    /// Records whose content cannot be followed.
    undecodable: u64,
    /// Records of whose payload only the beginning can be read.
    partial: u64,
    first_malformed: Option<(u64, Fault)>,
    first_partial: Option<(u64, Fault)>,
}

impl ChunkTally {
    /// Counts a record that was read.
    pub(super) fn record(&mut self, system: &System<'_>) {
        let System { machine, channel, time, .. } = system;
        let (id, place) = (system.record_id, self.place(machine, channel, *time));
        self.record_of(place, *time, id);
    }

    /// The place of a channel of a machine, one of whose records is of that `time`.
    pub(super) fn place(&mut self, machine: &Arc<str>, channel: &Arc<str>, time: Time) -> usize {
        // Most chunks hold one channel, and equal texts are usually one copy.
        let known = self.channels.iter().position(|((known_machine, known_channel), _)| {
            same(known_channel, channel) && same(known_machine, machine)
        });
        known.unwrap_or_else(|| {
            self.channels.push(((Arc::clone(machine), Arc::clone(channel)), Count::none(time)));
            self.channels.len() - 1
        })
    }

    /// Counts a record of the channel with that place.
    #[inline]
    pub(super) fn record_of(&mut self, place: usize, time: Time, id: u64) {
        self.records += 1;
        if let Some((_, count)) = self.channels.get_mut(place) {
            count.record(time, id);
        }
    }

    /// Counts records of the channel with that place.
    pub(super) fn stretch(&mut self, place: usize, stretch: Stretch) {
        self.records += stretch.records;
        if let Some((_, count)) = self.channels.get_mut(place) {
            count.stretch(stretch);
        }
    }

    /// Counts a record that cannot be followed; `at` is its offset in the file.
    pub(super) fn malformed(&mut self, at: u64, error: impl Into<Fault>) {
        self.undecodable += 1;
        self.first_malformed = self.first_malformed.or(Some((at, error.into())));
    }

    /// Counts records of an export that are torn, the first of which stands at `first`.
    pub(super) fn cut(&mut self, torn: u64, first: Option<(u64, Flaw)>) {
        self.torn += torn;
        let first = first.map(|(at, flaw)| (at, Fault::from(flaw)));
        self.first_malformed = match (self.first_malformed, first) {
            (Some(known), Some(first)) => Some(if first.0 < known.0 { first } else { known }),
            (known, first) => known.or(first),
        };
    }
}

impl ChunkTally {
    /// Cuts the spans of a damaged chunk to the times at which its records were written, as their
    /// headers say: damage to a time must not make a log reach farther than it does.
    pub(super) fn within(&mut self, (first, last): (Time, Time)) {
        let (first, last) = (first - WRITTEN, last + WRITTEN);
        for (_, count) in &mut self.channels {
            count.first = count.first.clamp(first, last);
            count.last = count.last.clamp(first, last);
        }
    }

    /// Counts a record, counted as read already, whose payload ends in damage.
    pub(super) fn partial(&mut self, at: u64, error: Malformed) {
        self.partial += 1;
        self.first_partial = self.first_partial.or(Some((at, error.into())));
    }
}

/// What was found in one file, or in a part of it.
#[derive(Debug, Default)]
pub(super) struct FileTally {
    channels: Channels,
    /// Chunks with a readable header.
    chunks: u64,
    records: u64,
    damage: Loss,
    /// Damage in chunks without any record, which may have been of each of the file's channels.
    homeless: Loss,
    /// Slots that are neither chunks nor empty.
    bad_slots: u64,
    bad_checksums: u64,
    /// Chunks that lost records.
    losing_chunks: u64,
    /// Records that were read in part.
    partial: u64,
    first_partial: Option<(u64, Fault)>,
    first_malformed: Option<(u64, Fault)>,
    /// Records that are no longer live.
    pub(super) recovered: u64,
    /// Chunks, or records of an export, over which the reader panicked; the first one's offset and what it said.
    panics: u64,
    first_panic: Option<(u64, Panicked)>,
    /// The file ends inside a chunk.
    pub(super) is_truncated: bool,
    /// Why reading stopped before the end.
    pub(super) unreadable: Option<(ProblemKind, String)>,
}

impl FileTally {
    /// Counts a slot that is neither a chunk nor empty.
    pub(super) fn bad_slot(&mut self) {
        self.bad_slots += 1;
        let loss = Loss { chunks: 1, records: 0 };
        self.damage.add(loss);
        self.homeless.add(loss);
    }

    /// Counts a chunk, or a record of an export, that was given up; `at` is its offset in the file.
    pub(super) fn given_up(&mut self, at: u64, panicked: Panicked) {
        self.panics += 1;
        self.first_panic.get_or_insert((at, panicked));
        let loss = Loss { chunks: 1, records: 0 };
        self.damage.add(loss);
        self.homeless.add(loss);
    }

    /// Counts a chunk. Its header promises a number of records, if it can be believed.
    pub(super) fn chunk(&mut self, tally: ChunkTally, promised: Option<u64>, is_sound: bool) {
        self.chunks += 1;
        self.records += tally.records;
        self.bad_checksums += u64::from(!is_sound);
        self.first_malformed = self.first_malformed.or(tally.first_malformed);
        let missing = promised.unwrap_or_default().saturating_sub(tally.records);
        let lost = missing.max(tally.torn + tally.undecodable);
        self.losing_chunks += u64::from(lost > 0);
        let is_damaged = lost > 0 || tally.partial > 0 || !is_sound;
        let loss = Loss { chunks: u64::from(is_damaged), records: lost };
        self.partial += tally.partial;
        self.first_partial = self.first_partial.or(tally.first_partial);
        self.damage.add(loss);
        if tally.channels.is_empty() {
            self.homeless.add(loss);
        }
        let most = tally.channels.iter().map(|(_, count)| count.records).max();
        for (key, mut count) in tally.channels {
            count.damage = loss;
            count.is_certain = is_sound || Some(count.records) == most;
            self.channels.add(key, count, [count.run()], &mut Room::default());
        }
    }

    /// What both ends of a file hold, between which so many records of their only channel lie.
    pub(super) fn of_ends(first: Self, last: Self, between: u64) -> Self {
        let mut tally = first;
        tally.join(last, &mut Room::default());
        tally.channels.fill(between);
        tally
    }

    /// Machine and channel of all records, where they are of one and there is no damage.
    pub(super) fn only_channel(&self) -> Option<(&str, &str)> {
        let (machine, channel) = &self.channels.only().filter(|_| self.is_flawless())?.key;
        Some((machine, channel))
    }

    /// The records by their ids, where they are of one channel and one follows the other.
    pub(super) fn only_run(&self) -> Option<Run> {
        let [run] = *self.channels.only().filter(|_| self.is_flawless())?.runs else {
            return None;
        };
        let ids = run.high.checked_sub(run.low)?.checked_add(1)?;
        (ids == run.records && run.records == self.records).then_some(run)
    }

    fn is_flawless(&self) -> bool {
        let faults = self.bad_slots + self.bad_checksums + self.partial + self.panics;
        self.damage.chunks + self.damage.records + faults == 0 && self.first_malformed.is_none()
    }

    /// Adds what was found in a later part of the same file, as long as there is room for it.
    pub(super) fn join(&mut self, later: Self, room: &mut Room) {
        self.channels.join(later.channels, room);
        self.chunks += later.chunks;
        self.records += later.records;
        self.damage.add(later.damage);
        self.homeless.add(later.homeless);
        self.bad_slots += later.bad_slots;
        self.bad_checksums += later.bad_checksums;
        self.losing_chunks += later.losing_chunks;
        self.first_malformed = self.first_malformed.or(later.first_malformed);
        self.recovered += later.recovered;
        self.partial += later.partial;
        self.first_partial = self.first_partial.or(later.first_partial);
        self.panics += later.panics;
        self.first_panic = self.first_panic.take().or(later.first_panic);
        self.is_truncated |= later.is_truncated;
        // The parts of a file fail for the same reason; it is told once.
        self.unreadable = self.unreadable.take().or(later.unreadable);
    }

    /// Number of records read.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// How far the file could be read.
    pub(super) fn coverage(&self, file: FileId) -> FileCoverage {
        FileCoverage {
            file,
            chunks: self.chunks,
            records: self.records,
            damaged_chunks: self.damage.chunks,
            lost_records: self.damage.records,
        }
    }
}

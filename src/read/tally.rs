//! Counts what was read and what was lost, for coverage and problems.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::binxml::Malformed;
use super::export::Flaw;
use super::system::System;
use crate::isolate::Panicked;
use crate::model::{
    ChannelCoverage, FileCoverage, FileId, LogFile, LogForm, Problem, ProblemKind, Run, Span, Time,
};

/// Channels kept apart for one file. Real files hold a few hundred; the records of further
/// ones are counted under a channel without a name, so that no log can fill the memory.
const MOST_CHANNELS: usize = 16_384;

/// Stretches of record ids kept apart for one channel of one file; further ones widen the last.
const MOST_RUNS: usize = 4096;

/// Records are written within this after what they tell of.
const WRITTEN: Span = Span::seconds(3600);

/// A machine and one of its channels.
type Key = (Arc<str>, Arc<str>);

/// The records of one channel.
#[derive(Clone, Copy, Debug)]
struct Count {
    records: u64,
    first: Time,
    last: Time,
    ids: Ids,
    damage: Loss,
    /// Whether damage did not make up the names.
    is_certain: bool,
}

/// The record ids met.
#[derive(Clone, Copy, Debug)]
struct Ids {
    low: u64,
    high: u64,
    /// How many records told theirs.
    records: u64,
}

impl Default for Ids {
    fn default() -> Self {
        Self { low: u64::MAX, high: 0, records: 0 }
    }
}

impl Ids {
    fn add(&mut self, other: Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
        self.records += other.records;
    }
}

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

/// Damaged chunks and the records lost in them.
#[derive(Clone, Copy, Debug, Default)]
struct Loss {
    chunks: u64,
    records: u64,
}

impl Loss {
    fn add(&mut self, other: Self) {
        self.chunks += other.chunks;
        self.records += other.records;
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.ids.add(other.ids);
        self.damage.add(other.damage);
        self.is_certain |= other.is_certain;
    }

    /// The records as one stretch; without ids where not every record told its own.
    const fn run(&self) -> Run {
        let Self { records, first, last, ids, .. } = *self;
        let records = if ids.records == records { records } else { 0 };
        Run { low: ids.low, high: ids.high, first, last, records }
    }
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
            let (ids, damage) = (Ids::default(), Loss::default());
            let is_certain = false;
            let none = Count { records: 0, first: time, last: time, ids, damage, is_certain };
            self.channels.push(((Arc::clone(machine), Arc::clone(channel)), none));
            self.channels.len() - 1
        })
    }

    /// Counts a record of the channel with that place.
    #[inline]
    pub(super) fn record_of(&mut self, place: usize, time: Time, id: u64) {
        self.records += 1;
        if let Some((_, count)) = self.channels.get_mut(place) {
            count.records += 1;
            count.first = count.first.min(time);
            count.last = count.last.max(time);
            count.ids.add(Ids { low: id, high: id, records: 1 });
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

fn same(left: &Arc<str>, right: &Arc<str>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

/// Adds a stretch behind others: to the last one, where it follows that or there are too many.
fn add(runs: &mut Vec<Run>, run: Run) {
    let is_long = runs.len() >= MOST_RUNS;
    match runs.last_mut() {
        Some(last) if is_long || follows(last, &run) => {
            let known = last.records > 0 && run.records > 0;
            last.low = last.low.min(run.low);
            last.high = last.high.max(run.high);
            last.first = last.first.min(run.first);
            last.last = last.last.max(run.last);
            last.records = if known { last.records + run.records } else { 0 };
        }
        _ => runs.push(run),
    }
}

/// What was found in one file, or in a part of it.
#[derive(Debug, Default)]
pub(super) struct FileTally {
    channels: BTreeMap<Key, Count>,
    /// The record ids of each, chunk by chunk, neighbors united.
    runs: BTreeMap<Key, Vec<Run>>,
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
            self.runs(&key, [count.run()]);
            self.channel(key, count);
        }
    }

    /// Adds stretches of a channel, one behind the other.
    fn runs(&mut self, key: &Key, later: impl IntoIterator<Item = Run>) {
        let is_full = self.runs.len() >= MOST_CHANNELS && !self.runs.contains_key(key);
        if !is_full {
            let runs = self.runs.entry(key.clone()).or_default();
            later.into_iter().for_each(|run| add(runs, run));
        }
    }

    fn channel(&mut self, key: Key, count: Count) {
        let is_full = self.channels.len() >= MOST_CHANNELS && !self.channels.contains_key(&key);
        let key = if is_full { ("".into(), "".into()) } else { key };
        self.channels.entry(key).and_modify(|known| known.add(count)).or_insert(count);
    }

    /// Adds what was found in a later part of the same file.
    pub(super) fn join(&mut self, later: Self) {
        for (key, count) in later.channels {
            self.channel(key, count);
        }
        for (key, runs) in later.runs {
            self.runs(&key, runs);
        }
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

    /// What kept the file from being read whole.
    pub(super) fn problems(&self, log: &LogFile) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |kind, detail: String, lost_records| {
            problems.push(Problem { path: log.path.clone(), kind, detail, lost_records });
        };
        if let Some((kind, error)) = &self.unreadable {
            add(*kind, format!("cannot be read to its end: {error}"), None);
        }
        if let Some((at, panicked)) = &self.first_panic {
            let parts = counted(self.panics, "part was", "parts were");
            let detail = format!("{parts} given up, first the one at byte {at}: {panicked}");
            add(ProblemKind::InternalError, detail, None);
        }
        if self.is_truncated {
            add(ProblemKind::Truncated, "the file ends inside a chunk".to_owned(), None);
        }
        if self.bad_slots > 0 {
            let slots = counted(self.bad_slots, "64 KiB slot is", "64 KiB slots are");
            let detail = format!("{slots} neither a chunk nor empty and cannot be read");
            add(ProblemKind::BadChunk, detail, None);
        }
        if self.bad_checksums > 0 {
            let chunks = counted(self.bad_checksums, "chunk has", "chunks have");
            let detail = format!(
                "{chunks} a wrong checksum; what is readable there was read, but none of it is certain"
            );
            add(ProblemKind::BadChecksum, detail, None);
        }
        if self.damage.records > 0 {
            let records = counted(self.damage.records, "record is", "records are");
            let mut detail = format!("{records} torn or cannot be decoded");
            if matches!(log.form, LogForm::Evtx { .. }) {
                let chunks = counted(self.losing_chunks, "chunk", "chunks");
                detail.push_str(&format!(", in {chunks}"));
            }
            if let Some((at, error)) = self.first_malformed {
                detail.push_str(&format!("; the record at byte {at}: {error}"));
            }
            add(ProblemKind::LostRecords, detail, Some(self.damage.records));
        }
        if self.partial > 0 {
            let records = counted(self.partial, "record is", "records are");
            let mut detail = format!("{records} damaged within and left out of the analysis");
            if let Some((at, error)) = self.first_partial {
                detail.push_str(&format!("; the first damage, at byte {at}: {error}"));
            }
            add(ProblemKind::LostRecords, detail, None);
        }
        problems
    }
}

/// Whether a stretch goes on where one without a hole ends.
fn follows(last: &Run, run: &Run) -> bool {
    let whole = |run: &Run| run.high.checked_sub(run.low) == run.records.checked_sub(1);
    last.high.checked_add(1) == Some(run.low) && whole(last) && whole(run)
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// The coverage of channels by all files.
#[derive(Debug, Default)]
pub(super) struct Coverage(BTreeMap<Key, ChannelCoverage>);

impl Coverage {
    /// Adds what a file holds. Files come in ascending order.
    pub(super) fn add(&mut self, file: FileId, mut tally: FileTally) {
        for ((machine, channel), mut count) in tally.channels {
            count.damage.add(tally.homeless);
            let key = (Arc::clone(&machine), Arc::clone(&channel));
            let runs = tally.runs.remove(&key).unwrap_or_default();
            let coverage = self.0.entry(key).or_insert_with(|| ChannelCoverage {
                machine,
                channel,
                files: Vec::new(),
                records: 0,
                first: count.first,
                last: count.last,
                damaged_chunks: 0,
                lost_records: 0,
                is_certain: false,
                runs: Vec::new(),
                gaps: Vec::new(),
            });
            coverage.runs.extend(runs);
            coverage.files.push(file);
            coverage.records += count.records;
            coverage.first = coverage.first.min(count.first);
            coverage.last = coverage.last.max(count.last);
            coverage.damaged_chunks += count.damage.chunks;
            coverage.lost_records += count.damage.records;
            coverage.is_certain |= count.is_certain;
        }
    }

    /// The channels, ordered by machine, then channel.
    pub(super) fn into_channels(self) -> Vec<ChannelCoverage> {
        self.0.into_values().collect()
    }
}

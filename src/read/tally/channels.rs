//! The records of each channel of a file.
//!
//! Mostly a file is of one channel, and each chunk of it asks for the one that was asked for last.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Run, Time};

/// Channels kept apart for one file. Real files hold a few hundred; the records of further
/// ones are counted under a channel without a name, so that no log can fill the memory.
const MOST_CHANNELS: usize = 16_384;

/// Stretches of record ids kept apart for one channel of one file; further ones widen the last.
const MOST_RUNS: usize = 4096;

/// A machine and one of its channels.
pub(super) type Key = (Arc<str>, Arc<str>);

/// The records of one channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) records: u64,
    pub(super) first: Time,
    pub(super) last: Time,
    ids: Ids,
    pub(super) damage: Loss,
    /// How many of the records were not read.
    pub(super) unread: u64,
    /// Whether damage did not make up the names.
    pub(super) is_certain: bool,
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

/// Damaged chunks and the records lost in them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loss {
    pub(super) chunks: u64,
    pub(super) records: u64,
}

impl Loss {
    pub(super) fn add(&mut self, other: Self) {
        self.chunks += other.chunks;
        self.records += other.records;
    }
}

impl Count {
    /// No records; the first that is counted is of that time.
    pub(super) fn none(time: Time) -> Self {
        let (ids, damage) = (Ids::default(), Loss::default());
        Self { records: 0, first: time, last: time, ids, damage, unread: 0, is_certain: false }
    }

    /// Counts a record.
    #[inline]
    pub(super) fn record(&mut self, time: Time, id: u64) {
        self.records += 1;
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.ids.add(Ids { low: id, high: id, records: 1 });
    }

    /// Counts records.
    pub(super) fn stretch(&mut self, stretch: Stretch) {
        let Stretch { records, first, last, low, high } = stretch;
        self.records += records;
        self.first = self.first.min(first);
        self.last = self.last.max(last);
        self.ids.add(Ids { low, high, records });
    }

    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.ids.add(other.ids);
        self.damage.add(other.damage);
        self.unread += other.unread;
        self.is_certain |= other.is_certain;
    }

    /// The records as one stretch; without ids where not every record told its own.
    pub(super) const fn run(&self) -> Run {
        let Self { records, first, last, ids, .. } = *self;
        let records = if ids.records == records { records } else { 0 };
        Run { low: ids.low, high: ids.high, first, last, records }
    }
}

/// Bytes that tell channels and stretches of all files apart: enough for some fifty thousand files.
const ROOM: usize = 16 << 20;

/// What is left of these bytes.
#[derive(Debug)]
pub(in crate::read) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(ROOM)
    }
}

impl Room {
    fn take(&mut self, bytes: usize) -> bool {
        let Self(left) = self;
        let rest = left.checked_sub(bytes);
        *left = rest.unwrap_or(*left);
        rest.is_some()
    }
}

/// Records of one channel, one behind the other.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Stretch {
    pub(in crate::read) records: u64,
    first: Time,
    last: Time,
    low: u64,
    high: u64,
}

impl Default for Stretch {
    fn default() -> Self {
        let (first, last) = (Time(i64::MAX), Time(i64::MIN));
        Self { records: 0, first, last, low: u64::MAX, high: 0 }
    }
}

impl Stretch {
    /// Adds a record.
    #[inline]
    pub(in crate::read) fn add(&mut self, time: Time, id: u64) {
        self.records += 1;
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.low = self.low.min(id);
        self.high = self.high.max(id);
    }
}

/// The channels of a file, by machine.
#[derive(Debug, Default)]
pub(super) struct Channels {
    all: Vec<Channel>,
    /// Their places.
    places: HashMap<Key, usize, RandomState>,
    /// The place that was asked for last.
    last: usize,
}

/// What a file holds of a channel.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) key: Key,
    pub(super) count: Count,
    /// The record ids, chunk by chunk, neighbors united.
    pub(super) runs: Vec<Run>,
}

impl Channels {
    /// Adds records of a channel, and their stretches one behind the other. Where there is no room
    /// they are counted with others.
    pub(super) fn add(
        &mut self,
        key: Key,
        count: Count,
        runs: impl IntoIterator<Item = Run>,
        room: &mut Room,
    ) {
        let known = self.place(&key);
        let bytes = size_of::<Channel>() + key.0.len() + key.1.len();
        let is_full = known.is_none() && (self.all.len() >= MOST_CHANNELS || !room.take(bytes));
        let (place, runs) = if is_full {
            // Their ids are those of many channels.
            let key = Key::default();
            (self.place(&key).unwrap_or_else(|| self.begin(key, count.first)), None)
        } else {
            (known.unwrap_or_else(|| self.begin(key, count.first)), Some(runs))
        };
        if let Some(channel) = self.all.get_mut(place) {
            channel.count.add(count);
            runs.into_iter().flatten().for_each(|run| add(&mut channel.runs, run, room));
        }
        self.last = place;
    }

    /// Adds what a later part of the file holds.
    pub(super) fn join(&mut self, later: Self, room: &mut Room) {
        for Channel { key, count, runs } in later.all {
            self.add(key, count, runs, room);
        }
    }

    /// The only channel, if there is one.
    pub(super) fn only(&self) -> Option<&Channel> {
        self.all.first().filter(|_| self.all.len() == 1)
    }

    /// Counts records of the only channel that lie between its stretches and were not read.
    pub(super) fn fill(&mut self, between: u64) {
        let [Channel { count, runs, .. }] = self.all.as_mut_slice() else { return };
        count.records += between;
        count.unread += between;
        let whole = runs.iter().copied().reduce(|left, right| Run {
            low: left.low.min(right.low),
            high: left.high.max(right.high),
            first: left.first.min(right.first),
            last: left.last.max(right.last),
            records: left.records + right.records,
        });
        runs.clear();
        runs.extend(whole.map(|run| Run { records: run.records + between, ..run }));
    }

    fn place(&self, key: &Key) -> Option<usize> {
        let is_last = self.all.get(self.last).is_some_and(|last| {
            let ((machine, channel), (own_machine, own_channel)) = (&last.key, key);
            same(channel, own_channel) && same(machine, own_machine)
        });
        if is_last { Some(self.last) } else { self.places.get(key).copied() }
    }

    fn begin(&mut self, key: Key, time: Time) -> usize {
        let place = self.all.len();
        self.places.insert(key.clone(), place);
        self.all.push(Channel { key, count: Count::none(time), runs: Vec::new() });
        place
    }
}

/// In no particular order.
impl IntoIterator for Channels {
    type Item = Channel;
    type IntoIter = std::vec::IntoIter<Channel>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

pub(super) fn same(left: &Arc<str>, right: &Arc<str>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

/// Adds a stretch behind others: to the last one, where it follows that or there are too many.
fn add(runs: &mut Vec<Run>, run: Run, room: &mut Room) {
    let is_long = runs.len() >= MOST_RUNS;
    match runs.last_mut() {
        Some(last) if is_long || follows(last, &run) || !room.take(size_of::<Run>()) => {
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

/// Whether a stretch goes on where one without a hole ends.
fn follows(last: &Run, run: &Run) -> bool {
    let whole = |run: &Run| run.high.checked_sub(run.low) == run.records.checked_sub(1);
    last.high.checked_add(1) == Some(run.low) && whole(last) && whole(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(low: u64) -> Run {
        Run { low, high: low, first: Time(0), last: Time(0), records: 1 }
    }

    /// However many channels and stretches come, each record is counted, and few are told apart.
    #[test]
    fn what_tells_channels_apart_has_its_limits() {
        for (channels, stretches) in [(2 * MOST_CHANNELS, 1), (1, 3 * MOST_RUNS), (200, 4000)] {
            let (mut tally, mut room) = (Channels::default(), Room::default());
            for channel in 0..channels {
                let key: Key = ("SRV01".into(), channel.to_string().into());
                for stretch in 0..stretches {
                    let mut count = Count::none(Time(0));
                    count.record(Time(0), 2 * stretch as u64);
                    tally.add(key.clone(), count, [run(2 * stretch as u64)], &mut room);
                }
            }
            let records: u64 = tally.all.iter().map(|channel| channel.count.records).sum();
            assert_eq!(records, (channels * stretches) as u64);
            assert!(tally.all.len() <= MOST_CHANNELS + 1);
            let runs: usize = tally.all.iter().map(|channel| channel.runs.len()).sum();
            assert!(runs * size_of::<Run>() <= ROOM + channels * size_of::<Run>());
            assert!(tally.all.iter().all(|channel| channel.runs.len() <= MOST_RUNS));
        }
    }
}

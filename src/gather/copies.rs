//! Copies of records: those that are not alike, because exports lose digits of times and types,
//! and how many records there are without them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{FileId, PackedEvent, Run, Span, Time, Value};
use crate::select::Selected;

/// Some tools keep whole milliseconds, others a floating-point number.
const LOST_DIGITS: Span = Span::milliseconds(1);

/// What names a record apart from its time.
type Key = (Arc<str>, String, u64, u32);

/// A copy that stays so far.
#[derive(Clone, Copy)]
struct Best {
    index: usize,
    file: FileId,
    time: Time,
}

/// Drops copies of one record in several files, and keeps the most exact: by its types, then
/// by the digits of its time, then the first.
pub(super) fn drop_inexact(selected: &mut Vec<Selected>) {
    let copied = in_several_files(selected);
    if copied.is_empty() {
        return;
    }
    let mut best: HashMap<Key, Vec<Best>> = HashMap::new();
    let mut stays = vec![true; selected.len()];
    for (index, Selected { event, .. }) in selected.iter().enumerate() {
        // Without a number nothing tells a copy from a record like it.
        if event.record_id == 0 || !copied.contains(&log(event)) {
            continue;
        }
        let copy = Best { index, file: event.source.file, time: event.time };
        let known = best.entry(key(event)).or_default();
        let twin = known
            .iter_mut()
            .find(|twin| twin.file != copy.file && twin.time.since(copy.time).abs() <= LOST_DIGITS);
        let Some(twin) = twin else {
            known.push(copy);
            continue;
        };
        // Copies are few, so their values are looked at only here.
        let first = selected.get(twin.index).map(|first| worth(&first.event));
        let is_better = Some(worth(event)) > first;
        let worse = if is_better { std::mem::replace(twin, copy) } else { copy };
        if let Some(stays) = stays.get_mut(worse.index) {
            *stays = false;
        }
    }
    let mut stays = stays.into_iter();
    selected.retain(|_| stays.next().unwrap_or(true));
}

/// The logs of which several files hold records.
fn in_several_files(selected: &[Selected]) -> BTreeSet<(Arc<str>, String)> {
    let mut files: BTreeMap<(Arc<str>, String), BTreeSet<FileId>> = BTreeMap::new();
    // Most records are of a log and a file that some record before was of.
    let mut recent: HashSet<(*const u8, *const u8, FileId), RandomState> = HashSet::default();
    for Selected { event, .. } in selected {
        let names = (event.machine.as_ptr(), event.channel.as_ptr());
        if recent.insert((names.0, names.1, event.source.file)) {
            files.entry(log(event)).or_default().insert(event.source.file);
        }
    }
    files.into_iter().filter(|(_, files)| files.len() > 1).map(|(log, _)| log).collect()
}

/// The machine and the channel, whose case does not count.
fn log(event: &PackedEvent) -> (Arc<str>, String) {
    (event.machine.clone(), event.channel.to_lowercase())
}

fn key(event: &PackedEvent) -> Key {
    let channel = event.channel.to_lowercase();
    (event.machine.clone(), channel, event.record_id, event.event_id)
}

/// How many values have a type, and whether the time is finer than milliseconds.
fn worth(event: &PackedEvent) -> (usize, bool) {
    let is_typed = |value: &Value| {
        !matches!(value, Value::Null | Value::Text(_) | Value::Guid(_) | Value::FileTime(_))
    };
    let typed = event.data.iter().filter(|field| is_typed(&field.value)).count();
    (typed, event.time.0 % 10_000 != 0)
}

/// How many records a channel has by its runs, each counted once: of copies, the records
/// behind those that were counted already. `sum` where not all told their numbers.
pub(super) fn distinct_records(runs: &[Run], sum: u64) -> u64 {
    let mut runs = runs.to_vec();
    runs.sort_unstable();
    let mut counted: u64 = 0;
    // What was counted last: up to which number, and of which time.
    let mut known: Option<Run> = None;
    for run in runs {
        if run.records == 0 || run.high < run.low {
            return sum;
        }
        // A log that was made anew numbers from 1 again, at another time.
        let copied = known.filter(|known| {
            run.low <= known.high && run.first <= known.last && known.first <= run.last
        });
        counted += match copied {
            Some(known) => run.records.min(run.high.saturating_sub(known.high)),
            None => run.records,
        };
        known = Some(match copied {
            Some(known) => Run {
                high: known.high.max(run.high),
                first: known.first.min(run.first),
                last: known.last.max(run.last),
                ..known
            },
            None => run,
        });
    }
    counted.min(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runs: &[(u64, u64, i64, i64, u64)], expected: u64) {
        let runs: Vec<Run> = runs
            .iter()
            .map(|&(low, high, first, last, records)| Run {
                low,
                high,
                first: Time(first),
                last: Time(last),
                records,
            })
            .collect();
        let sum = runs.iter().map(|run| run.records).sum();
        assert_eq!(distinct_records(&runs, sum), expected, "{runs:?}");
    }

    #[test]
    fn copies_count_once() {
        // A copy, one with a hole, a later backup that goes further, a log made anew.
        check(&[(1, 10, 0, 9, 10), (1, 10, 0, 9, 10)], 10);
        check(&[(1, 10, 0, 9, 8), (1, 10, 0, 9, 8)], 8);
        check(&[(1, 10, 0, 9, 10), (5, 15, 4, 14, 11)], 15);
        check(&[(1, 10, 0, 9, 10), (11, 20, 10, 19, 10)], 20);
        check(&[(1, 10, 0, 9, 10), (1, 10, 100, 109, 10)], 20);
        // A run inside a longer one hides nothing that follows.
        check(&[(1, 20, 0, 19, 20), (5, 6, 4, 5, 2), (15, 25, 14, 24, 11)], 25);
        // Numbers that were not read.
        check(&[(1, 10, 0, 9, 10), (1, 10, 0, 9, 0)], 10);
    }
}

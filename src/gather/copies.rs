//! Copies of a record that are not alike: exports lose digits of times, and types.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{FileId, PackedEvent, Span, Time, Value};
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
    let mut best: HashMap<Key, Vec<Best>> = HashMap::new();
    let mut stays = vec![true; selected.len()];
    for (index, Selected { event, .. }) in selected.iter().enumerate() {
        // Without a number nothing tells a copy from a record like it.
        if event.record_id == 0 {
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

//! Which records of a damaged chunk bear a number or a time that their neighbors belie.
//!
//! Windows numbers the records of a chunk one after the other, in their headers and, but for
//! forwarded ones, alike in their content, and writes them soon after what they tell of. What
//! most records of the chunk show so far is what the next one is held against.

use super::binxml::Malformed;
use super::system::{Header, System};
use crate::model::Span;

/// Records are written within this after what they tell of, unless they were forwarded.
const WRITTEN: Span = Span::seconds(3600);

/// What the records of a chunk showed so far.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    ids: Habit,
    times: Habit,
    last: Option<u64>,
}

/// How many records did as most do.
#[derive(Debug, Default)]
struct Habit {
    kept: u32,
    broken: u32,
}

impl Habit {
    /// Notes what a record does. Returns whether that is against the habit of those before it.
    fn breaks(&mut self, keeps: bool) -> bool {
        let is_habit = self.kept > self.broken;
        *(if keeps { &mut self.kept } else { &mut self.broken }) += 1;
        is_habit && !keeps
    }
}

impl Doubts {
    /// Whether the record with that header does not stand where it says; records come in order.
    pub(super) fn of(&mut self, header: Header, system: &System<'_>) -> Option<Malformed> {
        let follows = self.last.is_none_or(|last| last.checked_add(1) == Some(header.id));
        self.last = Some(header.id);
        // Where the header's number is the one that is wrong, that of the content is right.
        let has_own_id = self.ids.breaks(system.record_id == header.id) && follows;
        let span = header.written.0.abs_diff(system.time.0);
        let is_late = self.times.breaks(i128::from(span) <= i128::from(WRITTEN.0));
        (has_own_id || is_late).then_some(Malformed::OutOfSequence)
    }
}

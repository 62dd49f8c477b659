//! The live records of a chunk, one behind the other.
//!
//! In a sound chunk each record says where the next one stands. Where damage makes that doubtful,
//! all places are looked at where one may stand, each once and in order: behind the record by the
//! size that it states, and where the next sound record is. So a size that lies hides no record
//! that a reader would find who believes it, and none that one would find who does not.
//!
//! Knows nothing of what a record holds. Stale records behind the free space offset are not
//! live and never returned.

use std::collections::BTreeSet;

use super::chunk::{CHUNK_HEADER, Chunk, Record, Undoubted};

/// The live records of a chunk.
#[derive(Debug)]
pub(super) struct Records<'k, 'c> {
    chunk: &'k Chunk<'c>,
    /// Where a record must stand, if nothing is damaged.
    due: Option<usize>,
    /// Where one may stand, because something is.
    doubtful: BTreeSet<usize>,
    /// Behind the beginning of the last record.
    passed: usize,
    /// Where sound records stand; searched for once something is damaged.
    sound: Option<Vec<usize>>,
    /// How often something else stood where a record must.
    pub(super) torn: u64,
}

impl<'k, 'c> Records<'k, 'c> {
    pub(super) fn new(chunk: &'k Chunk<'c>) -> Self {
        let (due, doubtful) = (Some(CHUNK_HEADER), BTreeSet::new());
        Self { chunk, due, doubtful, passed: CHUNK_HEADER, sound: None, torn: 0 }
    }

    /// The nearest place that was not looked at, and whether a record must stand there.
    fn place(&mut self) -> Option<(usize, bool)> {
        if self.doubtful.is_empty() {
            return self.due.take().map(|due| (due, true));
        }
        let nearest = self.doubtful.first().copied();
        match (self.due, nearest) {
            (Some(due), Some(nearest)) if nearest < due => {}
            (Some(due), _) => {
                self.doubtful.remove(&due);
                self.due = None;
                return Some((due, true));
            }
            (None, _) => {}
        }
        self.doubtful.pop_first().map(|place| (place, false))
    }

    /// Goes on behind a record.
    fn follow(&mut self, record: &Record) {
        self.passed = record.at + 1;
        if self.chunk.is_last(record) {
            // Behind it stands slack, even where the free space offset lags.
            return;
        }
        if self.chunk.confirms(record) && record.is_plausible() {
            if let Some(displaced) = self.due.replace(record.end()) {
                self.doubtful.insert(displaced);
            }
        } else {
            self.doubtful.insert(record.end());
            self.search(record.at + 1);
        }
    }

    /// Adds the next sound record from an offset on to the places.
    fn search(&mut self, from: usize) {
        let chunk = self.chunk;
        let sound = self.sound.get_or_insert_with(|| chunk.sound());
        let next = sound.partition_point(|at| *at < from);
        self.doubtful.extend(sound.get(next));
    }
}

impl Iterator for Records<'_, '_> {
    type Item = Record;

    #[inline]
    fn next(&mut self) -> Option<Record> {
        match self.pass_over(|_| false) {
            Some(next) => {
                (self.passed, self.due) = (next.at() + 1, Some(next.end()));
                Some(next.record())
            }
            None => self.next_doubtful(),
        }
    }
}

impl<'c> Records<'_, 'c> {
    /// Passes over the records that `passes` says, as long as it is certain that another one
    /// follows. Returns the one behind them if that is certain, which comes next.
    #[inline]
    pub(super) fn pass_over(
        &mut self,
        mut passes: impl FnMut(&Undoubted<'c>) -> bool,
    ) -> Option<Undoubted<'c>> {
        let mut due = self.due.filter(|_| self.doubtful.is_empty())?;
        let mut passed = self.passed;
        let next = loop {
            let next = self.chunk.undoubted(due);
            match &next {
                Some(record) if passes(record) => (passed, due) = (due + 1, record.end()),
                _ => break next,
            }
        };
        (self.passed, self.due) = (passed, Some(due));
        next
    }

    /// The next record, where it is not certain that another one follows it.
    #[inline(never)]
    fn next_doubtful(&mut self) -> Option<Record> {
        loop {
            let (at, is_due) = self.place()?;
            let is_used = at < self.chunk.free_space();
            if let Some(record) = self.chunk.record(at).filter(|_| is_used) {
                self.follow(&record);
                return Some(record);
            }
            if !is_used && (!is_due || at == self.chunk.free_space()) {
                // All others are farther.
                return None;
            }
            // The last record's size lies even if it is repeated, or the next one is damaged.
            self.search(self.passed);
            self.search(at + 1);
            // Zeros up to the end are space that the header counts wrongly as used.
            let is_zero = self.chunk.bytes.get(at..at + 4).is_none_or(|magic| magic == [0; 4]);
            let is_torn = is_due && is_used && (!self.doubtful.is_empty() || !is_zero);
            self.torn += u64::from(is_torn);
        }
    }
}

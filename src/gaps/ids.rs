//! Holes in the numbers of records: each channel numbers its records from 1, without a hole,
//! for as long as it exists.

use crate::model::{ChannelCoverage, Gap, GapKind, Run, Span, Time};

/// A record is dated before it is numbered, so neighbors may be out of order by a little.
const DISORDER: Span = Span::seconds(600);
/// With more holes than this a log was not torn but sifted.
const HOLES: usize = 50;

/// A stretch of missing numbers, between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hole {
    from: Time,
    to: Time,
    /// The numbers among which some are missing.
    numbers: (u64, u64),
    missing: u64,
}

/// What the numbers of a channel's records tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    /// The lowest number; more than 1 where older records are gone.
    pub(super) low: u64,
    holes: Vec<Hole>,
}

/// Reads the runs of a channel. `None` where nothing follows from them: numbers were not read,
/// or they began anew, which a log does that was deleted and made again.
///
/// `siblings` are the runs of the same log under other names of the machine: a machine that
/// is renamed goes on in the same log.
pub(super) fn read(channel: &ChannelCoverage, siblings: &[Run]) -> Option<Ids> {
    let mut runs: Vec<Run> = channel.runs.clone();
    runs.sort_unstable();
    // The same file twice holds nothing more.
    runs.dedup();
    if runs.iter().any(|run| run.records == 0 || run.low == 0 || run.high < run.low) {
        return None;
    }
    let (first, rest) = runs.split_first()?;
    let mut holes = Vec::new();
    // Files whose numbers overlap are copies, or parts of one log that fill each other's holes:
    // together they hold at most the sum of their records.
    let mut stretch = *first;
    for run in rest {
        let overlaps = run.low <= stretch.high;
        let in_order = if overlaps {
            stretch.first - DISORDER <= run.first && run.first <= stretch.last + DISORDER
        } else {
            stretch.last <= run.first + DISORDER
        };
        if !in_order {
            return None;
        }
        if overlaps {
            stretch.high = stretch.high.max(run.high);
            stretch.first = stretch.first.min(run.first);
            stretch.last = stretch.last.max(run.last);
            stretch.records = stretch.records.saturating_add(run.records);
            continue;
        }
        holes.extend(within(&stretch));
        let missing = run.low - stretch.high - 1;
        if missing > 0 {
            let (from, to) = (stretch.last.min(run.first), stretch.last.max(run.first));
            let numbers = (stretch.high + 1, run.low - 1);
            holes.push(Hole { from, to, numbers, missing });
        }
        stretch = *run;
    }
    holes.extend(within(&stretch));
    for hole in &mut holes {
        let held: u64 = siblings.iter().map(|run| shared(run, hole.numbers)).sum();
        hole.missing = hole.missing.saturating_sub(held);
    }
    holes.retain(|hole| hole.missing > 0);
    Some(Ids { low: begin(first.low, siblings), holes })
}

/// How many of a sibling's records have these numbers, at most.
fn shared(run: &Run, (low, high): (u64, u64)) -> u64 {
    let (low, high) = (run.low.max(low), run.high.min(high));
    if low > high { 0 } else { (high - low + 1).min(run.records) }
}

/// The lowest number of the log, where siblings hold what was before.
fn begin(mut low: u64, siblings: &[Run]) -> u64 {
    // Each turn goes down, to the start of a sibling at the latest.
    while let Some(before) = siblings
        .iter()
        .filter(|run| run.records > 0 && run.low < low && run.high.checked_add(1) >= Some(low))
        .map(|run| run.low)
        .min()
    {
        low = before;
    }
    low
}

/// The numbers that are missing within one stretch, at least.
fn within(run: &Run) -> Option<Hole> {
    let missing = (run.high - run.low).saturating_sub(run.records.saturating_sub(1));
    let numbers = (run.low, run.high);
    (missing > 0).then_some(Hole { from: run.first, to: run.last, numbers, missing })
}

impl Ids {
    /// How many numbers are missing in places that are known; `None` where damage made numbers
    /// up, so that nothing is known of any place.
    pub(super) fn placed(&self, channel: &ChannelCoverage) -> Option<u64> {
        let missing = self.holes.iter().map(|hole| hole.missing).sum();
        (missing <= channel.records).then_some(missing)
    }

    /// The holes as gaps of the channel; one for all where the records were sifted.
    pub(super) fn gaps(&self, channel: &ChannelCoverage) -> Vec<Gap> {
        let missing: u64 = self.holes.iter().map(|hole| hole.missing).sum();
        let is_damaged = channel.damaged_chunks > 0 || channel.lost_records > 0;
        // Damage makes numbers up; what is lost by it was counted while reading.
        if is_damaged && missing > channel.records {
            return Vec::new();
        }
        if self.holes.len() > HOLES || missing > channel.records {
            let held = channel.records;
            let numbers = held.saturating_add(missing);
            return vec![Gap {
                from: channel.first,
                to: channel.last,
                kind: GapKind::Filtered,
                reason: format!("only {held} of {numbers} records were exported or forwarded"),
            }];
        }
        self.holes
            .iter()
            .map(|hole| {
                let records = match hole.missing {
                    1 => "1 record is".to_owned(),
                    missing => format!("{missing} records are"),
                };
                let (kind, reason) = if is_damaged {
                    (GapKind::Damaged, format!("{records} lost in a damaged file"))
                } else {
                    (GapKind::Missing, format!("{records} missing"))
                };
                Gap { from: hole.from, to: hole.to, kind, reason }
            })
            .collect()
    }
}

//! What a run cost, and what several runs say together.

use std::fs;
use std::time::Instant;

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of all processors, in steps of ten milliseconds; 0 where the system does not
    /// tell.
    pub(crate) cpu: f64,
}

/// Two things that were run in turns, so that what else the machine did weighs on both.
pub(crate) struct Turns {
    pub(crate) ours: Vec<Cost>,
    pub(crate) theirs: Vec<Cost>,
}

impl Turns {
    /// Runs both in turns: as often as `rounds` says, but not for longer than `seconds`, after
    /// one turn that does not count.
    pub(crate) fn take(
        rounds: usize,
        seconds: f64,
        mut ours: impl FnMut() -> Cost,
        mut theirs: impl FnMut() -> Cost,
    ) -> Self {
        let begun = Instant::now();
        let mut turns = Self { ours: Vec::new(), theirs: Vec::new() };
        let (first, second) = (ours(), theirs());
        while turns.ours.len() < rounds && begun.elapsed().as_secs_f64() < seconds {
            turns.ours.push(ours());
            turns.theirs.push(theirs());
        }
        if turns.ours.is_empty() {
            turns.ours.push(first);
            turns.theirs.push(second);
        }
        turns
    }

    /// How many times as fast ours was, by the clock: the median of the turns.
    pub(crate) fn faster(&self) -> f64 {
        let pairs = self.ours.iter().zip(&self.theirs);
        median(pairs.map(|(ours, theirs)| theirs.wall / ours.wall))
    }

    /// How many times the work theirs was, by the processors' time of all turns together.
    pub(crate) fn less_work(&self) -> f64 {
        work(&self.theirs) / work(&self.ours)
    }
}

/// The median of the runs by the clock.
pub(crate) fn wall(costs: &[Cost]) -> f64 {
    median(costs.iter().map(|cost| cost.wall))
}

/// The mean of the runs by the processors' time.
pub(crate) fn work(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.cpu).sum::<f64>() / costs.len() as f64
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// What something in this process costs.
pub(crate) fn cost(run: impl FnOnce()) -> Cost {
    let before = work_of_this();
    let begun = Instant::now();
    run();
    let wall = begun.elapsed().as_secs_f64();
    Cost { wall, cpu: work_of_this() - before }
}

/// Seconds that this process has worked, all its threads together.
fn work_of_this() -> f64 {
    clock_ticks(13) + clock_ticks(14)
}

/// Seconds that the ended children of this process had worked.
pub(crate) fn work_of_children() -> f64 {
    clock_ticks(15) + clock_ticks(16)
}

/// A field of `/proc/self/stat` in seconds, counted from 0. Linux counts a hundred ticks a
/// second.
fn clock_ticks(field: usize) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in brackets, which may hold blanks.
    let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
    let ticks = behind.split(' ').nth(field - 2).and_then(|ticks| ticks.parse().ok());
    ticks.unwrap_or(0.0) / 100.0
}

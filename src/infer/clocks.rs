//! The times of signals by one clock.
//!
//! A record bears the time of the machine that wrote it. Where that machine only saw an attempt
//! that another one shows best, its time is put on the other's clock, so that before and after
//! mean what they say.

use crate::model::{Attempt, Facts, Signal, Time};

/// The time of each signal by the clock of the machine that leads its attempt.
pub(super) fn times(facts: &Facts, attempts: &[Attempt]) -> Vec<Time> {
    facts.signals.iter().map(|signal| time(signal, attempts)).collect()
}

fn time(signal: &Signal, attempts: &[Attempt]) -> Time {
    let attempt = signal.attempt.and_then(|attempt| attempts.get(attempt));
    // What one machine saw alone it tells by its own clock.
    let shared = attempt.filter(|attempt| attempt.views.len() > 1);
    let view =
        shared.and_then(|attempt| attempt.views.iter().find(|view| view.machine == signal.machine));
    view.map_or(signal.time, |view| signal.time + view.offset)
}

//! Remembers the causes that came near: considered where attempts failed, and found too light.
//!
//! They explain nothing. They tell a reader of an undecided attempt what was looked at, and
//! which log would say more.

use super::ground::Ground;
use super::sheet::{POSSIBLE, Sheet};
use super::tell;
use crate::model::{Considered, Kind, NearMiss, Outcome, drawn};
use crate::rules::Cause;

/// The cause at a scope whose gate holds, as the caller knows, although too little speaks for it
/// on this sheet; `None` where nothing failed there, or where no more evidence could lift it.
pub(super) fn miss(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Option<NearMiss> {
    if cause.kind == Kind::Benign {
        return None;
    }
    let attempts = failed(ground);
    if attempts.is_empty() {
        return None;
    }
    let score = sheet.score(cause);
    // What is contradicted more than all that is unseen could make up for is ruled out.
    let unseen = |number: &usize| cause.items.get(*number).map_or(0, |item| item.weight.max(0));
    let open: i32 = sheet.unseen.keys().map(unseen).sum();
    if score >= POSSIBLE || (sheet.against() < 0 && score + open < POSSIBLE) {
        return None;
    }
    let mut collect: Vec<_> = sheet
        .unseen
        .iter()
        .filter(|(number, _)| unseen(number) > 0)
        .flat_map(|(_, logs)| logs.iter().flat_map(|log| ground.collect(log)))
        .collect();
    collect.sort();
    collect.dedup();
    let lacks = tell::lacks(cause, sheet, ground, score);
    let considered = Considered { cause: cause.id.clone(), score: Some(score), lacks };
    Some(NearMiss { considered, attempts, collect })
}

/// The failed attempts of the scope, in order.
fn failed(ground: &Ground<'_>) -> Vec<usize> {
    let opened = ground.drawn(drawn::ATTEMPT_OPENED);
    let mut attempts: Vec<usize> = opened
        .iter()
        .filter_map(|number| ground.attempt_of(*number))
        .filter(|attempt| {
            let attempt = ground.world.attempts.get(*attempt);
            attempt.is_some_and(|attempt| attempt.outcome == Outcome::Failed)
        })
        .collect();
    attempts.sort_unstable();
    attempts.dedup();
    attempts
}

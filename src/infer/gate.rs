//! Tells whether a cause is considered at a scope at all.

use super::ground::Ground;
use crate::rules::{Cause, Condition};

/// Whether what the cause requires is there, and nothing that rules it out.
pub(super) fn holds(cause: &Cause, ground: &Ground<'_>) -> bool {
    let met = |condition: &Condition| ground.holds(&condition.pattern);
    let gate = &cause.requires;
    (gate.any.is_empty() || gate.any.iter().any(met))
        && gate.all.iter().all(met)
        && !gate.none.iter().chain(&cause.excludes).any(met)
}

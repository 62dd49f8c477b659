//! Lowers what rests on records that may say what no record said: recovered ones, and those of
//! damaged chunks.
//!
//! Knows how far a record can be trusted. Knows nothing about causes.

use crate::model::{Candidate, Confidence, Facts, Role};

/// Takes back what only records prove that no checksum vouches for: recovered ones, and those of
/// chunks whose checksum is wrong. A flipped bit turns one code into another.
pub fn temper(candidates: &mut [Candidate], facts: &Facts) {
    for candidate in candidates {
        let mut decisive =
            candidate.evidence.iter().filter(|item| item.role == Role::Decisive).peekable();
        let is_proven = decisive.peek().is_some();
        if is_proven && decisive.all(|item| facts.rests_on_doubtful(&item.records)) {
            candidate.confidence = candidate.confidence.min(Confidence::Likely);
        }
    }
}

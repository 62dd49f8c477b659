//! How far the clocks of two machines are apart.

use std::sync::Arc;

use super::{Confidence, Span};

/// The offset between two clocks, estimated from attempts that both machines logged.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockOffset {
    /// The machine whose clock is off.
    pub machine: Arc<str>,
    /// The machine that it is compared with.
    pub relative_to: Arc<str>,
    /// What must be added to `machine`'s times to compare them with `relative_to`'s; negative
    /// where `machine`'s clock is ahead.
    pub offset: Span,
    /// How far the single estimates lie apart.
    pub spread: Span,
    /// Number of attempts that it was estimated from.
    pub matches: usize,
    /// Confirmed where several attempts agree, possible where a single pair is all there is.
    pub confidence: Confidence,
}

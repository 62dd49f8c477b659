//! Signals drawn from several signals: so many within a window of time.

use crate::model::{SignalId, Span};
use crate::rules::schema::{CorrelationType, Entity};

/// A checked correlation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// The id of the signal that it makes.
    pub id: SignalId,
    /// What it says, as a clause for reports.
    pub title: String,
    /// What is counted.
    pub kind: CorrelationType,
    /// The signals that are counted: of single events, or drawn from attempts; at least one.
    pub rules: Vec<SignalId>,
    /// The entities that counted signals share, ordered; always with the machine.
    pub group_by: Vec<Entity>,
    /// The length of the sliding window, more than zero.
    pub timespan: Span,
    /// The entity whose distinct values are counted; given for `value_count` only.
    pub field: Option<Entity>,
    /// At least so many, one or more.
    pub at_least: usize,
}

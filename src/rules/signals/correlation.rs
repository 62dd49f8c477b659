//! Signals drawn from several signals: so many, or each of them, within a window of time.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::model::{SignalId, Span, Text};
use crate::rules::schema::{CorrelationType, Entity};

/// A checked correlation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// The id of the signal that it makes.
    pub id: SignalId,
    /// What it says, as a clause for reports.
    pub title: Text,
    /// What is counted, or that all must come together.
    pub kind: CorrelationType,
    /// The signals, of single events or drawn from attempts; at least one, and for the temporal
    /// kinds at least two.
    pub rules: Vec<SignalId>,
    /// What the signals share, ordered; with the machine unless an alias or `fleet` says
    /// otherwise.
    pub group_by: Vec<GroupKey>,
    /// The length of the sliding window, more than zero.
    pub timespan: Span,
    /// The entity whose distinct values are counted; given for `value_count` only.
    pub field: Option<Entity>,
    /// How many; never empty, and never with zero.
    pub count: RangeInclusive<usize>,
}

/// What correlated signals share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GroupKey {
    /// The value of an entity.
    Entity(Entity),
    /// The attempt that they belong to.
    Attempt,
    /// The value of an entity that each signal names in its own way.
    Alias(BTreeMap<SignalId, Entity>),
}

//! Proof trees: everything that was asked about one cause in one scope, and what came of it.

use std::sync::Arc;

use super::{Confidence, Scope, Text};

/// What became of a cause in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ruling {
    /// Likely or confirmed.
    Found,
    /// Possible.
    Suspected,
    /// The evidence at hand speaks against it, or what it requires was not seen in logs that
    /// would show it.
    RuledOut,
    /// A log is missing that could decide.
    NotTested,
}

impl Ruling {
    /// The words that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Suspected => "suspected",
            Self::RuledOut => "ruled out",
            Self::NotTested => "not tested",
        }
    }
}

/// The part that a step plays in a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofPart {
    /// One of several conditions, of which one is enough.
    RequiresAny,
    /// A condition that must hold.
    RequiresAll,
    /// A condition that must not hold.
    RequiresNone,
    /// Rules the cause out.
    Excludes,
    /// Proves it.
    Confirms,
    /// Speaks for it.
    Supports,
    /// Speaks against it.
    Contradicts,
    /// Speaks for it by being absent.
    Absent,
}

impl ProofPart {
    /// The word that rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequiresAny => "requires any",
            Self::RequiresAll => "requires",
            Self::RequiresNone => "requires none",
            Self::Excludes => "excludes",
            Self::Confirms => "confirms",
            Self::Supports => "supports",
            Self::Contradicts => "contradicts",
            Self::Absent => "absent",
        }
    }

    /// Whether it is a condition of the gate, without weight.
    pub const fn is_condition(self) -> bool {
        matches!(self, Self::RequiresAny | Self::RequiresAll | Self::RequiresNone | Self::Excludes)
    }
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepResult {
    /// It holds.
    Holds,
    /// It does not, and the logs would show it.
    Fails,
    /// It cannot be told, for want of these channels.
    Untestable(Vec<Text>),
}

/// One question of a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofStep {
    /// The part it plays.
    pub part: ProofPart,
    /// What was asked.
    pub question: Arc<str>,
    /// What came of it.
    pub result: StepResult,
    /// What the rule's author says about it.
    pub because: Option<Text>,
    /// The weight that the rule gives it; 0 for a condition.
    pub weight: i32,
    /// The part of the weight that counted: none where it does not hold, or where a weightier
    /// item of its group does.
    pub counted: i32,
    /// Items of one group count once.
    pub group: Option<Text>,
    /// How many signals it holds on.
    pub signals: usize,
    /// The records that show it, as indices into [`super::Facts::events`]; the first few.
    pub records: Vec<usize>,
}

/// Everything that was asked about one cause in one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The cause's id.
    pub cause: Text,
    /// Whom it would concern.
    pub scope: Scope,
    /// What became of it.
    pub ruling: Ruling,
    /// The reason of the ruling, as a clause.
    pub reason: String,
    /// The gate, then the items, in the order of the rule.
    pub steps: Vec<ProofStep>,
    /// Log-odds in decibans before any evidence.
    pub prior: i32,
    /// Prior and what counted, added up.
    pub score: i32,
    /// The band; `None` where it is less than possible or its gate does not hold.
    pub band: Option<Confidence>,
    /// The episode that is judged, counted from 1, where the fault went away and came back.
    pub episode: Option<usize>,
}

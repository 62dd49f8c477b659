//! Causes and playbooks, checked: names resolved, spans read, weights filled in.
//!
//! Knows what a cause asks for. Knows nothing about how it is answered: that is inference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::schema::{At, Entity, ScopeKind, Side, StepDocument};
use crate::model::{Kind, SignalId, Span, Stage, Text};

/// A checked root cause.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cause {
    /// The id of the catalogue.
    pub id: Text,
    /// One line for reports.
    pub title: Text,
    /// The stage in which attempts die of it.
    pub stage: Stage,
    /// Fault, attack or benign.
    pub kind: Kind,
    /// Whom one conclusion concerns.
    pub scope: ScopeKind,
    /// How the fault makes a connection fail.
    pub why: Text,
    /// Channels without which it is not tested.
    pub needs: Vec<Text>,
    /// Log-odds in decibans before any evidence.
    pub prior: i32,
    /// What must hold for the cause to be considered.
    pub requires: Gate,
    /// What rules it out; each says why.
    pub excludes: Vec<Condition>,
    /// What speaks for and against, in the order of the document.
    pub items: Vec<Item>,
    /// Signals that end the fault.
    pub until: Vec<SignalId>,
    /// Drawn signals whose attempts it explains.
    pub explains_attempts: Vec<SignalId>,
    /// Causes that are folded under it.
    pub explains_causes: Vec<Text>,
    /// Look-alikes, and what tells them apart.
    pub not_to_be_confused_with: BTreeMap<Text, Text>,
    /// Its playbooks, best first.
    pub playbooks: Vec<Text>,
    /// Public documents.
    pub references: Vec<Text>,
    /// Harmful advice, and why.
    pub never: BTreeMap<Text, Text>,
}

/// The part an item plays when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ItemRole {
    /// Proves the cause.
    Confirms,
    /// Speaks for it.
    Supports,
    /// Speaks against it.
    Contradicts,
    /// Speaks for it by being absent.
    Absent,
}

impl ItemRole {
    /// The key of `evidence` under which such items stand.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Confirms => "confirms",
            Self::Supports => "supports",
            Self::Contradicts => "contradicts",
            Self::Absent => "absent",
        }
    }
}

/// What must hold for a cause to be considered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Gate {
    /// At least one of these, unless empty.
    pub any: Vec<Condition>,
    /// All of these.
    pub all: Vec<Condition>,
    /// None of these.
    pub none: Vec<Condition>,
}

/// A pattern that counts without a weight.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Condition {
    /// What is looked for.
    pub pattern: Pattern,
    /// Why it counts.
    pub because: Option<Text>,
}

/// A checked item of evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// The part it plays.
    pub role: ItemRole,
    /// What is looked for.
    pub pattern: Pattern,
    /// Log-odds in decibans.
    pub weight: i32,
    /// Items of one group count once.
    pub group: Option<Text>,
    /// Why it counts.
    pub because: Option<Text>,
    /// The look-alike that it shows in the cause's place.
    pub instead: Option<Text>,
    /// The look-alike that it cannot be where this holds.
    pub tells_from: Option<Text>,
}

/// Which signals are looked for, where, and how many of them count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pattern {
    /// The signals: any of them, or all in this order for a sequence.
    pub signals: Vec<SignalId>,
    /// The time from the first to the last of a sequence; `None` for what is none.
    pub sequence: Option<Span>,
    /// Where they are looked for; in the cause's scope when `None`.
    pub at: Option<At>,
    /// Where they must stand in time; for a sequence, its first signal.
    pub position: Position,
    /// What must be missing beside each of them.
    pub without: Option<Box<Without>>,
    /// What must be the latest before each of them.
    pub latest: Option<Box<Turn>>,
    /// What must be the next after each of them.
    pub next: Option<Box<Turn>>,
    /// Only where the cause's scope has none of this.
    pub unless: Option<SignalId>,
    /// Counts only from so many on, one or more.
    pub at_least: usize,
    /// Counts only up to so many.
    pub at_most: Option<usize>,
    /// Counts only with so many distinct values of the entity.
    pub distinct: Option<(Entity, usize)>,
    /// Counts only if so large a part of the pauses between them is as long as the median.
    pub evenly: Option<f64>,
    /// Counts only as such a share of another signal.
    pub share: Option<Box<Share>>,
}

impl Cause {
    /// Every pattern that it looks for: of its gate, of what excludes it, of its items.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let Gate { any, all, none } = &self.requires;
        let conditions = any.iter().chain(all).chain(none).chain(&self.excludes);
        let conditions = conditions.map(|condition| &condition.pattern);
        conditions.chain(self.items.iter().map(|item| &item.pattern))
    }
}

impl Pattern {
    /// Every signal that it names, also those that only place it in time.
    pub fn named_signals(&self) -> impl Iterator<Item = &SignalId> {
        let position = &self.position;
        let anchors = [&position.after, &position.before].into_iter().flatten().map(|anchor| {
            let (Anchor::First(id) | Anchor::Last(id)) = anchor;
            id
        });
        let beside = position.near.iter().chain(&position.during);
        let missing = self.without.iter().flat_map(|without| &without.signals);
        let turns = self.turns().flat_map(|turn| turn.signals.iter().chain(&turn.not));
        let whole = self.share.iter().map(|share| &share.of);
        let others = beside.chain(missing).chain(turns).chain(whole).chain(&self.unless);
        self.signals.iter().chain(anchors).chain(others)
    }

    /// Where it looks beside the cause's scope.
    pub fn places(&self) -> impl Iterator<Item = At> {
        let without = self.without.as_ref().and_then(|without| without.at);
        let turns = self.turns().filter_map(|turn| turn.at);
        self.at.into_iter().chain(without).chain(turns)
    }

    fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.latest.iter().chain(&self.next).map(AsRef::as_ref)
    }

    /// Whether it only asks for one of its signals, anywhere in the cause's scope.
    pub fn is_plain(&self) -> bool {
        self.at.is_none() && !self.counts() && !self.position.is_given() && self.unless.is_none()
    }

    /// Whether it asks for more than one of its signals somewhere: for a number, an order, or
    /// for what else is there.
    pub const fn counts(&self) -> bool {
        let Self { sequence, without, latest, next, at_least, at_most, distinct, .. } = self;
        sequence.is_some()
            || without.is_some()
            || latest.is_some()
            || next.is_some()
            || *at_least > 1
            || at_most.is_some()
            || distinct.is_some()
            || self.evenly.is_some()
            || self.share.is_some()
    }
}

impl Default for Pattern {
    /// Looks for nothing: its signals are still to be named.
    fn default() -> Self {
        Self {
            signals: Vec::new(),
            sequence: None,
            at: None,
            position: Position::default(),
            without: None,
            latest: None,
            next: None,
            unless: None,
            at_least: 1,
            at_most: None,
            distinct: None,
            evenly: None,
            share: None,
        }
    }
}

/// What must be missing beside a signal, in the log that would hold it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Without {
    /// Each of these.
    pub signals: Vec<SignalId>,
    /// How close it would stand.
    pub within: Span,
    /// On which side.
    pub side: Side,
    /// Where it is looked for; in the cause's scope when `None`.
    pub at: Option<At>,
}

/// The state at a signal's time: what it turned to last, or turns to next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Turn {
    /// One of these is the nearest.
    pub signals: Vec<SignalId>,
    /// None of these is nearer.
    pub not: Vec<SignalId>,
    /// How far away at most; `None` for any.
    pub within: Option<Span>,
    /// Where they are looked for; in the cause's scope when `None`.
    pub at: Option<At>,
}

/// A part of another signal's count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Share {
    /// The other signal.
    pub of: SignalId,
    /// From 0 to 1.
    pub at_least: f64,
    /// From 0 to 1.
    pub at_most: f64,
}

/// Where an item's signal must stand in time. All given parts must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Position {
    /// Beside one of this signal, at most `within` away.
    pub near: Option<SignalId>,
    /// After the first or last of a signal.
    pub after: Option<Anchor>,
    /// Before the first or last of a signal.
    pub before: Option<Anchor>,
    /// Between the first and the last of a signal.
    pub during: Option<SignalId>,
    /// The distance; `None` for any.
    pub within: Option<Span>,
}

impl Position {
    /// Whether it says anything about time.
    pub const fn is_given(&self) -> bool {
        let Self { near, after, before, during, within: _ } = self;
        near.is_some() || after.is_some() || before.is_some() || during.is_some()
    }
}

/// The first or the last of a signal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Anchor {
    /// The first.
    First(SignalId),
    /// The last.
    Last(SignalId),
}

/// Steps that belong together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Playbook {
    /// Its id.
    pub id: Text,
    /// What it achieves.
    pub title: Text,
    /// In order.
    pub steps: Vec<StepDocument>,
}

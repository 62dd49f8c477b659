//! Causes and playbooks, checked: names resolved, spans read, weights filled in.
//!
//! Knows what a cause asks for. Knows nothing about how it is answered: that is inference.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::schema::{Entity, ScopeKind, StepDocument};
use crate::model::{Kind, SignalId, Span, Stage};

/// A checked root cause.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The id of the catalogue.
    pub id: Arc<str>,
    /// One line for reports.
    pub title: String,
    /// The stage in which attempts die of it.
    pub stage: Stage,
    /// Fault, attack or benign.
    pub kind: Kind,
    /// Whom one conclusion concerns.
    pub scope: ScopeKind,
    /// How the fault makes a connection fail.
    pub why: String,
    /// Channels without which it is not tested.
    pub needs: Vec<Arc<str>>,
    /// Log-odds in decibans before any evidence.
    pub prior: i32,
    /// At least one of these must be there, unless empty.
    pub requires_any: Vec<SignalId>,
    /// All of these must be there.
    pub requires_all: Vec<SignalId>,
    /// What speaks for and against, in the order of the document.
    pub items: Vec<Item>,
    /// Signals that end the fault.
    pub until: Vec<SignalId>,
    /// Drawn signals whose attempts it explains.
    pub explains_attempts: Vec<SignalId>,
    /// Causes that are folded under it.
    pub explains_causes: Vec<Arc<str>>,
    /// Look-alikes, and what tells them apart.
    pub not_to_be_confused_with: BTreeMap<Arc<str>, String>,
    /// Its playbooks, best first.
    pub playbooks: Vec<Arc<str>>,
    /// Public documents.
    pub references: Vec<String>,
    /// Harmful advice, and why.
    pub never: BTreeMap<String, String>,
}

/// The part an item plays when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// A checked item of evidence.
#[derive(Debug, Clone)]
pub struct Item {
    /// The part it plays.
    pub role: ItemRole,
    /// Any of these signals.
    pub signals: Vec<SignalId>,
    /// The scope it looks at; the cause's own unless widened.
    pub scope: ScopeKind,
    /// Where it must stand in time.
    pub position: Position,
    /// Counts only from so many on.
    pub at_least: usize,
    /// Counts only with so many distinct values of the entity.
    pub distinct: Option<(Entity, usize)>,
    /// Log-odds in decibans.
    pub weight: i32,
    /// Items of one group count once.
    pub group: Option<Arc<str>>,
    /// Why it counts.
    pub because: Option<String>,
}

/// Where an item's signal must stand in time. All given parts must hold.
#[derive(Debug, Clone, Default)]
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

/// The first or the last of a signal.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// The first.
    First(SignalId),
    /// The last.
    Last(SignalId),
}

/// Steps that belong together.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// Its id.
    pub id: Arc<str>,
    /// What it achieves.
    pub title: String,
    /// In order.
    pub steps: Vec<StepDocument>,
}

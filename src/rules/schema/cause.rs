//! The shape of `rules/causes/<stage>/<id>.yml`: one root cause and its evidence.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Texts;
use crate::model::{Kind, Stage};

/// A root cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CauseDocument {
    /// The id of the catalogue; the file bears the same name.
    pub id: Spanned<String>,
    /// One line for reports.
    pub title: String,
    /// The stage in which attempts die of it.
    pub stage: Stage,
    /// Fault, attack or benign.
    #[serde(default)]
    pub kind: Kind,
    /// Whom one conclusion concerns.
    pub scope: ScopeKind,
    /// How the fault makes a connection fail, for people.
    pub why: String,
    /// Channels without which the cause is not tested when nothing requires it: full names.
    pub needs: Vec<Spanned<String>>,
    /// Log-odds in decibans before any evidence; -10 (one to ten) unless stated.
    #[serde(default = "default_prior")]
    pub prior: i32,
    /// What speaks for and against.
    pub evidence: EvidenceDocument,
    /// The fault lasts from its first evidence until one of these signals; without any, until
    /// its last evidence. Failed attempts of its scope within that time are explained by it.
    #[serde(default)]
    pub until: Vec<Spanned<String>>,
    /// Drawn signals that it explains (which attempts are its victims), and causes that are
    /// folded under it when both are found for the same scope.
    #[serde(default)]
    pub explains: Vec<Spanned<String>>,
    /// Look-alike causes, and what tells them apart.
    #[serde(default)]
    pub not_to_be_confused_with: Texts,
    /// Playbooks, best first.
    #[serde(default)]
    pub playbook: Vec<Spanned<String>>,
    /// Where to read more: public documents.
    #[serde(default)]
    pub references: Vec<String>,
    /// Popular advice that does harm here, and why; shown by the cause's page only.
    #[serde(default)]
    pub never: BTreeMap<String, String>,
    /// The version that brought the rule.
    #[serde(default)]
    pub since: Option<String>,
}

const fn default_prior() -> i32 {
    -10
}

/// Whom one conclusion concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// Each machine by itself.
    Machine,
    /// Each account on each machine; where a record names no account, the client's address
    /// stands in for it.
    Account,
    /// Each client address on each machine.
    Client,
}

/// What speaks for and against a cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EvidenceDocument {
    /// Without these the cause is not considered.
    pub requires: Requires,
    /// Each alone proves the cause, unless something weighty contradicts.
    #[serde(default)]
    pub confirms: Vec<Spanned<ItemDocument>>,
    /// Speaks for it.
    #[serde(default)]
    pub supports: Vec<Spanned<ItemDocument>>,
    /// Speaks against it; weights are negative.
    #[serde(default)]
    pub contradicts: Vec<Spanned<ItemDocument>>,
    /// Counts when it is absent although the log that would hold it was supplied for the time.
    #[serde(default)]
    pub absent: Vec<Spanned<ItemDocument>>,
}

/// The gate of a cause.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requires {
    /// At least one of these signals.
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    /// All of these signals.
    #[serde(default)]
    pub all: Vec<Spanned<String>>,
}

/// One item of evidence: a signal, and where it must stand in time.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ItemDocument {
    /// The signal. Exactly one of `signal` and `any` is given.
    #[serde(default)]
    pub signal: Option<Spanned<String>>,
    /// Any of these signals.
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    /// Stands in another scope than the cause's: `machine` looks at the whole machine.
    #[serde(default)]
    pub at: Option<ScopeKind>,
    /// Only beside one of this signal, at most `within` before or after it.
    #[serde(default)]
    pub near: Option<Spanned<String>>,
    /// Only after this anchor.
    #[serde(default)]
    pub after: Option<AnchorDocument>,
    /// Only before this anchor.
    #[serde(default)]
    pub before: Option<AnchorDocument>,
    /// Only between the first and the last of this signal.
    #[serde(default)]
    pub during: Option<Spanned<String>>,
    /// The distance for `near`, `after` and `before`: `1s`, `5m`.
    #[serde(default)]
    pub within: Option<Spanned<String>>,
    /// Counts only from so many on.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// Counts only when so many distinct values of an entity appear.
    #[serde(default)]
    pub distinct: Option<DistinctDocument>,
    /// Log-odds in decibans. Required but for `confirms`, where it is 20.
    #[serde(default)]
    pub weight: Option<Spanned<i32>>,
    /// Items of one group count once, the weightiest: Windows logs one fault several times.
    #[serde(default)]
    pub group: Option<String>,
    /// Why it counts, as a clause for reports.
    #[serde(default)]
    pub because: Option<String>,
}

/// A point in time: the first or the last of a signal in the item's scope.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum AnchorDocument {
    /// The first of it.
    First(Spanned<String>),
    /// The last of it.
    Last(Spanned<String>),
}

/// So many distinct values of an entity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DistinctDocument {
    /// The entity.
    pub of: super::Entity,
    /// How many at least.
    pub at_least: usize,
}

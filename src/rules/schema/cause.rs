//! The shape of `rules/causes/<stage>/<id>.yml`: one root cause and its evidence.

use std::collections::BTreeMap;

use super::Spanned;
use serde::{Deserialize, Serialize};

use super::Texts;
use super::item::{ConditionDocument, ItemDocument};
use crate::model::{Kind, Stage, Text};

/// A root cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CauseDocument {
    /// The id of the catalogue; the file bears the same name.
    pub id: Spanned<String>,
    /// One line for reports.
    pub title: Text,
    /// The stage in which attempts die of it.
    pub stage: Stage,
    /// Fault, attack or benign.
    #[serde(default)]
    pub kind: Kind,
    /// Whom one conclusion concerns.
    pub scope: ScopeKind,
    /// How the fault makes a connection fail, for people.
    pub why: Text,
    /// Channels without which the cause is not tested when nothing requires it: full names.
    pub needs: Vec<Spanned<String>>,
    /// Log-odds in decibans before any evidence; -10 (one to ten) unless stated.
    #[serde(default = "default_prior")]
    pub prior: i32,
    /// What speaks for and against.
    pub evidence: EvidenceDocument,
    /// What rules the cause out in its scope, whatever else speaks for it.
    #[serde(default)]
    pub excludes: Vec<Spanned<ItemDocument>>,
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
    pub references: Vec<Text>,
    /// Popular advice that does harm here, and why; shown by the cause's page only.
    #[serde(default)]
    pub never: BTreeMap<Text, Text>,
    /// The version that brought the rule.
    #[serde(default)]
    pub since: Option<String>,
}

const fn default_prior() -> i32 {
    -10
}

/// Whom one conclusion concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// Each machine by itself.
    Machine,
    /// Each account on each machine; where a record names no account, the client's address
    /// stands in for it.
    Account,
    /// Each client address on each machine.
    Client,
    /// Each connection attempt by itself. What is concluded for several attempts of one client
    /// and one host is told once.
    Attempt,
    /// Each client together with the host it connects to, with what either of them logged
    /// about the other.
    Pair,
    /// All machines of the case together.
    Fleet,
}

impl ScopeKind {
    /// Whom one conclusion concerns, behind "concluded".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Machine => "for each machine",
            Self::Account => "for each account on a machine",
            Self::Client => "for each client of a machine",
            Self::Attempt => "for each connection attempt",
            Self::Pair => "for each client and host",
            Self::Fleet => "for all machines together",
        }
    }
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

/// The gate of a cause. An entry is a signal's id, or an item without a weight.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requires {
    /// At least one of these.
    #[serde(default)]
    pub any: Vec<Spanned<ConditionDocument>>,
    /// All of these.
    #[serde(default)]
    pub all: Vec<Spanned<ConditionDocument>>,
    /// None of these.
    #[serde(default)]
    pub none: Vec<Spanned<ConditionDocument>>,
}

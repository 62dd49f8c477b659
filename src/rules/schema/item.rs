//! The shape of an item of evidence: which signals, where, how often, and what that weighs.

use std::fmt;

use super::Spanned;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize};

use super::Entity;
use crate::model::Text;

/// One item of evidence. Exactly one of `signal`, `any` and `sequence` says what is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ItemDocument {
    /// The signal.
    #[serde(default)]
    pub signal: Option<Spanned<String>>,
    /// Any of these signals.
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    /// These signals one after the other, at most `within` from the first to the last.
    #[serde(default)]
    pub sequence: Vec<Spanned<String>>,
    /// Looks elsewhere than in the cause's scope.
    #[serde(default)]
    pub at: Option<At>,
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
    /// The distance for `near`, `after` and `before`, or the length of a `sequence`.
    #[serde(default)]
    pub within: Option<Spanned<String>>,
    /// Only where this is missing close by.
    #[serde(default)]
    pub without: Option<Spanned<WithoutDocument>>,
    /// Only where the latest of these before it is one that it names.
    #[serde(default)]
    pub latest: Option<Spanned<TurnDocument>>,
    /// Only where the next of these after it is one that it names.
    #[serde(default)]
    pub next: Option<Spanned<TurnDocument>>,
    /// Only where the cause's scope has none of this signal.
    #[serde(default)]
    pub unless: Option<Spanned<String>>,
    /// Counts only from so many on.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// Counts only up to so many.
    #[serde(default)]
    pub at_most: Option<usize>,
    /// Counts only when so many distinct values of an entity appear.
    #[serde(default)]
    pub distinct: Option<DistinctDocument>,
    /// Counts only when so large a part of the pauses between them is as long as the median.
    #[serde(default)]
    pub evenly: Option<Spanned<f64>>,
    /// Counts only when it makes up such a share of another signal.
    #[serde(default)]
    pub share: Option<Spanned<ShareDocument>>,
    /// Log-odds in decibans. Required but for `confirms`, where it is 20.
    #[serde(default)]
    pub weight: Option<Spanned<i32>>,
    /// Items of one group count once, the weightiest: Windows logs one fault several times.
    #[serde(default)]
    pub group: Option<Text>,
    /// Why it counts, as a clause for reports.
    #[serde(default)]
    pub because: Option<Text>,
    /// The look-alike that this shows in the cause's place. Until the log that would show it is
    /// at hand, the cause is at most likely.
    #[serde(default)]
    pub instead: Option<Spanned<String>>,
    /// The look-alike that this speaks against, so that the log that would show it is not missed.
    #[serde(default)]
    pub tells_from: Option<Spanned<String>>,
}

/// Where an item looks instead of in its cause's scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// In the cause's scope, but anchors count only within the signal's own attempt.
    Attempt,
    /// On the whole machine that the scope lies on.
    Machine,
    /// On the other machines that take part in the scope's attempts, whatever they are.
    Peers,
    /// On those of them that connect.
    Client,
    /// On those of them that are connected to.
    Host,
    /// On those of them that are RD Gateways.
    Gateway,
    /// On the connection brokers of the case.
    Broker,
    /// On the domain controllers of the case.
    Dc,
    /// On every machine of the case.
    Fleet,
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

/// What must be missing close to each signal of an item.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WithoutDocument {
    /// The signal. Exactly one of `signal` and `any` is given.
    #[serde(default)]
    pub signal: Option<Spanned<String>>,
    /// Any of these signals.
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    /// How close.
    pub within: Spanned<String>,
    /// On which side of the item's signal; after it unless stated.
    #[serde(default, rename = "where")]
    pub side: Side,
    /// Looks elsewhere than in the cause's scope.
    #[serde(default)]
    pub at: Option<At>,
}

/// What a state begins with, and what ends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TurnDocument {
    /// The signal. Exactly one of `signal` and `any` is given.
    #[serde(default)]
    pub signal: Option<Spanned<String>>,
    /// Any of these signals.
    #[serde(default)]
    pub any: Vec<Spanned<String>>,
    /// None of these may stand between.
    #[serde(default)]
    pub not: Vec<Spanned<String>>,
    /// How far away at most.
    #[serde(default)]
    pub within: Option<Spanned<String>>,
    /// Looks elsewhere than in the cause's scope.
    #[serde(default)]
    pub at: Option<At>,
}

/// The side of a signal in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Later than it.
    #[default]
    After,
    /// Earlier than it.
    Before,
    /// On either side.
    Near,
}

/// So many distinct values of an entity.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DistinctDocument {
    /// The entity.
    pub of: Entity,
    /// How many at least.
    pub at_least: usize,
}

/// The item's count over the count of another signal. Both are counted between the same
/// `after`, `before` and `during`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ShareDocument {
    /// The other signal.
    pub of: Spanned<String>,
    /// From 0 to 1: at least so large a part.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// From 0 to 1: at most so large a part.
    #[serde(default)]
    pub at_most: Option<f64>,
}

/// A condition of the gate: a signal's id by itself, or an item.
#[derive(Debug)]
pub enum ConditionDocument {
    /// The signal somewhere in the scope.
    Signal(String),
    /// The item holds.
    Item(Box<ItemDocument>),
}

impl<'de> Deserialize<'de> for ConditionDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConditionVisitor)
    }
}

struct ConditionVisitor;

impl<'de> Visitor<'de> for ConditionVisitor {
    type Value = ConditionDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a signal or an item")
    }

    fn visit_str<E>(self, id: &str) -> Result<ConditionDocument, E> {
        Ok(ConditionDocument::Signal(id.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConditionDocument, A::Error> {
        let item = ItemDocument::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ConditionDocument::Item(Box::new(item)))
    }
}

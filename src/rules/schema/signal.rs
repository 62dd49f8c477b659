//! The shape of `rules/signals/*.yml`: the signals of one channel.

use std::collections::BTreeMap;

use super::Spanned;
use serde::de::{Deserializer, IntoDeserializer as _};
use serde::{Deserialize, Serialize};

use super::Node;
use crate::model::{SessionChange, Stage, Text};

/// One file: the signals of one channel, or correlations of signals, or both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignalsDocument {
    /// Where the events come from. May be left out in a file of correlations only.
    #[serde(default)]
    pub logsource: Option<LogSource>,
    /// Facts drawn from single events.
    #[serde(default)]
    pub signals: Vec<SignalDocument>,
    /// Facts drawn from several signals.
    #[serde(default)]
    pub correlations: Vec<CorrelationDocument>,
}

/// Sigma's `logsource`, with the channel and provider spelled out: nothing is guessed from
/// service names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogSource {
    /// Always `windows`; accepted so that Sigma authors feel at home.
    #[serde(default)]
    pub product: Option<Spanned<String>>,
    /// The channel, in full (`Microsoft-Windows-…/Operational`, `System`).
    #[serde(default)]
    pub channel: Option<String>,
    /// In place of a channel: the kind of facts beside logs, such as `registry`. They have
    /// neither provider nor event ID.
    #[serde(default)]
    pub fact: Option<Spanned<String>>,
    /// The provider that all signals of the file share; a signal may name its own.
    #[serde(default)]
    pub provider: Option<String>,
}

/// A fact drawn from one event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignalDocument {
    /// Unique over all files, kebab-case.
    pub id: Spanned<String>,
    /// What the record says, as a clause for reports: "the listener accepted a connection".
    pub title: Text,
    /// The provider, where the file names none or another.
    #[serde(default)]
    pub provider: Option<String>,
    /// Sigma's detection: named selections and a `condition`. Every selection that the
    /// condition needs must pin `EventID`, which is what makes matching fast.
    pub detection: Detection,
    /// The part of the record in its attempt.
    #[serde(default)]
    pub attempt: Option<AttemptPart>,
    /// The stage that the attempt has passed when this is logged.
    #[serde(default)]
    pub proves: Option<Stage>,
    /// The stage in which the attempt died when this is logged. `session` counts only where a
    /// session was up: the same end means less before.
    #[serde(default)]
    pub fails: Option<Stage>,
    /// What the record tells about the session that its attempt uses.
    #[serde(default)]
    pub session: Option<SessionChange>,
    /// Entity to field: `client-address: ClientIP`. `Data[n]` is the n-th unnamed value.
    #[serde(default)]
    pub binds: BTreeMap<Entity, Spanned<String>>,
    /// What the author wants the next author to know; not shown in reports.
    #[serde(default)]
    pub note: Option<String>,
}

/// The part of a record in its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptPart {
    /// The first record of an attempt.
    Opens,
    /// The last.
    Ends,
    /// Any record that proves an attempt: where no other of it is left, it stands for it.
    Witnesses,
}

/// The entities that signals bind and correlations group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// The machine that logged the record; bound by itself.
    Machine,
    /// The client's IP address; port, brackets and IPv4 mapping are folded away.
    ClientAddress,
    /// The client's computer name.
    ClientName,
    /// The account, with or without its domain (`corp\joe`, `joe@corp.example`).
    User,
    /// The account's domain, where it has a field of its own.
    Domain,
    /// The host, as a client's record names it.
    Target,
    /// The session id.
    Session,
    /// The connection name.
    Connection,
    /// The logon id.
    LogonId,
}

impl Entity {
    /// All of them.
    const ALL: [Self; 9] = [
        Self::Machine,
        Self::ClientAddress,
        Self::ClientName,
        Self::User,
        Self::Domain,
        Self::Target,
        Self::Session,
        Self::Connection,
        Self::LogonId,
    ];

    /// The names that rules use.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(Self::name)
    }

    /// The name that rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::ClientAddress => "client-address",
            Self::ClientName => "client-name",
            Self::User => "user",
            Self::Domain => "domain",
            Self::Target => "target",
            Self::Session => "session",
            Self::Connection => "connection",
            Self::LogonId => "logon-id",
        }
    }
}

/// Sigma's `detection`: every key but `condition` is a selection.
///
/// Read as a plain map of YAML values, because a selection's keys are field names with
/// modifiers; the compiler of detections checks them and points at the key's line.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Detection(pub Spanned<Node>);

/// Sigma's correlation over signals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorrelationDocument {
    /// Unique over all files, kebab-case.
    pub id: Spanned<String>,
    /// What it says, as a clause for reports.
    pub title: Text,
    /// The correlation itself.
    pub correlation: Correlation,
}

/// The body of a correlation, as Sigma defines it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Correlation {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: CorrelationType,
    /// The signals that are counted, or that must come together.
    pub rules: Vec<Spanned<String>>,
    /// What the signals share: entities, `attempt`, or names of `aliases`. The machine is
    /// always shared, unless an alias or `fleet` says otherwise.
    #[serde(default)]
    pub group_by: Vec<Spanned<GroupName>>,
    /// One name for what different signals bind as different entities: alias to signal to
    /// entity.
    #[serde(default)]
    pub aliases: BTreeMap<String, BTreeMap<String, Entity>>,
    /// Signals of different machines count together.
    #[serde(default)]
    pub fleet: bool,
    /// The sliding window, such as `1m`.
    pub timespan: Spanned<String>,
    /// How many. Counting needs it, `temporal` and `temporal_ordered` take none.
    #[serde(default)]
    pub condition: Option<CorrelationCondition>,
}

/// The kinds of correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationType {
    /// Signals in the window.
    EventCount,
    /// Distinct values of `condition.field` in the window.
    ValueCount,
    /// Each of the signals in the window, in any order.
    Temporal,
    /// Each of the signals in the window, in the order of `rules`.
    TemporalOrdered,
}

/// The threshold of a correlation. All that are given must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorrelationCondition {
    /// The entity whose distinct values are counted (`value_count` only).
    #[serde(default)]
    pub field: Option<Entity>,
    /// At least so many.
    #[serde(default)]
    pub gte: Option<usize>,
    /// More than so many.
    #[serde(default)]
    pub gt: Option<usize>,
    /// At most so many.
    #[serde(default)]
    pub lte: Option<usize>,
    /// Fewer than so many.
    #[serde(default)]
    pub lt: Option<usize>,
    /// Exactly so many.
    #[serde(default)]
    pub eq: Option<usize>,
}

/// What correlated signals share: an entity, `attempt`, or an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupName {
    /// An entity.
    Entity(Entity),
    /// The connection attempt that they belong to.
    Attempt,
    /// A name of `aliases`.
    Alias(String),
}

impl<'de> Deserialize<'de> for GroupName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "attempt" {
            return Ok(Self::Attempt);
        }
        let entity: Result<Entity, serde::de::value::Error> =
            Entity::deserialize(name.as_str().into_deserializer());
        Ok(entity.map_or(Self::Alias(name), Self::Entity))
    }
}

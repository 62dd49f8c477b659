//! One side of a comparison, as the JSON report tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{Confidence, Kind, Outcome, Time};
use crate::report::json_v1;

/// One side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Its tries.
    pub tries: Vec<Try>,
    /// Its conclusions, by rank.
    pub found: Vec<Found>,
    /// Tries that were only counted.
    pub counted: Vec<Counted>,
    /// What filters took out of it.
    pub left_out: LeftOut,
    /// The latest record of each channel of each machine, both in lower case.
    channels: BTreeMap<(String, String), Option<Time>>,
}

/// What a report does not show, as it was made with filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Tries that are not as asked for.
    pub tries: usize,
    /// Conclusions that are not, or are less sure than asked for.
    pub found: usize,
    /// Not even everything was read.
    pub unread: bool,
}

impl LeftOut {
    /// Whether a cause may be there and not be shown.
    pub const fn may_hide_causes(self) -> bool {
        self.found > 0 || self.unread
    }
}

/// A try to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The attempt's id.
    pub id: String,
    /// The machines that saw it, the leading one first, and the host as the user typed it.
    pub machines: Vec<String>,
    /// The client's name.
    pub client: Option<String>,
    /// The client's address.
    pub address: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
}

impl Try {
    /// The host, or else the machine whose log shows the try.
    pub fn host(&self) -> &str {
        self.machines.last().map_or("", String::as_str)
    }
}

/// Tries of one client to one machine that were so many that they were only counted. How each
/// came out is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The machine that logged them.
    pub machine: String,
    /// The client's address.
    pub address: Option<String>,
    /// How many.
    pub attempts: usize,
    /// When the earliest of them was logged.
    pub first: Option<Time>,
}

/// A conclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Cause and scope.
    pub id: String,
    /// The cause.
    pub cause: String,
    /// Fault, attack or benign.
    pub kind: Kind,
    /// How sure.
    pub confidence: Confidence,
    /// `machine`, `account` or `client`.
    pub scope_kind: String,
    /// Whom it concerns: `SRV01`, `joe on SRV01`, `10.0.0.5 to SRV01`.
    pub scope: String,
    /// The last record that speaks for it.
    pub last: Option<Time>,
    /// Machine and channel of the records that prove it: the decisive ones, or where there are
    /// none, the supporting ones.
    pub proof: BTreeSet<(String, String)>,
}

impl Found {
    /// The machine that it lies on.
    pub fn machine(&self) -> &str {
        self.parts().1
    }

    /// Account or address; the machine where it concerns all of it.
    pub fn whom(&self) -> &str {
        self.parts().0
    }

    fn parts(&self) -> (&str, &str) {
        let between = match self.scope_kind.as_str() {
            "account" => " on ",
            "client" => " to ",
            _ => return (&self.scope, &self.scope),
        };
        self.scope.rsplit_once(between).unwrap_or((&self.scope, &self.scope))
    }
}

/// Why a saved report cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum SideError {
    /// It is no JSON, or not of the shape.
    #[error("is not a report of rdpwhy")]
    Shape(#[source] serde_json::Error),
    /// It is of another version.
    #[error("is `{0}`, and only `{schema}` can be compared", schema = json_v1::SCHEMA)]
    Schema(String),
}

impl Side {
    /// Reads a report that `rdpwhy --format json` wrote.
    ///
    /// # Errors
    /// When it is none, or of another version.
    pub fn read(report: impl io::Read) -> Result<Self, SideError> {
        let saved: Saved = serde_json::from_reader(report).map_err(SideError::Shape)?;
        if saved.schema != json_v1::SCHEMA {
            return Err(SideError::Schema(saved.schema));
        }
        let mut side = Self {
            tries: saved.attempts.into_iter().map(Try::from).collect(),
            found: saved.diagnoses.into_iter().map(Found::from).collect(),
            counted: saved.floods.into_iter().map(Counted::from).collect(),
            left_out: saved.left_out.map(LeftOut::from).unwrap_or_default(),
            channels: BTreeMap::new(),
        };
        for machine in saved.machines {
            let name = machine.name.to_lowercase();
            for channel in machine.coverage {
                let key = (name.clone(), channel.channel.to_lowercase());
                side.channels.insert(key, Time::parse_rfc3339(&channel.last));
            }
        }
        Ok(side)
    }

    /// The latest record of all.
    pub fn end(&self) -> Option<Time> {
        self.channels.values().copied().flatten().max()
    }

    /// The latest record of a machine.
    pub fn end_of(&self, machine: &str) -> Option<Time> {
        let machine = machine.to_lowercase();
        let own = self.channels.iter().filter(|((name, _), _)| *name == machine);
        own.filter_map(|(_, last)| *last).max()
    }

    /// Whether a channel of a machine was given.
    pub fn covers(&self, machine: &str, channel: &str) -> bool {
        self.channels.contains_key(&(machine.to_lowercase(), channel.to_lowercase()))
    }
}

/// As much of `rdpwhy.report/1` as is compared.
#[derive(Deserialize)]
struct Saved {
    schema: String,
    #[serde(default)]
    machines: Vec<SavedMachine>,
    #[serde(default)]
    attempts: Vec<SavedAttempt>,
    #[serde(default)]
    diagnoses: Vec<SavedDiagnosis>,
    #[serde(default)]
    floods: Vec<SavedFlood>,
    left_out: Option<SavedLeftOut>,
}

#[derive(Deserialize)]
struct SavedLeftOut {
    attempts: usize,
    diagnoses: usize,
    below_band: Vec<IgnoredAny>,
    #[serde(default)]
    far_unread: bool,
}

impl From<SavedLeftOut> for LeftOut {
    fn from(saved: SavedLeftOut) -> Self {
        Self {
            tries: saved.attempts,
            found: saved.diagnoses.saturating_add(saved.below_band.len()),
            unread: saved.far_unread,
        }
    }
}

#[derive(Deserialize)]
struct SavedMachine {
    name: String,
    coverage: Vec<SavedChannel>,
}

#[derive(Deserialize)]
struct SavedChannel {
    channel: String,
    last: String,
}

#[derive(Deserialize)]
struct SavedAttempt {
    id: String,
    machine: String,
    host: Option<String>,
    client: Option<String>,
    client_address: Option<String>,
    user: Option<String>,
    outcome: Outcome,
    #[serde(default)]
    views: Vec<SavedView>,
}

#[derive(Deserialize)]
struct SavedView {
    machine: String,
}

impl From<SavedAttempt> for Try {
    fn from(saved: SavedAttempt) -> Self {
        let mut machines = vec![saved.machine];
        machines.extend(saved.views.into_iter().map(|view| view.machine));
        machines.extend(saved.host);
        Self {
            id: saved.id,
            machines,
            client: saved.client,
            address: saved.client_address,
            user: saved.user,
            outcome: saved.outcome,
        }
    }
}

#[derive(Deserialize)]
struct SavedFlood {
    machine: String,
    client_address: Option<String>,
    attempts: u64,
    first: String,
}

impl From<SavedFlood> for Counted {
    fn from(saved: SavedFlood) -> Self {
        Self {
            machine: saved.machine,
            address: saved.client_address,
            attempts: usize::try_from(saved.attempts).unwrap_or(usize::MAX),
            first: Time::parse_rfc3339(&saved.first),
        }
    }
}

#[derive(Deserialize)]
struct SavedDiagnosis {
    id: String,
    cause: String,
    kind: Kind,
    confidence: Confidence,
    scope: SavedScope,
    last: String,
    evidence: Vec<SavedEvidence>,
}

#[derive(Deserialize)]
struct SavedScope {
    kind: String,
    key: String,
}

#[derive(Deserialize)]
struct SavedEvidence {
    role: String,
    records: Vec<SavedRecord>,
}

#[derive(Deserialize)]
struct SavedRecord {
    machine: String,
    channel: String,
}

impl From<SavedDiagnosis> for Found {
    fn from(saved: SavedDiagnosis) -> Self {
        let of_role = |role: &str| -> BTreeSet<(String, String)> {
            let items = saved.evidence.iter().filter(|item| item.role == role);
            items
                .flat_map(|item| &item.records)
                .map(|record| (record.machine.clone(), record.channel.clone()))
                .collect()
        };
        let decisive = of_role("decisive");
        Self {
            proof: if decisive.is_empty() { of_role("supporting") } else { decisive },
            id: saved.id,
            cause: saved.cause,
            kind: saved.kind,
            confidence: saved.confidence,
            scope_kind: saved.scope.kind,
            scope: saved.scope.key,
            last: Time::parse_rfc3339(&saved.last),
        }
    }
}

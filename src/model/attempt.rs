//! Connection attempts: one try to connect, as far as the logs show it.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Stage, Time};

/// How an attempt came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It reached a session.
    Succeeded,
    /// It ended without one.
    Failed,
    /// The log does not show its end.
    Undecided,
    /// It was never meant to reach one: a client's first probe, a scanner.
    Benign,
}

impl Outcome {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
            Self::Benign => "benign",
        }
    }
}

/// The way a record came to belong to an attempt, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinedBy {
    /// The same ActivityID.
    Activity,
    /// The same client address, close in time.
    ClientAddress,
    /// The same user or client name, close in time.
    Name,
    /// Nothing but time.
    Time,
}

/// A record of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Index into [`super::Facts::events`].
    pub record: usize,
    /// Why it belongs here.
    pub by: JoinedBy,
}

/// From which end an attempt was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The machine that is connected to.
    Host,
    /// The machine that connects.
    Client,
}

/// One try to connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// A fingerprint of its first record; the same in every run.
    pub id: String,
    /// The machine whose log shows it.
    pub machine: Arc<str>,
    /// From which end.
    pub side: Side,
    /// The client's address.
    pub client_address: Option<IpAddr>,
    /// The client's computer name.
    pub client: Option<Arc<str>>,
    /// The host: the machine itself, or the name the client's user typed.
    pub host: Option<Arc<str>>,
    /// `domain\user` or `user`, lower case.
    pub user: Option<Arc<str>>,
    /// Time of the first record.
    pub started: Time,
    /// Time of the last record that belongs to the try itself.
    pub ended: Time,
    /// The highest stage proven.
    pub reached: Option<Stage>,
    /// The stage in which it died; `None` unless it failed.
    pub failed_at: Option<Stage>,
    /// How it came out.
    pub outcome: Outcome,
    /// Transports seen: `tcp`, `udp`.
    pub transports: Vec<&'static str>,
    /// Its records in time order.
    pub records: Vec<Joined>,
}

impl Attempt {
    /// Whether the attempt is proven to have passed a stage.
    pub fn reaches(&self, stage: Stage) -> bool {
        self.reached.is_some_and(|reached| reached >= stage)
    }
}

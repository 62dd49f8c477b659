//! Connection attempts: one try to connect, as far as the logs show it.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Confidence, MachineRole, Span, Stage, Time};

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

/// What an attempt was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptKind {
    /// It asked for a session, whatever came of it.
    Connect,
    /// It came back to a session that the same client had lost.
    Reconnect,
    /// It took a session over from another client, or from the console.
    Takeover,
    /// A client's first connection, made to learn what the host offers and dropped.
    Probe,
    /// A scanner or a health check, which never means to log on.
    Scan,
}

impl AttemptKind {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::Takeover => "takeover",
            Self::Probe => "probe",
            Self::Scan => "scan",
        }
    }
}

/// The way a record came to belong to an attempt, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinedBy {
    /// The same ActivityID.
    Activity,
    /// The same connection name (`RDP-Tcp#12`) while it was in use.
    Connection,
    /// The same client address and port.
    Endpoint,
    /// The same session id while the session belonged to the attempt.
    Session,
    /// The same logon id.
    LogonId,
    /// The same client address, close in time.
    ClientAddress,
    /// The same client computer name, close in time.
    ClientName,
    /// The same user, close in time.
    User,
    /// Nothing but time.
    Time,
}

impl JoinedBy {
    /// The reason as reports tell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity id",
            Self::Connection => "connection name",
            Self::Endpoint => "client address and port",
            Self::Session => "session id",
            Self::LogonId => "logon id",
            Self::ClientAddress => "client address",
            Self::ClientName => "client name",
            Self::User => "user",
            Self::Time => "time",
        }
    }
}

/// A record of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Index into [`super::Facts::events`].
    pub record: usize,
    /// Why it belongs here.
    pub by: JoinedBy,
}

/// The machine whose log shows an attempt best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The machine that is connected to.
    Host,
    /// The RD Gateway that connects on behalf of the client.
    Gateway,
    /// The machine that connects.
    Client,
}

impl Side {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Gateway => "gateway",
            Self::Client => "client",
        }
    }
}

/// An attempt as one machine saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The machine.
    pub machine: Arc<str>,
    /// What it was in this attempt.
    pub role: MachineRole,
    /// What must be added to its times to compare them with the leading machine's.
    pub offset: Span,
    /// How sure it is that this machine saw the same attempt.
    pub confidence: Confidence,
    /// What its view and the leading one have in common, as reports tell it; empty for the
    /// leading view.
    pub ties: Vec<&'static str>,
}

/// The first proof of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The stage.
    pub stage: Stage,
    /// When, by the leading machine's clock.
    pub time: Time,
    /// The record that proves it, as an index into [`super::Facts::events`].
    pub record: usize,
}

/// One try to connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// A fingerprint of its first record; the same in every run.
    pub id: Arc<str>,
    /// The leading machine, whose log shows it best: the host, else the gateway, else the client.
    pub machine: Arc<str>,
    /// What the leading machine is.
    pub side: Side,
    /// Every machine that saw it, the leading one first, then by role and name.
    pub views: Vec<View>,
    /// The client's address.
    pub client_address: Option<IpAddr>,
    /// The client's computer name.
    pub client: Option<Arc<str>>,
    /// The host: the machine itself, or the name the client's user typed.
    pub host: Option<Arc<str>>,
    /// `domain\user` or `user`, lower case.
    pub user: Option<Arc<str>>,
    /// The session id on the host.
    pub session: Option<u32>,
    /// The connection's name on the host, such as `RDP-Tcp#12`.
    pub connection: Option<Arc<str>>,
    /// Time of the first record, by the leading machine's clock.
    pub started: Time,
    /// Time of the last record that belongs to the try itself, by the leading machine's clock.
    pub ended: Time,
    /// The highest stage proven.
    pub reached: Option<Stage>,
    /// The first proof of each stage that a record proves, in stage order.
    pub milestones: Vec<Milestone>,
    /// The stage in which it died; `None` unless it failed.
    pub failed_at: Option<Stage>,
    /// How it came out.
    pub outcome: Outcome,
    /// What it was for.
    pub kind: AttemptKind,
    /// The attempt whose session this one came back to or took over, as an index into the
    /// attempts.
    pub continues: Option<usize>,
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

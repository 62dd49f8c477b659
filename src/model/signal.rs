//! Signals: typed facts drawn from one event, from several events, or from a whole attempt.

use std::borrow::Borrow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Guid, Records, Stage, Text, Time};

/// The id of a signal, as rules name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignalId(pub Text);

impl SignalId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SignalId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl AsRef<str> for SignalId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SignalId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Signals that no rule file defines: they are drawn from reconstructed attempts, and rules
/// use them like any other.
pub mod drawn {
    /// An attempt began.
    pub const ATTEMPT_OPENED: &str = "attempt-opened";
    /// An attempt failed, before or in its session; dated by its end.
    pub const ATTEMPT_FAILED: &str = "attempt-failed";
    /// An attempt ended before any proof that security was agreed, and nothing showed that
    /// credentials were tried; dated by its end. The host's twin of the client's 0x904.
    pub const ATTEMPT_DROPPED_EARLY: &str = "attempt-dropped-early";
    /// An attempt reached a session, whatever became of it later; dated by its start.
    pub const ATTEMPT_SUCCEEDED: &str = "attempt-succeeded";
    /// A dropped attempt that the same client soon followed by a successful one.
    pub const ATTEMPT_PROBE: &str = "attempt-probe";
    /// An authenticated attempt ended without a session; dated by its end.
    pub const ATTEMPT_TURNED_AWAY: &str = "attempt-turned-away";
    /// A session was up and broke; dated by its end.
    pub const ATTEMPT_BROKE: &str = "attempt-broke";

    /// All of them.
    pub const ALL: [&str; 7] = [
        ATTEMPT_OPENED,
        ATTEMPT_FAILED,
        ATTEMPT_DROPPED_EARLY,
        ATTEMPT_SUCCEEDED,
        ATTEMPT_PROBE,
        ATTEMPT_TURNED_AWAY,
        ATTEMPT_BROKE,
    ];

    /// What a drawn signal says, as a clause for reports; `None` for any other id.
    pub fn title(id: &str) -> Option<&'static str> {
        Some(match id {
            ATTEMPT_OPENED => "a connection attempt began",
            ATTEMPT_FAILED => "a connection attempt failed",
            ATTEMPT_DROPPED_EARLY => "a connection attempt ended before security was agreed",
            ATTEMPT_SUCCEEDED => "a connection attempt reached a session",
            ATTEMPT_PROBE => "a connection attempt was a probe before a successful one",
            ATTEMPT_TURNED_AWAY => "an authenticated attempt ended without a session",
            ATTEMPT_BROKE => "a session was up and broke",
            _ => return None,
        })
    }
}

/// What a record tells about the session that its attempt uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionChange {
    /// The attempt came back to a session that existed before.
    Resumed,
    /// Another connection took the session away from the attempt.
    Replaced,
    /// The user was sent to another host of a farm, which gives the session.
    HandedOver,
}

/// What a signal says about the attempt that its record belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The record is the first of an attempt, or stands for one whose first is lost.
    pub opens: bool,
    /// The record proves that there was an attempt: where no other record of it is left, this
    /// one stands for it.
    pub witnesses: bool,
    /// The record ends the attempt.
    pub ends: bool,
    /// The attempt passed this stage.
    pub proves: Option<Stage>,
    /// The attempt died in this stage.
    pub fails: Option<Stage>,
    /// What became of the session.
    pub session: Option<SessionChange>,
}

impl Effect {
    /// Whether the record shows that somebody got past the handshake, which a flood's do not.
    pub fn is_progress(&self) -> bool {
        let proves = |stage| Stage::Nla <= stage && stage < Stage::Transport;
        self.witnesses || self.proves.is_some_and(proves)
    }
}

/// Whom and what a record names, in normal form. All are `None` where the record is silent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entities {
    /// The client's address, without port and brackets, IPv4-mapped IPv6 folded to IPv4.
    pub client_address: Option<IpAddr>,
    /// The client's TCP or UDP port.
    pub client_port: Option<u16>,
    /// The client's computer name, upper case, without domain suffix.
    pub client_name: Option<Arc<str>>,
    /// The user's account name, lower case, without domain.
    pub user: Option<Arc<str>>,
    /// The user's domain, lower case, as the record spells it.
    pub domain: Option<Arc<str>>,
    /// The host that a client record names, as typed by the user, lower case.
    pub target: Option<Arc<str>>,
    /// The session id on the host.
    pub session: Option<u32>,
    /// The connection name, such as `RDP-Tcp#12`.
    pub connection: Option<Arc<str>>,
    /// The logon id of the security subsystem.
    pub logon_id: Option<u64>,
}

/// A fact at a point in time on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Which fact.
    pub id: SignalId,
    /// When, by the clock of the machine that leads its attempt; where it has none, by the
    /// clock of the hosts that its machine was compared with. The event keeps its own time.
    pub time: Time,
    /// Where it was logged.
    pub machine: Arc<str>,
    /// The records that carry it, as indices into [`super::Facts::events`], at least one.
    pub records: Records,
    /// Whom and what it names; the signals of one record share it.
    pub entities: Arc<Entities>,
    /// The activity of the record.
    pub activity_id: Option<Guid>,
    /// What it says about its attempt.
    pub effect: Effect,
    /// The attempt it was joined to, as an index into the attempts.
    pub attempt: Option<usize>,
}

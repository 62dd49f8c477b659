//! The stages of a connection attempt, in the order Remote Desktop passes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far an attempt came. The order is the order of the protocol; `Transport`, the UDP side
/// channel, stands apart and never ends an attempt before `Session`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The client looks up the host's address.
    Resolve,
    /// TCP reaches the listener.
    Reach,
    /// Both sides agree on a security protocol (X.224).
    Negotiate,
    /// The TLS handshake.
    Tls,
    /// CredSSP: the user proves an identity before a session exists.
    Nla,
    /// The client's license is checked.
    License,
    /// The proven identity is checked for the right to log on.
    Authorize,
    /// A session is created and the user is logged on to it.
    Logon,
    /// The desktop is in use.
    Session,
    /// The UDP side channel.
    Transport,
}

impl Stage {
    /// The stages that follow each other, without the side channel.
    pub const PATH: [Self; 9] = [
        Self::Resolve,
        Self::Reach,
        Self::Negotiate,
        Self::Tls,
        Self::Nla,
        Self::License,
        Self::Authorize,
        Self::Logon,
        Self::Session,
    ];

    /// The stage after this one; `Session` and `Transport` have none.
    pub fn next(self) -> Option<Self> {
        let position = Self::PATH.iter().position(|stage| *stage == self)?;
        Self::PATH.get(position + 1).copied()
    }

    /// The name that rules and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Reach => "reach",
            Self::Negotiate => "negotiate",
            Self::Tls => "tls",
            Self::Nla => "nla",
            Self::License => "license",
            Self::Authorize => "authorize",
            Self::Logon => "logon",
            Self::Session => "session",
            Self::Transport => "transport",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

//! Conclusions: causes with what speaks for and against them, and what to do.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Collect, ProofStep, Stage, Text, Time};

/// What kind of thing a cause is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is broken or misconfigured.
    #[default]
    Fault,
    /// Somebody attacks.
    Attack,
    /// Harmless; explains noise away.
    Benign,
}

impl Kind {
    /// The name that rules and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Attack => "attack",
            Self::Benign => "benign",
        }
    }
}

/// How sure a conclusion is. A band, never a percentage: the weights are judgements.
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
pub enum Confidence {
    /// Better than even.
    Possible,
    /// At least four to one.
    Likely,
    /// Decisive evidence, and nothing weighty against it.
    Confirmed,
}

impl Confidence {
    /// The name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Whom a cause concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One machine.
    Machine(Arc<str>),
    /// One account on one machine.
    Account {
        /// Where it logged on.
        machine: Arc<str>,
        /// `domain\user` or `user`.
        user: Arc<str>,
    },
    /// One client of one machine.
    Client {
        /// Where it connected to.
        machine: Arc<str>,
        /// From where.
        address: IpAddr,
    },
    /// One connection attempt.
    Attempt {
        /// The machine that shows it best.
        machine: Arc<str>,
        /// The attempt's id.
        id: Arc<str>,
    },
    /// One client together with one host.
    Pair {
        /// The host: the machine's name, or what the user typed.
        host: Arc<str>,
        /// The client's computer name, or its address.
        client: Arc<str>,
    },
    /// All machines of the case.
    Fleet,
}

impl Scope {
    /// The word that reports use.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Machine(_) => "machine",
            Self::Account { .. } => "account",
            Self::Client { .. } => "client",
            Self::Attempt { .. } => "attempt",
            Self::Pair { .. } => "pair",
            Self::Fleet => "fleet",
        }
    }

    /// The machine that it lies on; `None` for the fleet.
    pub const fn machine(&self) -> Option<&Arc<str>> {
        match self {
            Self::Machine(machine)
            | Self::Account { machine, .. }
            | Self::Client { machine, .. }
            | Self::Attempt { machine, .. }
            | Self::Pair { host: machine, .. } => Some(machine),
            Self::Fleet => None,
        }
    }

    /// Whether `name` means this scope: as it is shown, or only whom it concerns (`joe`,
    /// `10.0.0.5`), case ignored.
    pub fn is_named(&self, name: &str) -> bool {
        let short = match self {
            Self::Machine(machine) => machine.to_string(),
            Self::Account { user, .. } => user.to_string(),
            Self::Client { address, .. } => address.to_string(),
            Self::Attempt { id, .. } => id.to_string(),
            Self::Pair { client, .. } => client.to_string(),
            Self::Fleet => self.kind().to_owned(),
        };
        short.eq_ignore_ascii_case(name) || self.to_string().eq_ignore_ascii_case(name)
    }
}

/// The scope's key within its kind: `SRV01`, `corp\joe on SRV01`, `10.0.0.5 to SRV01`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(machine) => f.write_str(machine),
            Self::Account { machine, user } => write!(f, "{user} on {machine}"),
            Self::Client { machine, address } => write!(f, "{address} to {machine}"),
            Self::Attempt { machine, id } => write!(f, "attempt {id} on {machine}"),
            Self::Pair { host, client } => write!(f, "{client} to {host}"),
            Self::Fleet => f.write_str("all machines"),
        }
    }
}

/// The part an item of evidence plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Proves the cause unless something weighty contradicts.
    Decisive,
    /// Speaks for it.
    Supporting,
    /// Speaks against it.
    Contradicting,
    /// Its absence speaks for the cause, and the log that would hold it was supplied.
    Absent,
    /// It could speak either way, but the log that would hold it was not supplied.
    Untestable,
}

/// An item for or against a cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The part it plays.
    pub role: Role,
    /// What was seen, in a sentence.
    pub statement: String,
    /// Log-odds in decibans that it adds; 0 where a stronger item of its group counted.
    pub weight: i32,
    /// The records that show it, as indices into [`super::Facts::events`].
    pub records: Vec<usize>,
    /// The weight that the rule gives it, counted or not.
    pub rule_weight: i32,
    /// Items of one group count once.
    pub group: Option<Text>,
    /// The logs that an absence rests on.
    pub covered: Vec<Covered>,
    /// What could not be tested, for want of the logs in `collect`.
    pub would_tell: Vec<WouldTell>,
    /// The logs that would tell it.
    pub collect: Vec<Collect>,
    /// The episodes in which it holds, counted from 1; empty where there is but one.
    pub episodes: Vec<usize>,
}

impl Evidence {
    /// An item of full weight that rests on records alone.
    pub const fn new(role: Role, weight: i32, statement: String, records: Vec<usize>) -> Self {
        Self {
            role,
            statement,
            weight,
            records,
            rule_weight: weight,
            group: None,
            covered: Vec::new(),
            would_tell: Vec::new(),
            collect: Vec::new(),
            episodes: Vec::new(),
        }
    }
}

/// A log in which an event would stand, had it happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Covered {
    /// Whose log.
    pub machine: Arc<str>,
    /// Its channel.
    pub channel: Text,
    /// The time for which it speaks: from.
    pub from: Time,
    /// To.
    pub to: Time,
}

/// An item that could not be tested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WouldTell {
    /// The part it would play.
    pub role: Role,
    /// What it asks, as a clause.
    pub question: Arc<str>,
    /// The weight that it would have.
    pub weight: i32,
}

/// A look-alike that a missing log could show in a cause's place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden {
    /// The look-alike's id.
    pub cause: Text,
    /// What would show it, as a clause.
    pub question: Arc<str>,
    /// The logs that would tell.
    pub collect: Vec<Collect>,
}

/// A spell of a fault that was mended and came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Time of the first record that speaks for it.
    pub first: Time,
    /// Time of the last.
    pub last: Time,
    /// The attempts that it explains, as indices into the attempts.
    pub attempts: Vec<usize>,
    /// How sure, by the evidence of this spell alone.
    pub confidence: Confidence,
    /// Prior and weights of this spell alone.
    pub score: i32,
}

/// A cause concluded for a scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The cause's id.
    pub cause: Text,
    /// Fault, attack or benign.
    pub kind: Kind,
    /// The stage in which attempts die of it.
    pub stage: Stage,
    /// Whom it concerns.
    pub scope: Scope,
    /// How sure.
    pub confidence: Confidence,
    /// Prior and weights, added up, in decibans; of several episodes, those of the surest.
    pub score: i32,
    /// Log-odds in decibans before any evidence.
    pub prior: i32,
    /// What opened the gate, and what could have closed it.
    pub gate: Vec<ProofStep>,
    /// Why it is as sure as it is, and what it lacks for more.
    pub because: String,
    /// Look-alikes that missing logs could show in its place, in order; with any of them
    /// nothing proves it.
    pub hidden: Vec<Hidden>,
    /// For and against, strongest first within each role.
    pub evidence: Vec<Evidence>,
    /// Attempts that it explains, as indices into the attempts.
    pub attempts: Vec<usize>,
    /// Users of its attempts and of what speaks for it, in order.
    pub users: Vec<Arc<str>>,
    /// Client addresses of the same, in order.
    pub clients: Vec<IpAddr>,
    /// Signals and causes that it folds under itself.
    pub explains: Vec<Text>,
    /// Time of the first record that speaks for it.
    pub first: Time,
    /// Time of the last.
    pub last: Time,
    /// The spells of a fault that went away and came back, in order; empty where there was but
    /// one.
    pub episodes: Vec<Episode>,
}

/// What became of a cause that was not concluded at a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotTested {
    /// The cause's id.
    pub cause: Text,
    /// The machine whose logs were missing.
    pub machine: Arc<str>,
    /// The channels that would have decided; one copy for machines that lack the same.
    pub missing: Arc<[Text]>,
}

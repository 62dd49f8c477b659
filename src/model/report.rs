//! The whole answer to a case, before it is written in any format.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Attempt, Candidate, ClockOffset, Facts, FileId, Flood, Input, MachineCoverage, NotTested,
    Problem, Recovery, Text,
};

/// What a machine does in Remote Desktop, by the records it logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineRole {
    /// It is connected to.
    Host,
    /// It connects.
    Client,
    /// It is an RD Gateway.
    Gateway,
    /// It is a connection broker.
    Broker,
    /// It is a domain controller.
    Dc,
}

impl fmt::Display for MachineRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Host => "host",
            Self::Client => "client",
            Self::Gateway => "gateway",
            Self::Broker => "broker",
            Self::Dc => "dc",
        })
    }
}

/// A machine of the case.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Its name and what was supplied of it.
    pub coverage: MachineCoverage,
    /// What it does, in the order of the enum.
    pub roles: Vec<MachineRole>,
    /// Windows version and build, where a record names them.
    pub os: Option<String>,
}

/// A step of a playbook, ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The playbook's id.
    pub playbook: Text,
    /// The playbook's title.
    pub title: Text,
    /// Number of the step in its playbook, from 1.
    pub step: usize,
    /// What to do.
    pub action: Text,
    /// The kind of machine to do it on: `host`, `client`, `dc`, …
    pub target: &'static str,
    /// The command, ready to paste.
    pub command: Option<Text>,
    /// What it shows when all is well.
    pub expected: Text,
    /// What can go wrong.
    pub risk: Text,
    /// To be taken back after the repair.
    pub temporary: bool,
    /// How it lowers security.
    pub security_impact: Option<Text>,
    /// How to see that it worked.
    pub verify: Text,
    /// The way back.
    pub undo: Text,
}

/// A cause that this conclusion cannot be told from on the evidence at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeparateFrom {
    /// The other cause's id.
    pub cause: Text,
    /// The other conclusion's id; none where only a missing log could show the other cause.
    pub diagnosis: Option<String>,
    /// What tells them apart, and where it stands.
    pub by: String,
    /// The logs that would tell; empty where no log of the case is missing for it.
    pub collect: Vec<Collect>,
}

/// A conclusion with everything that a reader needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The cause and a fingerprint of its scope; the same in every run.
    pub id: String,
    /// 1 is the best.
    pub rank: usize,
    /// The conclusion itself.
    pub candidate: Candidate,
    /// The cause in one line.
    pub title: Text,
    /// How the fault makes a connection fail.
    pub why: Text,
    /// Whom it hit, how often, since when: one line.
    pub summary: String,
    /// What it cannot be told from.
    pub separate_from: Vec<SeparateFrom>,
    /// What to do, best first.
    pub fixes: Vec<Fix>,
}

/// A log worth collecting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collect {
    /// From which machine.
    pub machine: Arc<str>,
    /// Which channel.
    pub channel: Text,
    /// The command that exports it there.
    pub command: String,
}

/// A failed attempt that no cause explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Index into [`Report::attempts`].
    pub attempt: usize,
    /// Why nothing was concluded.
    pub why: String,
    /// What would help.
    pub collect: Vec<Collect>,
    /// The causes that came nearest, the nearest first.
    pub considered: Vec<Considered>,
}

/// A cause that was weighed for an attempt and found too light, or could not be tested.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Considered {
    /// The cause's id.
    pub cause: Text,
    /// Prior and what counted, in decibans; `None` where nothing could be weighed.
    pub score: Option<i32>,
    /// What is missing to conclude it, as a clause.
    pub lacks: String,
}

/// A cause that came near where attempts failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The cause and what it lacks.
    pub considered: Considered,
    /// The failed attempts of its scope, as indices into the attempts, in order.
    pub attempts: Vec<usize>,
    /// The logs that could lift it.
    pub collect: Vec<Collect>,
}

/// A value of an event that is a known code, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeNote {
    /// The field's name.
    pub field: Arc<str>,
    /// The code as people write it: `0xC000006A`, `%%2313`.
    pub code: String,
    /// The number space in which it has its meaning.
    pub space: Text,
    /// Its published name.
    pub symbol: Option<Text>,
    /// What it says, in plain words.
    pub meaning: Text,
}

/// What there is besides, and was not asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeftOut {
    /// Attempts of other machines, users, clients or times.
    pub attempts: usize,
    /// Conclusions about such: faults and attacks.
    pub diagnoses: usize,
    /// Conclusions about what was asked for that are below the band asked for, best first. The
    /// attempts that they explain are not undecided.
    pub below: Vec<Diagnosis>,
    /// There is more than can be kept, so that only what is near was read, and counts here.
    pub far_unread: bool,
}

impl LeftOut {
    /// Whether nothing was left out.
    pub const fn is_empty(&self) -> bool {
        self.attempts == 0 && self.diagnoses == 0 && self.below.is_empty() && !self.far_unread
    }
}

/// How much was read. The only part of a report in which two runs may differ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Bytes of all logs.
    pub bytes: u64,
    /// Readable records.
    pub records: u64,
    /// Records whose payload was decoded.
    pub records_decoded: u64,
    /// Wall time.
    pub seconds: f64,
}

/// The rules that a report rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleStamp {
    /// Number of rule documents.
    pub count: usize,
    /// SHA-256 over them, in hex.
    pub sha256: String,
}

/// The whole answer to a case.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The rules that were used.
    pub rules: RuleStamp,
    /// What was given.
    pub inputs: Vec<Input>,
    /// Paths of the logs, by [`FileId`].
    pub files: Vec<String>,
    /// The machines, ordered by name.
    pub machines: Vec<Machine>,
    /// How far machines' clocks are apart, as far as their logs tell; ordered by machine.
    pub clocks: Vec<ClockOffset>,
    /// What was counted instead of kept, ordered by machine and client.
    pub floods: Vec<Flood>,
    /// Events and signals that conclusions point at.
    pub facts: Facts,
    /// What values of events are known codes, by index into [`Facts::events`]: of those that
    /// attempts and conclusions show.
    pub codes: BTreeMap<usize, Arc<[CodeNote]>>,
    /// The attempts, ordered by start, then machine.
    pub attempts: Vec<Attempt>,
    /// The conclusions, by rank.
    pub diagnoses: Vec<Diagnosis>,
    /// Failed attempts without a conclusion.
    pub undecided: Vec<Undecided>,
    /// What there is besides, and was not asked for.
    pub left_out: LeftOut,
    /// Causes that could not be tested, ordered by cause and machine.
    pub not_tested: Vec<NotTested>,
    /// What went wrong with inputs, in input order.
    pub problems: Vec<Problem>,
    /// What was found in space that logs do not use, by file; empty unless asked for.
    pub recovered: Vec<Recovery>,
    /// How much was read.
    pub stats: Stats,
}

impl Report {
    /// The path of a log; empty for an id that is not of this report.
    pub fn file(&self, id: FileId) -> &str {
        usize::try_from(id.0)
            .ok()
            .and_then(|index| self.files.get(index))
            .map_or("", String::as_str)
    }
}

//! What was given, what was supplied, what went wrong with it.

use std::borrow::Cow;

use std::net::IpAddr;

use serde::Serialize;

use super::{TimeV1, is_zero};
use crate::model::{
    ChannelCoverage, ClockOffset, Diagnosis, Flood, Gap, Input, InputKind, LeftOut, Machine,
    MachineRole, NotTested, Problem, ProblemKind, Recovery, Report, Stats,
};

#[derive(Serialize)]
pub(super) struct ToolV1<'a> {
    name: &'static str,
    version: &'static str,
    rules: RulesV1<'a>,
}

#[derive(Serialize)]
struct RulesV1<'a> {
    count: usize,
    sha256: &'a str,
}

impl<'a> ToolV1<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            rules: RulesV1 { count: report.rules.count, sha256: &report.rules.sha256 },
        }
    }
}

#[derive(Serialize)]
pub(super) struct InputV1<'a> {
    path: Cow<'a, str>,
    kind: &'static str,
    bytes: u64,
    logs: u64,
}

impl<'a> InputV1<'a> {
    pub(super) fn of(input: &'a Input) -> Self {
        let kind = match input.kind {
            InputKind::File => "file",
            InputKind::Folder => "folder",
            InputKind::Archive => "archive",
            InputKind::Stdin => "stdin",
        };
        Self { path: input.path.to_string_lossy(), kind, bytes: input.bytes, logs: input.logs }
    }
}

#[derive(Serialize)]
pub(in crate::report) struct MachineV1<'a> {
    name: &'a str,
    roles: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<&'a str>,
    coverage: Vec<ChannelV1<'a>>,
}

impl<'a> MachineV1<'a> {
    pub(in crate::report) fn of(report: &'a Report, machine: &'a Machine) -> Self {
        Self {
            name: &machine.coverage.name,
            roles: machine.roles.iter().map(|role| role_name(*role)).collect(),
            os: machine.os.as_deref(),
            coverage: machine
                .coverage
                .channels
                .iter()
                .map(|channel| ChannelV1::of(report, channel))
                .collect(),
        }
    }
}

pub(super) const fn role_name(role: MachineRole) -> &'static str {
    match role {
        MachineRole::Host => "host",
        MachineRole::Client => "client",
        MachineRole::Gateway => "gateway",
        MachineRole::Broker => "broker",
        MachineRole::Dc => "dc",
    }
}

#[derive(Serialize)]
struct ChannelV1<'a> {
    channel: &'a str,
    files: Vec<&'a str>,
    records: u64,
    first: TimeV1,
    last: TimeV1,
    damaged_chunks: u64,
    gaps: Vec<GapV1<'a>>,
    lost_records: u64,
    #[serde(skip_serializing_if = "is_zero")]
    unread_records: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    uncertain_name: bool,
}

impl<'a> ChannelV1<'a> {
    fn of(report: &'a Report, channel: &'a ChannelCoverage) -> Self {
        Self {
            channel: &channel.channel,
            files: channel.files.iter().map(|file| report.file(*file)).collect(),
            records: channel.records,
            first: TimeV1(channel.first),
            last: TimeV1(channel.last),
            damaged_chunks: channel.damaged_chunks,
            gaps: channel.gaps.iter().map(GapV1::of).collect(),
            lost_records: channel.lost_records,
            unread_records: channel.unread_records,
            uncertain_name: !channel.is_certain,
        }
    }
}

#[derive(Serialize)]
struct GapV1<'a> {
    from: TimeV1,
    to: TimeV1,
    reason: &'a str,
    kind: &'static str,
}

impl<'a> GapV1<'a> {
    fn of(gap: &'a Gap) -> Self {
        Self {
            from: TimeV1(gap.from),
            to: TimeV1(gap.to),
            reason: &gap.reason,
            kind: gap.kind.name(),
        }
    }
}

#[derive(Serialize)]
pub(in crate::report) struct ClockV1<'a> {
    machine: &'a str,
    relative_to: &'a str,
    offset_seconds: f64,
    spread_seconds: f64,
    matches: usize,
    confidence: &'static str,
}

impl<'a> ClockV1<'a> {
    pub(in crate::report) fn of(clock: &'a ClockOffset) -> Self {
        Self {
            machine: &clock.machine,
            relative_to: &clock.relative_to,
            offset_seconds: clock.offset.as_seconds(),
            spread_seconds: clock.spread.as_seconds(),
            matches: clock.matches,
            confidence: clock.confidence.name(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct NotTestedV1<'a> {
    cause: &'a str,
    missing: Vec<&'a str>,
    machine: &'a str,
}

impl<'a> NotTestedV1<'a> {
    pub(super) fn of(not_tested: &'a NotTested) -> Self {
        Self {
            cause: &not_tested.cause,
            missing: not_tested.missing.iter().map(AsRef::as_ref).collect(),
            machine: &not_tested.machine,
        }
    }
}

#[derive(Serialize)]
pub(in crate::report) struct ProblemV1<'a> {
    path: Cow<'a, str>,
    kind: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_records: Option<u64>,
}

impl<'a> ProblemV1<'a> {
    pub(in crate::report) fn of(problem: &'a Problem) -> Self {
        let kind = match problem.kind {
            ProblemKind::NotFound => "not-found",
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::SpecialFile => "special-file",
            ProblemKind::LinkNotFollowed => "link-not-followed",
            ProblemKind::EmptyFile => "empty-file",
            ProblemKind::NotALog => "not-a-log",
            ProblemKind::BadArchive => "bad-archive",
            ProblemKind::Encrypted => "encrypted",
            ProblemKind::LimitReached => "limit-reached",
            ProblemKind::NameEscapes => "name-escapes",
            ProblemKind::FactsUnused => "facts-unused",
            ProblemKind::NoFileHeader => "no-file-header",
            ProblemKind::Truncated => "truncated",
            ProblemKind::BadChunk => "bad-chunk",
            ProblemKind::BadChecksum => "bad-checksum",
            ProblemKind::LostRecords => "lost-records",
            ProblemKind::InternalError => "internal-error",
        };
        Self {
            path: problem.path.to_string_lossy(),
            kind,
            detail: &problem.detail,
            lost_records: problem.lost_records,
        }
    }
}

#[derive(Serialize)]
pub(super) struct StatsV1 {
    bytes: u64,
    records: u64,
    records_decoded: u64,
    seconds: f64,
}

impl StatsV1 {
    pub(super) const fn of(stats: &Stats) -> Self {
        let Stats { bytes, records, records_decoded, seconds } = *stats;
        Self { bytes, records, records_decoded, seconds }
    }
}

/// What was found in space that a log does not use.
#[derive(Serialize)]
pub(in crate::report) struct RecoveryV1<'a> {
    file: &'a str,
    records: u64,
    kept: u64,
    left_out: u64,
}

impl<'a> RecoveryV1<'a> {
    pub(in crate::report) fn all(report: &'a Report) -> Vec<Self> {
        let one = |recovery: &Recovery| {
            let Recovery { file, records, kept, left_out } = *recovery;
            RecoveryV1 { file: report.file(file), records, kept, left_out }
        };
        report.recovered.iter().map(one).collect()
    }
}

#[derive(Serialize)]
pub(super) struct FloodV1<'a> {
    machine: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_address: Option<IpAddr>,
    attempts: u64,
    records: u64,
    first: TimeV1,
    last: TimeV1,
}

impl<'a> FloodV1<'a> {
    pub(super) fn of(flood: &'a Flood) -> Self {
        Self {
            machine: &flood.machine,
            client_address: flood.client_address,
            attempts: flood.attempts,
            records: flood.records,
            first: TimeV1(flood.first),
            last: TimeV1(flood.last),
        }
    }
}

/// What there is besides, and was not asked for.
#[derive(Serialize)]
pub(super) struct LeftOutV1<'a> {
    attempts: usize,
    diagnoses: usize,
    below_band: Vec<BelowV1<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    far_unread: bool,
}

impl<'a> LeftOutV1<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let LeftOut { attempts, diagnoses, below, far_unread } = &report.left_out;
        let below_band = below.iter().map(|found| BelowV1::of(report, found)).collect();
        Self { attempts: *attempts, diagnoses: *diagnoses, below_band, far_unread: *far_unread }
    }
}

/// A conclusion that is less sure than asked for.
#[derive(Serialize)]
struct BelowV1<'a> {
    id: &'a str,
    cause: &'a str,
    kind: &'static str,
    confidence: &'static str,
    attempts: Vec<&'a str>,
}

impl<'a> BelowV1<'a> {
    fn of(report: &'a Report, found: &'a Diagnosis) -> Self {
        let candidate = &found.candidate;
        let attempts = candidate.attempts.iter().filter_map(|one| report.attempts.get(*one));
        Self {
            id: &found.id,
            cause: &candidate.cause,
            kind: candidate.kind.name(),
            confidence: candidate.confidence.name(),
            attempts: attempts.map(|attempt| &*attempt.id).collect(),
        }
    }
}

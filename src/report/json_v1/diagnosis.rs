//! Conclusions, their evidence and their fixes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use super::TimeV1;
use super::attempt::{self, CollectV1};
use super::record::{RecordV1, records};
use crate::model::{
    Covered, Diagnosis, Episode, Evidence, Fix, ProofPart, ProofStep, Report, Role, Scope,
    SeparateFrom, StepResult, WouldTell,
};

/// At most so many records of one item are written; `records_total` says how many it has.
const RECORDS: usize = 20;
/// The same for a condition, which most often stands among the items as well.
const GATE_RECORDS: usize = 5;

#[derive(Serialize)]
pub(super) struct DiagnosisV1<'a> {
    id: &'a str,
    rank: usize,
    cause: &'a str,
    title: &'a str,
    stage: &'static str,
    kind: &'static str,
    confidence: &'static str,
    score: i32,
    scope: ScopeV1,
    machines: BTreeSet<&'a str>,
    users: Vec<&'a str>,
    clients: &'a [IpAddr],
    attempts: Vec<&'a str>,
    first: TimeV1,
    last: TimeV1,
    summary: &'a str,
    evidence: Vec<EvidenceV1<'a>>,
    explains: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    separate_from: Vec<SeparateFromV1<'a>>,
    fixes: Vec<FixV1<'a>>,
    why: &'a str,
    prior: i32,
    gate: Vec<GateV1<'a>>,
    confidence_because: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    episodes: Vec<EpisodeV1<'a>>,
}

impl<'a> DiagnosisV1<'a> {
    pub(super) fn of(report: &'a Report, diagnosis: &'a Diagnosis) -> Self {
        let candidate = &diagnosis.candidate;
        let attempts = candidate.attempts.iter().filter_map(|index| report.attempts.get(*index));
        let mut machines: BTreeSet<&str> = attempts.map(|attempt| &*attempt.machine).collect();
        machines.extend(candidate.scope.machine().map(AsRef::<str>::as_ref));
        Self {
            id: &diagnosis.id,
            rank: diagnosis.rank,
            cause: &candidate.cause,
            title: &diagnosis.title,
            stage: candidate.stage.name(),
            kind: candidate.kind.name(),
            confidence: candidate.confidence.name(),
            score: candidate.score,
            scope: ScopeV1::of(&candidate.scope),
            machines,
            users: candidate.users.iter().map(AsRef::as_ref).collect(),
            clients: &candidate.clients,
            attempts: attempt::ids(report, &candidate.attempts),
            first: TimeV1(candidate.first),
            last: TimeV1(candidate.last),
            summary: &diagnosis.summary,
            evidence: candidate.evidence.iter().map(|item| EvidenceV1::of(report, item)).collect(),
            explains: candidate.explains.iter().map(AsRef::as_ref).collect(),
            separate_from: diagnosis.separate_from.iter().map(SeparateFromV1::of).collect(),
            fixes: diagnosis.fixes.iter().map(FixV1::of).collect(),
            why: &diagnosis.why,
            prior: candidate.prior,
            gate: candidate.gate.iter().map(|step| GateV1::of(report, step)).collect(),
            confidence_because: &candidate.because,
            episodes: candidate.episodes.iter().map(|one| EpisodeV1::of(report, one)).collect(),
        }
    }
}

/// About how many bytes a conclusion takes.
pub(super) fn weight(report: &Report, diagnosis: &Diagnosis) -> usize {
    let candidate = &diagnosis.candidate;
    let gate = candidate.gate.iter().flat_map(|step| step.records.iter().take(GATE_RECORDS));
    let evidence = candidate.evidence.iter().flat_map(|item| item.records.iter().take(RECORDS));
    let records = gate.chain(evidence).map(|index| super::record::weight(report, *index));
    4000 + 800 * diagnosis.fixes.len() + 20 * candidate.attempts.len() + records.sum::<usize>()
}

/// A condition under which the cause is considered, or not.
#[derive(Serialize)]
struct GateV1<'a> {
    part: &'static str,
    question: &'a str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'a str>,
    records: Vec<RecordV1<'a>>,
    records_total: usize,
}

impl<'a> GateV1<'a> {
    fn of(report: &'a Report, step: &'a ProofStep) -> Self {
        let (result, missing) = match &step.result {
            StepResult::Holds => ("holds", &[][..]),
            StepResult::Fails => ("fails", &[][..]),
            StepResult::Untestable(missing) => ("untestable", &missing[..]),
        };
        Self {
            part: match step.part {
                ProofPart::RequiresAny => "requires-any",
                ProofPart::RequiresNone => "requires-none",
                ProofPart::Excludes => "excludes",
                _ => "requires-all",
            },
            question: &step.question,
            result,
            because: step.because.as_deref(),
            missing: missing.iter().map(AsRef::as_ref).collect(),
            records: records(report, step.records.iter().copied(), GATE_RECORDS),
            records_total: step.records.len(),
        }
    }
}

/// A spell of a fault that went away and came back.
#[derive(Serialize)]
struct EpisodeV1<'a> {
    first: TimeV1,
    last: TimeV1,
    attempts: Vec<&'a str>,
    confidence: &'static str,
    score: i32,
}

impl<'a> EpisodeV1<'a> {
    fn of(report: &'a Report, episode: &Episode) -> Self {
        Self {
            first: TimeV1(episode.first),
            last: TimeV1(episode.last),
            attempts: attempt::ids(report, &episode.attempts),
            confidence: episode.confidence.name(),
            score: episode.score,
        }
    }
}

#[derive(Serialize)]
struct ScopeV1 {
    kind: &'static str,
    key: String,
}

impl ScopeV1 {
    fn of(scope: &Scope) -> Self {
        Self { kind: scope.kind(), key: scope.to_string() }
    }
}

#[derive(Serialize)]
struct EvidenceV1<'a> {
    role: &'static str,
    statement: &'a str,
    weight: i32,
    records: Vec<RecordV1<'a>>,
    records_total: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recovered_only: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    damaged_only: bool,
    rule_weight: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    covered: Vec<CoveredV1<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    would_tell: Vec<WouldTellV1<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collect: Vec<CollectV1<'a>>,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    episodes: &'a [usize],
}

impl<'a> EvidenceV1<'a> {
    fn of(report: &'a Report, evidence: &'a Evidence) -> Self {
        Self {
            role: role_name(evidence.role),
            statement: &evidence.statement,
            weight: evidence.weight,
            records: records(report, evidence.records.iter().copied(), RECORDS),
            records_total: evidence.records.len(),
            recovered_only: report.facts.rests_on_recovered(&evidence.records),
            damaged_only: report.facts.rests_on_damaged(&evidence.records),
            rule_weight: evidence.rule_weight,
            group: evidence.group.as_deref(),
            covered: evidence.covered.iter().map(CoveredV1::of).collect(),
            would_tell: evidence.would_tell.iter().map(WouldTellV1::of).collect(),
            collect: evidence.collect.iter().map(CollectV1::of).collect(),
            episodes: &evidence.episodes,
        }
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Decisive => "decisive",
        Role::Supporting => "supporting",
        Role::Contradicting => "contradicting",
        Role::Absent => "absent",
        Role::Untestable => "untestable",
    }
}

/// A log in which an event would stand, had it happened.
#[derive(Serialize)]
struct CoveredV1<'a> {
    machine: &'a str,
    channel: &'a str,
    from: TimeV1,
    to: TimeV1,
}

impl<'a> CoveredV1<'a> {
    fn of(covered: &'a Covered) -> Self {
        let Covered { machine, channel, from, to } = covered;
        Self { machine, channel, from: TimeV1(*from), to: TimeV1(*to) }
    }
}

/// An item that a missing log would answer.
#[derive(Serialize)]
struct WouldTellV1<'a> {
    role: &'static str,
    question: &'a str,
    weight: i32,
}

impl<'a> WouldTellV1<'a> {
    fn of(item: &'a WouldTell) -> Self {
        Self { role: role_name(item.role), question: &item.question, weight: item.weight }
    }
}

#[derive(Serialize)]
struct SeparateFromV1<'a> {
    cause: &'a str,
    by: &'a str,
    diagnosis: Option<&'a str>,
    collect: Vec<CollectV1<'a>>,
}

impl<'a> SeparateFromV1<'a> {
    fn of(other: &'a SeparateFrom) -> Self {
        Self {
            cause: &other.cause,
            by: &other.by,
            diagnosis: other.diagnosis.as_deref(),
            collect: other.collect.iter().map(CollectV1::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct FixV1<'a> {
    playbook: &'a str,
    step: usize,
    action: &'a str,
    target: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    expected: &'a str,
    risk: &'a str,
    temporary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_impact: Option<&'a str>,
    verify: &'a str,
    undo: &'a str,
    title: &'a str,
}

impl<'a> FixV1<'a> {
    fn of(fix: &'a Fix) -> Self {
        Self {
            playbook: &fix.playbook,
            step: fix.step,
            action: &fix.action,
            target: fix.target,
            command: fix.command.as_deref(),
            expected: &fix.expected,
            risk: &fix.risk,
            temporary: fix.temporary,
            security_impact: fix.security_impact.as_deref(),
            verify: &fix.verify,
            undo: &fix.undo,
            title: &fix.title,
        }
    }
}

//! Conclusions, their evidence and their fixes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use super::attempt;
use super::record::{RecordV1, records};
use crate::model::{Diagnosis, Evidence, Fix, Report, Role, Scope, SeparateFrom};

/// At most so many records of one item are written; `records_total` says how many it has.
const RECORDS: usize = 20;

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
    first: String,
    last: String,
    summary: &'a str,
    evidence: Vec<EvidenceV1<'a>>,
    explains: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    separate_from: Vec<SeparateFromV1<'a>>,
    fixes: Vec<FixV1<'a>>,
    why: &'a str,
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
            first: candidate.first.to_string(),
            last: candidate.last.to_string(),
            summary: &diagnosis.summary,
            evidence: candidate.evidence.iter().map(|item| EvidenceV1::of(report, item)).collect(),
            explains: candidate.explains.iter().map(AsRef::as_ref).collect(),
            separate_from: diagnosis.separate_from.iter().map(SeparateFromV1::of).collect(),
            fixes: diagnosis.fixes.iter().map(FixV1::of).collect(),
            why: &diagnosis.why,
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
}

impl<'a> EvidenceV1<'a> {
    fn of(report: &'a Report, evidence: &'a Evidence) -> Self {
        Self {
            role: match evidence.role {
                Role::Decisive => "decisive",
                Role::Supporting => "supporting",
                Role::Contradicting => "contradicting",
                Role::Absent => "absent",
                Role::Untestable => "untestable",
            },
            statement: &evidence.statement,
            weight: evidence.weight,
            records: records(report, evidence.records.iter().copied(), RECORDS),
            records_total: evidence.records.len(),
            recovered_only: report.facts.rests_on_recovered(&evidence.records),
        }
    }
}

#[derive(Serialize)]
struct SeparateFromV1<'a> {
    cause: &'a str,
    by: &'a str,
}

impl<'a> SeparateFromV1<'a> {
    fn of(other: &'a SeparateFrom) -> Self {
        Self { cause: &other.cause, by: &other.by }
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

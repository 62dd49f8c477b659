//! Attempts, and those that nothing explains.

use std::net::IpAddr;

use serde::Serialize;

use super::record::{RecordV1, records};
use crate::model::{Attempt, Collect, Report, Stage, Undecided};

/// At most so many records of one attempt are written; `records_total` says how many it has.
const RECORDS: usize = 50;

#[derive(Serialize)]
pub(super) struct AttemptV1<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    started: String,
    ended: String,
    reached: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<&'static str>,
    outcome: &'static str,
    transports: &'a [&'static str],
    diagnosis_ids: &'a [&'a str],
    records: Vec<RecordV1<'a>>,
    records_total: usize,
    machine: &'a str,
    side: &'static str,
}

impl<'a> AttemptV1<'a> {
    pub(super) fn of(report: &'a Report, attempt: &'a Attempt, diagnosis_ids: &'a [&str]) -> Self {
        let joined = attempt.records.iter().map(|joined| joined.record);
        Self {
            id: &attempt.id,
            host: attempt.host.as_deref(),
            client: attempt.client.as_deref(),
            client_address: attempt.client_address,
            user: attempt.user.as_deref(),
            started: attempt.started.to_string(),
            ended: attempt.ended.to_string(),
            reached: attempt.reached.map(Stage::name),
            failed_at: attempt.failed_at.map(Stage::name),
            outcome: attempt.outcome.name(),
            transports: &attempt.transports,
            diagnosis_ids,
            records: records(report, joined, RECORDS),
            records_total: attempt.records.len(),
            machine: &attempt.machine,
            side: attempt.side.name(),
        }
    }
}

/// For each attempt the ids of the diagnoses that explain it, by rank.
pub(super) fn explained_by(report: &Report) -> Vec<Vec<&str>> {
    let mut ids = vec![Vec::new(); report.attempts.len()];
    for diagnosis in &report.diagnoses {
        for attempt in &diagnosis.candidate.attempts {
            if let Some(ids) = ids.get_mut(*attempt) {
                ids.push(diagnosis.id.as_str());
            }
        }
    }
    ids
}

/// The ids of the attempts at `indices`.
pub(super) fn ids<'a>(report: &'a Report, indices: &[usize]) -> Vec<&'a str> {
    indices
        .iter()
        .filter_map(|index| report.attempts.get(*index))
        .map(|attempt| attempt.id.as_str())
        .collect()
}

#[derive(Serialize)]
pub(super) struct UndecidedV1<'a> {
    attempt: &'a str,
    why: &'a str,
    collect: Vec<CollectV1<'a>>,
}

impl<'a> UndecidedV1<'a> {
    pub(super) fn of(report: &'a Report, undecided: &'a Undecided) -> Self {
        Self {
            attempt: report
                .attempts
                .get(undecided.attempt)
                .map_or("", |attempt| attempt.id.as_str()),
            why: &undecided.why,
            collect: undecided.collect.iter().map(CollectV1::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct CollectV1<'a> {
    machine: &'a str,
    channel: &'a str,
    command: &'a str,
}

impl<'a> CollectV1<'a> {
    fn of(collect: &'a Collect) -> Self {
        Self { machine: &collect.machine, channel: &collect.channel, command: &collect.command }
    }
}

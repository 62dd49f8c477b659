//! Attempts, and those that nothing explains.

use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::record::RecordV1;
use super::{TimeV1, is_zero};
use crate::model::{
    Attempt, Collect, Considered, Joined, Milestone, Report, Stage, Time, Undecided, View,
};

/// At most so many records of one attempt are written; `records_total` says how many it has.
const RECORDS: usize = 50;

#[derive(Serialize)]
pub(in crate::report) struct AttemptV1<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    started: TimeV1,
    ended: TimeV1,
    reached: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<&'static str>,
    outcome: &'static str,
    transports: &'a [&'static str],
    diagnosis_ids: &'a [&'a str],
    records: RecordsV1<'a>,
    records_total: usize,
    #[serde(skip_serializing_if = "is_zero")]
    records_recovered: usize,
    machine: &'a str,
    side: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    continues: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'a str>,
    seconds: f64,
    milestones: Vec<MilestoneV1<'a>>,
    views: ViewsV1<'a>,
}

impl<'a> AttemptV1<'a> {
    pub(in crate::report) fn of(
        report: &'a Report,
        attempt: &'a Attempt,
        diagnosis_ids: &'a [&str],
    ) -> Self {
        let continues = attempt.continues.and_then(|index| report.attempts.get(index));
        Self {
            id: &attempt.id,
            host: attempt.host.as_deref(),
            client: attempt.client.as_deref(),
            client_address: attempt.client_address,
            user: attempt.user.as_deref(),
            started: TimeV1(attempt.started),
            ended: TimeV1(attempt.ended),
            reached: attempt.reached.map(Stage::name),
            failed_at: attempt.failed_at.map(Stage::name),
            outcome: attempt.outcome.name(),
            transports: &attempt.transports,
            diagnosis_ids,
            records: RecordsV1 { report, joined: &attempt.records },
            records_total: attempt.records.len(),
            records_recovered: report.facts.recovered(attempt),
            machine: &attempt.machine,
            side: attempt.side.name(),
            kind: attempt.kind.name(),
            continues: continues.map(|attempt| &*attempt.id),
            session: attempt.session,
            connection: attempt.connection.as_deref(),
            seconds: attempt.ended.since(attempt.started).as_seconds(),
            milestones: milestones(report, attempt),
            views: ViewsV1(&attempt.views),
        }
    }
}

/// About how many bytes an attempt takes.
pub(super) fn weight(report: &Report, attempt: &Attempt) -> usize {
    let records = attempt.records.iter().take(RECORDS);
    2000 + records.map(|joined| super::record::weight(report, joined.record)).sum::<usize>()
}

/// The first records of an attempt, each with the reason why it belongs there.
struct RecordsV1<'a> {
    report: &'a Report,
    joined: &'a [Joined],
}

impl Serialize for RecordsV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let joined = self.joined.iter().filter_map(|joined| RecordV1::joined(self.report, joined));
        serializer.collect_seq(joined.take(RECORDS))
    }
}

#[derive(Serialize)]
struct MilestoneV1<'a> {
    stage: &'static str,
    time: TimeV1,
    since_start: f64,
    since_previous: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<PlaceV1<'a>>,
}

/// What names a record in Event Viewer.
#[derive(Serialize)]
struct PlaceV1<'a> {
    machine: &'a str,
    channel: &'a str,
    event_id: u32,
    record_id: u64,
}

/// The first proof of each stage, with the seconds from the start and from the proof before.
fn milestones<'a>(report: &'a Report, attempt: &Attempt) -> Vec<MilestoneV1<'a>> {
    let mut previous: Time = attempt.started;
    let mut milestones = Vec::with_capacity(attempt.milestones.len());
    for Milestone { stage, time, record } in &attempt.milestones {
        let event = report.facts.events.get(*record);
        milestones.push(MilestoneV1 {
            stage: stage.name(),
            time: TimeV1(*time),
            since_start: time.since(attempt.started).as_seconds(),
            since_previous: time.since(previous).as_seconds(),
            record: event.map(|event| PlaceV1 {
                machine: &event.machine,
                channel: &event.channel,
                event_id: event.event_id,
                record_id: event.record_id,
            }),
        });
        previous = *time;
    }
    milestones
}

struct ViewsV1<'a>(&'a [View]);

impl Serialize for ViewsV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ViewV1::of))
    }
}

#[derive(Serialize)]
struct ViewV1<'a> {
    machine: &'a str,
    role: &'static str,
    offset_seconds: f64,
    confidence: &'static str,
    ties: &'a [&'static str],
}

impl<'a> ViewV1<'a> {
    fn of(view: &'a View) -> Self {
        Self {
            machine: &view.machine,
            role: super::case::role_name(view.role),
            offset_seconds: view.offset.as_seconds(),
            confidence: view.confidence.name(),
            ties: &view.ties,
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
        .map(|attempt| &*attempt.id)
        .collect()
}

#[derive(Serialize)]
pub(super) struct UndecidedV1<'a> {
    attempt: &'a str,
    why: &'a str,
    collect: Vec<CollectV1<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    considered: Vec<ConsideredV1<'a>>,
}

/// A cause that came near.
#[derive(Serialize)]
struct ConsideredV1<'a> {
    cause: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i32>,
    lacks: &'a str,
}

impl<'a> ConsideredV1<'a> {
    fn of(considered: &'a Considered) -> Self {
        Self { cause: &considered.cause, score: considered.score, lacks: &considered.lacks }
    }
}

impl<'a> UndecidedV1<'a> {
    pub(super) fn of(report: &'a Report, undecided: &'a Undecided) -> Self {
        Self {
            attempt: report.attempts.get(undecided.attempt).map_or("", |attempt| &*attempt.id),
            why: &undecided.why,
            collect: undecided.collect.iter().map(CollectV1::of).collect(),
            considered: undecided.considered.iter().map(ConsideredV1::of).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct CollectV1<'a> {
    machine: &'a str,
    channel: &'a str,
    command: &'a str,
}

impl<'a> CollectV1<'a> {
    pub(super) fn of(collect: &'a Collect) -> Self {
        Self { machine: &collect.machine, channel: &collect.channel, command: &collect.command }
    }
}

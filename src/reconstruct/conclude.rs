//! From a draft to an attempt: how far it came, where it died, how it came out.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::draft::Draft;
use crate::model::{
    Attempt, AttemptKind, Confidence, Event, Facts, Joined, JoinedBy, MachineRole, Milestone,
    Outcome, Side, Signal, Span, Stage, Time, View,
};

/// A dropped attempt is the client's probe when the same client gets through this soon after.
/// mstsc comes back within seconds; a credential prompt in between takes a person longer.
const PROBE_FOLLOWED_WITHIN: Span = Span::seconds(60);

/// A client that failed more often than this just before it got through was not probing.
const MOST_PROBES: usize = 3;

/// Concludes one attempt.
pub(super) fn attempt(draft: &Draft, facts: &Facts) -> Attempt {
    let mut by_record: BTreeMap<usize, JoinedBy> = BTreeMap::new();
    for joined in &draft.signals {
        for record in signal(facts, joined.signal).into_iter().flat_map(|s| s.records.iter()) {
            let by = by_record.entry(*record).or_insert(joined.by);
            *by = joined.by.min(*by);
        }
    }
    let records: Vec<Joined> =
        by_record.into_iter().map(|(record, by)| Joined { record, by }).collect();
    let (outcome, failed_at) = outcome(draft);
    let host = match draft.side {
        Side::Host => Some(draft.machine.clone()),
        Side::Gateway | Side::Client => draft.target.clone(),
    };
    let client = match draft.side {
        Side::Host | Side::Gateway => draft.client_name.clone(),
        Side::Client => Some(draft.machine.clone()),
    };
    Attempt {
        id: fingerprint(draft, facts),
        machine: draft.machine.clone(),
        side: draft.side,
        views: vec![leading(draft)],
        client_address: draft.client_address,
        client,
        host,
        user: draft.user.as_ref().map(|user| account(draft.domain.as_ref(), user)),
        session: None,
        connection: None,
        started: draft.started,
        ended: ended(draft, facts),
        reached: draft.reached,
        milestones: milestones(draft, facts),
        failed_at,
        outcome,
        kind: AttemptKind::Connect,
        continues: None,
        transports: transports(draft, facts),
        records,
    }
}

/// A session that was up and then broke failed in `session`, which says nothing where none was
/// up; whatever ends before is a failure in the stage that a record names, else in the stage
/// after the last one proven.
fn outcome(draft: &Draft) -> (Outcome, Option<Stage>) {
    let broken = draft.fails.contains(&Stage::Session);
    match draft.reached {
        Some(Stage::Session) if broken => (Outcome::Failed, Some(Stage::Session)),
        Some(Stage::Session) => (Outcome::Succeeded, None),
        reached => {
            let named = draft
                .fails
                .iter()
                .copied()
                .rfind(|stage| Some(*stage) > reached && *stage < Stage::Session);
            match named {
                Some(stage) => (Outcome::Failed, Some(stage)),
                None if draft.ended => {
                    (Outcome::Failed, reached.map_or(Some(Stage::Reach), Stage::next))
                }
                None => (Outcome::Undecided, None),
            }
        }
    }
}

/// Dropped attempts that the same client followed by a successful one are its probes, unless
/// there are so many that a tool must have made them.
pub(super) fn mark_probes(attempts: &mut [Attempt]) {
    let mut by_client: BTreeMap<(Arc<str>, Client), Vec<usize>> = BTreeMap::new();
    for (number, attempt) in attempts.iter().enumerate() {
        if let Some(client) = Client::of(attempt) {
            by_client.entry((attempt.machine.clone(), client)).or_default().push(number);
        }
    }
    for numbers in by_client.values() {
        for probe in probes(numbers, attempts) {
            if let Some(attempt) = attempts.get_mut(probe) {
                attempt.outcome = Outcome::Benign;
                attempt.failed_at = None;
                attempt.kind = AttemptKind::Probe;
            }
        }
    }
}

/// The probes among the attempts of one client, which are in time order: for each success,
/// the failures shortly before it, if they are few and all were dropped early.
fn probes(numbers: &[usize], attempts: &[Attempt]) -> Vec<usize> {
    let mut probes = Vec::new();
    let mut failures: Vec<usize> = Vec::new();
    for number in numbers {
        let Some(attempt) = attempts.get(*number) else { continue };
        if attempt.reached == Some(Stage::Session) {
            let recent = |failure: &&usize| {
                attempts.get(**failure).is_some_and(|failure| {
                    attempt.started.since(failure.ended) <= PROBE_FOLLOWED_WITHIN
                })
            };
            let recent: Vec<usize> = failures.iter().filter(recent).copied().collect();
            if recent.len() <= MOST_PROBES {
                let dropped = |number: &usize| attempts.get(*number).is_some_and(dropped_early);
                probes.extend(recent.into_iter().filter(dropped));
            }
            failures.clear();
        } else if attempt.outcome == Outcome::Failed {
            failures.push(*number);
        }
    }
    probes
}

/// Whether an attempt failed before anything showed that security was agreed or refused.
pub(super) fn dropped_early(attempt: &Attempt) -> bool {
    attempt.outcome == Outcome::Failed
        && attempt.reached <= Some(Stage::Tls)
        && attempt.failed_at <= Some(Stage::Tls)
}

/// Who connects, as far as one machine can tell its clients apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Client {
    Address(std::net::IpAddr),
    Target(Arc<str>),
}

impl Client {
    fn of(attempt: &Attempt) -> Option<Self> {
        match attempt.side {
            Side::Host => attempt.client_address.map(Self::Address),
            Side::Gateway | Side::Client => attempt.host.clone().map(Self::Target),
        }
    }
}

fn leading(draft: &Draft) -> View {
    View {
        machine: draft.machine.clone(),
        role: match draft.side {
            Side::Host => MachineRole::Host,
            Side::Gateway => MachineRole::Gateway,
            Side::Client => MachineRole::Client,
        },
        offset: Span::default(),
        confidence: Confidence::Confirmed,
        ties: Vec::new(),
    }
}

/// The first proof of each stage; signals come in time order.
fn milestones(draft: &Draft, facts: &Facts) -> Vec<Milestone> {
    let mut first: BTreeMap<Stage, Milestone> = BTreeMap::new();
    for signal in draft.signals.iter().filter_map(|joined| signal(facts, joined.signal)) {
        if let (Some(stage), Some(record)) = (signal.effect.proves, signal.records.first()) {
            let milestone = Milestone { stage, time: signal.time, record: *record };
            let earliest = first.entry(stage).or_insert(milestone);
            if milestone.time < earliest.time {
                *earliest = milestone;
            }
        }
    }
    first.into_values().collect()
}

fn signal(facts: &Facts, index: usize) -> Option<&Signal> {
    facts.signals.get(index)
}

/// The time of the last record that ends attempts, else of the last record by activity.
fn ended(draft: &Draft, facts: &Facts) -> Time {
    draft
        .signals
        .iter()
        .filter_map(|joined| signal(facts, joined.signal))
        .filter(|signal| signal.effect.ends)
        .map(|signal| signal.time)
        .max()
        .unwrap_or(draft.last)
}

fn transports(draft: &Draft, facts: &Facts) -> Vec<&'static str> {
    let udp = draft
        .signals
        .iter()
        .filter_map(|joined| signal(facts, joined.signal))
        .any(|signal| signal.effect.proves == Some(Stage::Transport));
    let tcp = draft.reached >= Some(Stage::Reach);
    [("tcp", tcp), ("udp", udp)]
        .into_iter()
        .filter(|(_, seen)| *seen)
        .map(|(name, _)| name)
        .collect()
}

fn account(domain: Option<&Arc<str>>, user: &Arc<str>) -> Arc<str> {
    domain.map_or_else(|| user.clone(), |domain| Arc::from(format!("{domain}\\{user}")))
}

/// Names the attempt by its first record, which is the same in every run and in every split
/// of the logs.
fn fingerprint(draft: &Draft, facts: &Facts) -> String {
    let first: Option<&Event> = draft
        .signals
        .iter()
        .filter_map(|joined| signal(facts, joined.signal))
        .flat_map(|signal| signal.records.iter())
        .min()
        .and_then(|record| facts.events.get(*record));
    let mut hash = Sha256::new();
    if let Some(event) = first {
        hash.update(event.machine.as_bytes());
        hash.update([0]);
        hash.update(event.channel.as_bytes());
        hash.update([0]);
        hash.update(event.record_id.to_le_bytes());
        hash.update(event.time.0.to_le_bytes());
    }
    let digest = hash.finalize();
    let digits: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("a-{digits}")
}

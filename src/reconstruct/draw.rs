//! Draws signals from attempts, so that rules can ask for them like for any other.

use std::sync::Arc;

use super::conclude::dropped_early;
use crate::model::{
    Attempt, Effect, Entities, Facts, Outcome, Signal, SignalId, Stage, Time, drawn,
};

/// Adds the drawn signals and restores the order of the signals.
pub(super) fn signals(facts: &mut Facts, attempts: &[Attempt]) {
    let ids = Ids::new();
    for (number, attempt) in attempts.iter().enumerate() {
        let mut add = |id: &SignalId, time| {
            facts.signals.push(signal(id, time, number, attempt));
        };
        add(&ids.opened, attempt.started);
        match attempt.outcome {
            Outcome::Failed => add(&ids.failed, attempt.ended),
            Outcome::Benign => add(&ids.probe, attempt.ended),
            Outcome::Succeeded | Outcome::Undecided => {}
        }
        if attempt.reached == Some(Stage::Session) {
            add(&ids.succeeded, attempt.started);
        }
        if dropped_early(attempt) {
            add(&ids.dropped_early, attempt.ended);
        }
        if attempt.failed_at == Some(Stage::Session) {
            add(&ids.broke, attempt.ended);
        } else if attempt.outcome == Outcome::Failed && attempt.reaches(Stage::Nla) {
            add(&ids.turned_away, attempt.ended);
        }
    }
    facts.signals.sort_by(|left, right| {
        (left.time, &left.records, &left.id).cmp(&(right.time, &right.records, &right.id))
    });
}

struct Ids {
    opened: SignalId,
    failed: SignalId,
    dropped_early: SignalId,
    succeeded: SignalId,
    probe: SignalId,
    turned_away: SignalId,
    broke: SignalId,
}

impl Ids {
    fn new() -> Self {
        Self {
            opened: drawn::ATTEMPT_OPENED.into(),
            failed: drawn::ATTEMPT_FAILED.into(),
            dropped_early: drawn::ATTEMPT_DROPPED_EARLY.into(),
            succeeded: drawn::ATTEMPT_SUCCEEDED.into(),
            probe: drawn::ATTEMPT_PROBE.into(),
            turned_away: drawn::ATTEMPT_TURNED_AWAY.into(),
            broke: drawn::ATTEMPT_BROKE.into(),
        }
    }
}

fn signal(id: &SignalId, time: Time, number: usize, attempt: &Attempt) -> Signal {
    let (domain, user) = match attempt.user.as_deref().map(|user| user.split_once('\\')) {
        Some(Some((domain, user))) => (Some(domain.into()), Some(user.into())),
        Some(None) => (None, attempt.user.clone()),
        None => (None, None),
    };
    Signal {
        id: id.clone(),
        time,
        machine: attempt.machine.clone(),
        records: records(id, attempt),
        entities: Arc::new(Entities {
            client_address: attempt.client_address,
            client_name: attempt.client.clone(),
            user,
            domain,
            ..Entities::default()
        }),
        activity_id: None,
        effect: Effect::default(),
        attempt: Some(number),
    }
}

/// An opened attempt stands for all of its records; what became of it is seen from the first
/// and the last.
fn records(id: &SignalId, attempt: &Attempt) -> Vec<usize> {
    let records: Vec<usize> = attempt.records.iter().map(|joined| joined.record).collect();
    if id.as_str() == drawn::ATTEMPT_OPENED {
        return records;
    }
    let mut ends: Vec<usize> = records.first().into_iter().chain(records.last()).copied().collect();
    ends.dedup();
    ends
}

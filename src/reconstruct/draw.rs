//! Draws signals from attempts, so that rules can ask for them like for any other.

use std::sync::Arc;

use rayon::prelude::*;

use super::conclude::dropped_early;
use crate::model::{
    Attempt, Effect, Entities, Facts, Outcome, Records, Signal, SignalId, Stage, Time, drawn,
};

/// Adds the drawn signals and restores the order of the signals.
pub(super) fn signals(facts: &mut Facts, attempts: &[Attempt]) {
    let ids = Ids::new();
    facts.signals.par_extend(attempts.par_iter().enumerate().flat_map_iter(|(number, attempt)| {
        let entities = Arc::new(entities(attempt));
        let drawn = ids.of(attempt);
        drawn.map(move |(id, time)| signal(id, time, number, attempt, &entities))
    }));
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

    /// The signals that are drawn from an attempt, each with its time.
    fn of(&self, attempt: &Attempt) -> impl Iterator<Item = (&SignalId, Time)> {
        let Attempt { started, ended, outcome, .. } = *attempt;
        let came_out = match outcome {
            Outcome::Failed => Some((&self.failed, ended)),
            Outcome::Benign => Some((&self.probe, ended)),
            Outcome::Succeeded | Outcome::Undecided => None,
        };
        let succeeded = attempt.reached == Some(Stage::Session);
        let broke = attempt.failed_at == Some(Stage::Session);
        let turned_away = !broke && outcome == Outcome::Failed && attempt.reaches(Stage::Nla);
        let all = [
            Some((&self.opened, started)),
            came_out,
            succeeded.then_some((&self.succeeded, started)),
            dropped_early(attempt).then_some((&self.dropped_early, ended)),
            broke.then_some((&self.broke, ended)),
            turned_away.then_some((&self.turned_away, ended)),
        ];
        all.into_iter().flatten()
    }
}

/// Whom and what an attempt names, for all of its signals.
fn entities(attempt: &Attempt) -> Entities {
    let (domain, user) = match attempt.user.as_deref().map(|user| user.split_once('\\')) {
        Some(Some((domain, user))) => (Some(domain.into()), Some(user.into())),
        Some(None) => (None, attempt.user.clone()),
        None => (None, None),
    };
    Entities {
        client_address: attempt.client_address,
        client_name: attempt.client.clone(),
        user,
        domain,
        ..Entities::default()
    }
}

fn signal(
    id: &SignalId,
    time: Time,
    number: usize,
    attempt: &Attempt,
    entities: &Arc<Entities>,
) -> Signal {
    Signal {
        id: id.clone(),
        time,
        machine: attempt.machine.clone(),
        records: records(id, attempt),
        entities: Arc::clone(entities),
        activity_id: None,
        effect: Effect::default(),
        attempt: Some(number),
    }
}

/// An opened attempt stands for all of its records; what became of it is seen from the first
/// and the last.
fn records(id: &SignalId, attempt: &Attempt) -> Records {
    let records = attempt.records.iter().map(|joined| joined.record);
    if id.as_str() == drawn::ATTEMPT_OPENED {
        return records.collect::<Vec<usize>>().into();
    }
    let (first, last) = (records.clone().next(), records.clone().next_back());
    let mut ends: Vec<usize> = first.into_iter().chain(last).collect();
    ends.dedup();
    ends.into()
}

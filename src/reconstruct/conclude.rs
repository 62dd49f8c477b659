//! From a draft to an attempt: how far it came, where it died, how it came out.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::draft::{Draft, JoinedSignal};
use crate::model::{
    Attempt, AttemptKind, Facts, Joined, JoinedBy, Milestone, Outcome, PackedEvent, SessionChange,
    Side, Signal, Stage, Time,
};

/// What is asked of a draft besides its attempt.
pub(super) struct Rest {
    /// Whether a record that ends attempts was seen.
    pub ended: bool,
    /// What became of the session.
    pub changes: BTreeSet<SessionChange>,
    pub signals: Vec<JoinedSignal>,
    /// How the record that best says where the attempt died came to belong to it; `None` where
    /// none says so.
    pub named: Option<JoinedBy>,
}

/// Concludes one attempt.
pub(super) fn attempt(draft: Draft, facts: &Facts) -> (Attempt, Rest) {
    let (outcome, failed_at) = outcome(&draft);
    let named = named(&draft, facts);
    let (id, ended) = (fingerprint(&draft, facts), ended(&draft, facts));
    let (milestones, records) = (milestones(&draft, facts), records(&draft, facts));
    let transports = transports(&draft, facts);
    let Draft { machine, side, client_name, target, domain, .. } = draft;
    let host = match side {
        Side::Host => Some(machine.clone()),
        Side::Gateway | Side::Client => target,
    };
    let client = match side {
        Side::Host | Side::Gateway => client_name,
        Side::Client => Some(machine.clone()),
    };
    let attempt = Attempt {
        id,
        machine,
        side,
        views: draft.views,
        client_address: draft.client_address,
        client,
        host,
        user: draft.user.map(|user| account(domain.as_ref(), &user)),
        session: draft.session,
        connection: draft.connection,
        started: draft.started,
        ended,
        reached: draft.reached,
        milestones,
        failed_at,
        outcome,
        kind: AttemptKind::Connect,
        continues: None,
        transports,
        records,
    };
    (attempt, Rest { ended: draft.ended, changes: draft.changes, signals: draft.signals, named })
}

/// The records in the order of their attempt's clock, each with the strongest reason.
fn records(draft: &Draft, facts: &Facts) -> Vec<Joined> {
    let mut all: Vec<(usize, Time, JoinedBy)> = Vec::with_capacity(draft.signals.len());
    for joined in &draft.signals {
        let records = signal(facts, joined.signal).into_iter().flat_map(|s| s.records.iter());
        all.extend(records.map(|record| (*record, joined.time, joined.by)));
    }
    // Of several signals of a record the first joined tells the time.
    all.sort_by_key(|(record, ..)| *record);
    all.dedup_by(|(later, _, reason), (record, _, by)| {
        let is_same = later == record;
        if is_same {
            *by = (*by).min(*reason);
        }
        is_same
    });
    all.sort_unstable_by_key(|(record, time, by)| (*time, *record, *by));
    all.into_iter().map(|(record, _, by)| Joined { record, by }).collect()
}

/// A session that was up and then broke failed in `session`, which says nothing where none was
/// up; whatever ends before is a failure in the stage that a record names, else in the stage
/// after the last one proven.
fn outcome(draft: &Draft) -> (Outcome, Option<Stage>) {
    let broken = draft.fails.contains(&Stage::Session);
    match draft.reached {
        Some(Stage::Session) if broken => (Outcome::Failed, Some(Stage::Session)),
        Some(Stage::Session) => (Outcome::Succeeded, None),
        // A gateway that reached the host cannot tell what became of the user there.
        Some(Stage::Reach) if draft.side == Side::Gateway => (Outcome::Undecided, None),
        // Nor can a host that sent the user to another one.
        _ if draft.changes.contains(&SessionChange::HandedOver) && !draft.is_refused() => {
            (Outcome::Undecided, None)
        }
        reached => {
            let named = draft.fails.iter().copied().rfind(|stage| is_ahead(*stage, reached));
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

/// Whether an attempt that came so far can have died in a stage before its session.
fn is_ahead(stage: Stage, reached: Option<Stage>) -> bool {
    Some(stage) > reached && stage < Stage::Session
}

/// The strongest reason why a record that names the stage it died in belongs to it.
fn named(draft: &Draft, facts: &Facts) -> Option<JoinedBy> {
    let names = |joined: &&JoinedSignal| {
        let fails = signal(facts, joined.signal).and_then(|signal| signal.effect.fails);
        fails.is_some_and(|stage| is_ahead(stage, draft.reached))
    };
    draft.signals.iter().filter(names).map(|joined| joined.by).min()
}

/// The first proof of each stage.
fn milestones(draft: &Draft, facts: &Facts) -> Vec<Milestone> {
    let mut first: Vec<Milestone> = Vec::new();
    for joined in &draft.signals {
        let Some(signal) = signal(facts, joined.signal) else { continue };
        // What another machine takes for a later stage than the attempt reached is not proven.
        let proven = signal
            .effect
            .proves
            .filter(|stage| Some(*stage) <= draft.reached || *stage == Stage::Transport);
        if let (Some(stage), Some(record)) = (proven, signal.records.first()) {
            let milestone = Milestone { stage, time: joined.time, record: *record };
            match first.binary_search_by_key(&stage, |known| known.stage) {
                Ok(place) => {
                    let earliest = first.get_mut(place).filter(|known| milestone.time < known.time);
                    earliest.into_iter().for_each(|known| *known = milestone);
                }
                Err(place) => first.insert(place, milestone),
            }
        }
    }
    first
}

fn signal(facts: &Facts, index: usize) -> Option<&Signal> {
    facts.signals.get(index)
}

/// The time of the last record that ends attempts, the leading machine's before others'; else
/// of the last record that a strong key ties to it.
fn ended(draft: &Draft, facts: &Facts) -> Time {
    let ends = draft.signals.iter().filter_map(|joined| {
        let signal = signal(facts, joined.signal).filter(|signal| signal.effect.ends)?;
        Some((signal.machine == draft.machine, joined.time))
    });
    ends.max().map_or(draft.last, |(_, time)| time)
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
    domain.map_or_else(|| user.clone(), |domain| Arc::from([domain, "\\", user].concat()))
}

/// Whether an attempt failed before anything showed that security was agreed or refused.
pub(super) fn dropped_early(attempt: &Attempt) -> bool {
    attempt.outcome == Outcome::Failed
        && attempt.reached <= Some(Stage::Tls)
        && attempt.failed_at <= Some(Stage::Tls)
}

/// Names the attempt by the leading machine's first record, which is the same in every run, in
/// every split of the logs, and whatever other machines' logs lie beside.
fn fingerprint(draft: &Draft, facts: &Facts) -> Arc<str> {
    let first: Option<&PackedEvent> = draft
        .signals
        .iter()
        .filter_map(|joined| signal(facts, joined.signal))
        .filter(|signal| signal.machine == draft.machine)
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
    let number = digest.iter().take(5).fold(0, |number, byte| number << 8 | u64::from(*byte));
    Arc::from(format!("a-{number:010x}"))
}

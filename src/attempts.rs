//! Picks attempts out of a report, each with the conclusions that explain it.
//!
//! Knows filters. Knows nothing about formats.

use std::net::IpAddr;

use crate::model::{Attempt, Outcome, Report, Stage, Time};
use crate::options::{same_machine, same_user, saw};

/// Which attempts are asked for. Empty lists ask for all; the conditions add up, the items of
/// one list are alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Seen by one of these machines, or made to a host of that name.
    pub machines: Vec<String>,
    /// Made by one of these users.
    pub users: Vec<String>,
    /// Made from one of these clients: an address or a computer name.
    pub clients: Vec<String>,
    /// With one of these outcomes.
    pub outcomes: Vec<Outcome>,
    /// Ended in one of these stages; see [`ended_in`].
    pub stages: Vec<Stage>,
    /// Begun at or after this time.
    pub since: Option<Time>,
    /// Begun before this time.
    pub until: Option<Time>,
}

/// An attempt and what explains it.
#[derive(Clone, Debug)]
pub struct Picked<'r> {
    /// Its place among the report's attempts.
    pub index: usize,
    /// The attempt.
    pub attempt: &'r Attempt,
    /// Ids of the conclusions that explain it, by rank.
    pub diagnoses: Vec<&'r str>,
    /// Their causes, each once.
    pub causes: Vec<&'r str>,
}

/// The attempts that are asked for, in the report's order.
pub fn pick<'r>(report: &'r Report, wanted: &Wanted) -> Vec<Picked<'r>> {
    let mut picked: Vec<Option<Picked<'r>>> = report
        .attempts
        .iter()
        .enumerate()
        .map(|(index, attempt)| {
            wanted.asks_for(attempt).then(|| Picked {
                index,
                attempt,
                diagnoses: Vec::new(),
                causes: Vec::new(),
            })
        })
        .collect();
    for diagnosis in &report.diagnoses {
        for attempt in &diagnosis.candidate.attempts {
            let Some(Some(picked)) = picked.get_mut(*attempt) else { continue };
            picked.diagnoses.push(&diagnosis.id);
            let cause = &*diagnosis.candidate.cause;
            if !picked.causes.contains(&cause) {
                picked.causes.push(cause);
            }
        }
    }
    picked.into_iter().flatten().collect()
}

/// The stage in which an attempt came to its end: the one it died in, or else the highest that
/// it reached.
pub fn ended_in(attempt: &Attempt) -> Option<Stage> {
    attempt.failed_at.or(attempt.reached)
}

impl Wanted {
    /// Whether an attempt is asked for.
    pub fn asks_for(&self, attempt: &Attempt) -> bool {
        self.since.is_none_or(|since| attempt.started >= since)
            && self.until.is_none_or(|until| attempt.started < until)
            && any(&self.outcomes, |outcome| attempt.outcome == *outcome)
            && any(&self.stages, |stage| ended_in(attempt) == Some(*stage))
            && any(&self.machines, |name| saw(attempt, name))
            && any(&self.users, |name| {
                attempt.user.as_deref().is_some_and(|user| same_user(name, user))
            })
            && any(&self.clients, |client| came_from(attempt, client))
    }
}

/// Whether one of the items holds; no items ask for everything.
fn any<T>(items: &[T], holds: impl Fn(&T) -> bool) -> bool {
    items.is_empty() || items.iter().any(holds)
}

fn came_from(attempt: &Attempt, client: &str) -> bool {
    match client.parse::<IpAddr>() {
        Ok(address) => attempt.client_address == Some(address),
        Err(_) => attempt.client.as_deref().is_some_and(|name| same_machine(client, name)),
    }
}

//! Says which failed attempts stay without a conclusion, and which logs would help.
//!
//! Knows attempts, diagnoses and coverage. Knows nothing about evidence: what cannot be
//! concluded is never forced.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Attempt, Collect, Considered, Diagnosis, MachineCoverage, MachineRole, NearMiss, NotTested,
    Outcome, Side, Stage, Undecided, channel,
};
use crate::options::same_machine;
use crate::rules::RuleSet;

/// Causes named for one attempt that came near, or could not be tested.
const CONSIDERED: usize = 3;

/// What was seen of the case.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The attempts.
    pub attempts: &'a [Attempt],
    /// The machines, by name.
    pub machines: &'a [MachineCoverage],
    /// The causes that could not be tested on a machine.
    pub not_tested: &'a [NotTested],
}

/// Failed attempts that no conclusion covers, the causes that came near, and the logs that would
/// help.
pub fn undecided(
    seen: &Seen<'_>,
    diagnoses: &[Diagnosis],
    near: &[NearMiss],
    rules: &RuleSet,
) -> Vec<Undecided> {
    let explained: BTreeSet<usize> = diagnoses
        .iter()
        .flat_map(|diagnosis| diagnosis.candidate.attempts.iter().copied())
        .collect();
    let mut near_by_attempt: BTreeMap<usize, Vec<&NearMiss>> = BTreeMap::new();
    for miss in near {
        for attempt in miss.attempts.iter().filter(|attempt| !explained.contains(*attempt)) {
            near_by_attempt.entry(*attempt).or_default().push(miss);
        }
    }
    let untested = Untested::of(seen.not_tested, rules);
    let failed = |attempt: &Attempt| attempt.outcome == Outcome::Failed;
    seen.attempts
        .iter()
        .enumerate()
        .filter(|(number, attempt)| failed(attempt) && !explained.contains(number))
        .map(|(number, attempt)| {
            let mut near = near_by_attempt.remove(&number).unwrap_or_default();
            near.sort_by_key(|miss| std::cmp::Reverse(miss.considered.score));
            near.truncate(CONSIDERED);
            let mut considered: Vec<Considered> =
                near.iter().map(|miss| miss.considered.clone()).collect();
            let room = CONSIDERED.saturating_sub(considered.len());
            considered.extend(untested.of_attempt(attempt).take(room));
            let mut logs = collect(attempt, seen.machines);
            let helpful =
                |log: &&Collect| !is_strangers(log, attempt) && !is_supplied(log, seen.machines);
            for log in near.iter().flat_map(|miss| &miss.collect).filter(helpful) {
                let known =
                    |other: &Collect| other.machine == log.machine && other.channel == log.channel;
                if !logs.iter().any(known) {
                    logs.push(log.clone());
                }
            }
            Undecided { attempt: number, why: why_undecided(attempt), collect: logs, considered }
        })
        .collect()
}

/// The causes that could not be tested, by machine and the stage that they spoil.
struct Untested<'a>(BTreeMap<(&'a str, Stage), Vec<&'a NotTested>>);

impl<'a> Untested<'a> {
    fn of(not_tested: &'a [NotTested], rules: &RuleSet) -> Self {
        let mut by_stage: BTreeMap<(&str, Stage), Vec<&NotTested>> = BTreeMap::new();
        for one in not_tested {
            if let Some(cause) = rules.cause(&one.cause) {
                by_stage.entry((&one.machine, cause.stage)).or_default().push(one);
            }
        }
        Self(by_stage)
    }

    /// Those that spoil the stage in which the attempt died.
    fn of_attempt(&self, attempt: &'a Attempt) -> impl Iterator<Item = Considered> {
        let host = attempt.host.as_deref().unwrap_or(&attempt.machine);
        let found = attempt.failed_at.and_then(|stage| {
            self.0.get(&(&*attempt.machine, stage)).or_else(|| self.0.get(&(host, stage)))
        });
        found.into_iter().flatten().map(|one| {
            let missing: Vec<_> = one.missing.iter().map(|name| channel::short(name)).collect();
            let lacks = format!("not tested: it needs {} of {}", missing.join(", "), one.machine);
            Considered { cause: one.cause.clone(), score: None, lacks }
        })
    }
}

fn why_undecided(attempt: &Attempt) -> String {
    match (attempt.side, attempt.failed_at) {
        (Side::Client, _) => "the client's log shows that it ended, not why".to_owned(),
        (Side::Gateway, _) => "the gateway's log shows that it ended, not why".to_owned(),
        (Side::Host, Some(stage)) if stage <= Stage::Nla => {
            "the connection closed early, and no record says why".to_owned()
        }
        (Side::Host, stage) => {
            let stage = stage.map_or("an unknown stage", Stage::name);
            format!("it ended in {stage}, and no record says why")
        }
    }
}

/// Whether it is the log of a client that did not make the attempt: what came near may concern
/// others as well.
fn is_strangers(log: &Collect, attempt: &Attempt) -> bool {
    let is_own = |name: &str| same_machine(name, &log.machine);
    let address = attempt.client_address.map(|address| address.to_string());
    let own = [attempt.client.as_deref(), address.as_deref(), Some(&*attempt.machine)];
    log.channel.eq_ignore_ascii_case(channel::RDP_CLIENT) && !own.into_iter().flatten().any(is_own)
}

/// Whether a log was supplied, by whatever name its machine goes. Exported again it would tell no
/// more.
fn is_supplied(log: &Collect, machines: &[MachineCoverage]) -> bool {
    let mut own = machines.iter().filter(|machine| same_machine(&machine.name, &log.machine));
    own.any(|machine| machine.channel(&log.channel).is_some())
}

/// The logs of the machines that took part which were not supplied.
fn collect(attempt: &Attempt, machines: &[MachineCoverage]) -> Vec<Collect> {
    let wanted = |machine: &str, name: &str| Collect {
        machine: machine.into(),
        channel: name.into(),
        command: channel::export_command(name),
    };
    let host = match attempt.side {
        Side::Host => &attempt.machine,
        Side::Gateway | Side::Client => attempt.host.as_deref().unwrap_or("the host"),
    };
    let of_host = channel::core(&[MachineRole::Host]);
    let mut logs: Vec<Collect> = of_host.iter().map(|name| wanted(host, name)).collect();
    // The client alone knows what it disliked, and what the host told it.
    if attempt.side == Side::Host && !attempt.reaches(Stage::Nla) {
        let address = attempt.client_address.map(|address| address.to_string());
        let client = attempt.client.as_deref().or(address.as_deref());
        logs.extend(client.map(|client| wanted(client, channel::RDP_CLIENT)));
    }
    logs.retain(|log| !is_supplied(log, machines));
    logs
}

//! Says which failed attempts stay without a conclusion, and which logs would help.
//!
//! Knows attempts, diagnoses and coverage. Knows nothing about evidence: what cannot be
//! concluded is never forced.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Attempt, Collect, Diagnosis, MachineCoverage, MachineRole, Outcome, Side, Stage, Undecided,
    channel,
};
use crate::options::Options;

/// Failed attempts that no conclusion covers, and the logs that would help.
pub fn undecided(
    attempts: &[Attempt],
    diagnoses: &[Diagnosis],
    machines: &[MachineCoverage],
    options: &Options,
) -> Vec<Undecided> {
    let explained: BTreeSet<usize> = diagnoses
        .iter()
        .flat_map(|diagnosis| diagnosis.candidate.attempts.iter().copied())
        .collect();
    let machines: BTreeMap<&str, &MachineCoverage> =
        machines.iter().map(|machine| (&*machine.name, machine)).collect();
    attempts
        .iter()
        .enumerate()
        .filter(|(number, attempt)| {
            attempt.outcome == Outcome::Failed
                && !explained.contains(number)
                && concerns(attempt, options)
        })
        .map(|(number, attempt)| Undecided {
            attempt: number,
            why: why_undecided(attempt),
            collect: collect(attempt, machines.get(&*attempt.machine).copied()),
        })
        .collect()
}

/// Whether the options ask for an attempt: its user, its client.
fn concerns(attempt: &Attempt, options: &Options) -> bool {
    let user = || attempt.user.as_deref().is_some_and(|user| options.has_user(user));
    let client = || attempt.client_address.is_some_and(|client| options.clients.contains(&client));
    (options.users.is_empty() || user()) && (options.clients.is_empty() || client())
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

fn collect(attempt: &Attempt, machine: Option<&MachineCoverage>) -> Vec<Collect> {
    let supplied =
        |channel: &str| machine.is_some_and(|machine| machine.channel(channel).is_some());
    let wanted = |machine: &str, name: &str| Collect {
        machine: machine.into(),
        channel: name.into(),
        command: channel::export_command(name),
    };
    match attempt.side {
        Side::Host => {
            let mut logs: Vec<Collect> = channel::core(&[MachineRole::Host])
                .into_iter()
                .filter(|name| !supplied(name))
                .map(|name| wanted(&attempt.machine, name))
                .collect();
            let client = attempt.client.as_deref().map(str::to_owned);
            let client =
                client.or_else(|| attempt.client_address.map(|address| address.to_string()));
            // The client alone knows what it disliked, and what the host told it.
            if let Some(client) = client
                && !attempt.reaches(Stage::Nla)
            {
                logs.push(wanted(&client, channel::RDP_CLIENT));
            }
            logs
        }
        Side::Gateway | Side::Client => {
            let host = attempt.host.as_deref().unwrap_or("the host");
            channel::core(&[MachineRole::Host]).iter().map(|name| wanted(host, name)).collect()
        }
    }
}

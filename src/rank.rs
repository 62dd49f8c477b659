//! Puts conclusions in order, folds what others explain, and says what stays undecided.
//!
//! Knows candidates, attempts and coverage. Knows nothing about how evidence was weighed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::{
    Attempt, Candidate, Collect, Confidence, Diagnosis, Fix, Kind, MachineCoverage, Outcome, Scope,
    SeparateFrom, Side, Stage, Undecided,
};
use crate::options::Options;
use crate::rules::{Cause, RuleSet};

/// Two causes of the same attempts whose scores differ by no more than this (two to one)
/// cannot be separated.
const TOO_CLOSE: i32 = 3;

/// Orders the candidates: faults and attacks before what is benign, the surer before the less
/// sure, then by attempts explained, score, cause and scope. What a better one explains is
/// folded into it.
pub fn rank(candidates: Vec<Candidate>, rules: &RuleSet, options: &Options) -> Vec<Diagnosis> {
    let mut candidates: Vec<Candidate> =
        candidates.into_iter().filter(|candidate| asked_for(candidate, options)).collect();
    candidates.sort_by(|left, right| order(left).cmp(&order(right)));
    let folded: Vec<bool> = candidates
        .iter()
        .enumerate()
        .map(|(position, candidate)| {
            let before = candidates.iter().take(position);
            before.into_iter().any(|better| folds(better, candidate))
        })
        .collect();
    let kept: Vec<Candidate> = candidates
        .into_iter()
        .zip(folded)
        .filter(|(_, folded)| !folded)
        .map(|(candidate, _)| candidate)
        .collect();
    let separations: Vec<Vec<SeparateFrom>> =
        kept.iter().map(|candidate| inseparable(candidate, &kept, rules)).collect();
    kept.into_iter()
        .zip(separations)
        .enumerate()
        .filter_map(|(position, (candidate, separate_from))| {
            let cause = rules.cause(&candidate.cause)?;
            Some(diagnosis(position + 1, candidate, separate_from, cause, rules))
        })
        .collect()
}

/// Whether the options ask for a conclusion: its band, its users, its clients.
fn asked_for(candidate: &Candidate, options: &Options) -> bool {
    candidate.confidence >= options.min_confidence
        && (options.users.is_empty() || candidate.users.iter().any(|user| options.has_user(user)))
        && (options.clients.is_empty()
            || candidate.clients.iter().any(|client| options.clients.contains(client)))
}

/// The sort key of a candidate, the best first.
fn order(
    candidate: &Candidate,
) -> (bool, Reverse<Confidence>, Reverse<usize>, Reverse<i32>, &str, &Scope) {
    (
        candidate.kind == Kind::Benign,
        Reverse(candidate.confidence),
        Reverse(candidate.attempts.len()),
        Reverse(candidate.score),
        &candidate.cause,
        &candidate.scope,
    )
}

/// Whether the better conclusion makes the other one superfluous.
fn folds(better: &Candidate, other: &Candidate) -> bool {
    better.cause != other.cause
        && better.scope.machine() == other.scope.machine()
        && better.explains.contains(&other.cause)
        && is_within(&other.attempts, &better.attempts)
}

/// Whether all of `part` is in `whole`; both are sorted.
fn is_within(part: &[usize], whole: &[usize]) -> bool {
    part.iter().all(|attempt| whole.binary_search(attempt).is_ok())
}

fn inseparable(candidate: &Candidate, all: &[Candidate], rules: &RuleSet) -> Vec<SeparateFrom> {
    all.iter()
        .filter(|other| {
            other.cause != candidate.cause
                && other.kind != Kind::Benign
                && candidate.kind != Kind::Benign
                && (other.score - candidate.score).abs() <= TOO_CLOSE
                && other
                    .attempts
                    .iter()
                    .any(|attempt| candidate.attempts.binary_search(attempt).is_ok())
        })
        .map(|other| SeparateFrom {
            cause: other.cause.clone(),
            by: difference(&candidate.cause, &other.cause, rules),
        })
        .collect()
}

/// What tells two causes apart, as either of them says it.
fn difference(left: &Arc<str>, right: &Arc<str>, rules: &RuleSet) -> String {
    let said = |cause: &Arc<str>, other: &Arc<str>| {
        rules.cause(cause)?.not_to_be_confused_with.get(other).cloned()
    };
    said(left, right)
        .or_else(|| said(right, left))
        .unwrap_or_else(|| "the evidence at hand fits both alike".to_owned())
}

fn diagnosis(
    rank: usize,
    candidate: Candidate,
    separate_from: Vec<SeparateFrom>,
    cause: &Cause,
    rules: &RuleSet,
) -> Diagnosis {
    Diagnosis {
        id: format!("{}-{}", candidate.cause, fingerprint(&candidate.scope)),
        rank,
        title: cause.title.clone(),
        why: cause.why.clone(),
        summary: summary(&candidate),
        separate_from,
        fixes: fixes(cause, rules),
        candidate,
    }
}

/// How often, by how many, since when.
fn summary(candidate: &Candidate) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    let mut parts = Vec::new();
    if !candidate.attempts.is_empty() {
        parts.push(count(candidate.attempts.len(), "attempt", "attempts"));
    }
    if !candidate.clients.is_empty() {
        parts.push(count(candidate.clients.len(), "client", "clients"));
    }
    if candidate.first == candidate.last {
        parts.push(format!("at {}", candidate.first));
    } else {
        parts.push(format!("from {} to {}", candidate.first, candidate.last));
    }
    parts.join(", ")
}

fn fingerprint(scope: &Scope) -> String {
    let mut hash = Sha256::new();
    hash.update(scope.kind().as_bytes());
    hash.update([0]);
    hash.update(scope.to_string().as_bytes());
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn fixes(cause: &Cause, rules: &RuleSet) -> Vec<Fix> {
    cause
        .playbooks
        .iter()
        .filter_map(|id| rules.playbooks.get(id))
        .flat_map(|playbook| {
            playbook.steps.iter().enumerate().map(|(number, step)| Fix {
                playbook: playbook.id.clone(),
                title: playbook.title.clone(),
                step: number + 1,
                action: step.action.clone(),
                target: step.target.name(),
                command: step.command.clone(),
                expected: step.expected.clone(),
                risk: step.risk.clone(),
                temporary: step.temporary,
                security_impact: step.security_impact.clone(),
                verify: step.verify.clone(),
                undo: step.undo.clone(),
            })
        })
        .collect()
}

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
        (Side::Host, Some(stage)) if stage <= Stage::Nla => {
            "the connection closed early, and no record says why".to_owned()
        }
        (Side::Host, stage) => {
            let stage = stage.map_or("an unknown stage", Stage::name);
            format!("it ended in {stage}, and no record says why")
        }
    }
}

/// Channels that decide failures of a host, and the one that decides those of a client.
const HOST_CHANNELS: [&str; 5] = [
    "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
    "Security",
    "System",
];
const CLIENT_CHANNEL: &str = "Microsoft-Windows-TerminalServices-RDPClient/Operational";

fn collect(attempt: &Attempt, machine: Option<&MachineCoverage>) -> Vec<Collect> {
    let supplied =
        |channel: &str| machine.is_some_and(|machine| machine.channel(channel).is_some());
    let wanted = |machine: &str, channel: &str| Collect {
        machine: machine.into(),
        channel: channel.into(),
        command: export_command(channel),
    };
    match attempt.side {
        Side::Host => {
            let mut logs: Vec<Collect> = HOST_CHANNELS
                .iter()
                .filter(|channel| !supplied(channel))
                .map(|channel| wanted(&attempt.machine, channel))
                .collect();
            let client = attempt.client.as_deref().map(str::to_owned);
            let client =
                client.or_else(|| attempt.client_address.map(|address| address.to_string()));
            // The client alone knows what it disliked, and what the host told it.
            if let Some(client) = client
                && !attempt.reaches(Stage::Nla)
            {
                logs.push(wanted(&client, CLIENT_CHANNEL));
            }
            logs
        }
        Side::Client => {
            let host = attempt.host.as_deref().unwrap_or("the host");
            HOST_CHANNELS.iter().map(|channel| wanted(host, channel)).collect()
        }
    }
}

/// The command that exports a channel, to be run on its machine as an administrator.
pub fn export_command(channel: &str) -> String {
    let file: String = channel
        .trim_start_matches("Microsoft-Windows-")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .collect();
    format!("wevtutil epl \"{channel}\" {file}.evtx")
}

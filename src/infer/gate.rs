//! Tells whether a cause is considered at a scope at all, and by what.

use super::ground::Ground;
use super::number::Number;
use super::pattern::Tested;
use super::sheet::MOST_CITED;
use crate::model::{ProofPart, ProofStep, StepResult, Text};
use crate::rules::{Cause, Condition};

/// Whether what the cause requires is there, and nothing that rules it out.
pub(super) fn holds(cause: &Cause, ground: &Ground<'_>) -> bool {
    let met = |condition: &Condition| ground.holds(&condition.pattern);
    let gate = &cause.requires;
    (gate.any.is_empty() || gate.any.iter().any(met))
        && gate.all.iter().all(met)
        && !gate.none.iter().chain(&cause.excludes).any(met)
}

/// Every condition with its answer, in the order of the rule.
pub(super) fn steps(cause: &Cause, ground: &Ground<'_>) -> Vec<ProofStep> {
    let parts = [
        (ProofPart::RequiresAny, &cause.requires.any),
        (ProofPart::RequiresAll, &cause.requires.all),
        (ProofPart::RequiresNone, &cause.requires.none),
        (ProofPart::Excludes, &cause.excludes),
    ];
    let mut steps = Vec::new();
    for (part, conditions) in parts {
        steps.extend(conditions.iter().map(|condition| step(part, condition, ground)));
    }
    steps
}

/// Those that opened the gate, and those that could have closed it.
pub(super) fn opened(cause: &Cause, ground: &Ground<'_>) -> Vec<ProofStep> {
    let mut steps = steps(cause, ground);
    steps.retain(|step| step.part != ProofPart::RequiresAny || step.result == StepResult::Holds);
    steps
}

fn step(part: ProofPart, condition: &Condition, ground: &Ground<'_>) -> ProofStep {
    let (result, signals) = match ground.test(&condition.pattern) {
        Tested::Holds(signals) => (StepResult::Holds, signals),
        Tested::Fails => (StepResult::Fails, Vec::new()),
        Tested::Untestable(logs) => {
            let channels = logs.into_iter().map(|log| log.channel);
            (StepResult::Untestable(distinct(channels)), Vec::new())
        }
    };
    ProofStep {
        part,
        question: ground.words.of(&condition.pattern),
        result,
        because: condition.because.clone(),
        weight: 0,
        counted: 0,
        group: None,
        signals: signals.len(),
        records: cited(&signals, ground),
    }
}

/// In order, each once.
pub(super) fn distinct(channels: impl Iterator<Item = Text>) -> Vec<Text> {
    let mut channels: Vec<Text> = channels.collect();
    channels.sort();
    channels.dedup();
    channels
}

/// The records of the first signals.
pub(super) fn cited(signals: &[Number], ground: &Ground<'_>) -> Vec<usize> {
    let signals = signals.iter().filter_map(|number| ground.signal(*number));
    let records = signals.flat_map(|signal| signal.records.iter().copied());
    let mut records: Vec<usize> = records.take(MOST_CITED).collect();
    records.sort_unstable();
    records.dedup();
    records
}

//! Answers why a cause was concluded in a scope, or why not: its whole proof tree.
//!
//! Asks the same questions as inference, and keeps every answer. Inference itself keeps only
//! what speaks: a flood has a scope for each of a hundred thousand accounts.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::describe::describe;
use super::ground::{Ground, World};
use super::pattern::Tested;
use super::scopes::{Area, Place};
use super::weigh::{Answer, MOST_CITED, POSSIBLE, Sheet};
use super::{involved, world_of};
use crate::model::{
    Attempt, Confidence, Facts, Proof, ProofPart, ProofStep, Ruling, Scope, StepResult, channel,
};
use crate::rules::schema::ScopeKind;
use crate::rules::{Cause, Condition, ItemRole, RuleSet};

/// The proof trees of a cause for every scope in which something it asks for was seen, and for
/// every machine that somebody tried to connect to; the nearest to a conclusion first. The facts
/// are those that inference gave back; empty for an id that is none of the rules'.
pub fn prove(rules: &RuleSet, facts: &Facts, attempts: &[Attempt], cause: &str) -> Vec<Proof> {
    let Some(cause) = rules.cause(cause) else { return Vec::new() };
    world_of(rules, facts, attempts, |world| {
        let mut proofs: Vec<Proof> = world
            .scopes
            .of_kind(cause.scope)
            .filter(|place| concerns(cause, *place, world))
            .map(|place| proof(cause, &Ground::new(world, place)))
            .collect();
        let told: BTreeSet<Arc<str>> =
            proofs.iter().filter_map(|proof| proof.scope.machine().cloned()).collect();
        for machine in involved(attempts) {
            if !told.contains(&machine) && cause.scope != ScopeKind::Fleet {
                let scope = Scope::Machine(machine);
                let place = Place { kind: cause.scope, scope: &scope };
                proofs.push(proof(cause, &Ground::new(world, place)));
            }
        }
        proofs.sort_by(|left, right| {
            let key = |proof: &Proof| (proof.ruling, Reverse(proof.score));
            key(left).cmp(&key(right)).then_with(|| left.scope.cmp(&right.scope))
        });
        proofs
    })
}

/// Whether a scope has a signal that opens the cause's gate or proves it.
fn concerns(cause: &Cause, place: Place<'_>, world: &World<'_>) -> bool {
    if matches!(place.kind, ScopeKind::Fleet) {
        return true;
    }
    let area: Area<'_> = world.scopes.area(place);
    let gate = cause.requires.any.iter().chain(&cause.requires.all);
    let asked = gate.map(|condition| &condition.pattern);
    let items = cause.items.iter().filter(|item| item.role == ItemRole::Confirms);
    asked
        .chain(items.map(|item| &item.pattern))
        .filter(|pattern| pattern.at.is_none())
        .flat_map(|pattern| &pattern.signals)
        .any(|id| !area.signals(id, world.facts).is_empty())
}

fn proof(cause: &Cause, ground: &Ground<'_>) -> Proof {
    let mut steps = Vec::new();
    let parts = [
        (ProofPart::RequiresAny, &cause.requires.any),
        (ProofPart::RequiresAll, &cause.requires.all),
        (ProofPart::RequiresNone, &cause.requires.none),
        (ProofPart::Excludes, &cause.excludes),
    ];
    for (part, conditions) in parts {
        steps.extend(conditions.iter().map(|condition| step_of(part, condition, ground)));
    }
    let gate = Gate::of(&steps);
    let sheet = Sheet::of(cause, ground);
    let score = sheet.score(cause);
    let band = sheet.band(score).filter(|_| gate == Gate::Open);
    steps.extend(item_steps(cause, &sheet, ground));
    let (ruling, reason) = rule(cause, &gate, band, score, &steps, ground);
    Proof {
        cause: cause.id.clone(),
        scope: ground.place.scope.clone(),
        ruling,
        reason,
        steps,
        prior: cause.prior,
        score,
        band,
    }
}

fn step_of(part: ProofPart, condition: &Condition, ground: &Ground<'_>) -> ProofStep {
    let tested = ground.test(&condition.pattern);
    let (result, signals) = result(&tested);
    ProofStep {
        part,
        question: describe(&condition.pattern, ground.world.rules),
        result,
        because: condition.because.clone(),
        weight: 0,
        counted: 0,
        group: None,
        signals: signals.len(),
        records: cited(signals, ground),
    }
}

fn item_steps(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Vec<ProofStep> {
    let answers = cause.items.iter().enumerate();
    answers
        .map(|(number, item)| {
            let (result, signals, counted) = match sheet.answer(number) {
                Answer::Holds { signals, counted } => (StepResult::Holds, signals, counted),
                Answer::Untestable(channels) => (untestable(channels), &[][..], 0),
                Answer::Fails => (StepResult::Fails, &[][..], 0),
            };
            ProofStep {
                part: match item.role {
                    ItemRole::Confirms => ProofPart::Confirms,
                    ItemRole::Supports => ProofPart::Supports,
                    ItemRole::Contradicts => ProofPart::Contradicts,
                    ItemRole::Absent => ProofPart::Absent,
                },
                question: describe(&item.pattern, ground.world.rules),
                result,
                because: item.because.clone(),
                weight: item.weight,
                counted,
                group: item.group.clone(),
                signals: signals.len(),
                records: cited(signals, ground),
            }
        })
        .collect()
}

fn result(tested: &Tested) -> (StepResult, &[usize]) {
    match tested {
        Tested::Holds(signals) => (StepResult::Holds, signals),
        Tested::Fails => (StepResult::Fails, &[]),
        Tested::Untestable(channels) => (untestable(channels), &[]),
    }
}

fn untestable(channels: &[String]) -> StepResult {
    StepResult::Untestable(channels.iter().map(|channel| channel.as_str().into()).collect())
}

fn cited(signals: &[usize], ground: &Ground<'_>) -> Vec<usize> {
    let signals = signals.iter().filter_map(|number| ground.signal(*number));
    let records = signals.flat_map(|signal| signal.records.iter().copied());
    let mut records: Vec<usize> = records.take(MOST_CITED).collect();
    records.sort_unstable();
    records.dedup();
    records
}

/// Whether a cause is considered.
#[derive(Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// By the step of that number.
    ClosedBy(usize),
    /// What it requires is missing, and the logs would show it.
    Unmet,
    /// What it requires is missing, and so are these logs.
    Unseen(BTreeSet<Arc<str>>),
}

impl Gate {
    fn of(steps: &[ProofStep]) -> Self {
        let holds = |step: &ProofStep| step.result == StepResult::Holds;
        let closing = steps.iter().position(|step| {
            matches!(step.part, ProofPart::RequiresNone | ProofPart::Excludes) && holds(step)
        });
        if let Some(number) = closing {
            return Self::ClosedBy(number);
        }
        let of = |part| steps.iter().filter(move |step| step.part == part);
        let any =
            of(ProofPart::RequiresAny).any(holds) || of(ProofPart::RequiresAny).next().is_none();
        let lacking: Vec<&ProofStep> = of(ProofPart::RequiresAny)
            .filter(|_| !any)
            .chain(of(ProofPart::RequiresAll).filter(|step| !holds(step)))
            .collect();
        if lacking.is_empty() {
            return Self::Open;
        }
        let missing: BTreeSet<Arc<str>> =
            lacking.into_iter().flat_map(|step| channels(step).iter().cloned()).collect();
        if missing.is_empty() { Self::Unmet } else { Self::Unseen(missing) }
    }
}

fn channels(step: &ProofStep) -> &[Arc<str>] {
    match &step.result {
        StepResult::Untestable(channels) => channels,
        StepResult::Holds | StepResult::Fails => &[],
    }
}

/// What became of the cause, and why.
fn rule(
    cause: &Cause,
    gate: &Gate,
    band: Option<Confidence>,
    score: i32,
    steps: &[ProofStep],
    ground: &Ground<'_>,
) -> (Ruling, String) {
    match gate {
        Gate::ClosedBy(number) => {
            let by = steps.get(*number);
            let why = by.map(|step| step.because.as_deref().unwrap_or(&step.question));
            return (Ruling::RuledOut, why.unwrap_or_default().to_owned());
        }
        Gate::Unseen(missing) => {
            let missing = listed(&missing.iter().collect());
            return (Ruling::NotTested, format!("what it requires would stand in {missing}"));
        }
        Gate::Unmet => {
            let missing: BTreeSet<&Arc<str>> = cause
                .needs
                .iter()
                .filter(|channel| !ground.is_logged(None, channel, None))
                .collect();
            if missing.is_empty() {
                return (Ruling::RuledOut, "nothing of what it requires was seen".to_owned());
            }
            let missing = listed(&missing);
            return (Ruling::NotTested, format!("it needs {missing}"));
        }
        Gate::Open => {}
    }
    match band {
        Some(Confidence::Possible) => (Ruling::Suspected, "the evidence is thin".to_owned()),
        Some(Confidence::Likely) => (Ruling::Found, "the evidence weighs enough".to_owned()),
        Some(Confidence::Confirmed) => (Ruling::Found, "it is proven".to_owned()),
        None => {
            let open: i32 = steps
                .iter()
                .filter(|step| !channels(step).is_empty())
                .map(|step| step.weight.max(0))
                .sum();
            if score + open < POSSIBLE {
                return (Ruling::RuledOut, "more speaks against it than for it".to_owned());
            }
            let missing: BTreeSet<&Arc<str>> = steps.iter().flat_map(channels).collect();
            let missing = listed(&missing);
            (Ruling::NotTested, format!("too little speaks for it; more may stand in {missing}"))
        }
    }
}

fn listed(channels: &BTreeSet<&Arc<str>>) -> String {
    let names: Vec<_> = channels.iter().map(|name| channel::short(name)).collect();
    names.join(", ")
}

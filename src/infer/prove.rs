//! Answers why a cause was concluded in a scope, or why not: its whole proof tree.
//!
//! Asks the same questions as inference, and keeps every answer. Inference itself keeps only
//! what speaks: a flood has a scope for each of a hundred thousand accounts.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::Asked;
use super::gate::{cited, distinct, steps as gate_steps};
use super::ground::{Ground, World};
use super::names::Names;
use super::scopes::Place;
use super::sheet::{Answer, POSSIBLE, Sheet};
use super::words::Words;
use super::{judge, world_of};
use crate::model::{
    Attempt, Confidence, Facts, Proof, ProofPart, ProofStep, Ruling, Scope, StepResult, Text,
    channel,
};
use crate::rules::schema::ScopeKind;
use crate::rules::{Cause, ItemRole, RuleSet};

/// The proof trees of a cause for every scope in which something it asks for was seen, and for
/// every machine that somebody tried to connect to; the nearest to a conclusion first. The facts
/// are those that inference gave back; empty for an id that is none of the rules'.
pub fn prove(rules: &RuleSet, facts: &Facts, attempts: &[Attempt], cause: &str) -> Vec<Proof> {
    let Some(cause) = rules.cause(cause) else { return Vec::new() };
    let asked = |names: &mut Names| Asked::by_one(cause, names);
    world_of(rules, facts, attempts, asked, |world| {
        let words = Words::new(rules, cause);
        let mut proofs: Vec<Proof> = world
            .scopes
            .of_kind(cause.scope)
            .into_iter()
            .filter(|place| concerns(cause, place, world))
            .flat_map(|place| spells(cause, world, &place, &words))
            .collect();
        let told: BTreeSet<Arc<str>> =
            proofs.iter().filter_map(|proof| proof.scope.machine().cloned()).collect();
        for machine in world.involved.keys() {
            if !told.contains(machine) && cause.scope != ScopeKind::Fleet {
                let scope = Scope::Machine(Arc::clone(machine));
                let place = Place::new(cause.scope, scope);
                proofs.push(proof(cause, &Ground::new(world, place, &words)));
            }
        }
        proofs.sort_by(|left, right| {
            let key = |proof: &Proof| (proof.ruling, Reverse(proof.score));
            key(left)
                .cmp(&key(right))
                .then_with(|| (&left.scope, left.episode).cmp(&(&right.scope, right.episode)))
        });
        proofs
    })
}

/// The proof of a scope, or one for each spell where inference tells them apart.
fn spells(cause: &Cause, world: &World<'_>, place: &Place, words: &Words<'_>) -> Vec<Proof> {
    let parts = judge::judge(cause, Ground::new(world, place.clone(), words)).parts;
    if parts.len() < 2 {
        let ground = parts.into_iter().next().map(|(ground, _)| ground);
        let ground = ground.unwrap_or_else(|| Ground::new(world, place.clone(), words));
        return vec![proof(cause, &ground)];
    }
    let numbered = (1..).zip(&parts);
    numbered
        .map(|(number, (ground, _))| Proof { episode: Some(number), ..proof(cause, ground) })
        .collect()
}

/// Whether a scope has a signal that opens the cause's gate or proves it.
fn concerns(cause: &Cause, place: &Place, world: &World<'_>) -> bool {
    if matches!(place.kind, ScopeKind::Fleet) {
        return true;
    }
    let area = world.scopes.area(place);
    let gate = cause.requires.any.iter().chain(&cause.requires.all);
    let asked = gate.map(|condition| &condition.pattern);
    let items = cause.items.iter().filter(|item| item.role == ItemRole::Confirms);
    asked
        .chain(items.map(|item| &item.pattern))
        .filter(|pattern| pattern.at.is_none())
        .flat_map(|pattern| &pattern.signals)
        .any(|id| !world.scopes.signals(area, id.as_str()).is_empty())
}

fn proof(cause: &Cause, ground: &Ground<'_>) -> Proof {
    let mut steps = gate_steps(cause, ground);
    let gate = Gate::of(&steps);
    let sheet = Sheet::of(cause, ground);
    let score = sheet.score(cause);
    let band = sheet.band(score).filter(|_| gate == Gate::Open);
    steps.extend(item_steps(cause, &sheet, ground));
    let (ruling, reason) = rule(cause, &gate, band, &sheet, &steps, ground);
    Proof {
        cause: cause.id.clone(),
        scope: ground.place.scope.clone(),
        ruling,
        reason,
        steps,
        prior: cause.prior,
        score,
        band,
        episode: None,
    }
}

fn item_steps(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Vec<ProofStep> {
    let answers = cause.items.iter().enumerate();
    answers
        .map(|(number, item)| {
            let (result, signals, counted) = match sheet.answer(number) {
                Answer::Holds(entry) => (StepResult::Holds, &entry.signals[..], entry.weight),
                Answer::Untestable(logs) => {
                    let channels = distinct(logs.iter().map(|log| log.channel.clone()));
                    (StepResult::Untestable(channels), &[][..], 0)
                }
                Answer::Fails => (StepResult::Fails, &[][..], 0),
            };
            ProofStep {
                part: match item.role {
                    ItemRole::Confirms => ProofPart::Confirms,
                    ItemRole::Supports => ProofPart::Supports,
                    ItemRole::Contradicts => ProofPart::Contradicts,
                    ItemRole::Absent => ProofPart::Absent,
                },
                question: ground.words.of(&item.pattern),
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

/// Whether a cause is considered.
#[derive(Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// By the step of that number.
    ClosedBy(usize),
    /// What it requires is missing, and the logs would show it.
    Unmet,
    /// What it requires is missing, and so are these logs.
    Unseen(BTreeSet<Text>),
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
        let missing: BTreeSet<Text> =
            lacking.into_iter().flat_map(|step| channels(step).iter().cloned()).collect();
        if missing.is_empty() { Self::Unmet } else { Self::Unseen(missing) }
    }
}

fn channels(step: &ProofStep) -> &[Text] {
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
    sheet: &Sheet,
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
            let missing: BTreeSet<&Text> = cause
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
        Some(Confidence::Likely) if !sheet.hidden.is_empty() => {
            let others: Vec<&str> = sheet.hidden.keys().map(AsRef::as_ref).collect();
            let others = others.join(" or ");
            let reason = format!("for want of a log it is not told from {others}");
            (Ruling::Found, reason)
        }
        Some(Confidence::Possible) => (Ruling::Suspected, "the evidence is thin".to_owned()),
        Some(Confidence::Likely) => (Ruling::Found, "the evidence weighs enough".to_owned()),
        Some(Confidence::Confirmed) => (Ruling::Found, "it is proven".to_owned()),
        None => {
            let open: i32 = steps
                .iter()
                .filter(|step| !channels(step).is_empty())
                .map(|step| step.weight.max(0))
                .sum();
            if sheet.score(cause) + open < POSSIBLE {
                return (Ruling::RuledOut, "more speaks against it than for it".to_owned());
            }
            let missing: BTreeSet<&Text> = steps.iter().flat_map(channels).collect();
            let missing = listed(&missing);
            (Ruling::NotTested, format!("too little speaks for it; more may stand in {missing}"))
        }
    }
}

fn listed(channels: &BTreeSet<&Text>) -> String {
    let names: Vec<_> = channels.iter().map(|name| channel::short(name)).collect();
    names.join(", ")
}

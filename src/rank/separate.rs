//! Says what a conclusion cannot be told from, and what would tell: another conclusion, or a
//! look-alike that a missing log could show.
//!
//! Knows scores, victims and what could not be tested. Two causes that are both proven are two
//! faults, not one that cannot be told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{
    Candidate, Collect, Confidence, Evidence, Hidden, Kind, Role, SeparateFrom, Text, WouldTell,
    channel,
};
use crate::rules::RuleSet;

/// Two causes of the same attempts whose scores differ by no more than this (two to one)
/// cannot be separated.
const TOO_CLOSE: i32 = 3;
/// So many of the questions that would tell are named.
const QUESTIONS: usize = 2;

/// For each conclusion the causes that explain the same attempts about as well, where no surer
/// one does.
pub(super) fn inseparable(kept: &[Candidate], rules: &RuleSet) -> Vec<Vec<SeparateFrom>> {
    let mut contenders: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, candidate) in kept.iter().enumerate() {
        for attempt in candidate.attempts.iter().filter(|_| candidate.kind != Kind::Benign) {
            contenders.entry(*attempt).or_default().push(number);
        }
    }
    // How many attempts each two have in common as the best that there are for them.
    let mut common: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for numbers in contenders.values() {
        let best = best(kept, numbers);
        for left in &best {
            for right in best.iter().filter(|right| *right != left) {
                *common.entry((*left, *right)).or_default() += 1;
            }
        }
    }
    let mut separations: Vec<Vec<SeparateFrom>> = vec![Vec::new(); kept.len()];
    for ((left, right), count) in common {
        let (Some(candidate), Some(other)) = (kept.get(left), kept.get(right)) else { continue };
        // One attempt of many is no reason to doubt the others.
        let few = candidate.attempts.len().min(other.attempts.len());
        if candidate.cause == other.cause || count * 2 < few {
            continue;
        }
        if let Some(separations) = separations.get_mut(left) {
            separations.push(separation(candidate, other, rules));
        }
    }
    for (candidate, separations) in kept.iter().zip(&mut separations) {
        for look_alike in &candidate.hidden {
            if !separations.iter().any(|other| other.cause == look_alike.cause) {
                separations.push(unseen(candidate, look_alike, rules));
            }
        }
    }
    separations
}

/// A look-alike that no log at hand shows or rules out.
fn unseen(candidate: &Candidate, look_alike: &Hidden, rules: &RuleSet) -> SeparateFrom {
    let Hidden { cause, question, collect } = look_alike;
    let logs: Vec<String> = collect.iter().map(named).collect();
    let asked = format!("{} would tell whether: {question}", logs.join(", "));
    let said = rules.cause(&candidate.cause);
    let said = said.and_then(|rule| rule.not_to_be_confused_with.get(cause));
    SeparateFrom {
        cause: cause.clone(),
        diagnosis: None,
        by: said.map_or_else(|| asked.clone(), |said| format!("{said}; {asked}")),
        collect: collect.clone(),
    }
}

/// `CAPI2 of SRV01`.
fn named(log: &Collect) -> String {
    format!("{} of {}", channel::short(&log.channel), log.machine)
}

/// Those of some conclusions that are about as good as the best; none where that is proven.
fn best(kept: &[Candidate], numbers: &[usize]) -> Vec<usize> {
    let of = |number: &usize| kept.get(*number);
    let proven = |found: &Candidate| found.confidence == Confidence::Confirmed;
    let highest = numbers.iter().filter_map(of).map(|found| found.score).max();
    if numbers.iter().filter_map(of).any(proven) {
        return Vec::new();
    }
    let close = |found: &Candidate| highest.is_some_and(|score| score - found.score <= TOO_CLOSE);
    numbers.iter().copied().filter(|number| of(number).is_some_and(close)).collect()
}

/// What tells two conclusions apart: what either rule says about the other, and what missing
/// logs would show.
fn separation(left: &Candidate, right: &Candidate, rules: &RuleSet) -> SeparateFrom {
    let said = |one: &Candidate, other: &Candidate| {
        rules.cause(&one.cause)?.not_to_be_confused_with.get(&other.cause).map(Text::to_string)
    };
    let mut by = said(left, right).or_else(|| said(right, left)).unwrap_or_default();
    let questions = questions(left, right);
    let mut collect: BTreeSet<Collect> = BTreeSet::new();
    for question in &questions {
        collect.extend(question.evidence.collect.iter().cloned());
        if !by.is_empty() {
            by.push_str("; ");
        }
        by.push_str(&question.text());
    }
    if questions.is_empty() {
        let rest = "the evidence at hand fits both, and no log is missing that would tell";
        by = if by.is_empty() { rest.to_owned() } else { format!("{by}; {rest}") };
    }
    SeparateFrom {
        cause: right.cause.clone(),
        diagnosis: Some(super::id(right)),
        by,
        collect: collect.into_iter().collect(),
    }
}

/// A question that a missing log would answer, for one of the two.
struct Question<'a> {
    cause: &'a Text,
    asked: &'a WouldTell,
    evidence: &'a Evidence,
}

impl Question<'_> {
    /// `CAPI2 of SRV01 would tell whether the key was refused (for certificate-key-unreadable)`.
    fn text(&self) -> String {
        let logs: Vec<String> = self.evidence.collect.iter().map(named).collect();
        let side = if self.asked.role == Role::Contradicting { "against" } else { "for" };
        let (question, cause) = (&self.asked.question, self.cause);
        format!("{} would tell whether: {question} ({side} {cause})", logs.join(", "))
    }
}

/// The weightiest questions that a missing log would answer and that do not speak for or
/// against both alike.
fn questions<'a>(left: &'a Candidate, right: &'a Candidate) -> Vec<Question<'a>> {
    let asked = |candidate: &'a Candidate| {
        candidate.evidence.iter().filter(|item| !item.collect.is_empty()).flat_map(
            move |evidence| {
                evidence.would_tell.iter().map(move |asked| Question {
                    cause: &candidate.cause,
                    asked,
                    evidence,
                })
            },
        )
    };
    let weights = |candidate: &'a Candidate| -> BTreeMap<&'a Arc<str>, i32> {
        asked(candidate).map(|found| (&found.asked.question, found.asked.weight)).collect()
    };
    let (of_left, of_right) = (weights(left), weights(right));
    let both = |question: &Question<'_>| {
        let text = &question.asked.question;
        of_left.get(text).is_some_and(|left| of_right.get(text) == Some(left))
    };
    let mut questions: Vec<Question<'_>> =
        asked(left).chain(asked(right)).filter(|question| !both(question)).collect();
    questions.sort_by_key(|question| {
        let asked = question.asked;
        (asked.role != Role::Decisive, Reverse(asked.weight.abs()))
    });
    questions.truncate(QUESTIONS);
    questions
}

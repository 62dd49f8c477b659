//! What the knowledge base says about a cause, for people: the page behind `explain`, and the
//! pages under `docs/causes`.
//!
//! Knows rules and how to say them in sentences. Knows no case and no record.

mod markdown;

use std::collections::BTreeSet;

use crate::model::{Effect, FactKind, Text, channel, drawn};
use crate::rules::{
    Cause, Condition, Item, ItemRole, Pattern, Playbook, RuleSet, SignalRule, describe,
};

pub use markdown::{index, page};

/// One part of a page: what it tells, and an item for each thing of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// A heading in a few words.
    pub heading: &'static str,
    /// A sentence that says how to read the items; may be empty.
    pub about: &'static str,
    /// In the order of the rule.
    pub items: Vec<Line>,
}

/// One thing that a part tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What stands before it: a weight, a cause; may be empty.
    pub label: String,
    /// The thing itself.
    pub text: String,
    /// Why; may be empty.
    pub reason: String,
}

/// The logs that a cause looks at, by full name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs<'r> {
    /// Without these it is not tested.
    pub needed: Vec<&'r str>,
    /// These add evidence where they are supplied, in order.
    pub helpful: Vec<&'r str>,
}

/// The logs that a cause looks at; facts beside them are never asked for. What it learns from attempts comes from the logs of which
/// attempts are made.
pub fn logs<'r>(rules: &'r RuleSet, cause: &'r Cause) -> Logs<'r> {
    let needed: Vec<&str> = cause.needs.iter().map(|channel| &**channel).collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for id in cause.patterns().flat_map(Pattern::named_signals) {
        if drawn::ALL.contains(&id.as_str()) {
            let tells = |rule: &&SignalRule| rule.effect != Effect::default();
            used.extend(rules.signals.rules().iter().filter(tells).map(|rule| &*rule.channel));
        } else if let Some(correlation) = rules.correlation(id) {
            let counted = correlation.rules.iter().filter_map(|id| rules.channel_of(id));
            used.extend(counted.map(|channel| &**channel));
        } else {
            used.extend(rules.channel_of(id).map(|channel| &**channel));
        }
    }
    used.retain(|channel| FactKind::of(channel).is_none());
    let is_needed = |channel: &str| needed.iter().any(|name| name.eq_ignore_ascii_case(channel));
    let helpful = used.into_iter().filter(|channel| !is_needed(channel)).collect();
    Logs { needed, helpful }
}

/// What tells the cause: its gate, what speaks for it and against it, what it looks like, and
/// what not to do. Parts without items are left out.
pub fn parts(rules: &RuleSet, cause: &Cause) -> Vec<Part> {
    let condition = |condition: &Condition| Line {
        text: describe(rules, &condition.pattern),
        reason: condition.because.as_deref().unwrap_or_default().to_owned(),
        ..Line::default()
    };
    let items = |role: ItemRole| {
        let of_role = cause.items.iter().filter(move |item| item.role == role);
        of_role.map(|item| Line {
            label: format!("{:+}", item.weight),
            text: describe(rules, &item.pattern),
            reason: reason(item),
        })
    };
    let gate = &cause.requires;
    let logs = logs(rules, cause);
    let spoken = |names: &[&str]| -> Vec<Line> {
        let text = |name: &&str| match channel::short(name) {
            short if short == **name => short.into_owned(),
            short => format!("{short} ({name})"),
        };
        names.iter().map(|name| Line { text: text(name), ..Line::default() }).collect()
    };
    let look_alike = |(id, difference): (&Text, &Text)| Line {
        label: id.to_string(),
        text: difference.to_string(),
        ..Line::default()
    };
    let advice = |(advice, reason): (&Text, &Text)| Line {
        text: advice.to_string(),
        reason: reason.to_string(),
        ..Line::default()
    };
    let parts = [
        ("Logs", "Without these it is not tested.", spoken(&logs.needed)),
        ("More logs", "These add evidence where they are supplied.", spoken(&logs.helpful)),
        ("Considered when", "Any of these is there.", gate.any.iter().map(condition).collect()),
        ("Required", "All of these are there.", gate.all.iter().map(condition).collect()),
        ("Not considered when", "", gate.none.iter().map(condition).collect()),
        ("Ruled out by", "", cause.excludes.iter().map(condition).collect()),
        (
            "Proven by",
            "Any of these, unless weighty evidence contradicts.",
            items(ItemRole::Confirms).collect(),
        ),
        (
            "For it",
            "In decibans: 10 is ten to one. Of a group only the weightiest counts.",
            items(ItemRole::Supports).collect(),
        ),
        (
            "For it by absence",
            "Only where the log that would hold it was supplied for the time.",
            items(ItemRole::Absent).collect(),
        ),
        ("Against it", "", items(ItemRole::Contradicts).collect()),
        (
            "Looks like",
            "What tells them apart.",
            cause.not_to_be_confused_with.iter().map(look_alike).collect(),
        ),
        (
            "Never",
            "What does harm or does not help, and why.",
            cause.never.iter().map(advice).collect(),
        ),
    ];
    let part = |(heading, about, items): (_, _, Vec<Line>)| Part { heading, about, items };
    parts.into_iter().map(part).filter(|part| !part.items.is_empty()).collect()
}

/// Why an item counts, and which look-alike it shows.
fn reason(item: &Item) -> String {
    let because = item.because.as_deref().unwrap_or_default();
    match &item.instead {
        Some(other) => format!("{because}; it shows {other} instead"),
        None => because.to_owned(),
    }
}

/// The playbooks of a cause, best first.
pub fn playbooks<'r>(rules: &'r RuleSet, cause: &Cause) -> Vec<&'r Playbook> {
    cause.playbooks.iter().filter_map(|id| rules.playbooks.get(id)).collect()
}

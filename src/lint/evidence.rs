//! Checks items of evidence: that each says why it counts, and that the logs which hold it are
//! asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::corpus::{Corpus, Entry, PROSE, channels_of, is_signal};
use super::finding::{Finding, Level, Sheet};
use super::tree::{Tree, entries, get, items, mentions, place, text, text_at};
use crate::model::{Effect, Text, channel, drawn};
use crate::rules::{Cause, Condition, ItemRole, Place, RuleSet};

/// Absence is weak: what was not seen may only add so much.
const MOST_FOR_ABSENCE: i32 = 10;

/// Checks the evidence of every cause.
pub(super) fn check(corpus: &Corpus<'_>, rules: &RuleSet, findings: &mut Vec<Finding>) {
    for cause in &rules.causes {
        let Some(entry) = corpus.causes.get(&*cause.id) else { continue };
        let Some(evidence) = get(&entry.tree, "evidence") else { continue };
        let mut sheet = Sheet::new(entry.file, findings);
        with_reasons(cause, evidence, &mut sheet);
        weak_absence(cause, evidence, &mut sheet);
        gate_in_needed_logs(cause, entry, rules, &mut sheet);
        in_named_logs(cause, evidence, rules, &mut sheet);
        channels_in_use(entry, evidence, rules, &mut sheet);
    }
}

/// The items of `evidence`, by role.
fn all_items(evidence: &Tree) -> impl Iterator<Item = (&str, &Tree)> {
    let roles = entries(evidence).iter().filter(|(role, _)| role.value != "requires");
    roles.flat_map(|(role, list)| items(Some(list)).iter().map(|item| (role.value.as_str(), item)))
}

/// A weight is a judgement, so it says on what. Of a group one reason is enough: its items
/// show the same thing.
fn with_reasons(cause: &Cause, evidence: &Tree, sheet: &mut Sheet<'_>) {
    let explained: BTreeSet<&str> = all_items(evidence)
        .filter(|(_, item)| has_reason(item))
        .filter_map(|(_, item)| text_at(item, "group"))
        .collect();
    for (role, item) in all_items(evidence) {
        let by_group = text_at(item, "group").is_some_and(|group| explained.contains(group));
        if !has_reason(item) && !by_group {
            sheet.add(
                Level::Error,
                "unexplained-weight",
                Place::from(item),
                format!("an item under `{role}` of `{}` does not say why it counts", cause.id),
                "add `because: …`, a clause that a reader of the report understands",
            );
        }
    }
}

fn has_reason(item: &Tree) -> bool {
    text_at(item, "because").is_some_and(|reason| !reason.trim().is_empty())
}

fn weak_absence(cause: &Cause, evidence: &Tree, sheet: &mut Sheet<'_>) {
    let absent = cause.items.iter().filter(|item| item.role == ItemRole::Absent);
    for (item, tree) in absent.zip(items(get(evidence, ItemRole::Absent.key()))) {
        if item.weight > MOST_FOR_ABSENCE {
            sheet.add(
                Level::Warning,
                "heavy-absence",
                Place::from(tree),
                format!("absence weighs {}, more than {MOST_FOR_ABSENCE}", item.weight),
                "logs lose records: let what is missing add little",
            );
        }
    }
}

/// Without the log that opens the gate a cause is silent. Unless `needs` names that log, nobody
/// learns that it was not tested.
fn gate_in_needed_logs(cause: &Cause, entry: &Entry<'_>, rules: &RuleSet, sheet: &mut Sheet<'_>) {
    let needed =
        |channels: &BTreeSet<&str>| channels.iter().any(|channel| is_named(&cause.needs, channel));
    let channels = |condition: &Condition| -> BTreeSet<&str> {
        let signals = condition.pattern.signals.iter();
        signals.flat_map(|id| channels_of(rules, id.as_str())).collect()
    };
    let in_a_log = |of: &BTreeSet<&str>| !of.is_empty();
    for of in cause.requires.all.iter().map(channels).filter(in_a_log).filter(|of| !needed(of)) {
        sheet.add(
            Level::Error,
            "unneeded-channel",
            place(&entry.tree, &["evidence", "requires", "all"]),
            format!("what is required stands in no log under `needs`, but in {}", joined(&of)),
            "add the channel to `needs`: without it the cause cannot be tested",
        );
    }
    let any: Vec<BTreeSet<&str>> = cause.requires.any.iter().map(channels).collect();
    if !any.is_empty() && any.iter().all(in_a_log) && !any.iter().any(&needed) {
        let of: BTreeSet<&str> = any.into_iter().flatten().collect();
        sheet.add(
            Level::Error,
            "unneeded-channel",
            place(&entry.tree, &["needs"]),
            format!("no channel under `needs` can open the gate of the cause, but {}", joined(&of)),
            "name at least one of them under `needs`",
        );
    }
}

/// Evidence from a log that nobody asked for: where it is missing, the cause is tested without.
fn in_named_logs(cause: &Cause, evidence: &Tree, rules: &RuleSet, sheet: &mut Sheet<'_>) {
    let mut unnamed: BTreeMap<&str, (Place, &str)> = BTreeMap::new();
    for (id, place) in mentions(evidence, &PROSE, &|text| is_signal(rules, text)) {
        for channel in channels_of(rules, id) {
            if !is_named(&cause.needs, channel) {
                unnamed.entry(channel).or_insert((place, id));
            }
        }
    }
    for (channel, (place, id)) in unnamed {
        sheet.add(
            Level::Note,
            "unneeded-channel",
            place,
            format!("`{id}` stands in `{channel}`, which the cause does not need"),
            "used where it is supplied; name it under `needs` if the cause cannot be tested \
             without it",
        );
    }
}

/// A log that holds nothing for or against the cause is collected for nothing.
fn channels_in_use(entry: &Entry<'_>, evidence: &Tree, rules: &RuleSet, sheet: &mut Sheet<'_>) {
    let mentioned = mentions(evidence, &PROSE, &|text| is_signal(rules, text));
    let mut used: BTreeSet<&str> =
        mentioned.iter().flat_map(|(id, _)| channels_of(rules, id)).collect();
    if mentioned.iter().any(|(id, _)| drawn::ALL.contains(id)) {
        // Attempts are drawn from every record that tells how far one came.
        let telling = rules.signals.rules().iter().filter(|rule| rule.effect != Effect::default());
        used.extend(telling.map(|rule| &*rule.channel));
    }
    for named in items(get(&entry.tree, "needs")) {
        let channel = text(named).unwrap_or_default().trim();
        if !used.iter().any(|used| used.eq_ignore_ascii_case(channel)) {
            sheet.add(
                Level::Warning,
                "unused-channel",
                Place::from(named),
                format!("no evidence of the cause stands in `{channel}`"),
                "remove the channel, or add what it would show",
            );
        }
    }
}

fn is_named(channels: &[Text], wanted: &str) -> bool {
    channels.iter().any(|channel| channel.eq_ignore_ascii_case(wanted))
}

fn joined(channels: &BTreeSet<&str>) -> String {
    let names: Vec<String> =
        channels.iter().map(|name| format!("`{}`", channel::short(name))).collect();
    names.join(", ")
}

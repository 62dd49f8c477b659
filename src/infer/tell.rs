//! Puts a sheet into words: what was seen, how often, why it counts, and what is missing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::coverage::Missing;
use super::ground::Ground;
use super::number::Number;
use super::seen::MOST_ELSEWHERE;
use super::sheet::{Answer, Entry, LIKELY, POSSIBLE, Sheet, WEIGHTY, records, role_of};
use crate::model::{Collect, Confidence, Evidence, Role, WouldTell, channel};
use crate::rules::schema::At;
use crate::rules::{Cause, Item, ItemRole};

/// So many things that a missing log would tell are named.
const SHOWN_TITLES: usize = 3;
/// So many of what would make a conclusion surer are named.
const SHOWN_PROOFS: usize = 2;

/// What holds and what could not be tested, strongest first within each role.
pub(super) fn evidence(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Vec<Evidence> {
    let told = sheet.entries.iter().filter_map(|entry| {
        let item = cause.items.get(entry.item)?;
        Some(Evidence {
            rule_weight: item.weight,
            group: item.group.clone(),
            covered: entry.covered.clone(),
            episodes: entry.episodes.clone(),
            ..Evidence::new(
                entry.role,
                entry.weight,
                statement(item, entry, ground),
                records(item, &entry.signals, ground),
            )
        })
    });
    // What counts comes first, so that of items that say the same the others go.
    let (mut evidence, uncounted): (Vec<Evidence>, Vec<Evidence>) =
        told.partition(|item| item.weight != 0);
    for item in uncounted {
        let is_same = |other: &Evidence| {
            (other.role, &other.statement, &other.records)
                == (item.role, &item.statement, &item.records)
        };
        if !evidence.iter().any(is_same) {
            evidence.push(item);
        }
    }
    evidence.extend(missing_logs(cause, sheet, ground));
    evidence.sort_by_key(|item| (item.role, Reverse(item.weight.abs())));
    evidence
}

/// What was seen, how often, and why it counts.
fn statement(item: &Item, entry: &Entry, ground: &Ground<'_>) -> String {
    let mut statement = if item.role == ItemRole::Absent {
        format!("not seen: {}", titles(item, ground).join(" or "))
    } else {
        seen(&entry.signals, ground)
    };
    if let Some(because) = &item.because {
        statement.push_str("; ");
        statement.push_str(because);
    }
    statement
}

/// The titles of the signals that were seen, each with its number.
fn seen(signals: &[Number], ground: &Ground<'_>) -> String {
    let mut counts = BTreeMap::new();
    for signal in signals.iter().filter_map(|number| ground.signal(*number)) {
        *counts.entry(&signal.id).or_insert(0_usize) += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(id, count)| match (ground.world.rules.title_of(id), count) {
            (title, 1) => title.to_owned(),
            // More may be there: so many are looked at.
            (title, MOST_ELSEWHERE) => format!("{title} ×{count} or more"),
            (title, count) => format!("{title} ×{count}"),
        })
        .collect();
    parts.join(", ")
}

fn titles<'a>(item: &'a Item, ground: &Ground<'a>) -> Vec<&'a str> {
    item.pattern.signals.iter().map(|id| ground.world.rules.title_of(id)).collect()
}

/// What one set of missing logs would tell.
#[derive(Default)]
struct Untold<'a> {
    /// Each with the weight of the weightiest item that asks for it.
    titles: BTreeMap<&'a str, i32>,
    items: Vec<WouldTell>,
    collect: BTreeSet<Collect>,
}

/// One item for each set of logs that is missing, with what it would tell.
fn missing_logs(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>) -> Vec<Evidence> {
    let mut missing: BTreeMap<Vec<String>, Untold<'_>> = BTreeMap::new();
    // Many items lack the same logs.
    let mut named: BTreeMap<&[Missing], Vec<String>> = BTreeMap::new();
    for (number, logs) in &sheet.unseen {
        let Some(item) = cause.items.get(*number) else { continue };
        let is_new = !named.contains_key(&**logs);
        let names = named.entry(logs).or_insert_with(|| names(logs));
        let untold = missing.entry(names.clone()).or_default();
        for title in titles(item, ground) {
            let weight = untold.titles.entry(title).or_default();
            *weight = item.weight.abs().max(*weight);
        }
        untold.items.push(WouldTell {
            role: role_of(item),
            question: ground.words.of(&item.pattern),
            weight: item.weight,
        });
        if is_new {
            untold.collect.extend(logs.iter().flat_map(|log| ground.collect(log)));
        }
    }
    missing
        .into_iter()
        .map(|(names, mut untold)| {
            untold.items.sort_by_key(|item| Reverse(item.weight.abs()));
            Evidence {
                would_tell: untold.items,
                collect: untold.collect.into_iter().collect(),
                ..Evidence::new(
                    Role::Untestable,
                    0,
                    cannot_be_told(&names, &untold.titles),
                    Vec::new(),
                )
            }
        })
        .collect()
}

/// The logs by name, in order; with whose they are where the scope's own would not do: `Security
/// of a domain controller`. Of one that was supplied it is the time that is missing.
fn names(logs: &[Missing]) -> Vec<String> {
    let name = |log: &Missing| {
        let short = channel::short(&log.channel);
        let when = if log.is_supplied { " at that time" } else { "" };
        let whose = match log.at {
            None | Some(At::Attempt | At::Machine) => return format!("{short}{when}"),
            Some(At::Client) => "the client",
            Some(At::Host) => "the host",
            Some(At::Gateway) => "the gateway",
            Some(At::Broker) => "the connection broker",
            Some(At::Dc) => "a domain controller",
            Some(At::Peers) => "the other machines",
            Some(At::Fleet) => "each machine",
        };
        format!("{short} of {whose}{when}")
    };
    let names: BTreeSet<String> = logs.iter().map(name).collect();
    names.into_iter().collect()
}

/// What would weigh most first.
fn cannot_be_told(names: &[String], titles: &BTreeMap<&str, i32>) -> String {
    let mut weightiest: Vec<&str> = titles.keys().copied().collect();
    weightiest.sort_by_key(|title| Reverse(titles.get(title)));
    let shown: Vec<&str> = weightiest.into_iter().take(SHOWN_TITLES).collect();
    let more = match titles.len().saturating_sub(SHOWN_TITLES) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let logs = names.join(", ");
    format!("without {logs} it cannot be told whether: {}{more}", shown.join("; "))
}

/// Why a cause is as sure as it is, and what it lacks for more.
pub(super) fn because(
    cause: &Cause,
    sheet: &Sheet,
    ground: &Ground<'_>,
    confidence: Confidence,
    score: i32,
) -> String {
    let against = sheet.against();
    match confidence {
        Confidence::Confirmed => {
            format!("a decisive item holds, and less than {} speaks against it", -WEIGHTY)
        }
        Confidence::Likely if sheet.is_proven() && against > WEIGHTY => {
            format!("a decisive item holds, but {}", untold(sheet))
        }
        Confidence::Likely if sheet.is_proven() => {
            format!("a decisive item holds, but {} speaks against it", -against)
        }
        Confidence::Likely => {
            let lacking = lacking(cause, sheet, ground, |item| item.role == ItemRole::Confirms);
            match lacking.is_empty() {
                true => "its rule knows nothing that proves it".to_owned(),
                false => format!("no decisive item holds; it would be confirmed by: {lacking}"),
            }
        }
        Confidence::Possible => {
            let lacking = lacking(cause, sheet, ground, |item| item.weight > 0);
            let held = match against {
                0 => String::new(),
                against => format!(", of which {against} speaks against it"),
            };
            let more = match lacking.is_empty() {
                true => String::new(),
                false => format!("; it would be surer with: {lacking}"),
            };
            format!("the sum {score} is less than {LIKELY} (four to one){held}{more}")
        }
    }
}

/// Which look-alikes could stand in its place.
fn untold(sheet: &Sheet) -> String {
    let others: Vec<&str> = sheet.hidden.keys().map(AsRef::as_ref).collect();
    let logs: BTreeSet<String> = sheet
        .hidden
        .values()
        .flatten()
        .filter_map(|number| sheet.unseen.get(number))
        .flat_map(|logs| names(logs))
        .collect();
    let logs: Vec<String> = logs.into_iter().collect();
    format!("without {} it cannot be told from {}", logs.join(", "), others.join(" or "))
}

/// What a cause lacks that is less than possible.
pub(super) fn lacks(cause: &Cause, sheet: &Sheet, ground: &Ground<'_>, score: i32) -> String {
    let lacking = lacking(cause, sheet, ground, |item| item.weight > 0);
    let more = match lacking.is_empty() {
        true => String::new(),
        false => format!("; it lacks: {lacking}"),
    };
    format!("the sum {score} is less than {POSSIBLE} (even odds){more}")
}

/// The weightiest items of a kind that do not hold, each with what became of it.
fn lacking(
    cause: &Cause,
    sheet: &Sheet,
    ground: &Ground<'_>,
    wanted: impl Fn(&Item) -> bool,
) -> String {
    let mut lacking: Vec<(i32, String)> = Vec::new();
    for (number, item) in cause.items.iter().enumerate().filter(|(_, item)| wanted(item)) {
        let question = ground.words.of(&item.pattern);
        let result = match sheet.answer(number) {
            Answer::Holds(_) => continue,
            Answer::Fails => "not seen".to_owned(),
            Answer::Untestable(logs) => format!("needs {}", names(logs).join(", ")),
        };
        lacking.push((item.weight, format!("{question} ({result})")));
    }
    lacking.sort_by_key(|(weight, _)| Reverse(*weight));
    let shown: Vec<String> = lacking.into_iter().map(|(_, text)| text).take(SHOWN_PROOFS).collect();
    shown.join(", or ")
}

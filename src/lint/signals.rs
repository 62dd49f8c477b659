//! Checks signals: that something needs them, and that they match on what is the same in every
//! language and build.

use super::corpus::{Corpus, Entry, is_signal};
use super::finding::{Finding, Level, Sheet};
use super::tree::{Tree, entries, get, one_or_many, place, text, text_at};
use crate::model::{Effect, SignalId};
use crate::rules::{Place, RuleSet};

/// Names of what a viewer renders, which no record holds in the same words twice.
const RENDERED: [&str; 8] = [
    "Message",
    "RenderedMessage",
    "LevelDisplayName",
    "TaskDisplayName",
    "OpcodeDisplayName",
    "KeywordsDisplayNames",
    "RenderingInfo",
    "Description",
];

/// Checks every signal and correlation.
pub(super) fn check(corpus: &Corpus<'_>, rules: &RuleSet, findings: &mut Vec<Finding>) {
    let used = corpus.used_signals(rules);
    for (id, entry) in corpus.signals.iter().filter(|(id, _)| is_signal(rules, id)) {
        let mut sheet = Sheet::new(entry.file, findings);
        let tells = rules
            .signals
            .get(&SignalId::from(id.as_str()))
            .is_some_and(|rule| rule.effect != Effect::default());
        if !tells && !used.contains(id) {
            unused(entry, &mut sheet);
        }
        detection(entry, &mut sheet);
    }
}

fn unused(entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    sheet.add(
        Level::Note,
        "unused-signal",
        place(&entry.tree, &["id"]),
        "no cause uses the signal, and it tells nothing about its attempt",
        "its records are read and shown for nothing",
    );
}

fn detection(entry: &Entry<'_>, sheet: &mut Sheet<'_>) {
    let Some(detection) = get(&entry.tree, "detection") else { return };
    let has_note = text_at(&entry.tree, "note").is_some_and(|note| !note.trim().is_empty());
    for (name, selection) in entries(detection) {
        if name.value == "condition" {
            continue;
        }
        for map in one_or_many(selection) {
            for (key, values) in entries(map) {
                let field = key.value.split('|').next().unwrap_or_default().trim();
                rendered(field, Place::from(key), sheet);
                if !has_note {
                    localized(field, values, sheet);
                }
                file_names(values, sheet);
            }
        }
    }
}

fn rendered(field: &str, at: Place, sheet: &mut Sheet<'_>) {
    let name = field.rsplit('.').next().unwrap_or(field);
    if RENDERED.iter().any(|rendered| rendered.eq_ignore_ascii_case(name)) {
        sheet.add(
            Level::Error,
            "rendered-text",
            at,
            format!("`{field}` is what a viewer renders, in the language of its system"),
            "match on the event's own values",
        );
    } else if name.eq_ignore_ascii_case("Level") && !field.contains("EventData") {
        sheet.add(
            Level::Error,
            "rendered-text",
            at,
            "the level of an event differs between builds",
            "match on the event ID and on values",
        );
    }
}

/// Words are written in the language of the machine. Where one of the values is none, the
/// others may be there for old builds.
fn localized(field: &str, values: &Tree, sheet: &mut Sheet<'_>) {
    let values = one_or_many(values);
    let Some(words) = values.first().and_then(text) else { return };
    if values.iter().all(|value| text(value).is_some_and(is_words)) {
        sheet.add(
            Level::Warning,
            "localized-text",
            values.first().map(Place::from),
            format!("`{words}` reads like words, which Windows may localize in `{field}`"),
            "match on a code; or say in a `note` why the words are the same in every language",
        );
    }
}

/// Two words of letters, or letters that are not ASCII.
fn is_words(text: &str) -> bool {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    text.split_whitespace().filter(is_word).count() > 1
        || text.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
}

fn file_names(values: &Tree, sheet: &mut Sheet<'_>) {
    for value in one_or_many(values) {
        if text(value).is_some_and(|text| text.to_ascii_lowercase().ends_with(".evtx")) {
            sheet.add(
                Level::Error,
                "file-name",
                Place::from(value),
                "the name of a log's file says nothing about what is in it",
                "match on the channel, which every record names",
            );
        }
    }
}

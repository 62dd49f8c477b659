//! Checks causes.

use std::collections::BTreeMap;

use crate::rules::schema::Spanned;

use super::items::{self, MAX_WEIGHT, out_of_range};
use super::names::Names;
use crate::model::{SignalId, Text, drawn};
use crate::rules::error::Faults;
use crate::rules::schema::{CauseDocument, EvidenceDocument};
use crate::rules::{Cause, Gate, Item, ItemRole};

/// Checks a cause.
pub(super) fn cause(
    id: &Text,
    document: CauseDocument,
    names: &Names,
    faults: &mut Faults,
) -> Cause {
    if document.prior.abs() > MAX_WEIGHT {
        faults.add(&document.id, out_of_range("prior", document.prior));
    }
    let (explains_attempts, explains_causes) = explained(&document.explains, names, faults);
    let not_to_be_confused_with: BTreeMap<Text, Text> = document
        .not_to_be_confused_with
        .0
        .iter()
        .map(|(other, difference)| (names.cause(other, faults), difference.as_str().into()))
        .collect();
    let EvidenceDocument { requires, confirms, supports, contradicts, absent } = document.evidence;
    let requires = Gate {
        any: items::conditions(requires.any, document.scope, names, faults),
        all: items::conditions(requires.all, document.scope, names, faults),
        none: items::conditions(requires.none, document.scope, names, faults),
    };
    let excludes = items::exclusions(document.excludes, document.scope, names, faults);
    let items: Vec<Item> = [
        (ItemRole::Confirms, confirms),
        (ItemRole::Supports, supports),
        (ItemRole::Contradicts, contradicts),
        (ItemRole::Absent, absent),
    ]
    .into_iter()
    .flat_map(|(role, items)| items.into_iter().map(move |item| (role, item)))
    .map(|(role, item)| items::item(role, item, document.scope, names, faults))
    .collect();
    for item in &items {
        let untold = item.instead.as_ref().filter(|it| !not_to_be_confused_with.contains_key(*it));
        if let Some(other) = untold {
            faults.add(
                &document.id,
                format!("`{other}` is shown `instead`, and is not under `not-to-be-confused-with`"),
            );
        }
    }
    let speaks_for = |item: &Item| item.role != ItemRole::Contradicts;
    if requires.any.is_empty() && requires.all.is_empty() && !items.iter().any(speaks_for) {
        faults.add(&document.id, "nothing speaks for the cause: give it evidence");
    }
    Cause {
        id: id.clone(),
        title: document.title,
        stage: document.stage,
        kind: document.kind,
        scope: document.scope,
        why: document.why,
        needs: channels(&document.needs, faults),
        prior: document.prior,
        requires,
        excludes,
        items,
        until: names.signals(&document.until, faults),
        explains_attempts,
        explains_causes,
        not_to_be_confused_with,
        playbooks: document.playbook.iter().map(|id| names.playbook(id, faults)).collect(),
        references: document.references,
        never: document.never,
    }
}

fn channels(needs: &[Spanned<String>], faults: &mut Faults) -> Vec<Text> {
    for channel in needs.iter().filter(|channel| channel.value.trim().is_empty()) {
        faults.add(channel, "the name of a channel is missing");
    }
    needs.iter().map(|channel| channel.value.trim().into()).collect()
}

/// Tells drawn signals, whose attempts are explained, from causes that are folded.
fn explained(
    ids: &[Spanned<String>],
    names: &Names,
    faults: &mut Faults,
) -> (Vec<SignalId>, Vec<Text>) {
    let mut attempts = Vec::new();
    let mut causes = Vec::new();
    for id in ids {
        if drawn::ALL.contains(&id.value.as_str()) {
            attempts.push(SignalId::from(id.value.as_str()));
        } else if names.is_ruled_signal(&id.value) {
            faults.add(
                id,
                format!(
                    "`{}` is a signal of records: a cause explains attempts (`{}`) and other \
                     causes",
                    id.value,
                    drawn::ALL.join("`, `")
                ),
            );
        } else {
            causes.push(names.cause(id, faults));
        }
    }
    (attempts, causes)
}

//! Checks causes.

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::facts::span;
use super::names::Names;
use crate::model::{SignalId, drawn};
use crate::rules::error::{Faults, Mistake};
use crate::rules::schema::{
    AnchorDocument, CauseDocument, EvidenceDocument, ItemDocument, ScopeKind,
};
use crate::rules::{Anchor, Cause, Item, ItemRole, Position};

/// The weight of an item that proves its cause, unless it states one: a hundred to one.
const CONFIRMING_WEIGHT: i32 = 20;
/// No evidence weighs more than ten thousand million to one.
const MAX_WEIGHT: i32 = 100;

/// Checks a cause.
pub(super) fn cause(
    id: &Arc<str>,
    document: CauseDocument,
    names: &Names,
    faults: &mut Faults,
) -> Cause {
    if document.prior.abs() > MAX_WEIGHT {
        faults.add(&document.id, out_of_range("prior", document.prior));
    }
    let (explains_attempts, explains_causes) = explained(&document.explains, names, faults);
    let not_to_be_confused_with = document
        .not_to_be_confused_with
        .0
        .iter()
        .map(|(other, difference)| (names.cause(other, faults), difference.clone()))
        .collect();
    let requires_any = names.signals(&document.evidence.requires.any, faults);
    let requires_all = names.signals(&document.evidence.requires.all, faults);
    let items = items(document.evidence, document.scope, names, faults);
    let speaks_for = |item: &Item| item.role != ItemRole::Contradicts;
    if requires_any.is_empty() && requires_all.is_empty() && !items.iter().any(speaks_for) {
        faults.add(&document.id, "nothing speaks for the cause: give it evidence");
    }
    Cause {
        id: Arc::clone(id),
        title: document.title,
        stage: document.stage,
        kind: document.kind,
        scope: document.scope,
        why: document.why,
        needs: channels(&document.needs, faults),
        prior: document.prior,
        requires_any,
        requires_all,
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

fn channels(needs: &[Spanned<String>], faults: &mut Faults) -> Vec<Arc<str>> {
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
) -> (Vec<SignalId>, Vec<Arc<str>>) {
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

/// All items of evidence, role by role.
fn items(
    evidence: EvidenceDocument,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Vec<Item> {
    let EvidenceDocument { requires: _, confirms, supports, contradicts, absent } = evidence;
    [
        (ItemRole::Confirms, confirms),
        (ItemRole::Supports, supports),
        (ItemRole::Contradicts, contradicts),
        (ItemRole::Absent, absent),
    ]
    .into_iter()
    .flat_map(|(role, items)| items.into_iter().map(move |item| (role, item)))
    .map(|(role, document)| item(role, document, scope, names, faults))
    .collect()
}

fn item(
    role: ItemRole,
    document: Spanned<ItemDocument>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Item {
    let weight = weight(role, &document, faults);
    let signals = match (&document.value.signal, document.value.any.as_slice()) {
        (Some(signal), []) => vec![names.signal(signal, faults)],
        (None, any @ [_, ..]) => names.signals(any, faults),
        _ => {
            faults.add(&document, "an item names its signals by either `signal` or `any`");
            Vec::new()
        }
    };
    let at = document.value.at.unwrap_or(scope);
    if scope == ScopeKind::Machine && at != ScopeKind::Machine {
        faults.add(&document, "`at` cannot be narrower than the cause's scope, a machine");
    }
    let distinct =
        document.value.distinct.as_ref().map(|distinct| (distinct.of, distinct.at_least));
    let at_least = document.value.at_least.unwrap_or(1);
    if at_least == 0 || distinct.is_some_and(|(_, at_least)| at_least == 0) {
        faults.add(&document, "`at-least: 0` holds always: ask for at least 1");
    }
    let position = position(&document, names, faults);
    let ItemDocument { group, because, .. } = document.value;
    let group = group.map(Arc::from);
    Item { role, signals, scope: at, position, at_least, distinct, weight, group, because }
}

/// The weight of an item, whose sign its role demands.
fn weight(role: ItemRole, item: &Spanned<ItemDocument>, faults: &mut Faults) -> i32 {
    let Some(weight) = &item.value.weight else {
        if role != ItemRole::Confirms {
            faults.add(item, "field `weight` is missing: log-odds in decibans, 10 for ten to one");
        }
        return CONFIRMING_WEIGHT;
    };
    let against = role == ItemRole::Contradicts;
    if against && weight.value >= 0 {
        faults.add(weight, format!("what contradicts has a negative weight, not {}", weight.value));
    } else if !against && weight.value <= 0 {
        faults.add(
            weight,
            format!("what speaks for a cause has a positive weight, not {}", weight.value),
        );
    } else if weight.value.abs() > MAX_WEIGHT {
        faults.add(weight, out_of_range("weight", weight.value));
    }
    weight.value
}

fn out_of_range(what: &str, value: i32) -> Mistake {
    format!("{what} {value} is beyond ±{MAX_WEIGHT} decibans").into()
}

fn position(item: &Spanned<ItemDocument>, names: &Names, faults: &mut Faults) -> Position {
    let ItemDocument { near, after, before, during, within, .. } = &item.value;
    match (within, near) {
        (None, Some(near)) => faults.add(near, "`near` needs `within`: how near, such as `1s`"),
        (Some(within), None) if after.is_none() && before.is_none() => {
            faults.add(within, "`within` needs `near`, `after` or `before`: within what");
        }
        _ => {}
    }
    Position {
        near: near.as_ref().map(|id| names.signal(id, faults)),
        after: after.as_ref().map(|after| anchor(after, names, faults)),
        before: before.as_ref().map(|before| anchor(before, names, faults)),
        during: during.as_ref().map(|id| names.signal(id, faults)),
        within: within.as_ref().and_then(|within| span(within, faults)),
    }
}

fn anchor(document: &AnchorDocument, names: &Names, faults: &mut Faults) -> Anchor {
    match document {
        AnchorDocument::First(id) => Anchor::First(names.signal(id, faults)),
        AnchorDocument::Last(id) => Anchor::Last(names.signal(id, faults)),
    }
}

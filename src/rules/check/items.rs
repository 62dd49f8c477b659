//! Checks items of evidence and the conditions of gates.

use crate::rules::schema::Spanned;

use super::facts::span;
use super::names::Names;
use crate::model::{SignalId, Span, Text};
use crate::rules::error::{Faults, Mistake, Place};
use crate::rules::schema::{
    AnchorDocument, At, ConditionDocument, ItemDocument, ScopeKind, ShareDocument, TurnDocument,
    WithoutDocument,
};
use crate::rules::{Anchor, Condition, Item, ItemRole, Pattern, Position, Share, Turn, Without};

/// The weight of an item that proves its cause, unless it states one: a hundred to one.
const CONFIRMING_WEIGHT: i32 = 20;
/// Nothing is proven against what contradicts as much: one to ten.
const OVERTURNING_WEIGHT: i32 = -10;
/// Fewer signals may follow each other evenly by chance.
const FEWEST_EVEN: usize = 5;
/// No evidence weighs more than ten thousand million to one.
pub(super) const MAX_WEIGHT: i32 = 100;

/// An item of evidence.
pub(super) fn item(
    role: ItemRole,
    document: Spanned<ItemDocument>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Item {
    let place = Place::from(&document);
    let document = document.value;
    let weight = weight(role, place, &document, faults);
    let pattern = pattern(place, &document, scope, names, faults);
    let counts = document.without.is_some()
        || document.latest.is_some()
        || document.next.is_some()
        || document.at_least.is_some()
        || document.at_most.is_some()
        || document.distinct.is_some()
        || document.evenly.is_some()
        || document.share.is_some()
        || document.near.is_some()
        || document.unless.is_some()
        || pattern.sequence.is_some();
    if role == ItemRole::Absent && counts {
        faults.add(
            place,
            "what is absent has no number and no neighbor: only `at`, `after`, `before` and \
             `during` place it",
        );
    }
    let ItemDocument { group, because, instead, tells_from, .. } = document;
    let instead = instead.map(|other| look_alike(&other, role, weight, names, faults));
    let tells_from = tells_from.map(|other| {
        if !matches!(role, ItemRole::Confirms | ItemRole::Supports) {
            faults.add(&other, "only what speaks for its cause `tells-from` another");
        }
        names.cause(&other, faults)
    });
    Item { role, pattern, weight, group, because, instead, tells_from }
}

/// The cause that an item shows in its own cause's place: what it weighs must overturn a proof.
fn look_alike(
    other: &Spanned<String>,
    role: ItemRole,
    weight: i32,
    names: &Names,
    faults: &mut Faults,
) -> Text {
    if role != ItemRole::Contradicts {
        faults.add(other, "only what contradicts shows another cause `instead`");
    } else if weight > OVERTURNING_WEIGHT {
        faults.add(
            other,
            format!("what shows another cause `instead` weighs {OVERTURNING_WEIGHT} or less"),
        );
    }
    names.cause(other, faults)
}

/// The conditions of a gate.
pub(super) fn conditions(
    documents: Vec<Spanned<ConditionDocument>>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Vec<Condition> {
    documents
        .into_iter()
        .map(|document| {
            let place = Place::from(&document);
            match document.value {
                ConditionDocument::Signal(id) => {
                    let signal = names.signal_at(&id, place, faults);
                    let pattern = Pattern { signals: vec![signal], ..Pattern::default() };
                    Condition { pattern, because: None }
                }
                ConditionDocument::Item(item) => condition(place, *item, scope, names, faults),
            }
        })
        .collect()
}

/// What rules a cause out: conditions with a reason.
pub(super) fn exclusions(
    documents: Vec<Spanned<ItemDocument>>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Vec<Condition> {
    documents
        .into_iter()
        .map(|document| {
            let place = Place::from(&document);
            if document.value.because.is_none() {
                faults.add(place, "field `because` is missing: why this rules the cause out");
            }
            condition(place, document.value, scope, names, faults)
        })
        .collect()
}

fn condition(
    place: Place,
    document: ItemDocument,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Condition {
    if let Some(weight) = &document.weight {
        faults.add(weight, "a condition holds or not: it has no `weight`");
    }
    if document.group.is_some() {
        faults.add(place, "a condition holds or not: it has no `group`");
    }
    if let Some(other) = &document.instead {
        faults.add(other, "a condition holds or not: it shows nothing `instead`");
    }
    if let Some(other) = &document.tells_from {
        faults.add(other, "a condition holds or not: it `tells-from` nothing");
    }
    let pattern = pattern(place, &document, scope, names, faults);
    Condition { pattern, because: document.because }
}

fn pattern(
    place: Place,
    document: &ItemDocument,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Pattern {
    let (signals, sequence) = match (&document.signal, &*document.any, &*document.sequence) {
        (Some(signal), [], []) => (vec![names.signal(signal, faults)], None),
        (None, any @ [_, ..], []) => (names.signals(any, faults), None),
        (None, [], steps @ [_, _, ..]) => {
            (names.signals(steps, faults), sequence_span(place, document, faults))
        }
        (None, [], [_]) => {
            faults.add(place, "a `sequence` needs at least two signals");
            (Vec::new(), None)
        }
        _ => {
            faults.add(
                place,
                "an item names its signals by exactly one of `signal`, `any` and `sequence`",
            );
            (Vec::new(), None)
        }
    };
    check_counts(place, document, faults);
    Pattern {
        signals,
        at: document.at.filter(|at| !is_own(*at, scope)),
        position: position(place, document, sequence, names, faults),
        sequence,
        without: document
            .without
            .as_ref()
            .map(|without| Box::new(absence(without, scope, names, faults))),
        latest: turn(document.latest.as_ref(), scope, names, faults),
        next: turn(document.next.as_ref(), scope, names, faults),
        unless: document.unless.as_ref().map(|id| names.signal(id, faults)),
        at_least: document.at_least.unwrap_or(1),
        at_most: document.at_most,
        distinct: document.distinct.as_ref().map(|distinct| (distinct.of, distinct.at_least)),
        evenly: document.evenly.as_ref().map(|evenly| evenly.value),
        share: document.share.as_ref().map(|share| Box::new(self::share(share, names, faults))),
    }
}

/// Whether a place is the cause's scope itself.
const fn is_own(at: At, scope: ScopeKind) -> bool {
    matches!(
        (at, scope),
        (At::Attempt, ScopeKind::Attempt)
            | (At::Machine, ScopeKind::Machine)
            | (At::Fleet, ScopeKind::Fleet)
    )
}

fn sequence_span(place: Place, document: &ItemDocument, faults: &mut Faults) -> Option<Span> {
    if document.near.is_some() {
        faults.add(place, "`near` does not place a `sequence`: make the neighbor one of its steps");
    }
    let Some(within) = &document.within else {
        faults.add(place, "`sequence` needs `within`: the time from its first to its last signal");
        return None;
    };
    span(within, faults)
}

fn check_counts(place: Place, document: &ItemDocument, faults: &mut Faults) {
    let distinct = document.distinct.as_ref().map(|distinct| distinct.at_least);
    if document.at_least == Some(0) || distinct == Some(0) {
        faults.add(place, "`at-least: 0` holds always: ask for at least 1");
    }
    if let Some(evenly) = &document.evenly {
        if !(0.0..=1.0).contains(&evenly.value) {
            faults.add(evenly, "a part lies between 0 and 1");
        }
        if document.at_least.is_none_or(|least| least < FEWEST_EVEN) {
            faults.add(evenly, format!("`evenly` needs `at-least: {FEWEST_EVEN}` or more"));
        }
    }
    match document.at_most {
        Some(0) => faults.add(place, "`at-most: 0` is absence: put the item under `absent`"),
        Some(most) if most < document.at_least.unwrap_or(1) => {
            faults.add(place, "`at-most` is less than `at-least`");
        }
        _ => {}
    }
}

fn absence(
    document: &Spanned<WithoutDocument>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Without {
    let WithoutDocument { signal, any, within, side, at } = &document.value;
    Without {
        signals: either("`without`", document.into(), (signal.as_ref(), any), names, faults),
        within: span(within, faults).unwrap_or_default(),
        side: *side,
        at: at.filter(|at| !is_own(*at, scope)),
    }
}

/// What comes latest or next.
fn turn(
    document: Option<&Spanned<TurnDocument>>,
    scope: ScopeKind,
    names: &Names,
    faults: &mut Faults,
) -> Option<Box<Turn>> {
    let document = document?;
    let TurnDocument { signal, any, not, within, at } = &document.value;
    let key = "what comes `latest` or `next`";
    Some(Box::new(Turn {
        signals: either(key, document.into(), (signal.as_ref(), any), names, faults),
        not: names.signals(not, faults),
        within: within.as_ref().and_then(|within| span(within, faults)),
        at: at.filter(|at| !is_own(*at, scope)),
    }))
}

/// The signals that stand under either `signal` or `any`.
fn either(
    key: &str,
    place: Place,
    (signal, any): (Option<&Spanned<String>>, &[Spanned<String>]),
    names: &Names,
    faults: &mut Faults,
) -> Vec<SignalId> {
    match (signal, any) {
        (Some(signal), []) => vec![names.signal(signal, faults)],
        (None, any @ [_, ..]) => names.signals(any, faults),
        _ => {
            faults.add(place, format!("{key} names its signals by either `signal` or `any`"));
            Vec::new()
        }
    }
}

fn share(document: &Spanned<ShareDocument>, names: &Names, faults: &mut Faults) -> Share {
    let ShareDocument { of, at_least, at_most } = &document.value;
    if at_least.is_none() && at_most.is_none() {
        faults.add(document, "`share` needs `at-least` or `at-most`, from 0 to 1");
    }
    let bounds = [at_least, at_most];
    if bounds.into_iter().flatten().any(|bound| !(0.0..=1.0).contains(bound)) {
        faults.add(document, "a share lies between 0 and 1");
    }
    Share {
        of: names.signal(of, faults),
        at_least: at_least.unwrap_or(0.0),
        at_most: at_most.unwrap_or(1.0),
    }
}

/// The weight of an item, whose sign its role demands.
fn weight(role: ItemRole, place: Place, item: &ItemDocument, faults: &mut Faults) -> i32 {
    let Some(weight) = &item.weight else {
        if role != ItemRole::Confirms {
            faults.add(place, "field `weight` is missing: log-odds in decibans, 10 for ten to one");
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

pub(super) fn out_of_range(what: &str, value: i32) -> Mistake {
    format!("{what} {value} is beyond ±{MAX_WEIGHT} decibans").into()
}

fn position(
    place: Place,
    item: &ItemDocument,
    sequence: Option<Span>,
    names: &Names,
    faults: &mut Faults,
) -> Position {
    let ItemDocument { near, after, before, during, within, .. } = item;
    match (within, near) {
        (None, Some(near)) => faults.add(near, "`near` needs `within`: how near, such as `1s`"),
        (Some(within), None) if after.is_none() && before.is_none() && item.sequence.is_empty() => {
            faults.add(within, "`within` needs `near`, `after` or `before`: within what");
        }
        _ => {}
    }
    if sequence.is_some() && (after.is_some() || before.is_some()) && during.is_some() {
        faults.add(place, "a `sequence` is placed by `after` and `before`, or by `during`");
    }
    // The distance of a sequence is its own length.
    let within = within.as_ref().filter(|_| sequence.is_none());
    Position {
        near: near.as_ref().map(|id| names.signal(id, faults)),
        after: after.as_ref().map(|after| anchor(after, names, faults)),
        before: before.as_ref().map(|before| anchor(before, names, faults)),
        during: during.as_ref().map(|id| names.signal(id, faults)),
        within: within.and_then(|within| span(within, faults)),
    }
}

fn anchor(document: &AnchorDocument, names: &Names, faults: &mut Faults) -> Anchor {
    match document {
        AnchorDocument::First(id) => Anchor::First(names.signal(id, faults)),
        AnchorDocument::Last(id) => Anchor::Last(names.signal(id, faults)),
    }
}

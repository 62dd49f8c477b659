//! Adds up a cause's evidence in one scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::explain::People;
use super::ground::Ground;
use super::pattern::Tested;
use crate::model::{Candidate, Confidence, Evidence, Role, Scope, Time, channel};
use crate::rules::schema::At;
use crate::rules::{Cause, Item, ItemRole};

/// Four to one: from here on a cause is likely.
const LIKELY: i32 = 6;
/// Even odds: from here on a cause is possible.
pub(super) const POSSIBLE: i32 = 0;
/// Contradicting weight from which on nothing is confirmed.
const WEIGHTY: i32 = -10;
/// So many records are cited for an item that tells nothing about attempts.
pub(super) const MOST_CITED: usize = 50;
/// So many things that a missing log would tell are named.
const SHOWN_TITLES: usize = 3;

/// A cause that is at least possible in a scope.
pub(super) struct Weighed {
    pub confidence: Confidence,
    pub score: i32,
    pub evidence: Vec<Evidence>,
    /// Times of the first and last signal that speaks for it.
    pub span: (Time, Time),
    /// Signals that speak for it.
    pub signals: Vec<usize>,
}

impl Weighed {
    pub(super) fn into_candidate(
        self,
        cause: &Cause,
        scope: Scope,
        attempts: Vec<usize>,
        people: People,
    ) -> Candidate {
        let signals = cause.explains_attempts.iter().map(|id| id.0.clone());
        Candidate {
            cause: cause.id.clone(),
            kind: cause.kind,
            stage: cause.stage,
            scope,
            confidence: self.confidence,
            score: self.score,
            evidence: self.evidence,
            attempts,
            users: people.users.into_iter().collect(),
            clients: people.clients.into_iter().collect(),
            explains: signals.chain(cause.explains_causes.iter().cloned()).collect(),
            first: self.span.0,
            last: self.span.1,
        }
    }
}

/// Weighs a cause whose gate holds; `None` when it is less than possible.
pub(super) fn weigh(cause: &Cause, ground: &Ground<'_>) -> Option<Weighed> {
    let sheet = Sheet::of(cause, ground);
    let span = sheet.span?;
    let score = sheet.score(cause);
    let confidence = sheet.band(score)?;
    let signals = sheet.speaking_for();
    let missing: Vec<Evidence> = sheet.missing_logs().collect();
    let mut evidence: Vec<Evidence> =
        sheet.entries.into_iter().map(|entry| entry.evidence).chain(missing).collect();
    evidence.sort_by_key(|item| (item.role, std::cmp::Reverse(item.weight.abs())));
    Some(Weighed { confidence, score, evidence, span, signals })
}

/// The items that were entered, in the order of the cause.
#[derive(Default)]
pub(super) struct Sheet {
    entries: Vec<Entry>,
    /// The channels for want of which an item could not be tested, by the item's number.
    unseen: BTreeMap<usize, Vec<String>>,
    /// Times of the first and last signal that speaks for the cause.
    span: Option<(Time, Time)>,
    /// What cannot be told, by the channels that would tell it.
    untestable: BTreeMap<Vec<String>, BTreeSet<String>>,
}

/// What came of one item.
pub(super) enum Answer<'a> {
    /// It holds; so much of its weight counts.
    Holds {
        /// On these signals.
        signals: &'a [usize],
        /// What is left of its weight beside the others of its group.
        counted: i32,
    },
    /// It does not, and the logs would show it.
    Fails,
    /// It cannot be told, for want of these channels.
    Untestable(&'a [String]),
}

struct Entry {
    /// The item's number in the cause.
    item: usize,
    evidence: Evidence,
    group: Option<Arc<str>>,
    signals: Vec<usize>,
}

impl Sheet {
    /// Tests all items of a cause. Absence comes last: it is asked for the time that the other
    /// evidence spans.
    pub(super) fn of(cause: &Cause, ground: &Ground<'_>) -> Self {
        let mut sheet = Self::default();
        let (absent, present): (Vec<_>, Vec<_>) =
            cause.items.iter().enumerate().partition(|(_, item)| item.role == ItemRole::Absent);
        for (number, item) in present {
            sheet.enter(number, item, ground.test(&item.pattern), ground);
        }
        sheet.span = span_of(sheet.speaking_for().iter().copied(), ground)
            .or_else(|| required_span(cause, ground));
        if let Some(span) = sheet.span {
            for (number, item) in absent {
                sheet.enter(number, item, ground.test_absence(&item.pattern, span), ground);
            }
        }
        sheet.settle_groups();
        sheet
    }

    /// Prior and weights, added up.
    pub(super) fn score(&self, cause: &Cause) -> i32 {
        cause.prior + self.entries.iter().map(|entry| entry.evidence.weight).sum::<i32>()
    }

    /// The band of a score; `None` for less than possible.
    pub(super) fn band(&self, score: i32) -> Option<Confidence> {
        let against = self.weight_of(Role::Contradicting);
        let decisive = self.entries.iter().any(|entry| entry.evidence.role == Role::Decisive);
        match score {
            LIKELY.. if decisive && against > WEIGHTY => Some(Confidence::Confirmed),
            LIKELY.. => Some(Confidence::Likely),
            POSSIBLE.. => Some(Confidence::Possible),
            _ => None,
        }
    }

    /// What came of an item, by its number in the cause.
    pub(super) fn answer(&self, item: usize) -> Answer<'_> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.item == item) {
            return Answer::Holds { signals: &entry.signals, counted: entry.evidence.weight };
        }
        self.unseen.get(&item).map_or(Answer::Fails, |missing| Answer::Untestable(missing))
    }

    fn enter(&mut self, number: usize, item: &Item, tested: Tested, ground: &Ground<'_>) {
        let role = match item.role {
            ItemRole::Confirms => Role::Decisive,
            ItemRole::Supports => Role::Supporting,
            ItemRole::Contradicts => Role::Contradicting,
            ItemRole::Absent => Role::Absent,
        };
        match tested {
            Tested::Fails => {}
            Tested::Holds(signals) => self.entries.push(Entry {
                item: number,
                evidence: Evidence {
                    role,
                    statement: statement(item, &signals, ground),
                    weight: item.weight,
                    records: records(item, &signals, ground),
                },
                group: item.group.clone(),
                signals,
            }),
            Tested::Untestable(channels) => {
                let titles = item
                    .pattern
                    .signals
                    .iter()
                    .map(|id| ground.world.rules.title_of(id).to_owned());
                self.untestable.entry(channels).or_default().extend(titles);
            }
        }
    }

    /// One item for each log that is missing, with what it would tell.
    fn missing_logs(&self) -> impl Iterator<Item = Evidence> {
        self.untestable.iter().map(|(channels, titles)| {
            let shown: Vec<&str> = titles.iter().take(SHOWN_TITLES).map(String::as_str).collect();
            let more = match titles.len().saturating_sub(SHOWN_TITLES) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            Evidence {
                role: Role::Untestable,
                statement: format!(
                    "without {} it cannot be told whether: {}{more}",
                    channels.iter().map(|name| channel::short(name)).collect::<Vec<_>>().join(", "),
                    shown.join("; ")
                ),
                weight: 0,
                records: Vec::new(),
            }
        })
    }

    /// Only the weightiest item of each group and direction keeps its weight.
    fn settle_groups(&mut self) {
        let mut best: BTreeMap<(Arc<str>, bool), (i32, usize)> = BTreeMap::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let Some(group) = &entry.group else { continue };
            let weight = entry.evidence.weight;
            let slot = best.entry((group.clone(), weight < 0)).or_insert((weight, number));
            if weight.abs() > slot.0.abs() {
                *slot = (weight, number);
            }
        }
        for (number, entry) in self.entries.iter_mut().enumerate() {
            let Some(group) = &entry.group else { continue };
            let key = (group.clone(), entry.evidence.weight < 0);
            if best.get(&key).is_some_and(|(_, kept)| *kept != number) {
                entry.evidence.weight = 0;
            }
        }
    }

    fn weight_of(&self, role: Role) -> i32 {
        let entries = self.entries.iter().filter(|entry| entry.evidence.role == role);
        entries.map(|entry| entry.evidence.weight).sum()
    }

    fn speaking_for(&self) -> Vec<usize> {
        let mut signals: Vec<usize> = self
            .entries
            .iter()
            .filter(|entry| matches!(entry.evidence.role, Role::Decisive | Role::Supporting))
            .flat_map(|entry| entry.signals.iter().copied())
            .collect();
        signals.sort_unstable();
        signals.dedup();
        signals
    }
}

/// The span of what the cause requires, for a cause that only absence speaks for.
fn required_span(cause: &Cause, ground: &Ground<'_>) -> Option<(Time, Time)> {
    let required = cause.requires.any.iter().chain(&cause.requires.all);
    let signals = required.flat_map(|condition| match ground.test(&condition.pattern) {
        Tested::Holds(signals) => signals,
        Tested::Fails | Tested::Untestable(_) => Vec::new(),
    });
    span_of(signals, ground)
}

fn span_of(signals: impl Iterator<Item = usize>, ground: &Ground<'_>) -> Option<(Time, Time)> {
    signals.filter_map(|number| ground.time(number)).fold(None, |span, time| {
        let (first, last) = span.unwrap_or((time, time));
        Some((first.min(time), last.max(time)))
    })
}

/// The records that show an item, in order. All of them where the item speaks for the cause in
/// its own scope, as they tell which attempts it explains; elsewhere the first few: a burst on
/// a machine may count against each of a hundred thousand accounts.
fn records(item: &Item, signals: &[usize], ground: &Ground<'_>) -> Vec<usize> {
    let own =
        matches!(item.pattern.at, None | Some(At::Attempt)) && item.role != ItemRole::Contradicts;
    let most = if own { usize::MAX } else { MOST_CITED };
    let records = signals
        .iter()
        .filter_map(|number| ground.signal(*number))
        .flat_map(|signal| signal.records.iter().copied());
    let mut records: Vec<usize> = records.take(most).collect();
    records.sort_unstable();
    records.dedup();
    records
}

/// What was seen, how often, and why it counts.
fn statement(item: &Item, signals: &[usize], ground: &Ground<'_>) -> String {
    let mut statement = if item.role == ItemRole::Absent {
        format!("not seen: {}", titles(item, ground))
    } else {
        seen(signals, ground)
    };
    if let Some(because) = &item.because {
        statement.push_str("; ");
        statement.push_str(because);
    }
    statement
}

/// The titles of the signals that were seen, each with its number.
fn seen(signals: &[usize], ground: &Ground<'_>) -> String {
    let mut counts = BTreeMap::new();
    for signal in signals.iter().filter_map(|number| ground.signal(*number)) {
        *counts.entry(&signal.id).or_insert(0_usize) += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(id, count)| match count {
            1 => ground.world.rules.title_of(id).to_owned(),
            count => format!("{} ×{count}", ground.world.rules.title_of(id)),
        })
        .collect();
    parts.join(", ")
}

fn titles(item: &Item, ground: &Ground<'_>) -> String {
    let titles: Vec<&str> =
        item.pattern.signals.iter().map(|id| ground.world.rules.title_of(id)).collect();
    titles.join(" or ")
}

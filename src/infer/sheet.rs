//! Adds up a cause's evidence in one scope.
//!
//! Knows weights, groups and bands. How an item is put into words, `tell` knows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::coverage::Missing;
use super::ground::{Ground, Window};
use super::hidden::{self, LookAlikes};
use super::number::Number;
use super::pattern::Tested;
use crate::model::{Confidence, Covered, Role, Text};
use crate::rules::schema::At;
use crate::rules::{Cause, Item, ItemRole};

/// Four to one: from here on a cause is likely.
pub(super) const LIKELY: i32 = 6;
/// Even odds: from here on a cause is possible.
pub(super) const POSSIBLE: i32 = 0;
/// Contradicting weight from which on nothing is confirmed.
pub(super) const WEIGHTY: i32 = -10;
/// So many records are cited for an item that tells nothing about attempts.
pub(super) const MOST_CITED: usize = 50;

/// The items that hold, in the order of the cause, and those that could not be tested.
#[derive(Default)]
pub(super) struct Sheet {
    pub entries: Vec<Entry>,
    /// The logs for want of which an item could not be tested, by the item's number.
    pub unseen: BTreeMap<usize, Vec<Missing>>,
    /// Times of the first and last signal that speaks for the cause.
    pub span: Option<Window>,
    /// What it cannot be told from, for want of a log.
    pub hidden: LookAlikes,
}

/// An item that holds.
pub(super) struct Entry {
    /// The item's number in the cause.
    pub item: usize,
    pub role: Role,
    /// What is left of its weight beside the others of its group.
    pub weight: i32,
    /// The signals that it holds on.
    pub signals: Vec<Number>,
    /// The logs that its absent part rests on.
    pub covered: Vec<Covered>,
    /// The episodes in which it holds, from 1, where there are several.
    pub episodes: Vec<usize>,
    group: Option<Text>,
}

/// What came of one item.
pub(super) enum Answer<'a> {
    /// It holds.
    Holds(&'a Entry),
    /// It does not, and the logs would show it.
    Fails,
    /// It cannot be told, for want of these logs.
    Untestable(&'a [Missing]),
}

impl Sheet {
    /// Tests all items of a cause. Absence comes last: it is asked for the time that the other
    /// evidence spans.
    pub(super) fn of(cause: &Cause, ground: &Ground<'_>) -> Self {
        let mut sheet = Self::default();
        let (absent, present): (Vec<_>, Vec<_>) =
            cause.items.iter().enumerate().partition(|(_, item)| item.role == ItemRole::Absent);
        for (number, item) in present {
            sheet.enter(number, item, ground.test(&item.pattern));
        }
        sheet.span = span_of(sheet.speaking_for().iter().copied(), ground)
            .or_else(|| required_span(cause, ground));
        if let Some(span) = sheet.span {
            for (number, item) in absent {
                sheet.enter(number, item, ground.test_absence(&item.pattern, span));
            }
        }
        sheet.entries.sort_by_key(|entry| entry.item);
        sheet.settle_groups();
        sheet.settle_twins(cause);
        sheet.hidden = hidden::look_alikes(cause, &mut sheet, ground);
        sheet
    }

    /// Prior and weights, added up.
    pub(super) fn score(&self, cause: &Cause) -> i32 {
        cause.prior + self.entries.iter().map(|entry| entry.weight).sum::<i32>()
    }

    /// The band of a score; `None` for less than possible.
    pub(super) fn band(&self, score: i32) -> Option<Confidence> {
        let is_told = || self.against() > WEIGHTY && self.hidden.is_empty();
        match score {
            LIKELY.. if self.is_proven() && is_told() => Some(Confidence::Confirmed),
            LIKELY.. => Some(Confidence::Likely),
            POSSIBLE.. => Some(Confidence::Possible),
            _ => None,
        }
    }

    /// Whether a decisive item holds.
    pub(super) fn is_proven(&self) -> bool {
        self.entries.iter().any(|entry| entry.role == Role::Decisive)
    }

    /// What contradicts, added up.
    pub(super) fn against(&self) -> i32 {
        let against = self.entries.iter().filter(|entry| entry.role == Role::Contradicting);
        against.map(|entry| entry.weight).sum()
    }

    /// What came of an item, by its number in the cause.
    pub(super) fn answer(&self, item: usize) -> Answer<'_> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.item == item) {
            return Answer::Holds(entry);
        }
        self.unseen.get(&item).map_or(Answer::Fails, |missing| Answer::Untestable(missing))
    }

    /// The signals that speak for the cause, in order.
    pub(super) fn speaking_for(&self) -> Vec<Number> {
        let speaking = self.entries.iter().filter(|entry| speaks_for(entry.role));
        let mut signals: Vec<Number> =
            speaking.flat_map(|entry| entry.signals.iter().copied()).collect();
        signals.sort_unstable();
        signals.dedup();
        signals
    }

    /// Notes for each item that holds by absence the logs that it rests on.
    pub(super) fn note_coverage(&mut self, cause: &Cause, ground: &Ground<'_>) {
        for entry in &mut self.entries {
            let Some(item) = cause.items.get(entry.item) else { continue };
            let own = span_of(entry.signals.iter().copied(), ground);
            let Some(span) = own.or(self.span) else { continue };
            let is_absent = entry.role == Role::Absent;
            entry.covered = ground.rests_on(&item.pattern, span, is_absent);
        }
    }

    /// The sheets of several episodes as one: each item that holds in some, with the weight that
    /// it has in the surest.
    pub(super) fn join(sheets: Vec<Self>, surest: usize) -> Self {
        let mut joined = Self::default();
        let mut entries: BTreeMap<usize, Entry> = BTreeMap::new();
        for (number, sheet) in sheets.into_iter().enumerate() {
            joined.span = match (joined.span, sheet.span) {
                (Some(left), Some(right)) => Some((left.0.min(right.0), left.1.max(right.1))),
                (left, right) => left.or(right),
            };
            if number == surest {
                joined.unseen = sheet.unseen;
                joined.hidden = sheet.hidden;
            }
            for mut entry in sheet.entries {
                entry.episodes = vec![number + 1];
                if number != surest {
                    entry.weight = 0;
                }
                match entries.get_mut(&entry.item) {
                    Some(known) => known.join(entry),
                    None => {
                        entries.insert(entry.item, entry);
                    }
                }
            }
        }
        joined.entries = entries.into_values().collect();
        joined.unseen.retain(|item, _| !joined.entries.iter().any(|entry| entry.item == *item));
        joined
    }

    fn enter(&mut self, number: usize, item: &Item, tested: Tested) {
        match tested {
            Tested::Fails => {}
            Tested::Holds(signals) => self.entries.push(Entry {
                item: number,
                role: role_of(item),
                weight: item.weight,
                signals,
                covered: Vec::new(),
                episodes: Vec::new(),
                group: item.group.clone(),
            }),
            Tested::Untestable(logs) => {
                self.unseen.insert(number, logs);
            }
        }
    }

    /// Items that say the same of the same signals count once: one looks for the client wherever it
    /// is, another at the scope's own machine, which may be that client.
    fn settle_twins(&mut self, cause: &Cause) {
        let because = |entry: &Entry| cause.items.get(entry.item)?.because.as_ref();
        let is_twin = |left: &Entry, right: &Entry| {
            left.role == right.role
                && left.signals == right.signals
                && because(left).is_some_and(|said| Some(said) == because(right))
        };
        // Of twins the weightiest counts, and of these the first.
        let rank = |place: usize, entry: &Entry| (entry.weight.abs(), Reverse(place));
        let is_less = |place: usize, entry: &Entry| {
            let mut others = self.entries.iter().enumerate();
            others.any(|(other, one)| is_twin(one, entry) && rank(other, one) > rank(place, entry))
        };
        let entries = self.entries.iter().enumerate();
        let less: Vec<bool> = entries.map(|(place, entry)| is_less(place, entry)).collect();
        for (entry, _) in self.entries.iter_mut().zip(less).filter(|(_, is_less)| *is_less) {
            entry.weight = 0;
        }
    }

    /// Only the weightiest item of each group and direction keeps its weight.
    fn settle_groups(&mut self) {
        let mut best: BTreeMap<(Text, bool), (i32, usize)> = BTreeMap::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let Some(group) = &entry.group else { continue };
            let slot =
                best.entry((group.clone(), entry.weight < 0)).or_insert((entry.weight, number));
            if entry.weight.abs() > slot.0.abs() {
                *slot = (entry.weight, number);
            }
        }
        let kept: BTreeSet<usize> = best.into_values().map(|(_, number)| number).collect();
        for (number, entry) in self.entries.iter_mut().enumerate() {
            if entry.group.is_some() && !kept.contains(&number) {
                entry.weight = 0;
            }
        }
    }
}

impl Entry {
    fn join(&mut self, other: Self) {
        self.weight += other.weight;
        self.signals.extend(other.signals);
        self.signals.sort_unstable();
        self.signals.dedup();
        self.covered.extend(other.covered);
        self.episodes.extend(other.episodes);
    }
}

/// The part that an item plays when it holds.
pub(super) const fn role_of(item: &Item) -> Role {
    match item.role {
        ItemRole::Confirms => Role::Decisive,
        ItemRole::Supports => Role::Supporting,
        ItemRole::Contradicts => Role::Contradicting,
        ItemRole::Absent => Role::Absent,
    }
}

/// Whether records of such an item speak for the cause.
pub(super) const fn speaks_for(role: Role) -> bool {
    matches!(role, Role::Decisive | Role::Supporting)
}

/// The records that show an item, in order. All of them where the item speaks for the cause in
/// its own scope, as they tell which attempts it explains; elsewhere the first few: a burst on
/// a machine may count against each of a hundred thousand accounts.
pub(super) fn records(item: &Item, signals: &[Number], ground: &Ground<'_>) -> Vec<usize> {
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

/// The span of what the cause requires, for a cause that only absence speaks for.
fn required_span(cause: &Cause, ground: &Ground<'_>) -> Option<Window> {
    let required = cause.requires.any.iter().chain(&cause.requires.all);
    let signals = required.flat_map(|condition| match ground.test(&condition.pattern) {
        Tested::Holds(signals) => signals,
        Tested::Fails | Tested::Untestable(_) => Vec::new(),
    });
    span_of(signals, ground)
}

fn span_of(signals: impl Iterator<Item = Number>, ground: &Ground<'_>) -> Option<Window> {
    signals.filter_map(|number| ground.time(number)).fold(None, |span, time| {
        let (first, last) = span.unwrap_or((time, time));
        Some((first.min(time), last.max(time)))
    })
}

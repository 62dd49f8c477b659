//! Lays the records that matter in order: around an attempt, a conclusion or a moment.
//!
//! Knows which records belong together and by how much each machine's clock is to be
//! corrected. Knows nothing about formats.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Joined, JoinedBy, PackedEvent, Report, Signal, Span, Stage, Time, Value};
use crate::rules::RuleSet;
use crate::rules::codes::{Code, CodeBook};

/// What to look around at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// An attempt, by its place among the report's attempts.
    Attempt(usize),
    /// A conclusion, by its place among the report's diagnoses.
    Diagnosis(usize),
    /// A point in time.
    Time(Time),
}

/// A record in its place.
#[derive(Clone, Debug)]
pub struct Entry<'r> {
    /// Its time by the leading machine's clock.
    pub time: Time,
    /// The record; its own time is as it was logged.
    pub event: &'r PackedEvent,
    /// Its signals, each with what it says.
    pub signals: Vec<(&'r Signal, &'r str)>,
    /// The place, among the report's attempts, of the one that it belongs to.
    pub attempt: Option<usize>,
    /// Why it belongs there.
    pub joined_by: Option<JoinedBy>,
    /// Its values that are known codes: the field's name, the value, what it means.
    pub codes: Vec<(Arc<str>, Value, &'r Code)>,
}

impl Entry<'_> {
    /// The stages that its attempt is thereby proven to have passed.
    pub fn proves(&self) -> BTreeSet<Stage> {
        self.signals.iter().filter_map(|(signal, _)| signal.effect.proves).collect()
    }

    /// The stages that its attempt thereby died in.
    pub fn fails(&self) -> BTreeSet<Stage> {
        self.signals.iter().filter_map(|(signal, _)| signal.effect.fails).collect()
    }

    /// Whether it begins an attempt.
    pub fn opens(&self) -> bool {
        self.signals.iter().any(|(signal, _)| signal.effect.opens)
    }

    /// Whether it ends an attempt.
    pub fn ends(&self) -> bool {
        self.signals.iter().any(|(signal, _)| signal.effect.ends)
    }
}

/// The records around something, ordered by corrected time.
///
/// - Around an attempt: its own records; those that its conclusions rest on, however far away, as
///   the fault may be older than the try; and what the machines that saw it logged no longer than
///   `within` before and after it, unless that belongs to another attempt.
/// - Around a conclusion: the records of its evidence and of its attempts.
/// - Around a moment: all that was kept no longer than `within` before and after it.
///
/// What no rule asks for was never kept and does not appear.
pub fn timeline<'r>(
    report: &'r Report,
    rules: &'r RuleSet,
    codes: &'r CodeBook,
    around: Around,
    within: Span,
) -> Vec<Entry<'r>> {
    let owners = owners(report);
    let clocks = Clocks::of(report, around);
    let mut records: Vec<(Time, usize)> = chosen(report, around, within, &owners, &clocks)
        .into_iter()
        .filter_map(|record| Some((clocks.correct(report.facts.events.get(record)?), record)))
        .collect();
    records.sort_unstable();
    let chosen = records.iter().map(|(_, record)| *record).collect();
    let signals = signals(report, rules, &chosen);
    records
        .into_iter()
        .filter_map(|(time, record)| {
            let event = report.facts.events.get(record)?;
            let owner = owners.get(&record);
            Some(Entry {
                time,
                event,
                signals: signals.get(&record).cloned().unwrap_or_default(),
                attempt: owner.map(|(attempt, _)| *attempt),
                joined_by: owner.map(|(_, by)| *by),
                codes: meanings(event, codes),
            })
        })
        .collect()
}

/// The attempt that each record belongs to, and why.
fn owners(report: &Report) -> BTreeMap<usize, (usize, JoinedBy)> {
    let mut owners = BTreeMap::new();
    for (index, attempt) in report.attempts.iter().enumerate() {
        for Joined { record, by } in &attempt.records {
            owners.entry(*record).or_insert((index, *by));
        }
    }
    owners
}

fn chosen(
    report: &Report,
    around: Around,
    within: Span,
    owners: &BTreeMap<usize, (usize, JoinedBy)>,
    clocks: &Clocks<'_>,
) -> BTreeSet<usize> {
    let of_attempt = |index: &usize| {
        let attempt = report.attempts.get(*index);
        attempt.into_iter().flat_map(|attempt| attempt.records.iter().map(|joined| joined.record))
    };
    match around {
        Around::Time(at) => within_time(report, clocks, at - within, at + within, |_| true),
        Around::Diagnosis(index) => {
            let Some(diagnosis) = report.diagnoses.get(index) else { return BTreeSet::new() };
            let evidence = diagnosis.candidate.evidence.iter();
            evidence
                .flat_map(|item| item.records.iter().copied())
                .chain(diagnosis.candidate.attempts.iter().flat_map(of_attempt))
                .collect()
        }
        Around::Attempt(index) => {
            let Some(attempt) = report.attempts.get(index) else { return BTreeSet::new() };
            let saw = |machine: &str| {
                *machine == *attempt.machine
                    || attempt.views.iter().any(|view| *machine == *view.machine)
            };
            let (from, to) = (attempt.started - within, attempt.ended + within);
            let mut records = within_time(report, clocks, from, to, |record| {
                let free = owners.get(&record).is_none_or(|(owner, _)| *owner == index);
                free && report.facts.events.get(record).is_some_and(|event| saw(&event.machine))
            });
            records.extend(of_attempt(&index));
            for diagnosis in &report.diagnoses {
                if !diagnosis.candidate.attempts.contains(&index) {
                    continue;
                }
                let evidence = diagnosis.candidate.evidence.iter();
                records.extend(evidence.flat_map(|item| item.records.iter().copied()).filter(
                    // What a conclusion says of other attempts is not about this one.
                    |record| owners.get(record).is_none_or(|(owner, _)| *owner == index),
                ));
            }
            records
        }
    }
}

fn within_time(
    report: &Report,
    clocks: &Clocks<'_>,
    from: Time,
    to: Time,
    wanted: impl Fn(usize) -> bool,
) -> BTreeSet<usize> {
    let events = report.facts.events.iter().enumerate();
    events
        .filter(|(record, event)| {
            let time = clocks.correct(event);
            from <= time && time <= to && wanted(*record)
        })
        .map(|(record, _)| record)
        .collect()
}

/// The signals of single records, by record.
fn signals<'r>(
    report: &'r Report,
    rules: &'r RuleSet,
    records: &BTreeSet<usize>,
) -> BTreeMap<usize, Vec<(&'r Signal, &'r str)>> {
    let mut found: BTreeMap<usize, Vec<(&Signal, &str)>> = BTreeMap::new();
    for signal in &report.facts.signals {
        // Signals of attempts and correlations speak of more than their record.
        let (Some(rule), [record]) = (rules.signals.get(&signal.id), &*signal.records) else {
            continue;
        };
        if records.contains(record) {
            found.entry(*record).or_default().push((signal, &rule.title));
        }
    }
    found
}

fn meanings<'r>(event: &PackedEvent, codes: &'r CodeBook) -> Vec<(Arc<str>, Value, &'r Code)> {
    let PackedEvent { channel, provider, event_id, data, .. } = event;
    data.iter()
        .filter_map(|field| {
            let code = codes.annotate(channel, provider, *event_id, &field.name, &field.value)?;
            Some((field.name, field.value, code))
        })
        .collect()
}

/// What is to be added to each machine's times.
struct Clocks<'r>(BTreeMap<&'r str, Span>);

impl<'r> Clocks<'r> {
    /// Around an attempt, its own views count, as they are relative to its leading machine;
    /// elsewhere the estimates over the whole case.
    fn of(report: &'r Report, around: Around) -> Self {
        let mut offsets: BTreeMap<&str, Span> =
            report.clocks.iter().map(|clock| (&*clock.machine, clock.offset)).collect();
        if let Around::Attempt(index) = around
            && let Some(attempt) = report.attempts.get(index)
        {
            // The other estimates are relative to machines that may not be this one.
            offsets = attempt.views.iter().map(|view| (&*view.machine, view.offset)).collect();
        }
        Self(offsets)
    }

    fn correct(&self, event: &PackedEvent) -> Time {
        event.time + self.0.get(&*event.machine).copied().unwrap_or_default()
    }
}

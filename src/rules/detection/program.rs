//! The detections that ask for events of one kind, as one program: each question is asked once,
//! however many rules ask it, and each field is looked up once.
//!
//! Knows the event ID of its kind, so that what pins another one is settled beforehand.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use super::Detection;
use super::condition::Condition;
use super::field::{FieldName, Place};
use super::selection::Test;
use crate::model::{Observed, Value};

/// Answers that are remembered for a record; further ones are found anew each time.
const ANSWERS: usize = 128;
/// Values that are remembered for a record.
const VALUES: usize = 12;

/// The questions of one kind of event.
#[derive(Debug, Default)]
pub(in crate::rules) struct Program {
    /// The fields that are asked for, each once.
    fields: Vec<FieldName>,
    /// The questions, each once, and the position of their field.
    tests: Vec<(usize, Arc<Test>)>,
    /// What each detection makes of the answers, in the order in which they were added.
    verdicts: Vec<Verdict>,
}

/// What follows from the answers.
#[derive(Debug)]
enum Verdict {
    Settled(bool),
    Test(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Program {
    /// Adds a detection; `event_id` is the same for all.
    pub(in crate::rules) fn add(&mut self, detection: &Detection, event_id: u32) {
        let verdict = self.condition(&detection.condition, detection, event_id);
        self.verdicts.push(verdict);
    }

    /// The fields on which the answers depend. A field may be named more than once.
    pub(in crate::rules) fn asked(&self) -> impl Iterator<Item = &FieldName> {
        self.fields.iter().chain(self.tests.iter().flat_map(|(_, test)| test.compared()))
    }

    /// The fields that are asked for, each once.
    pub(in crate::rules) fn fields(&self) -> &[FieldName] {
        &self.fields
    }

    /// Asks about a record of the kind. `places` says where it has the fields, as far as that is
    /// known.
    pub(in crate::rules) fn ask<'a>(
        &'a self,
        record: Observed<'a>,
        places: &'a [Place],
    ) -> Asked<'a> {
        Asked {
            program: self,
            record,
            places,
            values: [const { OnceCell::new() }; VALUES],
            known: Cell::new(0),
            held: Cell::new(0),
        }
    }

    fn condition(
        &mut self,
        condition: &Condition,
        detection: &Detection,
        event_id: u32,
    ) -> Verdict {
        let mut parts = |parts: &[Condition]| -> Vec<Verdict> {
            parts.iter().map(|part| self.condition(part, detection, event_id)).collect()
        };
        match condition {
            Condition::All(inner) => all(parts(inner)),
            Condition::Any(inner) => any(parts(inner)),
            Condition::Not(part) => not(self.condition(part, detection, event_id)),
            Condition::Selection(index) => {
                let maps = detection.selections.get(*index).map(|selection| &selection.maps);
                let maps = maps.into_iter().flatten();
                any(maps
                    .map(|tests| all(tests.iter().map(|test| self.test(test, event_id)).collect()))
                    .collect())
            }
        }
    }

    fn test(&mut self, test: &Arc<Test>, event_id: u32) -> Verdict {
        if let Some(settled) = test.settled(event_id) {
            return Verdict::Settled(settled);
        }
        let known = self.tests.iter().position(|(_, known)| known == test);
        Verdict::Test(known.unwrap_or_else(|| {
            let field = self.fields.iter().position(|field| *field == test.field);
            let field = field.unwrap_or_else(|| {
                self.fields.push(test.field.clone());
                self.fields.len() - 1
            });
            self.tests.push((field, Arc::clone(test)));
            self.tests.len() - 1
        }))
    }
}

fn all(mut parts: Vec<Verdict>) -> Verdict {
    if parts.iter().any(|part| matches!(part, Verdict::Settled(false))) {
        return Verdict::Settled(false);
    }
    parts.retain(|part| !matches!(part, Verdict::Settled(true)));
    match parts.pop() {
        None => Verdict::Settled(true),
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Verdict::All(parts)
        }
    }
}

fn any(mut parts: Vec<Verdict>) -> Verdict {
    if parts.iter().any(|part| matches!(part, Verdict::Settled(true))) {
        return Verdict::Settled(true);
    }
    parts.retain(|part| !matches!(part, Verdict::Settled(false)));
    match parts.pop() {
        None => Verdict::Settled(false),
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Verdict::Any(parts)
        }
    }
}

fn not(part: Verdict) -> Verdict {
    match part {
        Verdict::Settled(holds) => Verdict::Settled(!holds),
        part => Verdict::Not(Box::new(part)),
    }
}

/// A record under question.
pub(in crate::rules) struct Asked<'a> {
    program: &'a Program,
    record: Observed<'a>,
    places: &'a [Place],
    values: [OnceCell<Option<Cow<'a, Value>>>; VALUES],
    /// The questions that were asked, a bit for each, and those that were answered with yes.
    known: Cell<u128>,
    held: Cell<u128>,
}

impl Asked<'_> {
    /// Whether the detection with that number describes the record.
    pub(in crate::rules) fn fits(&self, detection: usize) -> bool {
        self.program.verdicts.get(detection).is_some_and(|verdict| self.comes_out(verdict))
    }

    fn comes_out(&self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Settled(holds) => *holds,
            Verdict::Test(index) => self.holds(*index),
            Verdict::All(parts) => parts.iter().all(|part| self.comes_out(part)),
            Verdict::Any(parts) => parts.iter().any(|part| self.comes_out(part)),
            Verdict::Not(part) => !self.comes_out(part),
        }
    }

    fn holds(&self, index: usize) -> bool {
        let bit = if index < ANSWERS { 1_u128 << index } else { 0 };
        if self.known.get() & bit != 0 {
            return self.held.get() & bit != 0;
        }
        let Some((field, test)) = self.program.tests.get(index) else { return false };
        let holds = match self.values.get(*field) {
            Some(value) => {
                let read = || test.field.read_at(self.places.get(*field), self.record);
                let value = value.get_or_init(read);
                test.holds(value.as_deref(), self.record)
            }
            None => test.holds(test.field.read(self.record).as_deref(), self.record),
        };
        self.known.set(self.known.get() | bit);
        if holds {
            self.held.set(self.held.get() | bit);
        }
        holds
    }
}

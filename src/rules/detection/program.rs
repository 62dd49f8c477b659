//! The detections that ask for events of one kind, as one program: each question is asked once,
//! however many rules ask it, and each field is looked up once.
//!
//! Knows the event ID of its kind, so that what pins another one is settled beforehand.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::cmp::Reverse;
use std::sync::Arc;

use super::Detection;
use super::condition::Condition;
use super::field::{FieldName, Place};
use super::selection::Test;
use crate::model::{Observed, Value};

/// Answers that are remembered for a record; further ones are found anew each time.
const ANSWERS: usize = 128;

/// The questions that are answered with yes, a bit for each.
pub(in crate::rules) type Held = u128;
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

    /// For each field, the questions about it, first those on which most detections depend; `None`
    /// where there are more than [`Held`] has bits.
    pub(in crate::rules) fn questions(&self) -> Option<Vec<Questions>> {
        if self.tests.len() > ANSWERS {
            return None;
        }
        let of_field = |field: usize| {
            let tests = self.tests.iter().enumerate();
            let own = tests.filter(|(_, (of, _))| *of == field);
            Questions::new(field, own.map(|(index, _)| index).collect())
        };
        let mut topics: Vec<Questions> = (0..self.fields.len()).map(of_field).collect();
        topics.sort_by_key(|topic| Reverse(self.settles(topic)));
        Some(topics)
    }

    /// Of how many detections it is settled whether they describe a record that answers all of some
    /// questions with no, as most records do.
    fn settles(&self, topic: &Questions) -> usize {
        let known = |index: usize| (topic.bits() & 1 << index != 0).then_some(false);
        self.verdicts.iter().filter(|verdict| verdict.settled(&known).is_some()).count()
    }

    /// Whether some questions ask for nothing but the address that a field names.
    pub(in crate::rules) fn are_of_address(&self, questions: &Questions) -> bool {
        let mut tests = questions.tests.iter().filter_map(|index| self.tests.get(*index));
        tests.all(|(_, test)| test.is_of_address())
    }

    /// The position among `topics` of the first that a record is yet to be asked about, which so
    /// answers those with the bits of `asked`; topics at positions with a bit of `later` come after
    /// all others. `None` where the rest decides nothing any more.
    pub(in crate::rules) fn next(
        &self,
        topics: &[Questions],
        (asked, held): (Held, Held),
        later: Held,
    ) -> Option<usize> {
        let known = |index: usize| (asked & 1 << index != 0).then_some(held & 1 << index != 0);
        let is_open = |verdict: &&Verdict| verdict.settled(&known).is_none();
        let open: Vec<&Verdict> = self.verdicts.iter().filter(is_open).collect();
        let decides = |topic: &Questions| {
            topic.bits() & !asked != 0
                && open.iter().any(|verdict| verdict.asks(topic.bits(), &known))
        };
        let mut open = topics.iter().enumerate().filter(|(_, topic)| decides(topic));
        let first = open.clone().find(|(position, _)| later & 1 << position == 0);
        first.or_else(|| open.next()).map(|(position, _)| position)
    }

    /// The fields on which the answers to some questions depend.
    pub(in crate::rules) fn asked_by<'p>(
        &'p self,
        questions: &'p Questions,
    ) -> impl Iterator<Item = &'p FieldName> {
        let tests = questions.tests.iter().filter_map(|index| self.tests.get(*index));
        let compared = tests.flat_map(|(_, test)| test.compared());
        self.fields.get(questions.field).into_iter().chain(compared)
    }

    /// The answers to some questions about a record. `places` are those of all fields.
    pub(in crate::rules) fn answers(
        &self,
        questions: &Questions,
        record: Observed<'_>,
        places: &[Place],
    ) -> Held {
        let field = self.fields.get(questions.field);
        let value = field.and_then(|field| field.read_at(places.get(questions.field), record));
        let holds = |index: &&usize| {
            let test = self.tests.get(**index);
            test.is_some_and(|(_, test)| test.holds(value.as_deref(), record))
        };
        questions.tests.iter().filter(holds).fold(0, |held, index| held | 1 << index)
    }

    /// The detections that describe a record which so answers all questions, in their order.
    pub(in crate::rules) fn fitting(&self, held: Held) -> Vec<usize> {
        let holds = |index: usize| index < ANSWERS && held & (1 << index) != 0;
        let verdicts = self.verdicts.iter().enumerate();
        verdicts.filter(|(_, verdict)| verdict.comes_out(&holds)).map(|(at, _)| at).collect()
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

/// What is asked about one field.
#[derive(Debug)]
pub(in crate::rules) struct Questions {
    /// Number of the field.
    field: usize,
    /// The questions, which are the bits of their answers.
    tests: Vec<usize>,
    bits: Held,
}

impl Questions {
    fn new(field: usize, tests: Vec<usize>) -> Self {
        let bits = tests.iter().fold(0, |bits, index| bits | 1 << index);
        Self { field, tests, bits }
    }

    /// The bits of their answers.
    pub(in crate::rules) const fn bits(&self) -> Held {
        self.bits
    }
}

impl Verdict {
    /// What follows where `holds` says how each question is answered.
    fn comes_out(&self, holds: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Settled(holds) => *holds,
            Self::Test(index) => holds(*index),
            Self::All(parts) => parts.iter().all(|part| part.comes_out(holds)),
            Self::Any(parts) => parts.iter().any(|part| part.comes_out(holds)),
            Self::Not(part) => !part.comes_out(holds),
        }
    }

    /// What follows from the answers that are known, if that is certain whatever the others are.
    fn settled(&self, known: &impl Fn(usize) -> Option<bool>) -> Option<bool> {
        let parts = |parts: &[Self], decisive: bool| {
            let known = parts.iter().map(|part| part.settled(known));
            known.reduce(|left, right| match (left, right) {
                (Some(one), _) | (_, Some(one)) if one == decisive => Some(one),
                (Some(left), Some(_)) => Some(left),
                _ => None,
            })?
        };
        match self {
            Self::Settled(holds) => Some(*holds),
            Self::Test(index) => known(*index),
            Self::All(all) => parts(all, false),
            Self::Any(any) => parts(any, true),
            Self::Not(part) => part.settled(known).map(|holds| !holds),
        }
    }

    /// Whether one of these questions, of those whose answers are not known, may still decide.
    fn asks(&self, questions: Held, known: &impl Fn(usize) -> Option<bool>) -> bool {
        if self.settled(known).is_some() {
            return false;
        }
        match self {
            Self::Settled(_) => false,
            Self::Test(index) => questions & 1 << index != 0,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().any(|part| part.asks(questions, known))
            }
            Self::Not(part) => part.asks(questions, known),
        }
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
        let holds = |index| self.holds(index);
        self.program.verdicts.get(detection).is_some_and(|verdict| verdict.comes_out(&holds))
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

#[cfg(test)]
mod tests {
    use super::Verdict::{All, Any, Not, Settled, Test};
    use super::*;

    #[test]
    fn what_is_certain_whatever_is_not_known() {
        let known = |index: usize| [Some(false), Some(true)].get(index).copied().flatten();
        for (verdict, certain) in [
            (Test(0), Some(false)),
            (Test(2), None),
            (All(vec![Test(2), Test(0)]), Some(false)),
            (All(vec![Test(2), Settled(true)]), None),
            (All(vec![Test(1), Not(Box::new(Test(0)))]), Some(true)),
            (Any(vec![Test(0), Test(2)]), None),
            (Any(vec![Test(0), Not(Box::new(Test(1)))]), Some(false)),
            (Any(vec![Test(2), Test(1)]), Some(true)),
            (Not(Box::new(Any(vec![Test(0), Test(2)]))), None),
            (Not(Box::new(All(vec![Test(0), Test(2)]))), Some(true)),
        ] {
            assert_eq!(verdict.settled(&known), certain, "{verdict:?}");
            assert_eq!(verdict.asks(0b100, &known), certain.is_none(), "{verdict:?}");
            assert!(!verdict.asks(0b011, &known), "{verdict:?}");
        }
    }

    /// Two detections that need the first question; the one must not have the second, the other
    /// must have the third.
    #[test]
    fn what_decides_nothing_is_not_asked() {
        let one = All(vec![Test(0), Not(Box::new(Test(1)))]);
        let two = All(vec![Test(0), Test(2)]);
        let program = Program { verdicts: vec![one, two], ..Program::default() };
        let topics = [0, 1, 2].map(|test| Questions::new(0, vec![test]));
        assert_eq!(topics.each_ref().map(|topic| program.settles(topic)), [2, 0, 1]);
        for (asked, held, next) in [
            (0, 0, Some(0)),
            (0b001, 0b000, None),
            (0b001, 0b001, Some(1)),
            (0b011, 0b001, Some(2)),
            (0b101, 0b001, Some(1)),
            (0b111, 0b101, None),
        ] {
            assert_eq!(program.next(&topics, (asked, held), 0), next, "{asked:b} {held:b}");
        }
        // What comes later comes all the same, once nothing else is left.
        for (later, next) in [(0b010, Some(2)), (0b100, Some(1)), (0b110, Some(1))] {
            assert_eq!(program.next(&topics, (0b001, 0b001), later), next, "{later:b}");
        }
    }
}

//! What the rules ask of one kind of event: a channel, a provider and an event ID.
//!
//! Compiled when the first such event is met: one program for all rules, the fields that they ask
//! for, and whom these name.

use std::sync::{Arc, OnceLock};

use super::{Binding, SignalIndex, SignalRule};
use crate::model::{Entities, FieldNames, Observed, Text};
use crate::rules::detection::{FieldName, Held, Place, Program, Questions};
use crate::rules::schema::Entity;

/// A signal that a record carries.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The rule that found it.
    pub rule: &'a SignalRule,
    /// Whom and what the record names; one copy for all rules that ask for the same.
    pub entities: Arc<Entities>,
}

/// A channel and provider, and the rules that ask for their events of one ID. The names are
/// compared once, however many rules ask.
#[derive(Debug)]
pub(super) struct Kind {
    channel: Text,
    provider: Text,
    event_id: u32,
    /// Positions of the rules, ascending.
    rules: Vec<usize>,
    /// What the rules ask, compiled when the first such event is met.
    compiled: OnceLock<Box<Compiled>>,
}

/// Entities of a record that its signals share; few records have two kinds of them.
const SHARED: usize = 4;
/// What names a client or a user.
pub(super) const PARTY: [Entity; 3] = [Entity::ClientAddress, Entity::ClientName, Entity::User];

/// What the rules of a kind ask.
#[derive(Debug)]
struct Compiled {
    /// The rules' detections, in their order.
    program: Program,
    /// For each rule, the first that binds the same entities.
    same_binds: Vec<usize>,
    /// The entities of rules that bind none.
    nobody: Arc<Entities>,
    /// What is asked about each field on which it depends which rules fit; `None` where that
    /// are too many questions to remember their answers.
    questions: Option<Vec<Questions>>,
    /// The fields that name entities, each once.
    bound: Vec<FieldName>,
    /// For each rule, the positions among these of the fields that it binds.
    binds_at: Vec<Vec<usize>>,
    /// What names a client or a user, each once.
    naming: Vec<Binding>,
}

/// What rules ask about one field.
#[derive(Debug)]
pub(super) struct Topic {
    /// The fields on which the answers depend.
    pub(super) fields: Vec<FieldName>,
    /// Whether they depend on the addresses only that these name.
    pub(super) is_of_address: bool,
    /// The bits of the answers.
    pub(super) bits: Held,
}

/// Where payloads of one layout have what the rules of a kind ask for; without any, fields are
/// looked for by name.
#[derive(Debug, Default)]
pub(super) struct Places {
    asked: Vec<Place>,
    bound: Vec<Place>,
}

impl Topic {
    /// The fields on which the answers depend, each with whether only its address counts.
    pub(super) fn each(&self) -> impl Iterator<Item = (FieldName, bool)> {
        self.fields.iter().map(|field| (field.clone(), self.is_of_address))
    }
}

impl Kind {
    /// The kind of events that a rule asks for first, which stands at that position.
    pub(super) fn of(rule: &SignalRule, event_id: u32, position: usize) -> Self {
        Self {
            channel: rule.channel.clone(),
            provider: rule.provider.clone(),
            event_id,
            rules: vec![position],
            compiled: OnceLock::new(),
        }
    }

    /// Adds the rule at that position, which stands behind those that are there.
    pub(super) fn add(&mut self, position: usize) {
        self.rules.push(position);
    }

    /// Whether events of that channel and provider, with its ID, are of the kind.
    pub(super) fn is(&self, channel: &str, provider: &str) -> bool {
        same(&self.channel, channel) && same(&self.provider, provider)
    }

    /// Whether it is of that channel.
    pub(super) fn is_of(&self, channel: &str) -> bool {
        same(&self.channel, channel)
    }

    fn compiled(&self, all: &[SignalRule]) -> &Compiled {
        self.compiled.get_or_init(|| Box::new(self.compile(all)))
    }

    /// What is asked about each field; `None` where the answers are too many to be remembered.
    pub(super) fn topics(&self, all: &SignalIndex) -> Option<Vec<Topic>> {
        let Compiled { program, questions, .. } = self.compiled(all.rules());
        let topic = |own| Topic {
            fields: each_once(program.asked_by(own).collect()),
            is_of_address: program.are_of_address(own),
            bits: own.bits(),
        };
        Some(questions.as_ref()?.iter().map(topic).collect())
    }

    /// The position of the topic to ask about next, where those with the first bits of `answered`
    /// are so answered as the second say; topics at positions with a bit of `later` come after all
    /// others. `None` where the rest decides nothing any more.
    pub(super) fn next(
        &self,
        all: &SignalIndex,
        answered: (Held, Held),
        later: Held,
    ) -> Option<usize> {
        let Compiled { program, questions, .. } = self.compiled(all.rules());
        program.next(questions.as_ref()?, answered, later)
    }

    /// What names a client or a user in a record of the kind, each once.
    pub(super) fn naming(&self, all: &SignalIndex) -> &[Binding] {
        &self.compiled(all.rules()).naming
    }

    /// The rules with these numbers.
    pub(super) fn numbered<'a>(
        &'a self,
        all: &'a SignalIndex,
        fitting: &'a [usize],
    ) -> impl Iterator<Item = &'a SignalRule> {
        fitting.iter().filter_map(|number| all.rules().get(*self.rules.get(*number)?))
    }

    /// The answers to the questions about the field with that number.
    pub(super) fn answers(
        &self,
        all: &SignalIndex,
        field: usize,
        record: Observed<'_>,
        places: &Places,
    ) -> Held {
        let Compiled { program, questions, .. } = self.compiled(all.rules());
        let own = questions.as_ref().and_then(|questions| questions.get(field));
        own.map_or(0, |own| program.answers(own, record, &places.asked))
    }

    /// The fields of such a record that name entities, each once.
    pub(super) fn bound(&self, all: &SignalIndex) -> &[FieldName] {
        &self.compiled(all.rules()).bound
    }

    /// The rules in their order.
    fn rules<'a>(&'a self, all: &'a [SignalRule]) -> impl Iterator<Item = &'a SignalRule> {
        self.rules.iter().filter_map(|position| all.get(*position))
    }

    fn compile(&self, all: &[SignalRule]) -> Compiled {
        let mut program = Program::default();
        let mut same_binds = Vec::with_capacity(self.rules.len());
        for (number, rule) in self.rules(all).enumerate() {
            program.add(&rule.detection, self.event_id);
            let first = self.rules(all).position(|other| other.binds == rule.binds);
            same_binds.push(first.unwrap_or(number));
        }
        let bound = self.rules(all).flat_map(|rule| rule.binds.iter().map(|bind| &bind.field));
        let (questions, bound) = (program.questions(), each_once(bound.collect()));
        let position = |bind: &Binding| bound.iter().position(|field| *field == bind.field);
        let of_rule = |rule: &SignalRule| rule.binds.iter().filter_map(position).collect();
        let binds_at = self.rules(all).map(of_rule).collect();
        let mut naming: Vec<Binding> = Vec::new();
        for bind in self.rules(all).flat_map(|rule| &rule.binds) {
            if PARTY.contains(&bind.entity) && !naming.contains(bind) {
                naming.push(bind.clone());
            }
        }
        let nobody = Arc::default();
        Compiled { program, same_binds, nobody, questions, bound, binds_at, naming }
    }

    /// Where payloads of a layout have what the rules ask for.
    pub(super) fn places(&self, all: &SignalIndex, layout: &FieldNames) -> Places {
        let Compiled { program, bound, .. } = self.compiled(all.rules());
        let asked = program.fields().iter().map(|field| Place::of(field, layout)).collect();
        Places { asked, bound: bound.iter().map(|field| Place::of(field, layout)).collect() }
    }

    /// The numbers of the rules that describe records which so answer all questions, ascending.
    pub(super) fn fitting_by(&self, all: &SignalIndex, held: Held) -> Vec<usize> {
        self.compiled(all.rules()).program.fitting(held)
    }

    /// The numbers of the rules that describe a record of the kind, ascending.
    pub(super) fn fitting(
        &self,
        all: &[SignalRule],
        record: Observed<'_>,
        places: &Places,
    ) -> Vec<usize> {
        let asked = self.compiled(all).program.ask(record, &places.asked);
        (0..self.rules.len()).filter(|number| asked.fits(*number)).collect()
    }

    /// The signals that the rules with these numbers find in a record, in their order.
    pub(super) fn found<'a>(
        &'a self,
        all: &'a [SignalRule],
        fitting: &[usize],
        record: Observed<'_>,
        places: &Places,
        text: &mut String,
    ) -> Vec<Found<'a>> {
        let Compiled { same_binds, nobody, binds_at, .. } = self.compiled(all);
        // The numbers of the first rules whose entities were bound, and these.
        let mut bound = [const { None::<(usize, Arc<Entities>)> }; SHARED];
        let each = fitting.iter().filter_map(|number| {
            let rule = all.get(*self.rules.get(*number)?)?;
            let binds = *same_binds.get(*number)?;
            let known = bound.iter().flatten().find(|(first, _)| *first == binds);
            let entities = match known {
                Some((_, entities)) => Arc::clone(entities),
                None if rule.binds.is_empty() => Arc::clone(nobody),
                None => {
                    let own = binds_at.get(*number)?;
                    let entities = Arc::new(rule.entities_at(&places.bound, own, record, text));
                    if let Some(room) = bound.iter_mut().find(|room| room.is_none()) {
                        *room = Some((binds, Arc::clone(&entities)));
                    }
                    entities
                }
            };
            Some(Found { rule, entities })
        });
        let mut found = Vec::with_capacity(fitting.len());
        found.extend(each);
        found
    }
}

fn each_once(fields: Vec<&FieldName>) -> Vec<FieldName> {
    let mut once: Vec<FieldName> = Vec::new();
    for field in fields {
        if !once.contains(field) {
            once.push(field.clone());
        }
    }
    once
}

/// Compares names without ASCII case; nearly all are spelled as the rules spell them.
fn same(left: &str, right: &str) -> bool {
    left == right || left.eq_ignore_ascii_case(right)
}

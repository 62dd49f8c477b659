//! Finds the signals of an event by channel, provider and event ID.
//!
//! One look at a hash table per event: the cost does not grow with the number of rules.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};

use super::{Binding, SignalRule};
use crate::model::{Entities, FactKind, FieldNames, Observed, SignalId, Text};
use crate::rules::detection::{FieldName, Held, Place, Program, Questions};
use crate::rules::schema::Entity;

/// All signals of single events.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<SignalRule>")]
pub struct SignalIndex {
    /// Ordered by id.
    rules: Vec<SignalRule>,
    /// The kinds of events that rules ask for.
    kinds: Vec<Kind>,
    /// Positions of the kinds, by [`key`].
    buckets: HashMap<u64, Vec<usize>, BuildHasherDefault<KeyHasher>>,
    ids: EventIds,
}

impl Serialize for SignalIndex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rules.serialize(serializer)
    }
}

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
    fn is(&self, channel: &str, provider: &str) -> bool {
        same(&self.channel, channel) && same(&self.provider, provider)
    }

    fn compiled(&self, all: &[SignalRule]) -> &Compiled {
        self.compiled.get_or_init(|| Box::new(self.compile(all)))
    }

    /// What is asked about each field; `None` where the answers are too many to be remembered.
    pub(super) fn topics(&self, all: &SignalIndex) -> Option<Vec<Topic>> {
        let Compiled { program, questions, .. } = self.compiled(&all.rules);
        let topic = |own| Topic {
            fields: each_once(program.asked_by(own).collect()),
            is_of_address: program.are_of_address(own),
            bits: own.bits(),
        };
        Some(questions.as_ref()?.iter().map(topic).collect())
    }

    /// The position of the topic to ask about next, where those with the bits of `asked` are so
    /// answered; `None` where the rest decides nothing any more.
    pub(super) fn next(&self, all: &SignalIndex, asked: Held, held: Held) -> Option<usize> {
        let Compiled { program, questions, .. } = self.compiled(&all.rules);
        program.next(questions.as_ref()?, asked, held)
    }

    /// What names a client or a user in a record of the kind, each once.
    pub(super) fn naming(&self, all: &SignalIndex) -> &[Binding] {
        &self.compiled(&all.rules).naming
    }

    /// The rules with these numbers.
    pub(super) fn numbered<'a>(
        &'a self,
        all: &'a SignalIndex,
        fitting: &'a [usize],
    ) -> impl Iterator<Item = &'a SignalRule> {
        fitting.iter().filter_map(|number| all.rules.get(*self.rules.get(*number)?))
    }

    /// The answers to the questions about the field with that number.
    pub(super) fn answers(
        &self,
        all: &SignalIndex,
        field: usize,
        record: Observed<'_>,
        places: &Places,
    ) -> Held {
        let Compiled { program, questions, .. } = self.compiled(&all.rules);
        let own = questions.as_ref().and_then(|questions| questions.get(field));
        own.map_or(0, |own| program.answers(own, record, &places.asked))
    }

    /// The fields of such a record that name entities, each once.
    pub(super) fn bound(&self, all: &SignalIndex) -> &[FieldName] {
        &self.compiled(&all.rules).bound
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
        let Compiled { program, bound, .. } = self.compiled(&all.rules);
        let asked = program.fields().iter().map(|field| Place::of(field, layout)).collect();
        Places { asked, bound: bound.iter().map(|field| Place::of(field, layout)).collect() }
    }

    /// The numbers of the rules that describe records which so answer all questions, ascending.
    pub(super) fn fitting_by(&self, all: &SignalIndex, held: Held) -> Vec<usize> {
        self.compiled(&all.rules).program.fitting(held)
    }

    /// The numbers of the rules that describe a record of the kind, ascending.
    fn fitting(&self, all: &[SignalRule], record: Observed<'_>, places: &Places) -> Vec<usize> {
        let asked = self.compiled(all).program.ask(record, &places.asked);
        (0..self.rules.len()).filter(|number| asked.fits(*number)).collect()
    }

    /// The signals that the rules with these numbers find in a record, in their order.
    fn found<'a>(
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

/// Spreads keys that nobody outside chooses: no defense is needed, and a look must be cheap.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = (self.0 ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// A set of event IDs that is cheap to ask: a bit for each of the 16-bit numbers they are.
#[derive(Debug, Default)]
struct EventIds {
    bits: Vec<u64>,
    /// A rule asks for an ID that has more than 16 bits.
    has_larger: bool,
}

impl EventIds {
    fn insert(&mut self, event_id: u32) {
        self.bits.resize(1 << 10, 0);
        match self.bits.get_mut(event_id as usize / 64) {
            Some(word) => *word |= 1 << (event_id % 64),
            None => self.has_larger = true,
        }
    }

    fn contains(&self, event_id: u32) -> bool {
        match self.bits.get(event_id as usize / 64) {
            Some(word) => word & 1 << (event_id % 64) != 0,
            None => self.has_larger,
        }
    }
}

/// Indexes the rules.
impl From<Vec<SignalRule>> for SignalIndex {
    fn from(mut rules: Vec<SignalRule>) -> Self {
        rules.sort_by(|left, right| left.id.cmp(&right.id));
        let mut buckets: HashMap<u64, Vec<usize>, _> = HashMap::default();
        let mut ids = EventIds::default();
        // Most kinds have one rule.
        let mut kinds = Vec::<Kind>::with_capacity(rules.len());
        for (position, rule) in rules.iter().enumerate() {
            for event_id in rule.event_ids() {
                ids.insert(event_id);
                let bucket =
                    buckets.entry(key(&rule.channel, &rule.provider, event_id)).or_default();
                let is = |number: &&usize| {
                    kinds.get(**number).is_some_and(|kind| kind.is(&rule.channel, &rule.provider))
                };
                let known = bucket.iter().find(is).copied();
                match known.and_then(|number| kinds.get_mut(number)) {
                    Some(kind) => kind.rules.push(position),
                    None => {
                        bucket.push(kinds.len());
                        kinds.push(Kind {
                            channel: rule.channel.clone(),
                            provider: rule.provider.clone(),
                            event_id,
                            rules: vec![position],
                            compiled: OnceLock::new(),
                        });
                    }
                }
            }
        }
        Self { rules, kinds, buckets, ids }
    }
}

impl SignalIndex {
    /// Whether any signal could be drawn from an event with that ID, of whatever channel.
    pub fn wants_id(&self, event_id: u32) -> bool {
        self.ids.contains(event_id)
    }

    /// Whether any signal could be drawn from an event of that channel. Upper and lower case of
    /// ASCII letters do not count.
    pub fn wants_channel(&self, channel: &str) -> bool {
        self.kinds.iter().any(|kind| same(&kind.channel, channel))
    }

    /// The number of the kind of such events, if any signal could be drawn from them. Upper and
    /// lower case of ASCII letters in channel and provider do not count.
    pub fn kind(&self, channel: &str, provider: &str, event_id: u32) -> Option<usize> {
        let bucket = self.buckets.get(&key(channel, provider, event_id))?;
        let is = |number: &&usize| {
            self.kinds.get(**number).is_some_and(|kind| kind.is(channel, provider))
        };
        bucket.iter().find(is).copied()
    }

    /// The signals that a record carries, ordered by id.
    pub fn find(&self, record: Observed<'_>) -> Vec<Found<'_>> {
        let frame = record.frame.frame();
        let kind = self.kind(frame.channel, frame.provider, frame.event_id);
        let Some(kind) = kind.and_then(|number| self.numbered(number)) else { return Vec::new() };
        let by_name = Places::default();
        let fitting = self.fitting(kind, record, &by_name);
        self.found(kind, &fitting, record, &by_name, &mut String::new())
    }

    /// What rules ask of events of the kind with that number.
    pub(super) fn numbered(&self, kind: usize) -> Option<&Kind> {
        self.kinds.get(kind)
    }

    /// Those of the kind's rules that describe a record of it, as numbers in ascending order.
    pub(super) fn fitting(&self, kind: &Kind, record: Observed<'_>, places: &Places) -> Vec<usize> {
        kind.fitting(&self.rules, record, places)
    }

    /// The signals that these rules of the kind find in a record, ordered by id.
    pub(super) fn found<'a>(
        &'a self,
        kind: &'a Kind,
        fitting: &[usize],
        record: Observed<'_>,
        places: &Places,
        text: &mut String,
    ) -> Vec<Found<'a>> {
        kind.found(&self.rules, fitting, record, places, text)
    }

    /// The rule of a signal; `None` for correlations and drawn signals.
    pub fn get(&self, id: &SignalId) -> Option<&SignalRule> {
        let position = self.rules.binary_search_by(|rule| rule.id.cmp(id)).ok()?;
        self.rules.get(position)
    }

    /// All rules, ordered by id.
    pub fn rules(&self) -> &[SignalRule] {
        &self.rules
    }

    /// The pairs of channel and provider that signals are drawn from, each once, ordered. Facts
    /// beside logs have none.
    pub fn channels(&self) -> impl Iterator<Item = (&str, &str)> {
        let in_log = |rule: &&SignalRule| FactKind::of(&rule.channel).is_none();
        let rules = self.rules.iter().filter(in_log);
        let pairs: BTreeSet<(&str, &str)> =
            rules.map(|rule| (&*rule.channel, &*rule.provider)).collect();
        pairs.into_iter()
    }
}

/// What is cheap to take from every record. Names of equal length share a bucket and are told
/// apart by comparison: hashing them, in lower case, would cost more than the whole look.
const fn key(channel: &str, provider: &str, event_id: u32) -> u64 {
    let lengths = (channel.len() as u64) << 16 ^ provider.len() as u64;
    lengths << 32 ^ event_id as u64
}

/// Compares names without ASCII case; nearly all are spelled as the rules spell them.
fn same(left: &str, right: &str) -> bool {
    left == right || left.eq_ignore_ascii_case(right)
}

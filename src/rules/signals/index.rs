//! Finds the signals of an event by channel, provider and event ID.
//!
//! One look at a hash table per event: the cost does not grow with the number of rules.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize, Serializer};

use super::SignalRule;
use super::kind::{Found, Kind, Places};
use crate::model::{FactKind, Observed, SignalId};

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
                    Some(kind) => kind.add(position),
                    None => {
                        bucket.push(kinds.len());
                        kinds.push(Kind::of(rule, event_id, position));
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
        self.kinds.iter().any(|kind| kind.is_of(channel))
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

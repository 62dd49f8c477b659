//! Finds the signals of an event by channel, provider and event ID.
//!
//! One look at a hash table per event: the cost does not grow with the number of rules.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::SignalRule;
use crate::model::{Event, FactKind, SignalId};

type Key = (u32, usize, usize);

/// All signals of single events.
#[derive(Debug, Default)]
pub struct SignalIndex {
    /// Ordered by id.
    rules: Vec<SignalRule>,
    /// The kinds of events that rules ask for, by [`key`].
    buckets: HashMap<Key, Vec<Kind>>,
    ids: EventIds,
}

/// A channel and provider, and the rules that ask for their events of one ID. The names are
/// compared once, however many rules ask.
#[derive(Debug)]
struct Kind {
    channel: Arc<str>,
    provider: Arc<str>,
    /// Positions of the rules, ascending.
    rules: Vec<usize>,
}

impl Kind {
    fn is(&self, channel: &str, provider: &str) -> bool {
        self.channel.eq_ignore_ascii_case(channel) && self.provider.eq_ignore_ascii_case(provider)
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

impl SignalIndex {
    /// Indexes the rules.
    pub(in crate::rules) fn new(mut rules: Vec<SignalRule>) -> Self {
        rules.sort_by(|left, right| left.id.cmp(&right.id));
        let mut buckets: HashMap<Key, Vec<Kind>> = HashMap::new();
        let mut ids = EventIds::default();
        for (position, rule) in rules.iter().enumerate() {
            for event_id in rule.event_ids() {
                ids.insert(event_id);
                let kinds =
                    buckets.entry(key(&rule.channel, &rule.provider, event_id)).or_default();
                match kinds.iter_mut().find(|kind| kind.is(&rule.channel, &rule.provider)) {
                    Some(kind) => kind.rules.push(position),
                    None => kinds.push(Kind {
                        channel: rule.channel.clone(),
                        provider: rule.provider.clone(),
                        rules: vec![position],
                    }),
                }
            }
        }
        Self { rules, buckets, ids }
    }

    /// Whether any signal could be drawn from an event with that ID, of whatever channel.
    pub fn wants_id(&self, event_id: u32) -> bool {
        self.ids.contains(event_id)
    }

    /// Whether any signal could be drawn from such an event. Upper and lower case of ASCII
    /// letters in channel and provider do not count.
    pub fn wants(&self, channel: &str, provider: &str, event_id: u32) -> bool {
        self.candidates(channel, provider, event_id).next().is_some()
    }

    /// The signals that the event carries, ordered by id.
    pub fn matches<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a SignalRule> {
        self.candidates(&event.channel, &event.provider, event.event_id)
            .filter(|rule| rule.detection.matches(event))
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

    /// The rules of that channel and provider with that event ID.
    fn candidates<'a>(
        &'a self,
        channel: &'a str,
        provider: &'a str,
        event_id: u32,
    ) -> impl Iterator<Item = &'a SignalRule> {
        let bucket = self.buckets.get(&key(channel, provider, event_id));
        bucket
            .into_iter()
            .flatten()
            .filter(move |kind| kind.is(channel, provider))
            .flat_map(|kind| kind.rules.iter())
            .filter_map(|position| self.rules.get(*position))
    }
}

/// What is cheap to take from every record. Names of equal length share a bucket and are told
/// apart by comparison: hashing them, in lower case, would cost more than the whole look.
const fn key(channel: &str, provider: &str, event_id: u32) -> Key {
    (event_id, channel.len(), provider.len())
}

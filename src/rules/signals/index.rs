//! Finds the signals of an event by channel, provider and event ID.
//!
//! One look at a hash table per event: the cost does not grow with the number of rules.

use std::collections::{BTreeSet, HashMap};

use super::SignalRule;
use crate::model::{Event, SignalId};

type Key = (u32, usize, usize);

/// All signals of single events.
#[derive(Debug, Default)]
pub struct SignalIndex {
    /// Ordered by id.
    rules: Vec<SignalRule>,
    /// Positions of the rules, ascending, by [`key`].
    buckets: HashMap<Key, Vec<usize>>,
    ids: EventIds,
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
        let mut buckets: HashMap<Key, Vec<usize>> = HashMap::new();
        let mut ids = EventIds::default();
        for (position, rule) in rules.iter().enumerate() {
            for event_id in rule.event_ids() {
                ids.insert(event_id);
                buckets
                    .entry(key(&rule.channel, &rule.provider, event_id))
                    .or_default()
                    .push(position);
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
            .filter(|rule| rule.matches(event))
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

    /// The pairs of channel and provider that signals are drawn from, each once, ordered.
    pub fn channels(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs: BTreeSet<(&str, &str)> =
            self.rules.iter().map(|rule| (&*rule.channel, &*rule.provider)).collect();
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
        bucket.into_iter().flatten().filter_map(|position| self.rules.get(*position)).filter(
            move |rule| {
                rule.channel.eq_ignore_ascii_case(channel)
                    && rule.provider.eq_ignore_ascii_case(provider)
            },
        )
    }
}

/// What is cheap to take from every record. Names of equal length share a bucket and are told
/// apart by comparison: hashing them, in lower case, would cost more than the whole look.
const fn key(channel: &str, provider: &str, event_id: u32) -> Key {
    (event_id, channel.len(), provider.len())
}

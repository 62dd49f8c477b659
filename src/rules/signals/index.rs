//! Finds the signals of an event by channel, provider and event ID.
//!
//! One look at a hash table per event: the cost does not grow with the number of rules.

use std::collections::{BTreeSet, HashMap};

use super::SignalRule;
use crate::model::{Event, SignalId};

/// All signals of single events.
#[derive(Debug, Default)]
pub struct SignalIndex {
    /// Ordered by id.
    rules: Vec<SignalRule>,
    /// Positions of the rules, ascending, by [`key`].
    buckets: HashMap<u64, Vec<usize>>,
}

impl SignalIndex {
    /// Indexes the rules.
    pub(in crate::rules) fn new(mut rules: Vec<SignalRule>) -> Self {
        rules.sort_by(|left, right| left.id.cmp(&right.id));
        let mut buckets: HashMap<u64, Vec<usize>> = HashMap::new();
        for (position, rule) in rules.iter().enumerate() {
            for event_id in rule.event_ids() {
                buckets
                    .entry(key(&rule.channel, &rule.provider, event_id))
                    .or_default()
                    .push(position);
            }
        }
        Self { rules, buckets }
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

    /// The rules of a bucket. Different keys may share one, so names are compared as well.
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

/// FNV-1a over the lower-case names and the number. A hash of our own, because hashing lower
/// case with the standard one would need a copy of the names for every record that is read.
fn key(channel: &str, provider: &str, event_id: u32) -> u64 {
    let names = channel.bytes().chain([0]).chain(provider.bytes());
    let bytes = names.map(|byte| byte.to_ascii_lowercase()).chain(event_id.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

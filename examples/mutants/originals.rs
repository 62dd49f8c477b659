//! What the undamaged logs say, so that a record of a damaged one can be told from one that was
//! decoded from wrong bytes.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use rdpwhy::model::{Event, Source, Time};

use crate::readers::{Ours, Theirs};
use crate::seeds::{CHUNK, Seed};

/// The records of an undamaged log, live or not, as each reader gives them.
///
/// The other reader gives stale records as it would give live ones. Ours looks closer at them and
/// leaves out those whose template is overwritten. Damage to a chunk's header can make these live,
/// and then both read what is left of them. So ours counts as they were what it gives for them
/// where all of a chunk is in use.
#[derive(Debug)]
pub(crate) struct Originals {
    ours: HashSet<u64>,
    /// The same without what a record's header can say in place of its content.
    contents: HashSet<u64>,
    event_ids: HashSet<u32>,
    theirs: HashSet<u64>,
}

impl Originals {
    pub(crate) fn of(seed: &Seed) -> Self {
        let mut events = Ours::all(&seed.bytes);
        events.extend(Ours::all(&all_in_use(seed)));
        Self {
            ours: events.iter().map(event).collect(),
            contents: events.iter().map(content).collect(),
            event_ids: events.iter().map(|event| event.event_id).collect(),
            theirs: Theirs::all(&seed.bytes).iter().map(fingerprint).collect(),
        }
    }
}

/// The log with headers by which every record of its chunks is live.
fn all_in_use(seed: &Seed) -> Vec<u8> {
    let mut bytes = seed.bytes.clone();
    for header in &seed.chunks {
        let mut set = |at: usize, value: &[u8]| {
            bytes[header + at..header + at + value.len()].copy_from_slice(value);
        };
        // First and last record's id, place of the last one, end of what is in use.
        set(24, &0_u64.to_le_bytes());
        set(32, &(u64::MAX - 1).to_le_bytes());
        set(44, &(CHUNK as u32).to_le_bytes());
        set(48, &(CHUNK as u32).to_le_bytes());
    }
    bytes
}

/// The originals of the two logs that a mutant is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parents<'o>(pub(crate) [&'o Originals; 2]);

impl Parents<'_> {
    /// Whether one of the undamaged logs has that very event.
    pub(crate) fn have(&self, found: &Event) -> bool {
        let found = event(found);
        self.0.iter().any(|originals| originals.ours.contains(&found))
    }

    /// Whether one of the undamaged logs has an event with that content, at whatever time and of
    /// whatever number.
    pub(crate) fn have_content(&self, found: &Event) -> bool {
        let found = content(found);
        self.0.iter().any(|originals| originals.contents.contains(&found))
    }

    /// Whether one of the undamaged logs has an event of that number.
    pub(crate) fn have_id(&self, id: u32) -> bool {
        self.0.iter().any(|originals| originals.event_ids.contains(&id))
    }

    /// Whether one of the undamaged logs has that very record of the other reader.
    pub(crate) fn have_json(&self, json: &Vec<u8>) -> bool {
        let found = fingerprint(json);
        self.0.iter().any(|originals| originals.theirs.contains(&found))
    }
}

/// A fingerprint of all that an event says, wherever it stands; as text, in which alone the other
/// reader says it.
fn event(event: &Event) -> u64 {
    let source = Source::default();
    let head = Event { data: Vec::new(), source, ..event.clone() };
    let data = event.data.iter().map(|field| (&field.name, field.value.to_text()));
    fingerprint(&format!("{head:?} {:?}", data.collect::<Vec<_>>()))
}

/// The same without time and number, which are the header's where the content has none.
fn content(found: &Event) -> u64 {
    event(&Event { time: Time::default(), record_id: 0, ..found.clone() })
}

fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

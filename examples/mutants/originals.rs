//! What the undamaged logs say, so that a record of a damaged one can be told from one that was
//! decoded from wrong bytes.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use rdpwhy::model::{Event, Source};

use crate::readers::{Ours, Theirs};
use crate::seeds::Seed;

/// The records of an undamaged log, live or not, as each reader gives them.
#[derive(Debug)]
pub(crate) struct Originals {
    ours: HashSet<u64>,
    event_ids: HashSet<u32>,
    theirs: HashSet<u64>,
}

impl Originals {
    pub(crate) fn of(seed: &Seed) -> Self {
        let events = Ours::all(&seed.bytes);
        Self {
            ours: events.iter().map(event).collect(),
            event_ids: events.iter().map(|event| event.event_id).collect(),
            theirs: Theirs::all(&seed.bytes).iter().map(fingerprint).collect(),
        }
    }
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

fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

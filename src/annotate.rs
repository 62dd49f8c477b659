//! Puts the meaning of codes beside the values that a report shows.
//!
//! Knows which records are shown. A number means nothing without its space: only fields that the
//! code tables name are read, by channel, provider and event.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Attempt, CodeNote, Diagnosis, Events, Fields as _, PackedEvent};
use crate::rules::codes::{CodeBook, code_of};

/// The codes of the events that attempts and conclusions rest on, by the event's index.
pub fn annotate(
    events: &Events,
    attempts: &[Attempt],
    diagnoses: &[Diagnosis],
    codes: &CodeBook,
) -> BTreeMap<usize, Arc<[CodeNote]>> {
    let of_attempts =
        attempts.iter().flat_map(|attempt| attempt.records.iter().map(|joined| joined.record));
    let of_conclusions = diagnoses.iter().flat_map(|diagnosis| {
        let candidate = &diagnosis.candidate;
        let gate = candidate.gate.iter().flat_map(|step| &step.records);
        gate.chain(candidate.evidence.iter().flat_map(|item| &item.records)).copied()
    });
    let mut shown: Vec<usize> = of_attempts.chain(of_conclusions).collect();
    shown.sort_unstable();
    shown.dedup();
    let mut known = Known { codes, kinds: HashMap::default() };
    shown
        .into_iter()
        .filter_map(|index| {
            let notes = known.notes(events.get(index)?);
            (!notes.is_empty()).then_some((index, notes))
        })
        .collect()
}

/// What was said of earlier events: most say again what another one said.
struct Known<'a> {
    codes: &'a CodeBook,
    kinds: HashMap<Kind<'a>, Said<'a>, RandomState>,
}

/// Channel, provider and event ID.
type Kind<'a> = (&'a str, &'a str, u32);

/// What there is to say of events of one kind.
struct Said<'a> {
    /// The fields that hold codes.
    fields: Vec<&'a str>,
    notes: HashMap<Numbers, Arc<[CodeNote]>, RandomState>,
}

/// Fields and the numbers in them.
type Numbers = Vec<(Arc<str>, u32)>;

impl<'a> Known<'a> {
    /// The values of an event that are known codes. Of a name that comes again the first counts.
    fn notes(&mut self, event: &'a PackedEvent) -> Arc<[CodeNote]> {
        let kind: Kind<'a> = (&event.channel, &event.provider, event.event_id);
        let codes = self.codes;
        let said = self.kinds.entry(kind).or_insert_with(|| Said {
            fields: codes.fields_of(kind.0, kind.1, kind.2),
            notes: HashMap::default(),
        });
        if said.fields.is_empty() {
            return Arc::default();
        }
        let found = found(event, &said.fields);
        if found.is_empty() {
            return Arc::default();
        }
        if let Some(notes) = said.notes.get(&found) {
            return Arc::clone(notes);
        }
        let note = |(field, code): &(Arc<str>, u32)| {
            let (hit, code) = codes.note_of(kind.0, kind.1, kind.2, field, *code)?;
            Some(CodeNote {
                field: field.clone(),
                code,
                space: hit.space.id.as_str().into(),
                symbol: hit.code.symbol.as_deref().map(Into::into),
                meaning: hit.code.meaning.as_str().into(),
            })
        };
        let notes: Arc<[CodeNote]> = found.iter().filter_map(note).collect();
        said.notes.insert(found, Arc::clone(&notes));
        notes
    }
}

/// The numbers in some fields of an event, in its order.
fn found(event: &PackedEvent, fields: &[&str]) -> Numbers {
    let names = event.data.names();
    let place = |field: &&str| names.iter().position(|name| **name == **field);
    let mut places: Vec<usize> = fields.iter().filter_map(place).collect();
    places.sort_unstable();
    let number = |place: usize| {
        let code = code_of(&*event.data.value(place)?)?;
        Some((names.get(place)?.clone(), code))
    };
    places.into_iter().filter_map(number).collect()
}

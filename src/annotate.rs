//! Puts the meaning of codes beside the values that a report shows.
//!
//! Knows which records are shown. A number means nothing without its space: only fields that the
//! code tables name are read, by channel, provider and event.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::{Attempt, CodeNote, Diagnosis, Events, Fields as _, PackedEvent};
use crate::rules::codes::{CodeBook, code_of};

/// So many events are looked at together, on one core and with one memory of what was said.
const PART: usize = 4096;

/// The codes of the events that attempts and conclusions rest on, by the event's index.
pub fn annotate(
    events: &Events,
    attempts: &[Attempt],
    diagnoses: &[Diagnosis],
    codes: &CodeBook,
) -> BTreeMap<usize, Arc<[CodeNote]>> {
    let shown = shown(events, attempts, diagnoses);
    let part = |part: &[usize]| -> Vec<(usize, Arc<[CodeNote]>)> {
        let mut known = Known::of(codes);
        let note = |index: &usize| Some((*index, known.notes(events.get(*index)?)?));
        part.iter().filter_map(note).collect()
    };
    let parts: Vec<_> = shown.par_chunks(PART).map(part).collect();
    parts.into_iter().flatten().collect()
}

/// The events that attempts and conclusions rest on, in order.
fn shown(events: &Events, attempts: &[Attempt], diagnoses: &[Diagnosis]) -> Vec<usize> {
    let of_attempts =
        attempts.iter().flat_map(|attempt| attempt.records.iter().map(|joined| joined.record));
    let of_conclusions = diagnoses.iter().flat_map(|diagnosis| {
        let candidate = &diagnosis.candidate;
        let gate = candidate.gate.iter().flat_map(|step| &step.records);
        gate.chain(candidate.evidence.iter().flat_map(|item| &item.records)).copied()
    });
    let mut is_shown = vec![false; events.len()];
    for index in of_attempts.chain(of_conclusions) {
        if let Some(is_shown) = is_shown.get_mut(index) {
            *is_shown = true;
        }
    }
    (0..).zip(is_shown).filter(|(_, is_shown)| *is_shown).map(|(index, _)| index).collect()
}

/// What was said of earlier events: most say again what another one said.
struct Known<'a> {
    codes: &'a CodeBook,
    layouts: HashMap<Address, Places, RandomState>,
    /// The number of each kind among those of which something was said.
    kinds: HashMap<Kind<'a>, usize, RandomState>,
    said: Vec<Said<'a>>,
}

/// Channel, provider and event ID.
type Kind<'a> = (&'a str, &'a str, u32);

/// Where the names of a kind and of its fields stand, which nearly all of its events share.
type Address = (usize, usize, usize, u32);

/// Where events of one layout have fields that hold codes.
#[derive(Clone)]
struct Places {
    kind: usize,
    /// In order, each with the number of the field among those of the kind.
    fields: Arc<[(usize, usize)]>,
}

/// What there is to say of events of one kind.
struct Said<'a> {
    kind: Kind<'a>,
    /// The fields that hold codes.
    fields: Vec<&'a str>,
    notes: HashMap<Numbers, Arc<[CodeNote]>, RandomState>,
}

/// Fields, by number, and the numbers in them.
type Numbers = Vec<(usize, u32)>;

impl<'a> Known<'a> {
    fn of(codes: &'a CodeBook) -> Self {
        Self { codes, layouts: HashMap::default(), kinds: HashMap::default(), said: Vec::new() }
    }

    /// The values of an event that are known codes. Of a name that comes again the first counts.
    fn notes(&mut self, event: &'a PackedEvent) -> Option<Arc<[CodeNote]>> {
        let Places { kind, fields } = self.places(event);
        let number =
            |(place, field): &(usize, usize)| Some((*field, code_of(&*event.data.value(*place)?)?));
        let numbers: Numbers = fields.iter().filter_map(number).collect();
        if numbers.is_empty() {
            return None;
        }
        let notes = self.said.get_mut(kind)?.notes(numbers, self.codes);
        (!notes.is_empty()).then_some(notes)
    }

    /// Where an event has fields that hold codes.
    fn places(&mut self, event: &'a PackedEvent) -> Places {
        let names = event.data.names();
        let address = (
            event.channel.as_ptr().addr(),
            event.provider.as_ptr().addr(),
            names.as_ptr().addr(),
            event.event_id,
        );
        if let Some(known) = self.layouts.get(&address) {
            return known.clone();
        }
        let (kind, said) = self.said_of((&event.channel, &event.provider, event.event_id));
        let place = |(number, field): (usize, &&str)| {
            Some((names.iter().position(|name| **name == **field)?, number))
        };
        let fields = said.iter().flat_map(|said| said.fields.iter().enumerate());
        let mut fields: Vec<(usize, usize)> = fields.filter_map(place).collect();
        fields.sort_unstable();
        let places = Places { kind, fields: fields.into() };
        self.layouts.insert(address, places.clone());
        places
    }

    fn said_of(&mut self, kind: Kind<'a>) -> (usize, Option<&Said<'a>>) {
        let (codes, said) = (self.codes, &mut self.said);
        let number = *self.kinds.entry(kind).or_insert_with(|| {
            let fields = codes.fields_of(kind.0, kind.1, kind.2);
            said.push(Said { kind, fields, notes: HashMap::default() });
            said.len() - 1
        });
        (number, self.said.get(number))
    }
}

impl Said<'_> {
    fn notes(&mut self, numbers: Numbers, codes: &CodeBook) -> Arc<[CodeNote]> {
        let Self { kind: (channel, provider, event_id), fields, notes } = self;
        let note = |(field, code): &(usize, u32)| {
            let field = fields.get(*field)?;
            let (hit, code) = codes.note_of(channel, provider, *event_id, field, *code)?;
            Some(CodeNote {
                field: Arc::from(*field),
                code,
                space: hit.space.id.clone(),
                symbol: hit.code.symbol.clone(),
                meaning: hit.code.meaning.clone(),
            })
        };
        let notes = notes.entry(numbers);
        Arc::clone(notes.or_insert_with_key(|numbers| numbers.iter().filter_map(note).collect()))
    }
}

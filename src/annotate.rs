//! Puts the meaning of codes beside the values that a report shows.
//!
//! Knows which records are shown. A number means nothing without its space: only fields that the
//! code tables name are read, by channel, provider and event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Attempt, CodeNote, Diagnosis, PackedEvent};
use crate::rules::codes::CodeBook;

/// The codes of the events that attempts and conclusions rest on, by the event's index.
pub fn annotate(
    events: &[PackedEvent],
    attempts: &[Attempt],
    diagnoses: &[Diagnosis],
    codes: &CodeBook,
) -> BTreeMap<usize, Vec<CodeNote>> {
    let of_attempts =
        attempts.iter().flat_map(|attempt| attempt.records.iter().map(|joined| joined.record));
    let of_conclusions = diagnoses.iter().flat_map(|diagnosis| {
        let candidate = &diagnosis.candidate;
        let gate = candidate.gate.iter().flat_map(|step| &step.records);
        gate.chain(candidate.evidence.iter().flat_map(|item| &item.records)).copied()
    });
    let shown: BTreeSet<usize> = of_attempts.chain(of_conclusions).collect();
    shown
        .into_iter()
        .filter_map(|index| {
            let notes = notes(events.get(index)?, codes);
            (!notes.is_empty()).then_some((index, notes))
        })
        .collect()
}

/// The values of an event that are known codes. Of a name that comes again the first counts.
pub fn notes(event: &PackedEvent, codes: &CodeBook) -> Vec<CodeNote> {
    let PackedEvent { channel, provider, event_id, data, .. } = event;
    let mut names = BTreeSet::new();
    data.iter()
        .filter(|field| names.insert(Arc::clone(&field.name)))
        .filter_map(|field| {
            let (hit, code) =
                codes.note(channel, provider, *event_id, &field.name, &field.value)?;
            Some(CodeNote {
                field: field.name.clone(),
                code,
                space: hit.space.id.as_str().into(),
                symbol: hit.code.symbol.as_deref().map(Into::into),
                meaning: hit.code.meaning.as_str().into(),
            })
        })
        .collect()
}

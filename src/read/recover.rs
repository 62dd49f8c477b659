//! Finds records that are no longer live: in the space behind the last record, in slots whose
//! chunk header is gone, between records where the walk met damage, and inside records that
//! claim more room than they fill.
//!
//! What stands there may be overwritten in part. A record counts as found only where its size is
//! repeated at its end and the template that it names is still the one that it was written with.

use memchr::memmem;

use super::binxml::{Document, Malformed, Result};
use super::chunk::{RECORD_MAGIC, Record, record_at};
use super::intern::Interner;
use super::layout::Layouts;
use super::payload;
use super::run::{Select, wanted};
use super::system::System;
use crate::model::Source;

/// What begins a record that is an instance of a template: fragment header, instance token.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// Where a template's definition has its GUID, with which the id in its instances begins.
const GUID: usize = 4;

/// What was found in one slot.
#[derive(Debug)]
pub(super) struct Carved<K> {
    /// Records that can be read, wanted or not.
    pub(super) records: u64,
    /// Steps that it took.
    pub(super) steps: u32,
    /// What is kept of the wanted ones, by offset.
    pub(super) kept: Vec<K>,
}

/// Looks through a slot for records that do not begin where one of the `live` ones does, which
/// are offsets in ascending order. `source` is where the slot begins. The work is limited as
/// that for live records is, and apart from it.
pub(super) fn carve<S: Select>(
    slot: &[u8],
    live: &[usize],
    source: Source,
    interner: &mut Interner,
    select: &S,
) -> Carved<S::Kept> {
    let mut carved = Carved { records: 0, steps: 0, kept: Vec::new() };
    let mut document = Document::new(slot, interner);
    let mut layouts = Layouts::default();
    let mut from = 0;
    while let Some(found) = slot.get(from..).and_then(|rest| memmem::find(rest, RECORD_MAGIC)) {
        let at = from + found;
        from = at + RECORD_MAGIC.len();
        if live.binary_search(&at).is_ok() {
            continue;
        }
        let Some(record) = record_at(slot, at).filter(|record| is_whole(slot, record)) else {
            continue;
        };
        let source = Source { offset: source.offset + at as u64, ..source };
        match read(&record, source, &mut document, &mut layouts, select) {
            Ok(kept) => {
                carved.records += 1;
                carved.kept.extend(kept);
                from = record.end();
            }
            Err(Malformed::OverBudget) => break,
            // Mostly the rest of a record whose beginning or template is overwritten.
            Err(_) => {}
        }
    }
    carved.steps = document.spent();
    carved
}

/// Whether the record's size is repeated at its end, and its template is its own.
fn is_whole(slot: &[u8], record: &Record) -> bool {
    let (at, length) = record.content();
    let copy = slot.get(at + length..record.end());
    if copy != slot.get(record.at + 4..record.at + 8) {
        return false;
    }
    let Some(head) = slot.get(at..at + length).and_then(<[u8]>::first_chunk::<14>) else {
        return false;
    };
    let [FRAGMENT_HEADER, _, _, _, INSTANCE, _, id @ .., o0, o1, o2, o3] = *head else {
        // Forwarded records have no template.
        return true;
    };
    let definition = usize::try_from(u32::from_le_bytes([o0, o1, o2, o3])).unwrap_or(usize::MAX);
    let guid = definition.saturating_add(GUID);
    slot.get(guid..guid.saturating_add(id.len())) == Some(&id[..])
}

/// Reads a record. One that lacks its machine, channel or provider is none.
fn read<S: Select>(
    record: &Record,
    source: Source,
    document: &mut Document<'_>,
    layouts: &mut Layouts,
    select: &S,
) -> Result<Option<S::Kept>> {
    let (at, length) = record.content();
    let mut walk = document.walk(at, length, at + length);
    let system = System::read(&mut walk, layouts, record.header, source)?;
    let head = system.head();
    if head.machine.is_empty() || head.channel.is_empty() || head.provider.is_empty() {
        return Err(Malformed::NoEvent);
    }
    let is_wanted = wanted(select, &head).is_some();
    let (data, outcome) = payload::read(&mut walk);
    outcome?;
    let user_sid = system.user_sid(walk.interner());
    Ok(if is_wanted { select.keep(system.with(user_sid, data)) } else { None })
}

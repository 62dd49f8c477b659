//! Reads the chunks of a log, record by record, as far as `select` asks; `block` those of an export.
//!
//! Knows what is tried on a record, in which order: a glance, a plan, a form, the walk, and of a
//! damaged record what can still be read. Knows nothing of threads and files.

use std::io;

use super::aside::Laying;
use super::bare::Bare;
use super::batch::{Batch, List};
use super::binxml::{Document, Malformed, Result};
use super::chunk::{self, CHUNK, Chunk};
use super::definition::Definitions;
use super::doubt::Doubts;
use super::familiar::Familiar;
use super::file::Slot;
use super::glance::{Glance, Look};
use super::intern::Interner;
use super::layout::Layouts;
use super::payload;
use super::plan::{self, Plans, Scratch};
use super::record::Record;
use super::recover::carve;
use super::run::{Progress, Select, wanted};
use super::system::System;
use super::tally::{ChunkTally, FileTally};
use crate::isolate::{Panicked, isolated};
use crate::model::{FileId, Source, Time};

mod block;
mod standing;
#[cfg(test)]
mod tests;

/// What reading one span gave.
#[derive(Debug)]
pub(super) struct Part<L> {
    pub(super) log: usize,
    pub(super) batch: Batch<L>,
    pub(super) tally: FileTally,
    pub(super) bytes: u64,
    pub(super) decoded: u64,
    pub(super) hardest_chunk: u32,
}

/// What a worker keeps from one record to the next.
#[derive(Debug, Default)]
pub(super) struct Desk<M> {
    pub(super) interner: Interner,
    /// What the selection remembers.
    memory: M,
    scratch: Scratch,
    /// Where records of the span are laid aside.
    pub(super) laying: Laying,
    layouts: Layouts,
    familiar: Familiar,
    /// How records without a template are built.
    bare: Bare,
    /// How definitions of payloads are built.
    definitions: Definitions<plan::Shared>,
}

impl<M> Desk<M> {
    /// Begins with records that do not follow the last ones.
    pub(super) fn begin<S: Select<Memory = M>>(&mut self, select: &S) {
        select.begin(&mut self.memory);
    }
}

impl<L: List> Part<L> {
    /// Of a log, with what is kept in an empty batch.
    pub(super) fn of(log: usize, batch: Batch<L>) -> Self {
        let tally = FileTally::default();
        Self { log, batch, tally, bytes: 0, decoded: 0, hardest_chunk: 0 }
    }

    fn keep(&mut self, kept: impl IntoIterator<Item = L::Item>) {
        kept.into_iter().for_each(|kept| self.batch.kept.push(kept));
    }

    pub(super) fn ended(&mut self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.tally.unreadable = Some((Panicked::kind_of(&error), error.to_string()));
        }
    }

    /// Reads a slot and tells of the progress.
    pub(super) fn take_slot<S: Select<Kept = L::Item>>(
        &mut self,
        file: FileId,
        slot: Slot<'_>,
        desk: &mut Desk<S::Memory>,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let (bytes, before) = (slot.present as u64, self.tally.records());
        let (kept, decoded) = (self.batch.kept.len(), self.decoded);
        let outcome = isolated(|| self.read_slot(file, slot, desk, select));
        if let Err(panicked) = outcome {
            // The chunk counts as damaged, so nothing of it may be kept.
            self.batch.kept.truncate(kept);
            self.decoded = decoded;
            desk.begin(select);
            self.tally.given_up(slot.offset, panicked);
        }
        self.bytes += bytes;
        progress(Progress { bytes, records: self.tally.records() - before });
    }

    fn read_slot<S: Select<Kept = L::Item>>(
        &mut self,
        file: FileId,
        slot: Slot<'_>,
        desk: &mut Desk<S::Memory>,
        select: &S,
    ) {
        if slot.is_empty() {
            return;
        }
        self.tally.is_truncated |= slot.present < CHUNK;
        let Some(chunk) = Chunk::new(slot.bytes) else {
            self.tally.bad_slot();
            self.recover(file, slot, &[], &mut desk.interner, select);
            return;
        };
        let is_sound = chunk.is_sound();
        let Desk { interner, memory, scratch, laying, layouts, familiar, bare, definitions } = desk;
        bare.begin();
        layouts.begin();
        // With checksums that agree all is there that ever was, whatever numbers it bears.
        let is_complete = is_sound && chunk.has_checksums();
        let mut read = InChunk {
            document: if is_complete {
                Document::new(chunk.bytes, interner)
            } else {
                Document::damaged(chunk.bytes, interner)
            },
            glance: Glance::default(),
            plans: Plans::new(definitions),
            tally: ChunkTally::default(),
            doubts: (!is_complete).then(Doubts::default),
            present: slot.present,
            memory,
            scratch,
            laying,
            bare,
        };
        let may_glance = is_complete && !select.walks_all();
        let first = chunk.first().filter(|_| may_glance).map(|first| first.content());
        if let Some(first) = first {
            familiar.begin(first, &mut read.document, layouts);
        }
        let mut records = chunk.records();
        let mut live = Vec::new();
        let mut written: Option<(Time, Time)> = None;
        loop {
            let InChunk { document, glance, tally, .. } = &mut read;
            // Whoever looks for other records has to know where each of these is.
            let next = if may_glance && !select.recovers() {
                glance.pass_over(&mut records, document, tally, select)
            } else {
                records.next()
            };
            let Some(record) = next else { break };
            if select.recovers() {
                live.push(record.at);
            }
            let time = record.header.written;
            if !is_sound && time > Time::default() {
                let (first, last) = written.unwrap_or((time, time));
                written = Some((first.min(time), last.max(time)));
            }
            let offset = slot.offset + record.at as u64;
            let source = Source { file, offset, recovered: false, damaged: !is_complete };
            let look = if may_glance {
                glance.look(record.content(), document, layouts, tally, select)
            } else {
                Look::Unclear
            };
            match look {
                Look::PassedOver => continue,
                Look::Wanted(sight, asked) => {
                    if self.take_sight(&sight, &asked, source, &mut read, select).is_some() {
                        continue;
                    }
                }
                Look::Unclear => {
                    if may_glance && self.take_bare(record, source, &mut read, select).is_some() {
                        continue;
                    }
                }
            }
            let own = (record, chunk.limit(&record));
            let mut outcome = self.read_record(own, source, &mut read, layouts, select);
            if let Err(error) = outcome
                && error.is_damage()
                && let Some(stretched) = chunk.stretched(&record)
            {
                // Its size lies. What it is too small for stands behind it all the same.
                let wide = (stretched, chunk.live_end());
                outcome = self.read_record(wide, source, &mut read, layouts, select);
            }
            let outcome = outcome.or_else(|error| {
                self.read_system(record, source, error, &mut read, layouts, select)
            });
            if let Err(error) = outcome {
                read.tally.malformed(source.offset, error);
            }
        }
        let InChunk { mut document, plans, mut tally, .. } = read;
        if let Some(first) = first {
            layouts.note(&plans, &mut document);
            familiar.end(first, &document, layouts);
        }
        if let Some(span) = written {
            tally.within(span);
        }
        tally.torn = records.torn;
        self.hardest_chunk = self.hardest_chunk.max(document.spent());
        self.tally.chunk(tally, chunk.promised().filter(|_| !is_complete), is_sound);
        self.recover(file, slot, &live, interner, select);
    }

    /// Reads the `System` part of a record that cannot be read otherwise because of `error`.
    fn read_system<S: Select<Kept = L::Item>>(
        &mut self,
        record: chunk::Record,
        source: Source,
        error: Malformed,
        InChunk { document, tally, .. }: &mut InChunk<'_, '_, S::Memory>,
        layouts: &mut Layouts,
        select: &S,
    ) -> Result<()> {
        if !error.is_damage() {
            return Err(error);
        }
        let (at, length) = record.content();
        let mut walk = document.walk(at, length, at + length);
        walk.skip_fragments();
        let system = System::read(&mut walk, layouts, record.header, source).map_err(|_| error)?;
        tally.record(&system);
        tally.partial(source.offset, error);
        if wanted(select, &system.head()).is_some() {
            self.decoded += 1;
            let user_sid = system.user_sid(walk.interner());
            let record = Record::decoded(system, user_sid, Vec::new());
            self.keep(select.keep_part(record.into_event()));
        }
        Ok(())
    }

    /// Looks for records beside the live ones, if that is asked for.
    fn recover<S: Select<Kept = L::Item>>(
        &mut self,
        file: FileId,
        slot: Slot<'_>,
        live: &[usize],
        interner: &mut Interner,
        select: &S,
    ) {
        if select.recovers() {
            let source = Source { file, offset: slot.offset, recovered: true, damaged: false };
            let carved = carve(slot.bytes, live, source, interner, select);
            self.tally.recovered += carved.records;
            self.hardest_chunk = self.hardest_chunk.max(carved.steps);
            self.keep(carved.kept);
        }
    }

    fn read_record<S: Select<Kept = L::Item>>(
        &mut self,
        (record, limit): (chunk::Record, usize),
        source: Source,
        InChunk { document, tally, doubts, present, memory, .. }: &mut InChunk<'_, '_, S::Memory>,
        layouts: &mut Layouts,
        select: &S,
    ) -> Result<()> {
        let (at, length) = record.content();
        let mut walk = document.walk(at, length, limit);
        let system = System::read(&mut walk, layouts, record.header, source)?;
        let doubt = doubts.as_mut().and_then(|doubts| doubts.of(record.header, &system));
        let Some(kind) = wanted(select, &system.head()) else {
            tally.record(&system);
            return Ok(());
        };
        let (data, outcome) = payload::read(&mut walk);
        if let Err(error) = outcome
            && !error.is_damage()
        {
            return outcome;
        }
        let is_cut_off = at + length > *present;
        let flaw = walk.flaw().or(doubt);
        let flaw = flaw.or(is_cut_off.then_some(Malformed::OutOfBounds { at: *present }));
        let outcome = outcome.and_then(|()| flaw.map_or(Ok(()), Err));
        tally.record(&system);
        self.decoded += 1;
        let user_sid = system.user_sid(walk.interner());
        let record = Record::decoded(system, user_sid, data);
        self.keep(match outcome {
            Ok(()) => select.take(record, kind, memory),
            Err(error) => {
                tally.partial(source.offset, error);
                select.keep_part(record.into_event())
            }
        });
        Ok(())
    }
}

/// What is known of a chunk while its records are read.
struct InChunk<'k, 'c, M> {
    document: Document<'c>,
    glance: Glance<'c>,
    plans: Plans<'c>,
    tally: ChunkTally,
    /// What is held against the record's neighbors, in a chunk that is not known to be sound.
    doubts: Option<Doubts>,
    /// How many bytes of the chunk the file has.
    present: usize,
    memory: &'k mut M,
    scratch: &'k mut Scratch,
    laying: &'k mut Laying,
    bare: &'k mut Bare,
}

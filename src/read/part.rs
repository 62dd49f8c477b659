//! Reads the chunks of a log and the blocks of an export, record by record, as far as `select`
//! asks.
//!
//! Knows what is tried on a record, in which order: a glance, a plan, a form, the walk, and of a
//! damaged record what can still be read. Knows nothing of threads and files.

use std::io;

use super::bare::{Bare, Heading};
use super::binxml::{Document, Malformed, Result};
use super::chunk::{self, CHUNK, Chunk};
use super::doubt::Doubts;
use super::export::{self, Block, Found};
use super::familiar::Familiar;
use super::file::Slot;
use super::glance::{Asked, Glance, Look, Sight};
use super::intern::Interner;
use super::layout::Layouts;
use super::payload;
use super::plan::{Definitions, Plans, Scratch};
use super::record::Record;
use super::recover::carve;
use super::run::{Progress, Select, wanted};
use super::system::System;
use super::tally::{ChunkTally, FileTally};
use crate::isolate::{Panicked, isolated};
use crate::model::{FileId, LogFile, ProblemKind, Source, Time};

/// What reading one span gave.
#[derive(Debug)]
pub(super) struct Part<K> {
    pub(super) log: usize,
    pub(super) kept: Vec<K>,
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
    layouts: Layouts,
    familiar: Familiar,
    /// How records without a template are built.
    bare: Bare,
    /// How definitions of payloads are built.
    definitions: Definitions,
}

impl<M> Desk<M> {
    /// Begins with records that do not follow the last ones.
    pub(super) fn begin<S: Select<Memory = M>>(&mut self, select: &S) {
        select.begin(&mut self.memory);
    }
}

impl<K> Part<K> {
    pub(super) fn of(log: usize) -> Self {
        let (kept, tally) = (Vec::new(), FileTally::default());
        Self { log, kept, tally, bytes: 0, decoded: 0, hardest_chunk: 0 }
    }

    pub(super) fn ended(&mut self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.tally.unreadable = Some((Panicked::kind_of(&error), error.to_string()));
        }
    }

    /// Reads a slot and tells of the progress.
    pub(super) fn take_slot<S: Select<Kept = K>>(
        &mut self,
        file: FileId,
        slot: Slot<'_>,
        desk: &mut Desk<S::Memory>,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let (bytes, before) = (slot.present as u64, self.tally.records());
        let (kept, decoded) = (self.kept.len(), self.decoded);
        let outcome = isolated(|| self.read_slot(file, slot, desk, select));
        if let Err(panicked) = outcome {
            // The chunk counts as damaged, so nothing of it may be kept.
            self.kept.truncate(kept);
            self.decoded = decoded;
            desk.begin(select);
            self.tally.given_up(slot.offset, panicked);
        }
        self.bytes += bytes;
        progress(Progress { bytes, records: self.tally.records() - before });
    }

    /// Reads a block of an export and tells of the progress.
    pub(super) fn take_block<S: Select<Kept = K>>(
        &mut self,
        log: &LogFile,
        block: &Block,
        interner: &mut Interner,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let mut tally = ChunkTally::default();
        for (offset, text) in block.records() {
            let source = Source { file: log.id, offset, ..Source::default() };
            let outcome = isolated(|| {
                let found = export::record(log.form, text, source, select, interner)?;
                Ok(match found {
                    Found::Unwanted(heading) => (heading, None),
                    Found::Wanted(heading, data) => {
                        (heading.clone(), Some(select.keep(heading.with(data, source))))
                    }
                })
            });
            let heading = match outcome {
                Ok(Ok((heading, kept))) => {
                    self.decoded += u64::from(kept.is_some());
                    self.kept.extend(kept.flatten());
                    heading
                }
                Ok(Err(flaw)) => {
                    let flaw: export::Flaw = flaw;
                    tally.malformed(offset, flaw);
                    continue;
                }
                Err(panicked) => {
                    self.tally.given_up(offset, panicked);
                    continue;
                }
            };
            let place = tally.place(&heading.machine, &heading.channel, heading.time);
            tally.record_of(place, heading.time, heading.record_id);
        }
        tally.cut(block.torn, block.first_torn);
        self.bytes += block.bytes;
        progress(Progress { bytes: block.bytes, records: tally.records });
        if let Some(error) = &block.error {
            let unreadable = || (ProblemKind::Unreadable, error.clone());
            self.tally.unreadable.get_or_insert_with(unreadable);
        }
        self.tally.chunk(tally, None, true);
    }

    fn read_slot<S: Select<Kept = K>>(
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
        let Desk { interner, memory, scratch, layouts, familiar, bare, definitions } = desk;
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
        for record in records.by_ref() {
            if select.recovers() {
                live.push(record.at);
            }
            let InChunk { document, glance, tally, .. } = &mut read;
            if may_glance && glance.passes_over(record.content(), document, tally, select) {
                continue;
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
    fn read_system<S: Select<Kept = K>>(
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
            self.kept.extend(select.keep_part(record.into_event()));
        }
        Ok(())
    }

    /// Looks for records beside the live ones, if that is asked for.
    fn recover<S: Select<Kept = K>>(
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
            self.kept.extend(carved.kept);
        }
    }

    /// Reads a record where it stands. `None`, and nothing has changed, where it has to be walked.
    fn take_sight<'c, S: Select<Kept = K>>(
        &mut self,
        sight: &Sight<'_, 'c>,
        asked: &Asked,
        source: Source,
        read: &mut InChunk<'_, 'c, S::Memory>,
        select: &S,
    ) -> Option<()> {
        let InChunk { document, glance, plans, tally, memory, scratch, .. } = read;
        let definition = sight.definition();
        let measured = plans.measure(definition, sight.layout()?, sight.place(), document)?;
        let payload = plans.payload(definition, &measured)?;
        let system = glance.system(sight, asked, document.chunk(), source)?;
        if !document.take(sight.count() + measured.tokens, sight.size() + measured.bytes) {
            return None;
        }
        glance.count((system.time, system.record_id), asked, tally);
        self.decoded += 1;
        let user_sid = system.user_sid(document.interner());
        let record = Record::standing(system, user_sid, payload, scratch);
        self.kept.extend(select.take(record, asked.kind, memory));
        Some(())
    }

    /// Reads a record without a template where it stands. `None`, and nothing has changed, where
    /// it has to be walked.
    fn take_bare<S: Select<Kept = K>>(
        &mut self,
        record: chunk::Record,
        source: Source,
        read: &mut InChunk<'_, '_, S::Memory>,
        select: &S,
    ) -> Option<()> {
        let InChunk { document, glance, tally, memory, scratch, bare, .. } = read;
        let heading = bare.heading(record.content(), document)?;
        let Heading { event_id, time, record_id, machine, channel, provider, .. } = heading;
        let asked = (select.wants_id(event_id.into()) && select.wants_time(time))
            .then(|| glance.ask((machine, channel), (provider, event_id), document, select));
        let Some(asked) = asked.flatten() else {
            let is_allowed = document.take(heading.tokens, heading.bytes);
            return is_allowed.then(|| {
                glance.count_unasked(
                    (machine, channel),
                    (time, record_id),
                    document,
                    tally,
                    select,
                );
            });
        };
        let measured = bare.measure(&heading, document)?;
        let values = bare.values(document.chunk());
        let payload = bare.payload(&measured, &values)?;
        let system = bare.system(&heading, glance.names(&asked)?, document.chunk(), source)?;
        let (tokens, bytes) = (heading.tokens + measured.tokens, heading.bytes + measured.bytes);
        if !document.take(tokens, bytes) {
            return None;
        }
        glance.count((time, record_id), &asked, tally);
        self.decoded += 1;
        let user_sid = system.user_sid(document.interner());
        let record = Record::standing(system, user_sid, payload, scratch);
        self.kept.extend(select.take(record, asked.kind, memory));
        Some(())
    }

    fn read_record<S: Select<Kept = K>>(
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
        self.kept.extend(match outcome {
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
    bare: &'k mut Bare,
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::fs;
    use std::io::Cursor;
    use std::path::PathBuf;

    use super::*;
    use crate::forge::write_log;
    use crate::model::Event;
    use crate::rules::events::Catalogue;
    use crate::scenario::Scenario;

    /// Wants every record; half of the questions that spare the walk are not asked.
    struct All {
        is_fast: bool,
    }

    impl Select for All {
        type Kept = Event;
        type Memory = ();

        fn keep(&self, event: Event) -> Option<Event> {
            Some(event)
        }
    }

    /// The logs of the fixtures, and the real ones where they were supplied.
    fn logs() -> Vec<PathBuf> {
        let folders = walkdir::WalkDir::new("fixtures").into_iter().chain(
            std::env::var_os("RDPWHY_REAL_LOGS").into_iter().flat_map(walkdir::WalkDir::new),
        );
        let paths = folders.filter_map(|entry| Some(entry.ok()?.into_path()));
        paths.filter(|path| path.extension().is_some_and(|name| name == "evtx")).collect()
    }

    /// Some events, in a log of the form that is put in front.
    const EVENTS: &str = "
start: 2026-03-04T02:11:07.3487319Z
events:
  - repeat: { times: 9, every: 61s, vary: { host: [a.corp.example, b.corp.example] } }
    events:
      - { event: RdpCoreTS/131, machine: '{host}', activity: 'f{i}', ConnType: TCP, ClientIP: '10.0.0.{i}:3616', message: '<text & more>' }
      - { event: RCM/1149, at: ~+1s, machine: '{host}', user_sid: S-1-5-20, Param1: jo, Param2: CORP, Param3: '10.0.0.{i}' }
      - { event: System/TermDD/56, at: ~+1s, machine: '{host}', data: ['\\Device\\Termdd', '10.0.0.{i}'] }
      - { event: Security/4625, at: ~+1s, machine: '{host}', TargetUserName: 'o{i}', Status: 0xC000006D, LogonType: 3 }
";

    /// The form of a log whose records have no templates.
    const FORWARDED: &str = "{ form: forwarded, culture: en-US }";

    /// A log of that form.
    fn forged(form: &str) -> Vec<u8> {
        let text = format!("log: {form}{EVENTS}");
        let scenario = Scenario::parse(&text, "some.yml").unwrap();
        let events = scenario.events(&Catalogue::embedded().unwrap()).unwrap();
        write_log(Cursor::new(Vec::new()), &events, scenario.log()).unwrap().into_inner()
    }

    fn chunks(log: &[u8]) -> impl Iterator<Item = &[u8; CHUNK]> {
        let (chunks, _) = log.get(4096..).unwrap_or_default().as_chunks::<CHUNK>();
        chunks.iter().filter(|chunk| Chunk::new(&chunk[..]).is_some())
    }

    /// Reads a chunk record by record. Returns what was kept, what is left of the budget, and how
    /// many records were read by plan and by form.
    fn read_chunk(
        bytes: &[u8],
        select: &All,
        desk: &mut Desk<()>,
    ) -> (Vec<Event>, (u32, usize), [u64; 2]) {
        let Desk { interner, memory, scratch, layouts, familiar, bare, definitions } = desk;
        layouts.begin();
        bare.begin();
        let chunk = Chunk::new(bytes).unwrap();
        let mut read = InChunk {
            document: Document::new(bytes, interner),
            glance: Glance::default(),
            plans: Plans::new(definitions),
            tally: ChunkTally::default(),
            doubts: None,
            present: bytes.len(),
            memory,
            scratch,
            bare,
        };
        let (mut part, mut planned, mut formed) = (Part::of(0), 0, 0);
        let first = chunk.first().filter(|_| select.is_fast);
        let first = first.map(|first| first.content());
        if let Some(first) = first {
            familiar.begin(first, &mut read.document, layouts);
        }
        for record in chunk.records() {
            let source = Source { offset: record.at as u64, ..Source::default() };
            let InChunk { document, glance, tally, .. } = &mut read;
            if select.is_fast
                && let Look::Wanted(sight, asked) =
                    glance.look(record.content(), document, layouts, tally, select)
                && part.take_sight(&sight, &asked, source, &mut read, select).is_some()
            {
                planned += 1;
                continue;
            }
            if select.is_fast && part.take_bare(record, source, &mut read, select).is_some() {
                formed += 1;
                continue;
            }
            let own = (record, chunk.limit(&record));
            if let Err(error) = part.read_record(own, source, &mut read, layouts, select) {
                read.tally.malformed(source.offset, error);
            }
        }
        if let Some(first) = first {
            layouts.note(&read.plans, &mut read.document);
            familiar.end(first, &read.document, layouts);
        }
        (part.kept, read.document.left(), [planned, formed])
    }

    /// Reads a chunk with a plan or a form where there is one, and with the walk alone, which has
    /// to come to the same and take as much of the budget. Returns how many records there are, and
    /// how many of them were read by plan and by form.
    fn check(chunk: &[u8], desk: &mut Desk<()>, name: &dyn Debug) -> [u64; 3] {
        let (walked, left, _) = read_chunk(chunk, &All { is_fast: false }, desk);
        let (read, left_short, [planned, formed]) = read_chunk(chunk, &All { is_fast: true }, desk);
        assert_eq!(format!("{walked:?}"), format!("{read:?}"), "{name:?}");
        assert_eq!(left, left_short, "{name:?}");
        [walked.len() as u64, planned, formed]
    }

    #[test]
    fn plans_and_forms_say_and_cost_what_the_walk_does() {
        let (mut sums, mut desk) = ([0; 3], Desk::default());
        let forwarded = std::iter::once((PathBuf::new(), forged(FORWARDED)));
        let logs = logs().into_iter().map(|path| (path.clone(), fs::read(path).unwrap()));
        for (path, log) in logs.chain(forwarded) {
            for chunk in chunks(&log) {
                let counts = check(chunk, &mut desk, &path);
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
        let [records, planned, formed] = sums;
        assert!(planned * 2 > records, "{planned} of {records} records are read by plan");
        assert!(formed > 20, "{formed} of {records} records are read by form");
    }

    /// Reads a log as it is, then with parts of it overwritten, many times. Returns how many
    /// records there were, and how many of them were read by plan and by form.
    fn check_twisted(log: &[u8], times: usize) -> [u64; 3] {
        let chunk = chunks(log).next().unwrap();
        let places: Vec<_> = Chunk::new(chunk).unwrap().records().map(|record| record.at).collect();
        let (mut desk, mut random) = (Desk::default(), 1_u64);
        let mut below = |most: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as usize % most
        };
        let mut sums = check(chunk, &mut desk, &"as it is");
        for _ in 0..times {
            let mut bytes = *chunk;
            for _ in 0..=below(6) {
                let place = places[below(places.len())] + 24 + below(1200);
                let from = places[below(places.len())] + 24 + below(1200);
                match below(3) {
                    0 => bytes[place] = u8::try_from(below(256)).unwrap(),
                    // One of the tokens.
                    1 => bytes[place] = u8::try_from(below(2) * 0x40 + below(16)).unwrap(),
                    // Something else of the log: names, tokens, texts.
                    _ => bytes.copy_within(from..from + 1 + below(30), place),
                }
            }
            let counts = check(&bytes, &mut desk, &"twisted");
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        sums
    }

    #[test]
    fn forms_say_what_the_walk_does_whatever_stands_there() {
        let [records, _, formed] = check_twisted(&forged(FORWARDED), 150);
        assert!(formed * 2 > records, "{formed} of {records} records are read by form");
    }

    /// The first records bear the definitions.
    #[test]
    fn plans_of_other_chunks_say_what_the_walk_does_whatever_stands_there() {
        let [records, planned, _] = check_twisted(&forged("{ form: export }"), 600);
        assert!(planned * 2 > records, "{planned} of {records} records are read by plan");
    }
}

//! Reads many logs on all cores: spans of files are the work, their results are handed on in
//! order, so nothing depends on the number of threads.

use std::fs::File;
use std::io;

use super::binxml::{Document, Malformed, Result};
use super::chunk::{self, CHUNK, Chunk};
use super::export::{self, Block, Cutter, Found};
use super::file::{Reader, SPAN, Slot, Span};
use super::glance::{Glance, Look, Sight};
use super::intern::Interner;
use super::layout::Layouts;
use super::order::in_order;
use super::payload;
use super::plan::{Plans, Scratch};
use super::record::Record;
use super::recover::carve;
use super::stream::{self, Packed, packs};
use super::system::{Head, System};
use super::tally::{ChunkTally, Coverage, FileTally};
use crate::isolate::{Panicked, isolated};
use crate::model::{
    ChannelCoverage, Event, FileCoverage, FileId, LogFile, LogForm, LogSource, Problem,
    ProblemKind, Source,
};
use crate::text::utf8;

/// Which records a reader is interested in, and what it keeps of them.
pub trait Select: Sync {
    /// What is kept of an event.
    type Kept: Send;

    /// Whether a record with that event ID can be wanted: the first question, which most records
    /// should fail.
    fn wants_id(&self, _event_id: u32) -> bool {
        true
    }

    /// Whether a record of that channel and provider with that event ID can be wanted.
    fn wants_source(&self, _channel: &str, _provider: &str, _event_id: u32) -> bool {
        true
    }

    /// Whether the payload is worth decoding. Asked for each readable record that the other
    /// questions did not rule out: where one of them says no, this must say no.
    fn wants(&self, head: &Head<'_>) -> bool;

    /// What to keep of a wanted event whose payload is damaged: it has the fields in front of
    /// the damage.
    fn keep_part(&self, event: Event) -> Option<Self::Kept> {
        self.keep(event)
    }

    /// Whether records that are no longer live are looked for, too.
    fn recovers(&self) -> bool {
        false
    }

    /// What to keep of a wanted event, if anything.
    fn keep(&self, event: Event) -> Option<Self::Kept>;

    /// What to keep of a wanted record, if anything: as [`Self::keep`] says, for selections that
    /// can tell before the whole record is decoded.
    fn take(&self, record: Record<'_>) -> Option<Self::Kept> {
        self.keep(record.into_event())
    }
}

/// What was read since the last report of progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the files' chunks.
    pub bytes: u64,
    /// Readable records.
    pub records: u64,
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// The channels that have records, ordered by machine, then channel.
    pub coverage: Vec<ChannelCoverage>,
    /// One entry for each log, in their order.
    pub files: Vec<FileCoverage>,
    /// What was damaged or lost, in the order of the logs.
    pub problems: Vec<Problem>,
    /// For each log, how many records were found that are no longer live; in none of the other
    /// counts.
    pub recovered: Vec<u64>,
    /// How much was read.
    pub stats: ReadStats,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadStats {
    /// Bytes of the files' chunks.
    pub bytes: u64,
    /// Readable records.
    pub records: u64,
    /// Records whose payload was decoded.
    pub records_decoded: u64,
    /// Steps that the most costly chunk took, of those that a chunk may take.
    pub hardest_chunk: u32,
}

/// Reads all logs and hands what `select` keeps to `sink`: batch by batch, by file and offset,
/// on the calling thread; what stands in archives comes first, a batch for each log. Where one
/// batch ends and the next begins depends on the logs only, and few are held at a time, however
/// much is kept. `progress` is told now and then, from any thread. Damage is never an error: what
/// is readable is read, the rest counted.
pub fn read<S: Select>(
    logs: &[LogFile],
    select: &S,
    progress: &(dyn Fn(Progress) + Sync),
    sink: &mut dyn FnMut(Vec<S::Kept>),
) -> Readout {
    // What is packed takes longest, so it is begun first.
    let packed = packs(logs).into_iter().map(Job::Packed);
    let files = logs.iter().enumerate().filter(|(_, file)| file.source == LogSource::File);
    let jobs = files.flat_map(|(log, file)| match file.form {
        LogForm::Evtx { first_chunk } => {
            Box::new(cut(log, file.bytes, first_chunk).map(Job::Span)) as Box<Jobs>
        }
        LogForm::Xml | LogForm::Json => Box::new(blocks(log, file)),
    });
    let mut gathered = Gathered::new(logs);
    in_order(
        packed.chain(jobs),
        // Buffers and interned texts go from one job to the next.
        Worker::default,
        |worker, job| match job {
            Job::Span(span) => worker.read_span(logs, span, select, progress),
            Job::Packed(packed) => worker.read_packed(logs, &packed, select, progress),
            Job::Block(log, block) => worker.read_block(logs, log, &block, select, progress),
        },
        |parts: Vec<Part<S::Kept>>| {
            for mut part in parts {
                let kept = std::mem::take(&mut part.kept);
                gathered.add(part);
                if !kept.is_empty() {
                    sink(kept);
                }
            }
        },
    );
    gathered.readout()
}

/// Reads all logs as [`read`] does, and collects what is kept: by file and offset.
pub fn read_all<S: Select>(
    logs: &[LogFile],
    select: &S,
    progress: &(dyn Fn(Progress) + Sync),
) -> (Vec<S::Kept>, Readout) {
    let mut kept = Vec::new();
    let readout = read(logs, select, progress, &mut |batch| kept.extend(batch));
    (kept, readout)
}

/// What one worker does at a time.
#[derive(Debug)]
enum Job {
    Span(Span),
    Packed(Packed),
    /// Records of the export with that position in the list of logs.
    Block(usize, Block),
}

/// The jobs of one file.
type Jobs = dyn Iterator<Item = Job> + Send;

/// The blocks of an export, read as they are asked for: where a record ends shows only when
/// all before it was read.
fn blocks(log: usize, file: &LogFile) -> impl Iterator<Item = Job> + use<> {
    let (path, form) = (file.path.clone(), file.form);
    let opened = std::iter::once_with(move || File::open(path).and_then(utf8));
    opened.flat_map(move |opened| {
        let (cutter, failed) = match opened {
            Ok(content) => (Some(Cutter::new(content, form)), None),
            Err(error) => (None, Some(Block::failed(&error))),
        };
        failed
            .into_iter()
            .chain(cutter.into_iter().flatten())
            .map(move |block| Job::Block(log, block))
    })
}

/// The spans of one log.
fn cut(log: usize, end: u64, first_chunk: u64) -> impl Iterator<Item = Span> + use<> {
    let mut start = first_chunk;
    std::iter::from_fn(move || {
        let span = Span { log, start, end: start.saturating_add(SPAN).min(end) };
        start = span.end;
        (span.start < end).then_some(span)
    })
}

/// What the parts gave that were read so far; they come in the order of the spans.
#[derive(Debug)]
struct Gathered<'l> {
    logs: &'l [LogFile],
    tallies: Vec<FileTally>,
    stats: ReadStats,
}

impl<'l> Gathered<'l> {
    fn new(logs: &'l [LogFile]) -> Self {
        let tallies = logs.iter().map(|_| FileTally::default()).collect();
        Self { logs, tallies, stats: ReadStats::default() }
    }

    fn add<K>(&mut self, part: Part<K>) {
        self.stats.bytes += part.bytes;
        self.stats.records += part.tally.records();
        self.stats.records_decoded += part.decoded;
        self.stats.hardest_chunk = self.stats.hardest_chunk.max(part.hardest_chunk);
        if let Some(tally) = self.tallies.get_mut(part.log) {
            tally.join(part.tally);
        }
    }

    fn readout(self) -> Readout {
        let mut coverage = Coverage::default();
        let mut files = Vec::with_capacity(self.logs.len());
        let recovered = self.tallies.iter().map(|tally| tally.recovered).collect();
        let mut problems = Vec::new();
        for (log, tally) in self.logs.iter().zip(self.tallies) {
            files.push(tally.coverage(log.id));
            problems.extend(tally.problems(log));
            coverage.add(log.id, tally);
        }
        let coverage = coverage.into_channels();
        Readout { coverage, files, problems, recovered, stats: self.stats }
    }
}

/// What reading one span gave.
#[derive(Debug)]
struct Part<K> {
    log: usize,
    kept: Vec<K>,
    tally: FileTally,
    bytes: u64,
    decoded: u64,
    hardest_chunk: u32,
    scratch: Scratch,
}

/// What a worker keeps from one span to the next.
#[derive(Debug, Default)]
struct Worker {
    reader: Reader,
    /// The bytes of a stream.
    buffer: Vec<u8>,
    interner: Interner,
    /// How much was kept of the last span, which the next one is likely to need room for.
    room: usize,
}

impl Worker {
    fn read_span<S: Select>(
        &mut self,
        logs: &[LogFile],
        span: Span,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Vec<Part<S::Kept>> {
        let Some(log) = logs.get(span.log) else { return Vec::new() };
        let Self { reader, interner, room, .. } = self;
        let mut part = Part::of(span.log);
        part.kept.reserve(*room);
        let outcome = reader.slots(&log.path, span, |slot| {
            part.take_slot(log.id, slot, interner, select, progress);
        });
        *room = part.kept.len();
        part.ended(outcome);
        vec![part]
    }

    fn read_block<S: Select>(
        &mut self,
        logs: &[LogFile],
        log: usize,
        block: &Block,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Vec<Part<S::Kept>> {
        let mut part = Part::of(log);
        if let Some(log) = logs.get(log) {
            part.take_block(log, block, &mut self.interner, select, progress);
        }
        vec![part]
    }

    fn read_packed<S: Select>(
        &mut self,
        logs: &[LogFile],
        packed: &Packed,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Vec<Part<S::Kept>> {
        let Self { buffer, interner, .. } = self;
        let mut parts = Vec::new();
        packed.read(|position, content| {
            let Some(log) = logs.get(position) else { return };
            let mut part = Part::of(position);
            let outcome = content.and_then(|content| match log.form {
                LogForm::Evtx { first_chunk } => {
                    stream::slots(content, first_chunk, buffer, |slot| {
                        part.take_slot(log.id, slot, interner, select, progress);
                    })
                }
                form @ (LogForm::Xml | LogForm::Json) => {
                    for block in Cutter::new(utf8(content)?, form) {
                        part.take_block(log, &block, interner, select, progress);
                    }
                    Ok(())
                }
            });
            part.ended(outcome);
            parts.push(part);
        });
        parts.sort_by_key(|part| part.log);
        parts
    }
}

impl<K> Part<K> {
    fn of(log: usize) -> Self {
        let (kept, tally, scratch) = (Vec::new(), FileTally::default(), Scratch::default());
        Self { log, kept, tally, bytes: 0, decoded: 0, hardest_chunk: 0, scratch }
    }

    fn ended(&mut self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.tally.unreadable = Some((Panicked::kind_of(&error), error.to_string()));
        }
    }

    /// Reads a slot and tells of the progress.
    fn take_slot<S: Select<Kept = K>>(
        &mut self,
        file: FileId,
        slot: Slot<'_>,
        interner: &mut Interner,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let (bytes, before) = (slot.present as u64, self.tally.records());
        let (kept, decoded) = (self.kept.len(), self.decoded);
        let outcome = isolated(|| self.read_slot(file, slot, interner, select));
        if let Err(panicked) = outcome {
            // The chunk counts as damaged, so nothing of it may be kept.
            self.kept.truncate(kept);
            self.decoded = decoded;
            self.tally.given_up(slot.offset, panicked);
        }
        self.bytes += bytes;
        progress(Progress { bytes, records: self.tally.records() - before });
    }

    /// Reads a block of an export and tells of the progress.
    fn take_block<S: Select<Kept = K>>(
        &mut self,
        log: &LogFile,
        block: &Block,
        interner: &mut Interner,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let mut tally = ChunkTally::default();
        for (offset, text) in block.records() {
            let source = Source { file: log.id, offset, recovered: false };
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
        interner: &mut Interner,
        select: &S,
    ) {
        if slot.is_empty() {
            return;
        }
        self.tally.is_truncated |= slot.present < CHUNK;
        let Some(chunk) = Chunk::new(slot.bytes) else {
            self.tally.bad_slot();
            self.recover(file, slot, &[], interner, select);
            return;
        };
        let is_sound = chunk.is_sound();
        let mut document = Document::new(chunk.bytes, interner);
        let mut layouts = Layouts::default();
        let mut glance = Glance::default();
        let mut plans = Plans::default();
        let mut tally = ChunkTally::default();
        let mut records = chunk.records();
        let mut live = Vec::new();
        while let Some(record) = records.next() {
            if select.recovers() {
                live.push(record.at);
            }
            let offset = slot.offset + record.at as u64;
            let source = Source { file, offset, recovered: false };
            match glance.look(record.content(), &mut document, &layouts, &mut tally, select) {
                Look::PassedOver => continue,
                Look::Wanted(sight) => {
                    let mut chunk = (&mut glance, &mut plans, &mut document, &mut tally);
                    if self.take_sight(&sight, source, &mut chunk, select).is_some() {
                        continue;
                    }
                }
                Look::Unclear => {}
            }
            let own = (record, chunk.limit(&record));
            let mut outcome =
                self.read_record(own, source, &mut document, &mut layouts, &mut tally, select);
            if let Err(Malformed::OutOfBounds { .. }) = outcome {
                // Its size lies. What it is too small for stands behind it all the same.
                let wide = (record, chunk.live_end());
                outcome =
                    self.read_record(wide, source, &mut document, &mut layouts, &mut tally, select);
            }
            let outcome = outcome.or_else(|error| {
                self.read_system(
                    record,
                    source,
                    error,
                    &mut document,
                    &mut layouts,
                    &mut tally,
                    select,
                )
            });
            if let Err(error) = outcome {
                tally.malformed(source.offset, error);
                records.distrust(&record);
            }
        }
        tally.torn = records.torn;
        self.hardest_chunk = self.hardest_chunk.max(document.spent());
        self.tally.chunk(tally, chunk.promised(), is_sound);
        self.recover(file, slot, &live, interner, select);
    }

    /// Reads the `System` part of a record that cannot be read otherwise because of `error`.
    #[expect(clippy::too_many_arguments, reason = "they are what a chunk's reading consists of")]
    fn read_system<'c, S: Select<Kept = K>>(
        &mut self,
        record: chunk::Record,
        source: Source,
        error: Malformed,
        document: &mut Document<'c>,
        layouts: &mut Layouts<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Result<()> {
        if let Malformed::OverBudget | Malformed::TooDeep = error {
            return Err(error);
        }
        let (at, length) = record.content();
        let mut walk = document.walk(at, length, at + length);
        walk.skip_fragments();
        let system = System::read(&mut walk, layouts, record.header, source).map_err(|_| error)?;
        tally.record(&system);
        tally.partial(source.offset, error);
        if select.wants(&system.head()) {
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
            let source = Source { file, offset: slot.offset, recovered: true };
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
        source: Source,
        (glance, plans, document, tally): &mut InChunk<'_, 'c>,
        select: &S,
    ) -> Option<()> {
        let Sight { definition, layout, values, size, .. } = sight;
        let system = sight.system(document.interner(), source)?;
        if !select.wants(&system.head()) {
            return glance.pass_over(sight, document, tally).then_some(());
        }
        let measured = plans.measure(*definition, layout, values, document)?;
        let payload = plans.payload(*definition, values, &measured)?;
        if !document.take(values.count() + measured.tokens, size + measured.bytes) {
            return None;
        }
        glance.count(sight, document, tally);
        self.decoded += 1;
        let user_sid = system.user_sid(document.interner());
        let scratch = &mut self.scratch;
        self.kept.extend(select.take(Record::standing(system, user_sid, payload, scratch)));
        Some(())
    }

    fn read_record<'c, S: Select<Kept = K>>(
        &mut self,
        (record, limit): (chunk::Record, usize),
        source: Source,
        document: &mut Document<'c>,
        layouts: &mut Layouts<'c>,
        tally: &mut ChunkTally,
        select: &S,
    ) -> Result<()> {
        let (at, length) = record.content();
        let mut walk = document.walk(at, length, limit);
        let system = System::read(&mut walk, layouts, record.header, source)?;
        if !select.wants(&system.head()) {
            tally.record(&system);
            return Ok(());
        }
        let (data, outcome) = payload::read(&mut walk);
        // No real record is so, in whole or in part.
        if let Err(Malformed::OverBudget | Malformed::TooDeep) = outcome {
            return outcome;
        }
        tally.record(&system);
        self.decoded += 1;
        let user_sid = system.user_sid(walk.interner());
        let record = Record::decoded(system, user_sid, data);
        self.kept.extend(match outcome {
            Ok(()) => select.take(record),
            Err(error) => {
                tally.partial(source.offset, error);
                select.keep_part(record.into_event())
            }
        });
        Ok(())
    }
}

/// What is known of a chunk while its records are read.
type InChunk<'k, 'c> =
    (&'k mut Glance<'c>, &'k mut Plans<'c>, &'k mut Document<'c>, &'k mut ChunkTally);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// Wants every record; half of the questions that spare the walk are not asked.
    struct All {
        is_fast: bool,
    }

    impl Select for All {
        type Kept = Event;

        fn wants(&self, _: &Head<'_>) -> bool {
            true
        }

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

    /// Reads a chunk record by record. Returns what was kept, and what is left of the budget.
    fn read_chunk(bytes: &[u8], select: &All) -> (Vec<Event>, (u32, usize), u64) {
        let chunk = Chunk::new(bytes).unwrap();
        let mut interner = Interner::default();
        let mut document = Document::new(bytes, &mut interner);
        let (mut layouts, mut glance) = (Layouts::default(), Glance::default());
        let (mut plans, mut tally) = (Plans::default(), ChunkTally::default());
        let (mut part, mut planned) = (Part::of(0), 0);
        for record in chunk.records() {
            let source = Source { file: FileId(0), offset: record.at as u64, recovered: false };
            if select.is_fast
                && let Look::Wanted(sight) =
                    glance.look(record.content(), &mut document, &layouts, &mut tally, select)
            {
                let mut chunk = (&mut glance, &mut plans, &mut document, &mut tally);
                if part.take_sight(&sight, source, &mut chunk, select).is_some() {
                    planned += 1;
                    continue;
                }
            }
            if let Err(error) = part.read_record(
                (record, chunk.limit(&record)),
                source,
                &mut document,
                &mut layouts,
                &mut tally,
                select,
            ) {
                tally.malformed(source.offset, error);
            }
        }
        (part.kept, document.left(), planned)
    }

    /// A plan gives the fields that the walk gives, and takes as much of the budget.
    #[test]
    fn plans_say_and_cost_what_the_walk_does() {
        let (mut records, mut planned) = (0, 0);
        for path in logs() {
            let bytes = fs::read(&path).unwrap();
            let (chunks, _) = bytes.get(4096..).unwrap_or_default().as_chunks::<CHUNK>();
            for chunk in chunks.iter().filter(|chunk| Chunk::new(&chunk[..]).is_some()) {
                let (walked, left, _) = read_chunk(chunk, &All { is_fast: false });
                let (read, left_by_plan, by_plan) = read_chunk(chunk, &All { is_fast: true });
                assert_eq!(format!("{walked:?}"), format!("{read:?}"), "{}", path.display());
                assert_eq!(left, left_by_plan, "{}", path.display());
                (records, planned) = (records + walked.len() as u64, planned + by_plan);
            }
        }
        assert!(planned * 2 > records, "{planned} of {records} records are read by plan");
    }

    #[test]
    fn spans_cover_a_file() {
        for bytes in [0, 4096, 4097, 69_632, SPAN, 3 * SPAN + 5, 1000 * SPAN] {
            let mut end = 4096;
            for span in cut(0, bytes, 4096) {
                assert_eq!((span.start, (span.start - 4096) % CHUNK as u64), (end, 0), "{bytes}");
                assert!(span.end - span.start <= SPAN);
                end = span.end;
            }
            assert_eq!(end, bytes.max(4096));
        }
    }
}

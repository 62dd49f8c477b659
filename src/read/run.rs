//! Reads many logs on all cores: spans of files are the work, their results are handed on in
//! order, so nothing depends on the number of threads.

use std::collections::BTreeSet;
use std::fs::File;
use std::mem;
use std::thread;

use super::aside::Shelf;
use super::batch::{Batch, List, Own, Spare};
use super::ends::{Ends, look};
use super::export::{Block, Cutter};
use super::file::{Reader, SPAN, Span};
use super::lanes::Lanes;
use super::order::{Thread, in_order};
use super::part::{Desk, Part};
use super::record::Record;
use super::stream::{Content, Piece};
use super::system::Head;
use super::tally::{Coverage, FileTally, Room};
use crate::model::{
    ChannelCoverage, Event, FileCoverage, LogFile, LogForm, LogSource, Problem, Time,
};
use crate::text::utf8;

/// Which records a reader is interested in, and what it keeps of them.
pub trait Select: Sync {
    /// What is kept of an event.
    type Kept: Send;
    /// What each worker remembers from one record to the next. Nothing that is kept depends on
    /// it.
    type Memory: Default;

    /// Whether records with that event ID can be wanted: the first question, which most records
    /// should fail. A record's payload is decoded if all four questions are answered with yes.
    fn wants_id(&self, _event_id: u32) -> bool {
        true
    }

    /// Whether records of that channel and provider with that event ID can be wanted: if so, a
    /// number of the selection's own for their kind, which [`Self::take`] is told.
    fn kind(&self, _channel: &str, _provider: &str, _event_id: u32) -> Option<usize> {
        Some(0)
    }

    /// Whether records of that machine can be wanted.
    fn wants_machine(&self, _machine: &str) -> bool {
        true
    }

    /// Whether records of that time (`System/TimeCreated`) can be wanted.
    fn wants_time(&self, _time: Time) -> bool {
        true
    }

    /// What to keep of a wanted event whose payload is damaged: it has the fields in front of
    /// the damage.
    fn keep_part(&self, event: Event) -> Option<Self::Kept> {
        self.keep(event)
    }

    /// Whether records of that channel can be wanted. A log of one that is not wanted is not read
    /// beyond its ends, where these show that it holds nothing else.
    fn needs_channel(&self, _channel: &str) -> bool {
        true
    }

    /// Whether every record is walked, as if no shorter way to the same result were known. For
    /// comparing the two.
    fn walks_all(&self) -> bool {
        false
    }

    /// Whether records that are no longer live are looked for, too.
    fn recovers(&self) -> bool {
        false
    }

    /// Told before the records of a span, and before any that do not follow the last ones: what
    /// the memory knows of the records before them need not hold of these.
    fn begin(&self, _memory: &mut Self::Memory) {}

    /// What to keep of a wanted event, if anything.
    fn keep(&self, event: Event) -> Option<Self::Kept>;

    /// What to keep of a wanted record of that kind, if anything: as [`Self::keep`] says, for
    /// selections that can tell before the whole record is decoded.
    fn take(
        &self,
        record: Record<'_>,
        _kind: usize,
        _memory: &mut Self::Memory,
    ) -> Option<Self::Kept> {
        self.keep(record.into_event())
    }
}

/// The kind of a wanted record; `None` for one that is not wanted.
pub(super) fn wanted<S: Select>(select: &S, head: &Head<'_>) -> Option<usize> {
    if !select.wants_id(head.event_id) || !select.wants_time(head.time) {
        return None;
    }
    let kind = select.kind(head.channel, head.provider, head.event_id)?;
    select.wants_machine(head.machine).then_some(kind)
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

/// Reads all logs and hands what `select` keeps to `sink`: batch by batch, by file and offset, on
/// the calling thread, in lists of its choice; what stands in archives comes first. What `sink`
/// leaves in a batch is dropped, and its lists are filled again. Where one batch ends and the next
/// begins depends on the logs only, and few are held at a time, however much is kept. `progress` is
/// told now and then, from any thread. Damage is never an error: what is readable is read, the rest
/// counted.
pub fn read<S: Select, L: List<Item = S::Kept>>(
    logs: &[LogFile],
    select: &S,
    progress: &(dyn Fn(Progress) + Sync),
    sink: &mut dyn FnMut(&mut Batch<L>),
) -> Readout {
    let mut gathered = Gathered::new(logs);
    let mut left = BTreeSet::new();
    for ends in look(logs, select) {
        left.insert(ends.log);
        progress(Progress { bytes: ends.bytes, records: ends.tally.records() });
        gathered.leave(ends);
    }
    let files = logs.iter().enumerate();
    let files = files.filter(|(log, file)| file.source == LogSource::File && !left.contains(log));
    let jobs = files.flat_map(|(log, file)| match file.form {
        LogForm::Evtx { first_chunk } => {
            Box::new(spans(log, file.bytes, first_chunk).map(Job::Span)) as Box<Jobs>
        }
        LogForm::Xml | LogForm::Json => Box::new(blocks(log, file)),
    });
    let spare = Spare::default();
    thread::scope(|threads| {
        in_order(
            // What is packed takes longest, so it is begun first.
            Lanes::new(threads, logs).map(Job::Piece).chain(jobs),
            // Buffers and interned texts go from one job to the next.
            Worker::<S::Memory, L>::of,
            |worker, job| worker.read(logs, job, &spare, select, progress),
            |(thread, mut part): (Thread, Part<L>)| {
                let mut batch = mem::take(&mut part.batch);
                gathered.add(part);
                if !batch.kept.is_empty() {
                    sink(&mut batch);
                }
                spare.put(thread, batch);
            },
        );
    });
    gathered.readout()
}

/// Reads all logs as [`read`] does, and collects what is kept: by file and offset.
pub fn read_all<S: Select>(
    logs: &[LogFile],
    select: &S,
    progress: &(dyn Fn(Progress) + Sync),
) -> (Vec<S::Kept>, Readout) {
    let mut kept = Vec::new();
    let readout = read(logs, select, progress, &mut |batch: &mut Batch<Vec<S::Kept>>| {
        kept.append(&mut batch.kept);
    });
    (kept, readout)
}

/// What one worker does at a time.
#[derive(Debug)]
enum Job {
    Span(Span),
    /// What comes out of an archive.
    Piece(Piece),
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
fn spans(log: usize, end: u64, first_chunk: u64) -> impl Iterator<Item = Span> + use<> {
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
    /// What is left for channels and stretches.
    room: Room,
    stats: ReadStats,
}

impl<'l> Gathered<'l> {
    fn new(logs: &'l [LogFile]) -> Self {
        let tallies = logs.iter().map(|_| FileTally::default()).collect();
        Self { logs, tallies, room: Room::default(), stats: ReadStats::default() }
    }

    fn add<L>(&mut self, part: Part<L>) {
        self.stats.bytes += part.bytes;
        self.stats.records += part.tally.records();
        self.stats.records_decoded += part.decoded;
        self.stats.hardest_chunk = self.stats.hardest_chunk.max(part.hardest_chunk);
        if let Some(tally) = self.tallies.get_mut(part.log) {
            tally.join(part.tally, &mut self.room);
        }
    }

    /// Adds what the ends of a log hold that is not read beyond them.
    fn leave(&mut self, ends: Ends) {
        self.stats.bytes += ends.bytes;
        self.stats.records += ends.tally.records();
        if let Some(tally) = self.tallies.get_mut(ends.log) {
            tally.join(ends.tally, &mut self.room);
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

/// What a worker keeps from one span to the next.
#[derive(Debug)]
struct Worker<M, L> {
    reader: Reader,
    desk: Desk<M>,
    batches: Own<L>,
}

impl<M: Default, L: List> Worker<M, L> {
    fn of(thread: Thread) -> Self {
        Self { reader: Reader::default(), desk: Desk::default(), batches: Own::of(thread) }
    }

    fn read<S: Select<Memory = M, Kept = L::Item>>(
        &mut self,
        logs: &[LogFile],
        job: Job,
        spare: &Spare<L>,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> (Thread, Part<L>) {
        let (Job::Span(Span { log, .. }) | Job::Piece(Piece { log, .. }) | Job::Block(log, _)) =
            job;
        let Self { reader, desk, batches } = self;
        let Batch { kept, shelf } = batches.begin(spare);
        let mut part = Part::of(log, Batch { kept, shelf: Shelf::default() });
        let Some(log) = logs.get(log) else { return (batches.thread, part) };
        desk.begin(select);
        desk.laying.begin(shelf);
        match job {
            Job::Span(span) => {
                let outcome = reader.slots(&log.path, span, |slot| {
                    part.take_slot(log.id, slot, desk, select, progress);
                });
                part.ended(outcome);
            }
            Job::Piece(Piece { content: Content::Slots(slots), .. }) => {
                slots.iter().for_each(|slot| part.take_slot(log.id, slot, desk, select, progress));
            }
            Job::Piece(Piece { content: Content::Failed(error), .. }) => part.ended(Err(error)),
            Job::Piece(Piece { content: Content::Block(block), .. }) | Job::Block(_, block) => {
                part.take_block(log, &block, &mut desk.interner, select, progress);
            }
        }
        part.batch.shelf = desk.laying.end();
        part.batch = batches.end(mem::take(&mut part.batch), spare);
        (batches.thread, part)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::CHUNK;
    use super::*;

    #[test]
    fn spans_cover_a_file() {
        for bytes in [0, 4096, 4097, 69_632, SPAN, 3 * SPAN + 5, 1000 * SPAN] {
            let mut end = 4096;
            for span in spans(0, bytes, 4096) {
                assert_eq!((span.start, (span.start - 4096) % CHUNK as u64), (end, 0), "{bytes}");
                assert!(span.end - span.start <= SPAN);
                end = span.end;
            }
            assert_eq!(end, bytes.max(4096));
        }
    }
}

//! Looks at both ends of a log, which may show that nobody wants what lies between.
//!
//! Windows numbers the records of a channel one after the other, and so it does those of a file.
//! Where both numbers grow by the same from the first record of a file to the last one, no record
//! of another channel can stand between them without one of this channel missing; so a log of one
//! channel need not be read for that. A log that shows any damage, that was in use or was cut off,
//! and what a filter chose, an event collector wrote or several logs were merged to, is read whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::chunk::{self, CHUNK, CHUNK_HEADER, Chunk, Start};
use super::file::Slot;
use super::part::{Desk, Part};
use super::run::Select;
use super::tally::FileTally;
use crate::model::{Event, LogFile, LogForm, LogSource, Run};

/// Bytes of a log that is worth a look: two chunks are a thirty-second of it.
const LEAST: u64 = 4 << 20;
/// Headers of slots that are looked at, evenly over the log and as many for one of any size. Damage
/// that is as wide as the distance between two of them is met.
const HEADERS: u64 = 64;
/// Size of a file's header, behind which the chunks start.
const FILE_HEADER: u64 = 4096;
/// What begins a record whose content is an instance of a template: a fragment's header, and the
/// token of an instance. Event collectors write elements.
const INSTANCE: [u8; 5] = [0x0f, 1, 1, 0, 0x0c];
/// Flag of a log that was in use, so that its header lags behind.
const IN_USE: u32 = 1;

/// A log that is not read beyond its ends.
#[derive(Debug)]
pub(super) struct Ends {
    /// Position among the logs.
    pub(super) log: usize,
    /// What its ends hold, and how much lies between.
    pub(super) tally: FileTally,
    /// Bytes of the chunks that were read.
    pub(super) bytes: u64,
}

/// The logs, in order, that need not be read beyond their ends.
pub(super) fn look<S: Select>(logs: &[LogFile], select: &S) -> Vec<Ends> {
    let looks = logs.par_iter().enumerate().filter_map(|(log, file)| ends(log, file, select));
    looks.collect()
}

fn ends<S: Select>(log: usize, file: &LogFile, select: &S) -> Option<Ends> {
    let has_header = file.form == LogForm::Evtx { first_chunk: FILE_HEADER };
    if !has_header || file.source != LogSource::File || file.bytes < LEAST {
        return None;
    }
    let mut source = File::open(&file.path).ok()?;
    let header = Header::read(&mut source)?;
    let places = header.places_in(file.bytes)?;
    let mut bytes = vec![0; CHUNK];
    let first = End::read(&mut source, header.first_chunk, &mut bytes, file)?;
    let (machine, channel) = first.tally.only_channel()?;
    if select.needs_channel(channel) {
        return None;
    }
    let last = End::read(&mut source, header.last_chunk, &mut bytes, file)?;
    let is_one_channel = last.tally.only_channel() == Some((machine, channel));
    let is_last = last.numbers.1.checked_add(1) == Some(header.next_record);
    let between = last.run.low.checked_sub(first.run.high)?.checked_sub(1)?;
    let is_counted = last.numbers.0.checked_sub(first.numbers.1)?.checked_sub(1)? == between;
    let numbers = (first.numbers.1, last.numbers.0);
    if !is_one_channel
        || !is_last
        || !is_counted
        || !are_in_row(&mut source, &header, places, numbers)?
    {
        return None;
    }
    let tally = FileTally::of_ends(first.tally, last.tally, between);
    Some(Ends { log, tally, bytes: 2 * CHUNK as u64 })
}

/// What a file's header says.
#[derive(Debug)]
struct Header {
    /// Numbers of the chunks with the oldest and the latest records.
    first_chunk: u64,
    last_chunk: u64,
    /// The number of the record that would come next.
    next_record: u64,
    /// How many chunks there are, as far as 16 bits tell.
    chunks: u16,
    flags: u32,
}

impl Header {
    /// `None` where it is not as it was written.
    fn read(source: &mut File) -> Option<Self> {
        let mut header = [0; 128];
        source.read_exact(&mut header).ok()?;
        let (word, long) = (|at| Start(&header).word(at), |at| Start(&header).long(at));
        let is_sound =
            header.starts_with(b"ElfFile\0") && header.get(..120).map(crc32fast::hash) == word(124);
        let [_, _, low, high] = word(40)?.to_le_bytes();
        is_sound.then_some(Self {
            first_chunk: long(8)?,
            last_chunk: long(16)?,
            next_record: long(24)?,
            chunks: u16::from_le_bytes([low, high]),
            flags: word(120)?,
        })
    }

    /// How many chunks and slots there are, where a file of so many bytes is the log that was closed
    /// with this header: it grows by empty slots.
    fn places_in(&self, bytes: u64) -> Option<(u64, u64)> {
        let slots = (bytes - FILE_HEADER) / CHUNK as u64;
        let is_whole = (bytes - FILE_HEADER).is_multiple_of(CHUNK as u64);
        // Of the number of chunks the header has the lower 16 bits.
        let chunks = slots.checked_sub(slots.wrapping_sub(self.chunks.into()) & 0xffff)?;
        let is_closed = self.flags & IN_USE == 0 && is_whole;
        let has_ends = self.first_chunk.max(self.last_chunk) < chunks
            && (self.last_chunk + 1) % chunks == self.first_chunk
            && chunks > 1;
        (is_closed && has_ends).then_some((chunks, slots))
    }
}

/// Whether the chunks between the ends, whose records have the numbers between these, look as they
/// should, and slots that are not in use are empty. A few are asked; `None` where one cannot be read.
fn are_in_row(
    source: &mut File,
    header: &Header,
    (chunks, slots): (u64, u64),
    (mut after, before): (u64, u64),
) -> Option<bool> {
    let mut start_of = |slot: u64| {
        let mut bytes = [0; CHUNK_HEADER];
        source.seek(SeekFrom::Start(FILE_HEADER + slot * CHUNK as u64)).ok()?;
        source.read_exact(&mut bytes).ok()?;
        Some(bytes)
    };
    let step = usize::try_from(slots / HEADERS + 1).ok()?;
    for place in (1..chunks - 1).step_by(step) {
        let start = start_of((header.first_chunk + place) % chunks)?;
        let Some((first, last)) = chunk::numbers(&start) else { return Some(false) };
        if first <= after || last < first || last >= before {
            return Some(false);
        }
        after = last;
    }
    for slot in (chunks..slots).step_by(step) {
        if start_of(slot)? != [0; CHUNK_HEADER] {
            return Some(false);
        }
    }
    Some(true)
}

/// One end of a log: a chunk that shows no damage, with records of one channel in a row.
#[derive(Debug)]
struct End {
    tally: FileTally,
    /// The records by the numbers of their channel.
    run: Run,
    /// The first and last record by the numbers of the file.
    numbers: (u64, u64),
}

impl End {
    fn read(source: &mut File, chunk: u64, bytes: &mut [u8], file: &LogFile) -> Option<Self> {
        let offset = FILE_HEADER + chunk * CHUNK as u64;
        source.seek(SeekFrom::Start(offset)).ok()?;
        source.read_exact(bytes).ok()?;
        let chunk = Chunk::new(bytes).filter(|chunk| chunk.is_sound() && chunk.has_checksums())?;
        let is_instance = |record: chunk::Record| {
            let (at, _) = record.content();
            bytes.get(at..).is_some_and(|content| content.starts_with(&INSTANCE))
        };
        if !chunk.records().all(is_instance) {
            return None;
        }
        let mut part = Part::of(0);
        let slot = Slot { offset, bytes, present: CHUNK };
        part.take_slot(file.id, slot, &mut Desk::default(), &Nothing, &|_| ());
        let run = part.tally.only_run()?;
        let numbers = chunk::numbers(bytes)?;
        let promised = numbers.1.checked_sub(numbers.0)?.checked_add(1)?;
        (promised == run.records).then_some(Self { tally: part.tally, run, numbers })
    }
}

/// Counts only.
struct Nothing;

impl Select for Nothing {
    type Kept = ();
    type Memory = ();

    fn wants_id(&self, _: u32) -> bool {
        false
    }

    fn keep(&self, _: Event) -> Option<()> {
        None
    }
}

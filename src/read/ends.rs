//! Looks at both ends of a log, which may show that nobody wants what lies between.
//!
//! Windows numbers the records of a channel one after the other, and so it does those of a file.
//! Where both numbers grow by the same from the first record of a file to the last one, no record
//! of another channel can stand between them without one of this channel missing; so a log of one
//! channel need not be read for that. A log that shows any damage or was cut off, and what a filter
//! chose, an event collector wrote or several logs were merged to, is read whole.

mod places;
mod slots;

use std::fs::File;
use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use self::places::Places;
use self::slots::Slots;
use super::batch::Batch;
use super::chunk::{self, Beginning, CHUNK, Chunk};
use super::file::Slot;
use super::part::{Desk, Part};
use super::run::Select;
use super::tally::FileTally;
use crate::model::{Event, LogFile, LogForm, LogSource, Run};

/// Bytes of a log that is worth a look: two chunks are a thirty-second of it.
const LEAST: u64 = 4 << 20;
/// Headers that are looked at of the chunks between the ends, and of the slots behind all chunks: all
/// of a log of up to 16 MiB, of a larger one as many, evenly. Damage that is as wide as the distance
/// between two of them is met.
const HEADERS: u64 = 256;
/// What begins a record whose content is an instance of a template: a fragment's header, and the
/// token of an instance. Event collectors write elements.
const INSTANCE: [u8; 5] = [0x0f, 1, 1, 0, 0x0c];

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
    let LogForm::Evtx { first_chunk } = file.form else { return None };
    if file.source != LogSource::File || file.bytes < LEAST {
        return None;
    }
    let mut slots = Slots { source: File::open(&file.path).ok()?, start: first_chunk };
    let places = Places::of(&mut slots, file.bytes)?;
    let mut bytes = vec![0; CHUNK];
    let first = End::read(&mut slots, places.first, &mut bytes, file)?;
    let (machine, channel) = first.tally.only_channel()?;
    if select.needs_channel(channel) {
        return None;
    }
    let last = End::read(&mut slots, places.last, &mut bytes, file)?;
    let is_one_channel = last.tally.only_channel() == Some((machine, channel));
    let between = last.run.low.checked_sub(first.run.high)?.checked_sub(1)?;
    let is_counted = last.numbers.0.checked_sub(first.numbers.1)?.checked_sub(1)? == between;
    if !is_one_channel || !is_counted || !places.can_end_with(last.numbers.1) {
        return None;
    }
    in_row(&mut slots, &places, (&first, &last))?;
    let tally = FileTally::of_ends(first.tally, last.tally, between);
    Some(Ends { log, tally, bytes: 2 * CHUNK as u64 })
}

/// Looks at a few of the chunks between the ends, and of the slots behind all chunks. `None` where one
/// is not as it should be: numbers grow, no clock was set so far that the ends do not tell the time of
/// the log, and slots that are not in use are empty.
fn in_row(slots: &mut Slots, places: &Places, (first, last): (&End, &End)) -> Option<()> {
    let (first_written, last_written) =
        (first.run.first.min(last.run.first), first.run.last.max(last.run.last));
    let (between, step) = a_few(1..places.chunks - 1)?;
    // Without a look at each, nothing tells by how much they grow.
    let follows = |after: u64, next: u64| match step {
        1 => after.checked_add(1) == Some(next),
        _ => after < next,
    };
    let mut after = first.numbers.1;
    for place in between {
        let slot = (places.first + place) % places.chunks;
        let Beginning { numbers, written } = slots.beginning(slot)??;
        let is_likely = numbers.0 <= numbers.1 && numbers.1 < last.numbers.0;
        let is_in_time = first_written <= written && written <= last_written;
        if !follows(after, numbers.0) || !is_likely || !is_in_time {
            return None;
        }
        after = numbers.1;
    }
    let (behind, _) = a_few(places.chunks..places.slots)?;
    for slot in behind {
        if slots.beginning(slot)?.is_some() {
            return None;
        }
    }
    follows(after, last.numbers.0).then_some(())
}

/// Some of so many places, evenly, and the distance between two of them.
fn a_few(all: Range<u64>) -> Option<(impl Iterator<Item = u64>, usize)> {
    let step = all.end.saturating_sub(all.start).div_ceil(HEADERS).max(1);
    let step = usize::try_from(step).ok()?;
    Some((all.step_by(step), step))
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
    fn read(slots: &mut Slots, slot: u64, bytes: &mut [u8], file: &LogFile) -> Option<Self> {
        let offset = slots.offset(slot)?;
        slots.read(offset, bytes)?;
        let chunk = Chunk::new(bytes).filter(|chunk| chunk.is_sound() && chunk.has_checksums())?;
        let is_instance = |record: chunk::Record| {
            let (at, _) = record.content();
            bytes.get(at..).is_some_and(|content| content.starts_with(&INSTANCE))
        };
        if !chunk.records().all(is_instance) {
            return None;
        }
        let mut part = Part::of(0, Batch::<Vec<()>>::default());
        let slot = Slot { offset, bytes, present: CHUNK };
        part.take_slot(file.id, slot, &mut Desk::default(), &Nothing, &|_| ());
        let run = part.tally.only_run()?;
        let Beginning { numbers, .. } = Beginning::of(bytes)?;
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

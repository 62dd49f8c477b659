//! One 64 KiB chunk: its header, its checksums, and where its records are.
//!
//! Knows nothing of what a record holds. Stale records behind the free space offset are not
//! live and never returned.

use memchr::memmem;

use super::system::Header;
use crate::model::Time;

/// Size of a chunk, and of the slots a log consists of.
pub(super) const CHUNK: usize = 65_536;
/// Size of a chunk's header, behind which the records start.
const CHUNK_HEADER: usize = 512;
/// Size of a record's header: magic, size, id, time of writing.
const RECORD_HEADER: usize = 24;
/// The record's size stands at its end again.
const SIZE_COPY: usize = 4;
pub(super) const RECORD_MAGIC: &[u8; 4] = b"**\0\0";
const CHUNK_MAGIC: &[u8; 8] = b"ElfChnk\0";
/// The flag of a chunk that has no checksums.
const NO_CHECKSUM: u32 = 4;

/// A chunk with a readable header.
#[derive(Debug)]
pub(super) struct Chunk<'c> {
    pub(super) bytes: &'c [u8],
    header: ChunkHeader,
}

/// What a chunk's header says. The tables of strings and templates behind it are not asked:
/// records name the offsets themselves.
#[derive(Clone, Copy, Debug)]
struct ChunkHeader {
    first_record: u64,
    last_record: u64,
    /// Offset of the last record.
    last_at: u32,
    /// Offset behind the last record.
    free_space: u32,
    records_checksum: u32,
    flags: u32,
    checksum: u32,
}

impl ChunkHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; 128] = bytes.first_chunk().filter(|_| bytes.len() >= CHUNK_HEADER)?;
        let (words, _) = header.as_chunks::<4>();
        let word = |at: usize| words.get(at / 4).map(|word| u32::from_le_bytes(*word));
        let long = |at| Some(u64::from(word(at)?) | u64::from(word(at + 4)?) << 32);
        if !header.starts_with(CHUNK_MAGIC) {
            return None;
        }
        Some(Self {
            first_record: long(24)?,
            last_record: long(32)?,
            last_at: word(44)?,
            free_space: word(48)?,
            records_checksum: word(52)?,
            flags: word(120)?,
            checksum: word(124)?,
        })
    }
}

/// Where a record's content is, and what its header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Offset of the record's header in the chunk.
    pub(super) at: usize,
    /// Size of the whole record.
    size: usize,
    pub(super) header: Header,
}

impl Record {
    /// Offset and length of the content.
    pub(super) fn content(&self) -> (usize, usize) {
        (self.at + RECORD_HEADER, self.size - RECORD_HEADER - SIZE_COPY)
    }

    /// Offset behind the record.
    pub(super) fn end(&self) -> usize {
        self.at + self.size
    }
}

impl<'c> Chunk<'c> {
    /// The chunk in a slot; `None` when the slot has no chunk header.
    pub(super) fn new(bytes: &'c [u8]) -> Option<Self> {
        Some(Self { bytes, header: ChunkHeader::read(bytes)? })
    }

    /// Whether the checksums of the header and of the records agree, or there are none.
    pub(super) fn is_sound(&self) -> bool {
        if self.header.flags & NO_CHECKSUM != 0 {
            return true;
        }
        let mut header = crc32fast::Hasher::new();
        header.update(self.bytes.get(..120).unwrap_or_default());
        header.update(self.bytes.get(128..CHUNK_HEADER).unwrap_or_default());
        let records = self.bytes.get(CHUNK_HEADER..self.free_space());
        header.finalize() == self.header.checksum
            && records.map(crc32fast::hash) == Some(self.header.records_checksum)
    }

    /// How many records the header promises; `None` for a header that cannot be right.
    pub(super) fn promised(&self) -> Option<u64> {
        let ChunkHeader { first_record: first, last_record: last, .. } = self.header;
        // An empty chunk has the ids -1 and -1, or 1 and -1.
        if last == u64::MAX {
            return Some(0);
        }
        let count = last.checked_sub(first)?.checked_add(1)?;
        let most = (CHUNK - CHUNK_HEADER) / (RECORD_HEADER + SIZE_COPY);
        u64::try_from(most).is_ok_and(|most| count <= most).then_some(count)
    }

    /// Where the live records end.
    fn free_space(&self) -> usize {
        usize::try_from(self.header.free_space).unwrap_or(usize::MAX)
    }

    /// Where the live records end, as far as the chunk reaches.
    pub(super) fn live_end(&self) -> usize {
        self.free_space().min(self.bytes.len())
    }

    /// The live records in order. Where one is torn, the walk goes on at the next that is sound.
    pub(super) fn records(&self) -> Records<'_, 'c> {
        Records { chunk: self, at: Some(CHUNK_HEADER), torn: 0 }
    }

    /// Whether a record's size is repeated at its end.
    fn confirms(&self, record: &Record) -> bool {
        let copy = self.bytes.get(record.end() - SIZE_COPY..record.end());
        copy == self.bytes.get(record.at + 4..record.at + 8)
    }

    /// Where the next record should stand. A size that nothing confirms, and behind which there
    /// is no record, lies: then it is the next one that is sound.
    fn next_to(&self, record: &Record) -> Option<usize> {
        let end = record.end();
        let is_plausible = end >= self.live_end() || self.record(end).is_some();
        if is_plausible || self.confirms(record) { Some(end) } else { self.resume(record.at + 1) }
    }

    /// Where a record's content must end: in front of the copy of its size, if that agrees. If
    /// not, one of the two lies, and the content may reach into all that is in use.
    pub(super) fn limit(&self, record: &Record) -> usize {
        let end = record.end() - SIZE_COPY;
        if self.confirms(record) { end } else { self.live_end().max(end) }
    }

    fn record(&self, at: usize) -> Option<Record> {
        record_at(self.bytes, at)
    }

    /// The next record from `at` on that is sound and live: its size is repeated at its end,
    /// and its id lies in the header's range, which those of an earlier use of the chunk do not.
    fn resume(&self, mut at: usize) -> Option<usize> {
        let live_end = self.live_end();
        let last = usize::try_from(self.header.last_at).ok()?;
        let search_end = live_end.min(last.saturating_add(RECORD_MAGIC.len()));
        let ids = self.header.first_record..=self.header.last_record;
        loop {
            at += memmem::find(self.bytes.get(at..search_end)?, RECORD_MAGIC)?;
            let sound = self.record(at).filter(|record| {
                let copy = self.bytes.get(record.end() - SIZE_COPY..record.end());
                copy == self.bytes.get(at + 4..at + 8)
                    && record.end() <= live_end
                    && ids.contains(&record.header.id)
            });
            if sound.is_some() {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// The record whose header stands at an offset, if one does and it fits in.
pub(super) fn record_at(bytes: &[u8], at: usize) -> Option<Record> {
    let header: &[u8; RECORD_HEADER] = bytes.get(at..)?.first_chunk()?;
    let ([magic, size, id_low, id_high, time_low, time_high], _) = header.as_chunks::<4>() else {
        return None;
    };
    let long = |low: &[u8; 4], high: &[u8; 4]| {
        u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << 32
    };
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    let fits = size >= RECORD_HEADER + SIZE_COPY && size <= bytes.len() - at;
    (magic == RECORD_MAGIC && fits).then(|| Record {
        at,
        size,
        header: Header {
            id: long(id_low, id_high),
            written: Time::from_filetime(long(time_low, time_high)),
        },
    })
}

/// The live records of a chunk.
#[derive(Debug)]
pub(super) struct Records<'k, 'c> {
    chunk: &'k Chunk<'c>,
    at: Option<usize>,
    /// How often the walk met something that is no record.
    pub(super) torn: u64,
}

impl Records<'_, '_> {
    /// Goes on inside a record that cannot be read, where its size is not confirmed: what it
    /// claims to cover may be live records.
    pub(super) fn distrust(&mut self, record: &Record) {
        if !self.chunk.confirms(record) {
            self.at = self.chunk.resume(record.at + 1);
        }
    }
}

impl Iterator for Records<'_, '_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let at = self.at.filter(|at| *at < self.chunk.free_space())?;
            if let Some(record) = self.chunk.record(at) {
                // Behind the last record stands slack, even where the free space offset lags.
                let is_last = record.header.id == self.chunk.header.last_record;
                let next = self.chunk.next_to(&record);
                self.at = next.filter(|_| !is_last);
                return Some(record);
            }
            self.at = self.chunk.resume(at + 1);
            // Zeros up to the end are space that the header counts wrongly as used.
            let is_zero = self.chunk.bytes.get(at..at + 4).is_none_or(|magic| magic == [0; 4]);
            if self.at.is_some() || !is_zero {
                self.torn += 1;
            }
        }
    }
}

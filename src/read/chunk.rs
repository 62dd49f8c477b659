//! One 64 KiB chunk: its header, its checksums, and what makes bytes in it a record.
//!
//! Knows nothing of what a record holds, and not in which order records are read.

use memchr::memmem;

use super::records::Records;
use super::system::Header;
use crate::model::Time;

/// Size of a chunk, and of the slots a log consists of.
pub(super) const CHUNK: usize = 65_536;
/// Size of a chunk's header, behind which the records start.
pub(super) const CHUNK_HEADER: usize = 512;
/// Size of a record's header: magic, size, id, time of writing.
const RECORD_HEADER: usize = 24;
/// The record's size stands at its end again.
const SIZE_COPY: usize = 4;
pub(super) const RECORD_MAGIC: &[u8; 4] = b"**\0\0";
/// No record was written after the year 9998; many calendars end there.
const LATEST: Time = Time(3_067_306 * 864_000_000_000);
const CHUNK_MAGIC: &[u8; 8] = b"ElfChnk\0";
/// The flag of a chunk that has no checksums.
const NO_CHECKSUM: u32 = 4;

/// A chunk with a readable header.
#[derive(Debug)]
pub(super) struct Chunk<'c> {
    pub(super) bytes: &'c [u8],
    /// These up to where the live records end.
    live: &'c [u8],
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

/// What files and chunks begin with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'b>(pub(super) &'b [u8; 128]);

impl Start<'_> {
    /// The number of four bytes at an offset that is a multiple of four.
    pub(super) fn word(self, at: usize) -> Option<u32> {
        let (words, _) = self.0.as_chunks::<4>();
        words.get(at / 4).map(|word| u32::from_le_bytes(*word))
    }

    /// The number of eight bytes at an offset that is a multiple of four.
    pub(super) fn long(self, at: usize) -> Option<u64> {
        Some(u64::from(self.word(at)?) | u64::from(self.word(at + 4)?) << 32)
    }
}

impl ChunkHeader {
    fn read(bytes: &[u8]) -> Option<Self> {
        let header: &[u8; 128] = bytes.first_chunk().filter(|_| bytes.len() >= CHUNK_HEADER)?;
        let (word, long) = (|at| Start(header).word(at), |at| Start(header).long(at));
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

    /// Whether the checksum of the header agrees, with which the bytes begin.
    fn is_sound(&self, bytes: &[u8]) -> bool {
        let mut header = crc32fast::Hasher::new();
        header.update(bytes.get(..120).unwrap_or_default());
        header.update(bytes.get(128..CHUNK_HEADER).unwrap_or_default());
        header.finalize() == self.checksum
    }
}

/// What shows without a look at more than how a chunk begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning {
    /// Numbers in the file of the first and the last record.
    pub(super) numbers: (u64, u64),
    /// When the first record was written.
    pub(super) written: Time,
}

impl Beginning {
    /// Bytes of it.
    pub(super) const BYTES: usize = CHUNK_HEADER + RECORD_HEADER;

    /// Of a chunk that begins with these bytes; `None` where the header's checksum does not agree or
    /// it has none, or no record follows.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let header = ChunkHeader::read(bytes)?;
        let is_sound = header.flags & NO_CHECKSUM == 0 && header.is_sound(bytes);
        let first = record_at(bytes, CHUNK_HEADER).filter(|_| is_sound)?;
        let numbers = (header.first_record, header.last_record);
        Some(Self { numbers, written: first.header.written })
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

/// A record of whose place and size nothing leaves a doubt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undoubted<'c> {
    /// Offset of the record's header in the chunk.
    at: usize,
    pub(super) content: &'c [u8],
    id: u64,
    written: u64,
}

impl Undoubted<'_> {
    /// Offset of the record's header in the chunk.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Offset of the content in the chunk.
    pub(super) const fn content_at(&self) -> usize {
        self.at + RECORD_HEADER
    }

    /// Offset behind the record.
    pub(super) const fn end(&self) -> usize {
        self.at + self.size()
    }

    const fn size(&self) -> usize {
        RECORD_HEADER + self.content.len() + SIZE_COPY
    }

    /// The record as any other.
    pub(super) fn record(&self) -> Record {
        let header = Header { id: self.id, written: Time::from_filetime(self.written) };
        Record { at: self.at, size: self.size(), header }
    }
}

impl Record {
    /// Offset and length of the content.
    pub(super) fn content(&self) -> (usize, usize) {
        (self.at + RECORD_HEADER, self.size - RECORD_HEADER - SIZE_COPY)
    }

    /// Whether it can have been written when it says.
    pub(super) fn is_plausible(&self) -> bool {
        self.header.written < LATEST
    }

    /// Offset behind the record.
    pub(super) fn end(&self) -> usize {
        self.at + self.size
    }
}

impl<'c> Chunk<'c> {
    /// The chunk in a slot; `None` when the slot has no chunk header.
    pub(super) fn new(bytes: &'c [u8]) -> Option<Self> {
        let header = ChunkHeader::read(bytes)?;
        let live = usize::try_from(header.free_space).ok().and_then(|end| bytes.get(..end));
        Some(Self { bytes, live: live.unwrap_or(bytes), header })
    }

    /// Whether the checksums of the header and of the records agree, or there are none.
    pub(super) fn is_sound(&self) -> bool {
        if !self.has_checksums() {
            return true;
        }
        let records = self.bytes.get(CHUNK_HEADER..self.free_space());
        self.header.is_sound(self.bytes)
            && records.map(crc32fast::hash) == Some(self.header.records_checksum)
    }

    /// Whether it has checksums that could disagree.
    pub(super) fn has_checksums(&self) -> bool {
        self.header.flags & NO_CHECKSUM == 0
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
    pub(super) fn free_space(&self) -> usize {
        usize::try_from(self.header.free_space).unwrap_or(usize::MAX)
    }

    /// Where the live records end, as far as the chunk reaches.
    pub(super) fn live_end(&self) -> usize {
        self.live.len()
    }

    /// The live records in order.
    pub(super) fn records(&self) -> Records<'_, 'c> {
        Records::new(self)
    }

    /// The record that stands first, if it is live.
    pub(super) fn first(&self) -> Option<Record> {
        self.record(CHUNK_HEADER).filter(|record| record.at < self.free_space())
    }

    /// Whether a record's size is repeated at its end.
    #[inline]
    pub(super) fn confirms(&self, record: &Record) -> bool {
        let word = |at: usize| self.bytes.get(at..)?.first_chunk::<4>();
        word(record.end() - SIZE_COPY) == word(record.at + 4)
    }

    /// Where a record's content must end: in front of the copy of its size, if that agrees and the
    /// next record follows. If not, the size may lie, and the content may reach into all that is
    /// in use.
    pub(super) fn limit(&self, record: &Record) -> usize {
        let end = record.end() - SIZE_COPY;
        if self.stretched(record).is_none() { end } else { self.live_end().max(end) }
    }

    /// The record with room up to the end of what is in use; `None` where its own end is certain,
    /// because its size is repeated and the next record follows.
    pub(super) fn stretched(&self, record: &Record) -> Option<Record> {
        let (end, live_end) = (record.end(), self.live_end());
        let is_followed = end == live_end || self.record(end).is_some();
        let is_certain = is_followed && self.confirms(record) || end >= live_end;
        (!is_certain).then(|| Record { size: live_end - record.at, ..*record })
    }

    #[inline]
    pub(super) fn record(&self, at: usize) -> Option<Record> {
        record_at(self.bytes, at)
    }

    /// The record at an offset, if it is live, its size is certain, and it is not the last one.
    #[inline]
    pub(super) fn undoubted(&self, at: usize) -> Option<Undoubted<'c>> {
        let rest = self.live.get(at..)?;
        let (words, _) = rest.first_chunk::<RECORD_HEADER>()?.as_chunks::<8>();
        let [start, id, written] = words else { return None };
        let start = u64::from_le_bytes(*start);
        let size = start >> 32;
        let whole = rest.get(..usize::try_from(size).ok()?)?;
        let (content, copy) = whole.get(RECORD_HEADER..)?.split_last_chunk::<SIZE_COPY>()?;
        let [id, written] = [id, written].map(|word| u64::from_le_bytes(*word));
        let is_certain = start & 0xffff_ffff == u64::from(u32::from_le_bytes(*RECORD_MAGIC))
            && u64::from(u32::from_le_bytes(*copy)) == size
            && id != self.header.last_record
            && Time::from_filetime(written) < LATEST;
        is_certain.then_some(Undoubted { at, content, id, written })
    }

    /// Whether a record is the last one by the header. A copy of it in front of its place, as
    /// torn sectors leave them, is not.
    pub(super) fn is_last(&self, record: &Record) -> bool {
        let ChunkHeader { last_record: last, last_at, .. } = self.header;
        let is_last = |record: &Record| record.header.id == last;
        let place = usize::try_from(last_at).ok().filter(|place| *place > record.at);
        is_last(record) && !place.and_then(|at| self.record(at)).is_some_and(|at| is_last(&at))
    }

    /// Where the records stand that are sound and live, in order: the size is repeated at the
    /// end, and the id lies in the header's range, which those of an earlier use of the chunk do
    /// not.
    pub(super) fn sound(&self) -> Vec<usize> {
        let live_end = self.live_end();
        let last = usize::try_from(self.header.last_at).unwrap_or(usize::MAX);
        let search_end = live_end.min(last.saturating_add(RECORD_MAGIC.len()));
        let ids = self.header.first_record..=self.header.last_record;
        let is_sound = |record: &Record| {
            record.end() <= live_end && ids.contains(&record.header.id) && self.confirms(record)
        };
        let used = self.bytes.get(..search_end).unwrap_or_default();
        let magics = memmem::find_iter(used, RECORD_MAGIC).filter(|at| *at >= CHUNK_HEADER);
        magics.filter(|at| self.record(*at).as_ref().is_some_and(is_sound)).collect()
    }
}

/// The record whose header stands at an offset, if one does. Where its size cannot be, it has all
/// the room behind it. Where a file is cut off, the copy of the size may be missing.
#[inline]
pub(super) fn record_at(bytes: &[u8], at: usize) -> Option<Record> {
    let header: &[u8; RECORD_HEADER] = bytes.get(at..)?.first_chunk()?;
    let ([magic, size, id_low, id_high, time_low, time_high], _) = header.as_chunks::<4>() else {
        return None;
    };
    let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or_default();
    let room = bytes.len() - at + SIZE_COPY;
    let fits = size >= RECORD_HEADER + SIZE_COPY && size <= room;
    (magic == RECORD_MAGIC).then(|| Record {
        at,
        size: if fits { size } else { room },
        header: Header {
            id: long(id_low, id_high),
            written: Time::from_filetime(long(time_low, time_high)),
        },
    })
}

/// A number of eight bytes.
const fn long(low: &[u8; 4], high: &[u8; 4]) -> u64 {
    u32::from_le_bytes(*low) as u64 | (u32::from_le_bytes(*high) as u64) << 32
}

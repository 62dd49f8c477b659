//! One 64 KiB chunk while it fills: its records, and the tables of names and templates that
//! the records share.
//!
//! Knows layout and checksums. Knows nothing about what a record says.

use std::collections::HashMap;

use super::error::ForgeError;
use super::value::encode_text;

/// Size of a chunk in bytes.
pub(super) const CHUNK_SIZE: usize = 65_536;
/// Where the first record starts.
pub(super) const HEADER_SIZE: usize = 512;
const MAGIC: &[u8; 8] = b"ElfChnk\0";
const RECORD_MAGIC: [u8; 4] = *b"**\0\0";
/// Bytes of a record before its BinXML.
const RECORD_HEADER: usize = 24;
/// Every chunk that Windows writes has this flag.
const FLAGS: u32 = 1;
/// The multiplier of the hash that chooses a bucket.
const HASH_MULTIPLIER: u32 = 65_599;

/// A chunk that takes records.
pub(super) struct Chunk {
    /// The chunk's bytes so far. The first 512 are the header's, filled in at the end.
    bytes: Vec<u8>,
    /// The tables after the last whole record.
    tables: Tables,
    /// The tables with the record that is being written.
    draft: Tables,
    names: HashMap<Box<str>, u32>,
    templates: HashMap<Box<str>, u32>,
    records: Option<Records>,
}

/// The heads of the chunk's hash chains: offsets, 0 for an empty bucket.
#[derive(Clone, Copy)]
struct Tables {
    names: [u32; 64],
    templates: [u32; 32],
}

/// The records a chunk holds.
#[derive(Clone, Copy)]
struct Records {
    first_id: u64,
    last_id: u64,
    last_offset: u32,
}

impl Chunk {
    pub(super) fn new() -> Self {
        let tables = Tables { names: [0; 64], templates: [0; 32] };
        let mut bytes = Vec::with_capacity(CHUNK_SIZE);
        bytes.resize(HEADER_SIZE, 0);
        Self {
            bytes,
            tables,
            draft: tables,
            names: HashMap::new(),
            templates: HashMap::new(),
            records: None,
        }
    }

    /// Whether it holds no record yet.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_none()
    }

    /// Writes a record; `content` appends its BinXML. Returns the record's size when it does
    /// not fit, in which case the chunk is as it was before, as it is after an error.
    pub(super) fn record(
        &mut self,
        id: u64,
        written: u64,
        content: impl FnOnce(&mut Self) -> Result<(), ForgeError>,
    ) -> Result<Result<(), usize>, ForgeError> {
        let start = self.bytes.len();
        self.bytes.extend(RECORD_MAGIC);
        self.bytes.extend([0; 4]);
        self.bytes.extend(id.to_le_bytes());
        self.bytes.extend(written.to_le_bytes());
        debug_assert_eq!(self.bytes.len(), start + RECORD_HEADER);
        if let Err(error) = content(self) {
            self.roll_back(start);
            return Err(error);
        }
        let size = (self.bytes.len() - start + 4).next_multiple_of(8);
        // Windows never fills a chunk to its last byte.
        if start + size >= CHUNK_SIZE {
            self.roll_back(start);
            return Ok(Err(size));
        }
        let (Ok(stored_size), Ok(offset)) = (u32::try_from(size), u32::try_from(start)) else {
            return Ok(Err(size));
        };
        self.bytes.resize(start + size - 4, 0);
        self.bytes.extend(stored_size.to_le_bytes());
        self.patch_u32(start + 4, stored_size);
        self.tables = self.draft;
        let first_id = self.records.map_or(id, |records| records.first_id);
        self.records = Some(Records { first_id, last_id: id, last_offset: offset });
        Ok(Ok(()))
    }

    /// Forgets everything from `start` on. Chains only ever point backwards, so cutting the
    /// bytes and restoring the heads is enough.
    fn roll_back(&mut self, start: usize) {
        self.bytes.truncate(start);
        self.draft = self.tables;
        let kept = |offset: &mut u32| usize::try_from(*offset).is_ok_and(|offset| offset < start);
        self.names.retain(|_, offset| kept(offset));
        self.templates.retain(|_, offset| kept(offset));
    }

    /// Where the next byte goes, counted from the chunk's start.
    pub(super) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes written so far, to append to.
    pub(super) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Overwrites four bytes written before.
    pub(super) fn patch_u32(&mut self, position: usize, value: u32) {
        if let Some(place) = self.bytes.get_mut(position..position + 4) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }

    /// Overwrites two bytes written before.
    pub(super) fn patch_u16(&mut self, position: usize, value: u16) {
        if let Some(place) = self.bytes.get_mut(position..position + 2) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }

    /// Appends a reference to a name, followed by the name itself when the chunk does not
    /// have it yet.
    pub(super) fn name(&mut self, name: &str) -> Result<(), ForgeError> {
        if let Some(offset) = self.names.get(name) {
            self.bytes.extend(offset.to_le_bytes());
            return Ok(());
        }
        let too_long = || ForgeError::Name(name.chars().take(40).collect());
        let units = u16::try_from(name.encode_utf16().count()).map_err(|_| too_long())?;
        let offset = u32::try_from(self.bytes.len() + 4).map_err(|_| too_long())?;
        let hash = hash(name.encode_utf16());
        // The newest name of a bucket comes first and points to the one before it.
        let next = replace(&mut self.draft.names, hash, offset);
        self.bytes.extend(offset.to_le_bytes());
        self.bytes.extend(next.to_le_bytes());
        let [low, high, ..] = hash.to_le_bytes();
        self.bytes.extend([low, high]);
        self.bytes.extend(units.to_le_bytes());
        encode_text(&mut self.bytes, name);
        self.bytes.extend([0, 0]);
        self.names.insert(name.into(), offset);
        Ok(())
    }

    /// Where the template known as `key` is defined in this chunk.
    pub(super) fn template(&self, key: &str) -> Option<u32> {
        self.templates.get(key).copied()
    }

    /// Registers a template that is defined at `offset`; returns the offset of the next one
    /// in its bucket.
    pub(super) fn add_template(&mut self, key: &str, guid: [u8; 16], offset: u32) -> u32 {
        let words = guid.as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
        self.templates.insert(key.into(), offset);
        replace(&mut self.draft.templates, hash(words), offset)
    }

    /// The finished chunk, 65,536 bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let free_offset = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let records_crc = crc32fast::hash(self.bytes.get(HEADER_SIZE..).unwrap_or_default());
        let header = header(&self.tables, self.records, free_offset, records_crc);
        if let Some(place) = self.bytes.get_mut(..HEADER_SIZE) {
            place.copy_from_slice(&header);
        }
        self.bytes.resize(CHUNK_SIZE, 0);
        self.bytes
    }
}

/// The chunk's first 512 bytes.
fn header(
    tables: &Tables,
    records: Option<Records>,
    free_offset: u32,
    records_crc: u32,
) -> [u8; HEADER_SIZE] {
    // What Windows writes into a chunk without records.
    let none = Records { first_id: u64::MAX, last_id: u64::MAX, last_offset: 0 };
    let Records { first_id, last_id, last_offset } = records.unwrap_or(none);
    let first_number = if records.is_some() { first_id } else { 1 };

    let mut start = Vec::with_capacity(120);
    start.extend(MAGIC);
    for number in [first_number, last_id, first_id, last_id] {
        start.extend(number.to_le_bytes());
    }
    for number in [128, last_offset, free_offset, records_crc] {
        start.extend(number.to_le_bytes());
    }
    start.resize(120, 0);
    let mut end = Vec::with_capacity(HEADER_SIZE - 128);
    for offset in tables.names.iter().chain(&tables.templates) {
        end.extend(offset.to_le_bytes());
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(&start);
    crc.update(&end);

    start.extend(FLAGS.to_le_bytes());
    start.extend(crc.finalize().to_le_bytes());
    start.extend(end);
    let mut header = [0; HEADER_SIZE];
    header.iter_mut().zip(start).for_each(|(to, from)| *to = from);
    header
}

/// The hash of names and template GUIDs.
fn hash(words: impl Iterator<Item = u16>) -> u32 {
    words
        .fold(0, |hash: u32, word| hash.wrapping_mul(HASH_MULTIPLIER).wrapping_add(u32::from(word)))
}

/// Makes `offset` the head of the hash's bucket; returns the head before.
fn replace<const BUCKETS: usize>(heads: &mut [u32; BUCKETS], hash: u32, offset: u32) -> u32 {
    // Names use the low 16 bits of their hash, which 64 buckets do not reach beyond.
    let bucket = usize::try_from(hash).unwrap_or(0) % BUCKETS;
    heads.get_mut(bucket).map_or(0, |head| std::mem::replace(head, offset))
}

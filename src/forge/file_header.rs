//! The first 4,096 bytes of a log.

/// Size of the block that holds the header; chunks follow.
pub(super) const BLOCK_SIZE: usize = 4096;
const MAGIC: &[u8; 8] = b"ElfFile\0";
/// The bytes of the block that are used.
const HEADER_SIZE: u32 = 128;
const MINOR_VERSION: u16 = 1;
const MAJOR_VERSION: u16 = 3;
/// Set while the log service holds the file open.
const DIRTY: u32 = 1;

/// What the header says, which in live logs is out of date.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileHeader {
    /// The slot of the chunk with the oldest records.
    pub(super) oldest_chunk: u64,
    /// The slot of the chunk written last.
    pub(super) current_chunk: u64,
    /// The id that the next record will get.
    pub(super) next_record_id: u64,
    /// How many slots hold chunks.
    pub(super) chunks: u16,
    /// Whether the log service had the file open.
    pub(super) dirty: bool,
}

impl FileHeader {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK_SIZE);
        bytes.extend(MAGIC);
        for number in [self.oldest_chunk, self.current_chunk, self.next_record_id] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(HEADER_SIZE.to_le_bytes());
        bytes.extend(MINOR_VERSION.to_le_bytes());
        bytes.extend(MAJOR_VERSION.to_le_bytes());
        bytes.extend(u16::try_from(BLOCK_SIZE).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(self.chunks.to_le_bytes());
        bytes.resize(120, 0);
        let crc = crc32fast::hash(&bytes);
        bytes.extend(if self.dirty { DIRTY } else { 0 }.to_le_bytes());
        bytes.extend(crc.to_le_bytes());
        bytes.resize(BLOCK_SIZE, 0);
        bytes
    }
}

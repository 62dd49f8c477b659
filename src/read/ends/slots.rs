//! Reads single slots of a log, wherever they stand.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::super::chunk::{Beginning, CHUNK};

/// The slots of a log, numbered from 0.
#[derive(Debug)]
pub(super) struct Slots {
    pub(super) source: File,
    /// Offset of the first one.
    pub(super) start: u64,
}

impl Slots {
    /// How many there are in a file of so many bytes; `None` where the last one is not whole.
    pub(super) fn count(&self, bytes: u64) -> Option<u64> {
        let all = bytes.checked_sub(self.start)?;
        all.is_multiple_of(CHUNK as u64).then_some(all / CHUNK as u64)
    }

    /// How the chunk in a slot begins, or nothing for an empty slot. `None` where it is neither, or
    /// is not as it was written.
    #[expect(clippy::option_option, reason = "what cannot be told is not what is empty")]
    pub(super) fn beginning(&mut self, slot: u64) -> Option<Option<Beginning>> {
        let mut bytes = [0; Beginning::BYTES];
        self.read(self.offset(slot)?, &mut bytes)?;
        match Beginning::of(&bytes) {
            None if bytes == [0; Beginning::BYTES] => Some(None),
            beginning => beginning.map(Some),
        }
    }

    /// Offset of a slot in the file.
    pub(super) fn offset(&self, slot: u64) -> Option<u64> {
        slot.checked_mul(CHUNK as u64)?.checked_add(self.start)
    }

    /// Fills `bytes` with what stands at an offset; `None` where it cannot be read.
    pub(super) fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Option<()> {
        self.source.seek(SeekFrom::Start(offset)).ok()?;
        self.source.read_exact(bytes).ok()
    }
}

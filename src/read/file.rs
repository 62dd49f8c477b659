//! Reads a span of a log file slot by slot.
//!
//! The file header's counts are not asked: in a log that was in use they lag behind, and most
//! records would be missed. Every 64 KiB slot to the end of the file is looked at.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::chunk::CHUNK;

/// Slots read at once: large enough for the disk, small enough for the processor's cache.
pub(super) const SLOTS: usize = 4;

/// A part of a log file that one worker reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Position of the log in the list of logs.
    pub(super) log: usize,
    /// Offset of its first slot.
    pub(super) start: u64,
    /// Offset behind its last byte.
    pub(super) end: u64,
}

/// A slot's bytes, zeros in place of those that the file no longer has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'b> {
    /// Offset in the file.
    pub(super) offset: u64,
    /// Exactly one chunk's size.
    pub(super) bytes: &'b [u8],
    /// How many of the bytes the file has.
    pub(super) present: usize,
}

impl Slot<'_> {
    /// Whether it holds nothing: logs grow by zeros.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }
}

/// Hands the slots of a span to `each`, using `buffer` for the bytes.
pub(super) fn slots(
    path: &Path,
    span: Span,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(Slot<'_>),
) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(span.start))?;
    buffer.resize(SLOTS * CHUNK, 0);
    let mut offset = span.start;
    let mut left = span.end.saturating_sub(span.start);
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let (count, error) = fill(&mut file, buffer.get_mut(..wanted).unwrap_or_default());
        buffer.get_mut(count..).unwrap_or_default().fill(0);
        for (bytes, start) in buffer.chunks_exact(CHUNK).zip((0..count).step_by(CHUNK)) {
            each(Slot { offset, bytes, present: (count - start).min(CHUNK) });
            offset += CHUNK as u64;
        }
        if let Some(error) = error {
            return Err(error);
        }
        if count < wanted {
            let error = "the file is shorter than when it was found";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        left -= count as u64;
    }
    Ok(())
}

/// Reads until the buffer is full or nothing more can be read. Returns how many bytes it
/// read, and the error that ended it.
pub(super) fn fill(
    file: &mut (impl Read + ?Sized),
    buffer: &mut [u8],
) -> (usize, Option<io::Error>) {
    let mut count = 0;
    while let Some(rest) = buffer.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

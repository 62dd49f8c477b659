//! Reads a span of a log file slot by slot.
//!
//! The file header's counts are not asked: in a log that was in use they lag behind, and most
//! records would be missed. Every 64 KiB slot to the end of the file is looked at.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::chunk::CHUNK;

/// Bytes of a log that are read at once: large enough for the disk, small enough for the
/// processor's cache, and so few that threads share even a small log.
pub(super) const SIZE: usize = 4 * CHUNK;
/// The same, as a part of a file.
pub(super) const SPAN: u64 = SIZE as u64;

/// A part of a log file that one worker reads; not longer than [`SPAN`].
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
        let (blocks, rest) = self.bytes.as_chunks::<64>();
        blocks.iter().all(|block| *block == [0; 64]) && rest.iter().all(|byte| *byte == 0)
    }
}

/// The bytes of spans, and the file of the last one: spans of one file follow each other.
#[derive(Debug, Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
    open: Option<(usize, File)>,
}

impl Reader {
    /// Hands the slots of a span, which lies in the log at `path`, to `each`.
    pub(super) fn slots(
        &mut self,
        path: &Path,
        span: Span,
        mut each: impl FnMut(Slot<'_>),
    ) -> io::Result<()> {
        let (wanted, count, error) = self.fill(path, span)?;
        let slots = self.buffer.chunks_exact(CHUNK).zip((0..count).step_by(CHUNK));
        for ((bytes, start), offset) in slots.zip((span.start..).step_by(CHUNK)) {
            each(Slot { offset, bytes, present: (count - start).min(CHUNK) });
        }
        if let Some(error) = error {
            return Err(error);
        }
        if count < wanted {
            let error = "the file is shorter than when it was found";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
        }
        Ok(())
    }

    /// Reads a span into the buffer. Returns its size, how much of that could be read, and the
    /// error that ended it.
    fn fill(&mut self, path: &Path, span: Span) -> io::Result<(usize, usize, Option<io::Error>)> {
        let mut file = match self.open.take() {
            Some((log, file)) if log == span.log => file,
            _ => File::open(path)?,
        };
        file.seek(SeekFrom::Start(span.start))?;
        let length = span.end.saturating_sub(span.start).min(SPAN);
        let wanted = usize::try_from(length).map_err(io::Error::other)?;
        self.buffer.resize(wanted.next_multiple_of(CHUNK), 0);
        let (count, error) = fill(&mut file, self.buffer.get_mut(..wanted).unwrap_or_default());
        self.buffer.get_mut(count..).unwrap_or_default().fill(0);
        self.open = Some((span.log, file));
        Ok((wanted, count, error))
    }
}

/// Reads until the buffer is full or nothing more can be read. Returns how many bytes it read,
/// and the error that ended it.
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

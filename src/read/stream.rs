//! Cuts a log that comes as a stream into pieces, so that it is worked on while it comes.
//!
//! A stream has the same slots as a file, and the same blocks where it is an export.

use std::io::{self, Read};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::chunk::CHUNK;
use super::export::{Block, Cutter};
use super::file::{SIZE, SPAN, Slot, fill};
use crate::model::LogForm;
use crate::text::utf8;

/// Some bytes or records of a log that comes as a stream.
#[derive(Debug)]
pub(super) struct Piece {
    /// Position of the log in the list of logs.
    pub(super) log: usize,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Slots of a log.
    Slots(Slots),
    /// Records of an export.
    Block(Block),
    /// Nothing more comes.
    Failed(io::Error),
}

/// Slots that follow each other.
#[derive(Debug)]
pub(super) struct Slots {
    /// Offset of the first in the log.
    offset: u64,
    /// Whole slots, zeros behind what there is.
    bytes: Vec<u8>,
    /// How many of the bytes there are.
    count: usize,
    /// Where the bytes go back to.
    buffers: Arc<Buffers>,
}

/// Buffers of pieces that were read. They are filled on one thread and emptied on another, which
/// allocators answer with more and more memory.
#[derive(Debug, Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// A buffer for a piece, with anything in it.
    fn take(&self) -> Vec<u8> {
        let Self(free) = self;
        let buffer = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        buffer.unwrap_or_else(|| vec![0; SIZE])
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        let Buffers(free) = &*self.buffers;
        free.lock().unwrap_or_else(PoisonError::into_inner).push(mem::take(&mut self.bytes));
    }
}

impl Slots {
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot<'_>> {
        let starts = (0..self.count).step_by(CHUNK);
        let offsets = (self.offset..).step_by(CHUNK);
        self.bytes.chunks_exact(CHUNK).zip(starts).zip(offsets).map(|((bytes, start), offset)| {
            Slot { offset, bytes, present: (self.count - start).min(CHUNK) }
        })
    }
}

/// Whoever takes the pieces is gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone;

/// Cuts a stream into pieces, in such buffers, and hands them to `each`, as long as it takes them.
pub(super) fn cut(
    content: &mut dyn Read,
    form: LogForm,
    buffers: &Arc<Buffers>,
    mut each: impl FnMut(Content) -> Result<(), Gone>,
) -> Result<(), Gone> {
    match form {
        LogForm::Evtx { first_chunk } => slots(content, first_chunk, buffers, each),
        form @ (LogForm::Xml | LogForm::Json) => match utf8(content) {
            Ok(text) => Cutter::new(text, form).map(Content::Block).try_for_each(each),
            Err(error) => each(Content::Failed(error)),
        },
    }
}

/// Hands the slots of a stream to `each`, from the first chunk on.
fn slots(
    content: &mut dyn Read,
    first_chunk: u64,
    buffers: &Arc<Buffers>,
    mut each: impl FnMut(Content) -> Result<(), Gone>,
) -> Result<(), Gone> {
    if let Err(error) = io::copy(&mut content.take(first_chunk), &mut io::sink()) {
        return each(Content::Failed(error));
    }
    let mut offset = first_chunk;
    loop {
        let mut bytes = buffers.take();
        // What came before an error is a part of the log all the same.
        let (count, error) = fill(content, &mut bytes);
        bytes.get_mut(count..).unwrap_or_default().fill(0);
        let slots = Slots { offset, bytes, count, buffers: Arc::clone(buffers) };
        if count > 0 {
            each(Content::Slots(slots))?;
            offset += SPAN;
        }
        if let Some(error) = error {
            return each(Content::Failed(error));
        }
        if count < SIZE {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out few bytes at a time, and an error behind the last.
    struct Drops<'b>(&'b [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1000);
            match self.0.read(&mut buffer[..most]) {
                Ok(0) => Err(io::Error::other("torn")),
                outcome => outcome,
            }
        }
    }

    #[test]
    fn slots_cover_a_stream_up_to_its_error() {
        let form = LogForm::Evtx { first_chunk: 4096 };
        for length in [0, 4095, 4096, 4097, 4096 + CHUNK, 4096 + SIZE, 4097 + 2 * SIZE] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let (mut found, mut errors) = (Vec::new(), 0);
            let outcome = cut(&mut Drops(&bytes), form, &Arc::default(), |content| {
                match content {
                    Content::Slots(slots) => slots.iter().for_each(|slot| {
                        assert_eq!(slot.offset, 4096 + found.len() as u64);
                        assert!(slot.bytes[slot.present..].iter().all(|byte| *byte == 0));
                        found.extend_from_slice(&slot.bytes[..slot.present]);
                    }),
                    Content::Failed(_) => errors += 1,
                    Content::Block(_) => unreachable!(),
                }
                Ok(())
            });
            assert!(outcome.is_ok());
            assert_eq!((&*found, errors), (bytes.get(4096..).unwrap_or_default(), 1), "{length}");
        }
    }

    #[test]
    fn nothing_is_read_for_nobody() {
        let bytes = vec![1; 4 * SIZE];
        let (mut left, form) = (&*bytes, LogForm::Evtx { first_chunk: 0 });
        let outcome = cut(&mut left, form, &Arc::default(), |_| Err(Gone));
        assert!(outcome.is_err());
        assert_eq!(left.len(), 3 * SIZE);
    }
}

//! Reads logs that come as streams out of an archive, without a copy on disk.
//!
//! A stream has the same slots as a file; it is only read from its start, by one worker.

use std::io::{self, Read};
use std::sync::Arc;

use super::chunk::CHUNK;
use super::file::{SPAN, Slot, fill};
use crate::isolate::{Isolated, isolated_io};
use crate::model::{LogFile, LogSource, Pack};

/// Logs that are read in one go.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pack: Arc<dyn Pack>,
    /// Number in the pack and position in the list of logs, ascending.
    members: Vec<(u32, usize)>,
}

/// The packs among the logs, each with its logs, in the order of their first ones.
pub(super) fn packs(logs: &[LogFile]) -> Vec<Packed> {
    let mut packs: Vec<Packed> = Vec::new();
    // A pack is known by its address; looked up through a map, not one by one, because an
    // archive can hold very many logs.
    let mut known = std::collections::HashMap::<*const (), usize>::new();
    for (log, file) in logs.iter().enumerate() {
        let LogSource::Packed { pack, number } = &file.source else { continue };
        let position = *known.entry(Arc::as_ptr(pack).cast()).or_insert(packs.len());
        match packs.get_mut(position) {
            Some(packed) => packed.members.push((*number, log)),
            None => {
                packs.push(Packed { pack: Arc::clone(pack), members: vec![(*number, log)] });
            }
        }
    }
    for packed in &mut packs {
        packed.members.sort_unstable();
    }
    packs
}

impl Packed {
    /// Hands each log to `each`: its position among the logs and its bytes, or why they cannot
    /// be had.
    pub(super) fn read(&self, mut each: impl FnMut(usize, io::Result<&mut dyn Read>)) {
        let wanted: Vec<u32> = self.members.iter().map(|(number, _)| *number).collect();
        let mut is_read = vec![false; wanted.len()];
        let mut take = |number: u32, content: &mut dyn Read| {
            let Ok(position) = wanted.binary_search(&number) else { return };
            let (Some(is_read), Some((_, log))) =
                (is_read.get_mut(position), self.members.get(position))
            else {
                return;
            };
            *is_read = true;
            each(*log, Ok(&mut Isolated::new(content)));
        };
        let outcome = isolated_io(|| self.pack.read(&wanted, &mut take));
        let why = outcome
            .err()
            .map_or_else(|| "it is no longer in the archive".to_owned(), |error| error.to_string());
        for ((_, log), _) in self.members.iter().zip(is_read).filter(|(_, is_read)| !is_read) {
            each(*log, Err(io::Error::other(why.clone())));
        }
    }
}

/// Hands the slots of a stream to `each`, from the first chunk on, using `buffer` for the
/// bytes.
pub(super) fn slots(
    content: &mut dyn Read,
    first_chunk: u64,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(Slot<'_>),
) -> io::Result<()> {
    io::copy(&mut content.take(first_chunk), &mut io::sink())?;
    buffer.resize(usize::try_from(SPAN).map_err(io::Error::other)?, 0);
    let mut offset = first_chunk;
    loop {
        // What came before an error is a part of the log all the same.
        let (count, error) = fill(content, buffer);
        buffer.get_mut(count..).unwrap_or_default().fill(0);
        for (bytes, start) in buffer.chunks_exact(CHUNK).zip((0..count).step_by(CHUNK)) {
            each(Slot { offset, bytes, present: (count - start).min(CHUNK) });
            offset += CHUNK as u64;
        }
        if let Some(error) = error {
            return Err(error);
        }
        if count < buffer.len() {
            return Ok(());
        }
    }
}

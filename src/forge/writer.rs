//! A whole log: records into chunks, chunks into slots of the file, and the file's header.
//!
//! Holds one chunk in memory, however many records there are.

use std::io::{Seek, SeekFrom, Write};

use super::binxml::{instance_record, literal_record};
use super::chunk::{CHUNK_SIZE, Chunk};
use super::error::{ForgeError, ValueProblem};
use super::file_header::{BLOCK_SIZE, FileHeader};
use super::payload::{self, Origin};
use super::value::file_time;
use super::{ForgedEvent, system};
use crate::model::Span;

/// Live logs grow by this much at a time.
const GROWTH: u64 = 1024 * 1024;
/// How long after an event its record is written, unless the event says otherwise.
const WRITE_DELAY: Span = Span::milliseconds(2);
const BLOCK: u64 = BLOCK_SIZE as u64;
const CHUNK: u64 = CHUNK_SIZE as u64;

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What kind of file it is.
    pub form: Form,
    /// How records hold their values.
    pub records: RecordForm,
}

/// The kinds of log files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As `wevtutil epl` and "Save All Events As" write it: a true header, records numbered
    /// from 1, nothing after the last chunk.
    #[default]
    Export,
    /// A copy of a log that the service had open: the dirty flag, a header from when the log
    /// was begun, records numbered as their events, 1 MiB steps of empty space at the end.
    Live {
        /// How many chunks the log may have before new ones replace the oldest, as in a
        /// circular log at its maximum size. Replaced records are gone.
        max_chunks: Option<u16>,
    },
}

/// How records hold their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordForm {
    /// Typed, in the slots of templates.
    #[default]
    Typed,
    /// As text without any template, as an event collector writes forwarded records.
    Forwarded,
}

/// Writes a log, record by record.
pub struct Writer<W> {
    out: W,
    options: Options,
    chunk: Chunk,
    /// Chunks written, counting those that were replaced.
    chunks: u64,
    /// The id of the first record, for the header of a live log.
    first_id: Option<u64>,
    last_id: u64,
    records: u64,
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a log at the start of `out`.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(mut out: W, options: Options) -> Result<Self, ForgeError> {
        out.seek(SeekFrom::Start(0))?;
        // The header is written last, over these zeros.
        out.write_all(&[0; BLOCK_SIZE])?;
        Ok(Self {
            out,
            options,
            chunk: Chunk::new(),
            chunks: 0,
            first_id: None,
            last_id: 0,
            records: 0,
        })
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the event cannot be written as a record; the log stays as it was, and others can
    /// follow. When the file cannot be written.
    pub fn push(&mut self, forged: &ForgedEvent<'_>) -> Result<(), ForgeError> {
        let event = forged.event;
        if u16::try_from(event.event_id).is_err() {
            return Err(ForgeError::EventId(event.event_id));
        }
        let written = forged.written.unwrap_or(event.time + WRITE_DELAY);
        let written = file_time(written)
            .map_err(|problem: ValueProblem| ForgeError::value("the time of writing", problem))?;
        let id = self.next_id(event.record_id);
        if self.write_record(id, written, forged)?.is_err() {
            self.flush_chunk()?;
            self.write_record(id, written, forged)?.map_err(ForgeError::RecordTooLarge)?;
        }
        self.first_id.get_or_insert(id);
        self.last_id = id;
        self.records += 1;
        Ok(())
    }

    /// How many records were appended.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Completes the log and gives back what it was written to.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<W, ForgeError> {
        // A log without records has an empty chunk.
        if !self.chunk.is_empty() || self.chunks == 0 {
            self.flush_chunk()?;
        }
        if matches!(self.options.form, Form::Live { .. }) {
            self.grow()?;
        }
        let header = self.header()?;
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header.to_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The id in the record's header. A live log has the event's own, unless that would not
    /// rise, as it must within one log.
    fn next_id(&self, event_record_id: u64) -> u64 {
        let next = self.last_id.saturating_add(1);
        match self.options.form {
            Form::Export => next,
            Form::Live { .. } => next.max(event_record_id),
        }
    }

    /// Writes a record into the chunk; the inner error is the size of one that does not fit.
    fn write_record(
        &mut self,
        id: u64,
        written: u64,
        forged: &ForgedEvent<'_>,
    ) -> Result<Result<(), usize>, ForgeError> {
        match self.options.records {
            RecordForm::Typed => {
                let origin = match self.options.form {
                    Form::Export => Origin::Export,
                    Form::Live { .. } => Origin::Live,
                };
                let record = system::instance(forged, payload::fragment(forged, origin)?, origin);
                self.chunk.record(id, written, |chunk| instance_record(chunk, record))
            }
            RecordForm::Forwarded => {
                let mut nodes =
                    vec![system::literal(forged)?.into(), payload::literal(forged)?.into()];
                if let Some(rendering) = forged.rendering {
                    nodes.push(payload::rendering_element(forged, rendering).into());
                }
                let record = system::event_element(nodes);
                self.chunk.record(id, written, |chunk| literal_record(chunk, &record))
            }
        }
    }

    /// Writes the chunk to its slot and begins the next one.
    fn flush_chunk(&mut self) -> Result<(), ForgeError> {
        let slot = match self.options.form {
            Form::Live { max_chunks: Some(slots) } => self.chunks % u64::from(slots.max(1)),
            _ => self.chunks,
        };
        if slot >= u64::from(u16::MAX) {
            return Err(ForgeError::FileTooLarge);
        }
        let chunk = std::mem::replace(&mut self.chunk, Chunk::new());
        self.out.seek(SeekFrom::Start(BLOCK + slot * CHUNK))?;
        self.out.write_all(&chunk.finish())?;
        self.chunks += 1;
        Ok(())
    }

    /// Adds the empty space of a live log: it has one chunk, or whole MiB after the first.
    fn grow(&mut self) -> Result<(), ForgeError> {
        let used = self.slots() * CHUNK;
        let size = CHUNK + (used - CHUNK).next_multiple_of(GROWTH);
        self.out.seek(SeekFrom::Start(BLOCK + used))?;
        for _ in 0..(size - used) / CHUNK {
            self.out.write_all(&[0; CHUNK_SIZE])?;
        }
        Ok(())
    }

    /// How many slots of the file hold chunks.
    fn slots(&self) -> u64 {
        match self.options.form {
            Form::Live { max_chunks: Some(slots) } => self.chunks.min(u64::from(slots.max(1))),
            _ => self.chunks,
        }
    }

    fn header(&self) -> Result<FileHeader, ForgeError> {
        let chunks = u16::try_from(self.slots()).map_err(|_| ForgeError::FileTooLarge)?;
        Ok(match self.options.form {
            Form::Export => FileHeader {
                oldest_chunk: 0,
                current_chunk: self.chunks.saturating_sub(1),
                next_record_id: self.last_id.saturating_add(1),
                chunks,
                dirty: false,
            },
            // As it was saved when the first chunk was new.
            Form::Live { .. } => FileHeader {
                oldest_chunk: 0,
                current_chunk: 0,
                next_record_id: self.first_id.unwrap_or(1),
                chunks: 1,
                dirty: true,
            },
        })
    }
}

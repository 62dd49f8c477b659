//! The two readers: which records each recovers, by their place in the file.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use rdpwhy::discover::discover;
use rdpwhy::model::{Event, Problem};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Head, ReadStats, Select, read_all};

use crate::seeds::{CHUNK, FILE_HEADER};

/// Keeps all events.
struct All;

impl Select for All {
    type Kept = Event;
    type Memory = ();

    fn wants(&self, _: &Head<'_>) -> bool {
        true
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// What this crate reads.
#[derive(Debug)]
pub(crate) struct Ours {
    /// By offset in the file.
    pub(crate) records: BTreeMap<u64, Event>,
    pub(crate) stats: ReadStats,
    pub(crate) problems: Vec<Problem>,
}

impl Ours {
    /// Reads a log as a run does that is given its path; `None` where that panics.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let path = path();
        fs::write(&path, bytes).unwrap();
        let outcome = catch_unwind(|| {
            let found = discover(std::slice::from_ref(&path), &ArchiveOptions::default());
            let (kept, readout) = read_all(&found.logs, &All, &|_| {});
            let mut problems = found.problems;
            problems.extend(readout.problems);
            let records = kept.into_iter().map(|event| (event.source.offset, event)).collect();
            Self { records, stats: readout.stats, problems }
        });
        outcome.ok()
    }
}

/// A file that each mutant is written to, in memory where the system offers that.
fn path() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("rdpwhy-mutant-{}.evtx", std::process::id()))
}

/// What the `evtx` crate reads, with the settings of its `evtx_dump` and JSON as output.
#[derive(Debug, Default)]
pub(crate) struct Theirs {
    /// By offset in the file, the record's JSON.
    pub(crate) records: BTreeMap<u64, Vec<u8>>,
}

impl Theirs {
    /// Reads a log; `None` where that panics.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        catch_unwind(AssertUnwindSafe(|| Self::records(bytes))).ok()
    }

    fn records(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let settings = ParserSettings::new().num_threads(1).validate_checksums(false).indent(false);
        let settings = Arc::new(settings);
        let chunks = EvtxParser::from_buffer(bytes.to_vec()).map(EvtxParser::into_chunks);
        for mut data in chunks.into_iter().flatten().flatten() {
            let chunk_at = (FILE_HEADER + data.number.unwrap_or(0) as usize * CHUNK) as u64;
            let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
            for record in chunk.iter().flatten() {
                let offset = chunk_at + record.binxml_offset - 24;
                if let Ok(json) = record.into_json_bytes() {
                    found.records.insert(offset, json.data);
                }
            }
        }
        found
    }
}

//! The two readers: which records each recovers, by their place in the file.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use rdpwhy::discover::{Discovered, discover};
use rdpwhy::model::{Event, Problem};
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::{ReadStats, Select, read_all};
use rdpwhy::rules::RuleSet;
use rdpwhy::select::Selection;

use crate::seeds::{CHUNK, FILE_HEADER};

/// Keeps all events.
#[derive(Clone, Copy, Debug, Default)]
struct All {
    /// Takes no shorter way than the walk.
    walks: bool,
    /// Looks for records that are no longer live, too.
    recovers: bool,
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) event: Event,
    /// Whether nothing of it is known to be damaged, so that rules are shown it.
    pub(crate) is_whole: bool,
}

impl Select for All {
    type Kept = Record;
    type Memory = ();

    fn walks_all(&self) -> bool {
        self.walks
    }

    fn recovers(&self) -> bool {
        self.recovers
    }

    fn keep(&self, event: Event) -> Option<Record> {
        Some(Record { event, is_whole: true })
    }

    fn keep_part(&self, event: Event) -> Option<Record> {
        Some(Record { event, is_whole: false })
    }
}

/// What this crate reads.
#[derive(Debug)]
pub(crate) struct Ours {
    /// By offset in the file.
    pub(crate) records: BTreeMap<u64, Record>,
    pub(crate) stats: ReadStats,
    pub(crate) problems: Vec<Problem>,
}

impl Ours {
    /// Reads a log as a run does that is given its path; `None` where that panics.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let outcome = catch_unwind(|| {
            let found = put(bytes);
            let (kept, readout) = read_all(&found.logs, &All::default(), &|_| {});
            let mut problems = found.problems;
            problems.extend(readout.problems);
            let by_offset = |record: Record| (record.event.source.offset, record);
            let records = kept.into_iter().map(by_offset).collect();
            Self { records, stats: readout.stats, problems }
        });
        outcome.ok()
    }

    /// All records of a log, live or not.
    pub(crate) fn all(bytes: &[u8]) -> Vec<Event> {
        let all = All { recovers: true, ..All::default() };
        let (kept, _) = read_all(&put(bytes).logs, &all, &|_| {});
        kept.into_iter().map(|record| record.event).collect()
    }

    /// Whether a log comes out the same on the shorter ways and when every record is walked: all
    /// records, what rules ask for, and all that is counted.
    pub(crate) fn is_same_walked(bytes: &[u8], rules: &RuleSet) -> bool {
        let found = put(bytes);
        // As texts, because a number that is none does not equal itself.
        let all = |walks, recovers| {
            format!("{:?}", read_all(&found.logs, &All { walks, recovers }, &|_| {}))
        };
        let selected = |fast_path| {
            let options = Options { fast_path, ..Options::default() };
            let selection = Selection { rules, options: &options };
            format!("{:?}", read_all(&found.logs, &selection, &|_| {}))
        };
        all(false, true) == all(true, true) && selected(true) == selected(false)
    }
}

/// Puts a log where a run finds it.
fn put(bytes: &[u8]) -> Discovered {
    let path = path();
    fs::write(&path, bytes).unwrap();
    discover(&[path], &ArchiveOptions::default())
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
        catch_unwind(AssertUnwindSafe(|| Self::records(bytes, false))).ok()
    }

    /// All records of a log, live or not.
    pub(crate) fn all(bytes: &[u8]) -> Vec<Vec<u8>> {
        Self::records(bytes, true).records.into_values().collect()
    }

    fn records(bytes: &[u8], recovers: bool) -> Self {
        let mut found = Self::default();
        let settings = ParserSettings::new().num_threads(1).validate_checksums(false).indent(false);
        let settings = Arc::new(settings.recover_records(recovers));
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

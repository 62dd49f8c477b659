//! Reads every real log twice, with our reader and with the `evtx` crate, and compares each
//! record and each value.
//!
//! The crate decodes BinXML on its own from the chunk to the text, so the two share no code
//! but the chunk header.

#![expect(clippy::print_stderr, reason = "the figures are the point")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as it must be"
)]

mod oracle;
mod real_logs;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};
use oracle::{Tally, by_xml};
use rayon::prelude::*;
use rdpwhy::discover::discover;
use rdpwhy::model::Event;
use rdpwhy::read::{Head, Readout, Select, read};

const CHUNK: usize = 65_536;
const RECORD_HEADER: u64 = 24;

/// Keeps all events.
struct All;

impl Select for All {
    type Kept = Event;

    fn wants(&self, _: &Head<'_>) -> bool {
        true
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// What the comparison of some logs gave.
#[derive(Debug, Default)]
struct Outcome {
    files: u64,
    records: u64,
    /// Records that we read and the crate refuses, alone or with their whole chunk.
    only_ours: u64,
    xml: Tally,
}

impl Outcome {
    fn join(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            records: self.records + other.records,
            only_ours: self.only_ours + other.only_ours,
            xml: self.xml.join(other.xml),
        }
    }
}

#[test]
fn every_value_is_what_the_crate_reads() {
    let Some(folder) = real_logs::folder() else { return };
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let outcome =
        files.par_iter().map(|file| compare_file(file)).reduce(Outcome::default, Outcome::join);
    let Outcome { files, records, only_ours, xml } = outcome;
    eprintln!("{files} files, {records} records, {only_ours} more only ours");
    eprintln!("XML: {} values equal but for {:?}", xml.values, xml.meant);
    let meant = [
        ("a mask as a boolean", 664),
        ("text that is no UTF-16", 1),
        ("the record id from the header", 2),
        ("the time from the header", 1),
    ];
    xml.expect("XML", &meant);
    assert_eq!((records, only_ours), (257_184, 0));
}

fn compare_file(path: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let found = discover(&[path.to_owned()]);
    let readout: Readout<Event> = read(&found.logs, &All, &|_| {});
    let mut ours: BTreeMap<u64, &Event> =
        readout.kept.iter().map(|event| (event.source.offset, event)).collect();
    let Some(log) = found.logs.first() else { return outcome };
    outcome.files = 1;
    let bytes = fs::read(path).unwrap();
    let settings = Arc::new(ParserSettings::new().indent(false));
    let first = usize::try_from(log.first_chunk).unwrap();
    for (number, slot) in bytes[first..].chunks(CHUNK).enumerate() {
        let mut slot = slot.to_vec();
        slot.resize(CHUNK, 0);
        let Ok(mut data) = EvtxChunkData::new(slot, false) else { continue };
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter() {
            let Ok(record) = record else { continue };
            let slot_offset = log.first_chunk + (number * CHUNK) as u64;
            let offset = slot_offset + record.binxml_offset - RECORD_HEADER;
            let Ok(record) = record.into_xml() else { continue };
            outcome.records += 1;
            let place = format!("{} @{offset}", path.file_name().unwrap().to_string_lossy());
            match ours.remove(&offset) {
                Some(event) => by_xml::compare(&mut outcome.xml, &place, event, &record.data),
                None => outcome.xml.fault(format!("{place}: not read")),
            }
        }
    }
    outcome.only_ours = ours.len() as u64;
    outcome
}

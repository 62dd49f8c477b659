//! Reads every real log twice, with our reader and with the `evtx` crate, and compares each
//! record and each value, with the crate's JSON for the types and its XML for the order.
//!
//! The crate finds chunks and records and decodes BinXML on its own, so the two share no code
//! but the chunk header. Where they differ, the difference is of a kind listed here, with its
//! exact count and the reason why it is right.
//!
//! - `tally`: what a comparison found
//! - `notation`: our values in the crate's notation
//! - `by_json`: a record against the crate's JSON, which `flat_json` makes into a list
//! - `by_xml`: a record against the crate's XML, which `xml` parses

#![expect(clippy::print_stderr, reason = "the figures are the point")]

mod by_json;
mod by_xml;
mod flat_json;
mod notation;
mod tally;
mod xml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use rayon::prelude::*;
use rdpwhy::discover::discover;
use rdpwhy::model::Event;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::read_all;
use tally::Tally;

use crate::support::all::All;
use crate::support::files::files_in;
use crate::support::real_logs;

/// Sizes in a log file.
const FILE_HEADER: u64 = 4096;
const CHUNK: u64 = 65_536;
const RECORD_HEADER: u64 = 24;

/// The differences from the crate's JSON.
const FROM_JSON: [(&str, u64); 9] = [
    // Windows stores some masks where the manifest declares a BOOL, for which anything but
    // zero is true; the crate keeps the number. All are in logs of Group Policy.
    ("a mask as a boolean", 664),
    // The crate shows the items of an array with their type, but an array of one as text.
    // One item reads like a plain value with us, as it does in Windows' XML. All are from NTFS.
    ("an array of one number as text", 94),
    // JSON has one member for each name, so the crate numbers the names that come back; we
    // keep all fields under their own names, in the order of the record. All are in CAPI2's
    // `UserData`, RestartManager's arrays, a processor driver's `ComplexData`, and the second
    // `LogonGuid` of event 4648.
    ("a repeated name with a number", 1050),
    // The same for the `Data` without a name of forwarded records: an array there, a field for
    // each with us. `Event::unnamed` counts both this and a list of strings alike.
    ("an array of repeated fields", 23),
    // Forwarded records hold text only. What `System` means is known without the type, so it
    // is a number, a time and a GUID with us, whatever its notation.
    ("a number of System as text", 7551),
    ("a time of System as text", 1103),
    ("a GUID of System as text", 485),
    // A damaged record, and one that was forwarded without its number: what the header says
    // is better than nothing, and the best that is left.
    ("the record id from the header", 2),
    ("the time from the header", 1),
];

/// The differences from the crate's XML, which has no types.
const FROM_XML: [(&str, u64); 4] = [
    // As in JSON.
    ("a mask as a boolean", 664),
    ("the record id from the header", 2),
    ("the time from the header", 1),
    // Half a surrogate pair: the crate's XML has a line, its JSON the same replacement
    // character as we.
    ("text that is no UTF-16", 1),
];

/// What the comparison of some logs gave.
#[derive(Debug, Default)]
struct Outcome {
    files: u64,
    records: u64,
    /// Records that we read and the crate refuses, alone or with their whole chunk.
    only_ours: u64,
    json: Tally,
    xml: Tally,
}

impl Outcome {
    fn join(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            records: self.records + other.records,
            only_ours: self.only_ours + other.only_ours,
            json: self.json.join(other.json),
            xml: self.xml.join(other.xml),
        }
    }
}

#[test]
fn every_value_is_what_the_crate_reads() {
    let Some(folder) = real_logs::folder() else { return };
    let files = files_in(folder);
    let outcome =
        files.par_iter().map(|file| compare_file(file)).reduce(Outcome::default, Outcome::join);
    let Outcome { files, records, only_ours, json, xml } = outcome;
    eprintln!("{files} files, {records} records, {only_ours} more only ours");
    eprintln!("JSON: {} values equal but for {:?}", json.values, json.meant);
    eprintln!("XML: {} values equal but for {:?}", xml.values, xml.meant);
    json.expect("JSON", &FROM_JSON);
    xml.expect("XML", &FROM_XML);
    // Equal counts over all files are equal counts in each, as no record is only theirs.
    assert_eq!((files, records, only_ours), (1021, 257_184, 3));
    assert_eq!((json.values, xml.values), (4_802_700, 4_802_700));
}

fn compare_file(path: &Path) -> Outcome {
    let found = discover(&[path.to_owned()], &ArchiveOptions::default());
    let mut outcome = Outcome { files: found.logs.len() as u64, ..Outcome::default() };
    let (kept, _) = read_all(&found.logs, &All { recovers: false }, &|_| {});
    let mut ours: BTreeMap<u64, &Event> =
        kept.iter().map(|event| (event.source.offset, event)).collect();
    let name = path.file_name().unwrap().to_string_lossy();
    let settings = Arc::new(ParserSettings::new().indent(false));
    let chunks = EvtxParser::from_path(path).map(EvtxParser::into_chunks);
    for chunk in chunks.into_iter().flatten() {
        let Ok(mut data) = chunk else { continue };
        let chunk_offset = FILE_HEADER + data.number.unwrap() * CHUNK;
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter() {
            let Ok(record) = record else { continue };
            let Ok(json) = record.clone().into_json_value() else { continue };
            let offset = chunk_offset + record.binxml_offset - RECORD_HEADER;
            let xml = record.into_xml().unwrap();
            let place = format!("{name} @{offset}");
            outcome.records += 1;
            match ours.remove(&offset) {
                Some(event) => {
                    by_json::compare(&mut outcome.json, &place, event, &json.data);
                    by_xml::compare(&mut outcome.xml, &place, event, &xml.data);
                }
                None => outcome.json.fault(format!("{place}: not read")),
            }
        }
    }
    outcome.only_ours = ours.len() as u64;
    outcome
}

//! The odd ones among the real logs: what we read of each, beside what the `evtx` crate reads,
//! whose `evtx_dump` many know, and what is left of earlier uses of its space.

#![expect(clippy::print_stderr, reason = "the table is the point")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use rdpwhy::discover::discover;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::read_all;

use crate::support::all::All;
use crate::support::files::files_in;
use crate::support::real_logs;

/// How the name of a file ends, what is odd about it, and how many records are read of it: by
/// us, by the crate, and by us beyond the live ones.
const ODD: [(&str, &str, usize, usize, usize); 43] = [
    ("f03dd7f0", "1 chunk data CRC bad", 6, 6, 0),
    ("bf700b55", "1 chunk data CRC bad; a record of size 0", 450, 449, 0),
    ("68defed1", "1 chunk header CRC bad", 2261, 2261, 3),
    ("456d7645", "2 bad chunk slots; 3 chunk data CRC bad", 301, 301, 50),
    ("7b620b3b", "2 chunk data CRC bad", 1911, 1910, 84),
    ("f498c1c4", "2 chunk data CRC bad", 1796, 1795, 246),
    ("e1817fd7", "8 bad chunk slots", 358, 358, 0),
    ("e3b0c442", "empty file", 0, 0, 0),
    ("e8aedecc", "last chunk only 4096 bytes", 789, 789, 0),
    ("10ea4ef1", "last chunk only 4096 bytes", 186, 186, 0),
    ("6b1cce6c", "records without a template", 6, 6, 0),
    ("d82f06d3", "records without a template", 455, 455, 0),
    ("c5ad3edf", "records without a template", 29, 29, 0),
    ("488e15fc", "records without a template", 154, 154, 13),
    ("58bcd0bf", "records without a template", 30, 30, 0),
    ("b5d00c47", "records without a template", 55, 55, 19),
    ("663e175c", "records without a template", 91, 91, 0),
    ("aed301f8", "records without a template", 420, 420, 0),
    ("5e7708bb", "records without a template", 6, 6, 0),
    ("32bb9aea", "records without a template", 10, 10, 0),
    ("58918c00", "records without a template", 10, 10, 0),
    ("8d3761bc", "records without a template", 211, 211, 26),
    ("2e3feb34", "records without a template", 459, 459, 0),
    ("5a2b42a8", "records without a template", 1, 1, 0),
    ("f46a2938", "stale records only", 0, 0, 18),
    ("3b5938e1", "stale records only", 0, 0, 2),
    ("d6fd3255", "stale records only", 0, 0, 9),
    ("51d47cf9", "stale records only", 0, 0, 4),
    ("386f15bc", "stale records only", 0, 0, 3),
    ("93ada4a7", "stale records only", 0, 0, 61),
    ("40cbc24f", "stale records only", 0, 0, 53),
    ("73df1bb4", "stale records only", 0, 0, 2),
    ("1e131938", "stale records only", 0, 0, 61),
    ("e5bf3b31", "stale records only", 0, 0, 50),
    ("56a3c88c", "stale records only", 0, 0, 30),
    ("b8bf70ec", "stale records only", 0, 0, 46),
    ("8b203f87", "stale records only", 0, 0, 24),
    ("8bbe13fa", "stale records only", 0, 0, 4),
    ("604bbfee", "stale records only", 0, 0, 20),
    ("ada1169a", "stale records only", 0, 0, 129),
    ("76d60faf", "stale records only", 0, 0, 30),
    ("d8bab442", "stale records only", 0, 0, 3),
    ("4bfd17dc", "stale records only", 0, 0, 134),
];

#[test]
fn at_least_what_the_crate_reads() {
    let Some(folder) = real_logs::folder() else { return };
    let paths = files_in(folder);
    let mut found = Vec::new();
    for (end, what, ..) in ODD {
        let end = format!("{end}.evtx");
        let path = paths.iter().find(|path| path.to_string_lossy().ends_with(&end)).unwrap();
        let (live, stale) = ours(path);
        let theirs = theirs(path);
        let missed: Vec<&u64> = theirs.difference(&live).collect();
        assert!(missed.is_empty(), "{end}: the records at {missed:?}");
        let end = end.strip_suffix(".evtx").unwrap().to_owned();
        eprintln!("{end} {what:<40} {:>6} {:>6} {:>6}", live.len(), theirs.len(), stale);
        found.push((end, what, live.len(), theirs.len(), stale));
    }
    let expected =
        ODD.map(|(end, what, ours, theirs, stale)| (end.to_owned(), what, ours, theirs, stale));
    assert_eq!(found, expected);
}

/// The offsets of the live records, and the number of stale ones.
fn ours(path: &Path) -> (BTreeSet<u64>, usize) {
    let found = discover(&[path.to_owned()], &ArchiveOptions::default());
    let (events, _) = read_all(&found.logs, &All { recovers: true }, &|_| {});
    let (stale, live): (Vec<_>, Vec<_>) =
        events.into_iter().partition(|event| event.source.recovered);
    (live.iter().map(|event| event.source.offset).collect(), stale.len())
}

/// The offsets of the records that the crate can show, with the settings of its `evtx_dump`.
fn theirs(path: &Path) -> BTreeSet<u64> {
    let mut offsets = BTreeSet::new();
    let settings = Arc::new(ParserSettings::new().indent(false));
    let chunks = EvtxParser::from_path(path).map(EvtxParser::into_chunks);
    for mut data in chunks.into_iter().flatten().flatten() {
        let chunk_at = 4096 + data.number.unwrap_or(0) * 65_536;
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter().flatten() {
            let offset = chunk_at + record.binxml_offset - 24;
            if record.into_json_bytes().is_ok() {
                offsets.insert(offset);
            }
        }
    }
    offsets
}

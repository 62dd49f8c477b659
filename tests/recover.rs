//! Records that logs no longer hold: found where they stand, marked, each once, and in no count
//! that tells what a log covers.

#![expect(clippy::print_stderr, reason = "how much was found is the point")]

use std::fs;
use std::path::Path;

use rdpwhy::analyze::analyze;
use rdpwhy::attempts::{Wanted, pick};
use rdpwhy::discover::discover;
use rdpwhy::model::{Confidence, Event, Evidence, Report};
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::{ReadStats, Readout, Select, read_all};
use rdpwhy::report::attempts::{Rows, render_table};
use rdpwhy::report::terminal::{self, TerminalStyle};
use rdpwhy::report::{Zone, json_v1};

use crate::support::all::All;
use crate::support::built_in::RULES;
use crate::support::files::files_in;
use crate::support::real_logs;

const FILE_HEADER: usize = 4096;
const CHUNK_HEADER: usize = 512;

/// A log of a fixture whose faults are in one chunk.
fn fixture(cause: &str, log: &str) -> Vec<u8> {
    fs::read(Path::new("fixtures").join(cause).join("logs").join(log)).unwrap()
}

/// Offset and size of each record of the first chunk.
fn records(bytes: &[u8]) -> Vec<(usize, usize)> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let end = FILE_HEADER + word(FILE_HEADER + 48);
    let mut at = FILE_HEADER + CHUNK_HEADER;
    let mut found = Vec::new();
    while at < end {
        found.push((at, word(at + 4)));
        at += word(at + 4);
    }
    found
}

/// Makes all but the first `live` records of the first chunk ones of an earlier use of it.
fn forget(bytes: &mut [u8], live: usize) -> usize {
    let all = records(bytes);
    let (last, size) = all[live - 1];
    let put = |bytes: &mut [u8], at: usize, value: &[u8]| {
        bytes[FILE_HEADER + at..FILE_HEADER + at + value.len()].copy_from_slice(value);
    };
    let last_id = bytes[last + 8..last + 16].to_vec();
    put(bytes, 16, &last_id);
    put(bytes, 32, &last_id);
    put(bytes, 44, &u32::try_from(last - FILE_HEADER).unwrap().to_le_bytes());
    put(bytes, 48, &u32::try_from(last + size - FILE_HEADER).unwrap().to_le_bytes());
    all.len() - live
}

/// Reads one log with and without what is recovered. What says how far the log reaches must be
/// the same; returns the recovered events.
fn recovered(bytes: &[u8]) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.evtx");
    fs::write(&path, bytes).unwrap();
    let found = discover(&[path], &ArchiveOptions::default());
    let (live, plain) = read_all(&found.logs, &All { recovers: false }, &|_| {});
    let (both, readout) = read_all(&found.logs, &All { recovers: true }, &|_| {});
    let count = readout.recovered.iter().sum::<u64>();
    // The search itself is work.
    let stats = ReadStats { hardest_chunk: plain.stats.hardest_chunk, ..readout.stats };
    let recovered = plain.recovered.clone();
    assert_eq!(Readout { recovered, stats, ..readout }, plain);
    assert_eq!(plain.recovered, [0]);
    let (stale, kept): (Vec<_>, Vec<_>) =
        both.into_iter().partition(|event| event.source.recovered);
    assert_eq!(kept, live);
    assert_eq!(stale.len() as u64, count);
    stale
}

#[test]
fn slack_is_carved_and_marked() {
    let whole = fixture("wrong-password", "Security.evtx");
    assert!(recovered(&whole).is_empty());
    let all = {
        let mut bytes = whole.clone();
        // A lost chunk header leaves all its records without an owner.
        bytes[FILE_HEADER..FILE_HEADER + CHUNK_HEADER].fill(0);
        recovered(&bytes)
    };
    let count = records(&whole).len();
    assert_eq!(all.len(), count);
    for live in [1, count / 2, count - 1] {
        let mut bytes = whole.clone();
        let stale = forget(&mut bytes, live);
        assert_eq!(stale, count - live);
        assert_eq!(recovered(&bytes), all[live..]);
    }
}

#[test]
fn what_is_overwritten_is_not_made_up() {
    let mut bytes = fixture("wrong-password", "Security.evtx");
    let all = records(&bytes);
    forget(&mut bytes, all.len() / 2);
    let stale = &all[all.len() / 2..];
    // One loses its size copy, one its content, the templates of the others their GUID.
    let (at, size) = stale[0];
    bytes[at + size - 1] ^= 1;
    let (at, size) = stale[1];
    bytes[at + 24..at + size - 4].fill(0x2a);
    assert_eq!(recovered(&bytes).len(), stale.len() - 2);
    let mut lost = bytes.clone();
    for (at, _) in &stale[2..] {
        let field = at + 34;
        let definition = u32::from_le_bytes(bytes[field..field + 4].try_into().unwrap());
        let guid = FILE_HEADER + definition as usize + 4;
        lost[guid..guid + 4].fill(0xee);
    }
    assert!(recovered(&lost).is_empty());
}

#[test]
fn a_record_hidden_in_another_is_found() {
    let mut bytes = fixture("wrong-password", "Security.evtx");
    let all = records(&bytes);
    let ((at, size), (_, next)) = (all[1], all[2]);
    let claimed = u32::try_from(size + next).unwrap().to_le_bytes();
    bytes[at + 4..at + 8].copy_from_slice(&claimed);
    bytes[at + size + next - 4..at + size + next].copy_from_slice(&claimed);
    // The hidden record's copy of its size is gone with that; its own size is adapted.
    let hidden = at + size;
    bytes[hidden + 4..hidden + 8].copy_from_slice(&u32::try_from(next - 8).unwrap().to_le_bytes());
    let copy = u32::try_from(next - 8).unwrap().to_le_bytes();
    bytes[hidden + next - 12..hidden + next - 8].copy_from_slice(&copy);
    let found = recovered(&bytes);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].source.offset, hidden as u64);
}

fn case(logs: &[(&str, &[u8])], recover: bool) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in logs {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let options = Options { recover, ..Options::default() };
    let mut report = analyze(&[folder.path().to_owned()], &RULES, &options, &|_| {});
    report.stats.seconds = 0.0;
    for (file, (name, _)) in report.files.iter_mut().zip(logs) {
        (*name).clone_into(file);
    }
    for problem in &mut report.problems {
        problem.path = problem.path.file_name().unwrap().into();
    }
    for input in &mut report.inputs {
        input.path = "case".into();
    }
    report
}

#[test]
fn copies_of_live_records_change_nothing() {
    let whole = fixture("wrong-password", "Security.evtx");
    let mut cut = whole.clone();
    let stale = forget(&mut cut, 1) as u64;
    let logs: [(&str, &[u8]); 3] = [("a.evtx", &whole), ("b.evtx", &cut), ("c.evtx", &cut)];
    let plain = case(&logs, false);
    let mut report = case(&logs, true);
    let found: Vec<_> =
        report.recovered.iter().map(|found| (found.file.0, found.records, found.kept)).collect();
    assert_eq!(found, [(1, stale, 0), (2, stale, 0)]);
    report.recovered.clear();
    assert_eq!(json_v1::render(&report), json_v1::render(&plain));
}

#[test]
fn what_rests_on_recovered_records_says_so() {
    let cause = "certificate-key-unreadable";
    let paths = files_in(Path::new("fixtures").join(cause).join("logs"));
    let names: Vec<String> = (0..paths.len()).map(|number| format!("{number}.evtx")).collect();
    let whole: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let mut cut = whole.clone();
    for log in &mut cut {
        forget(log, 1);
    }
    let of = |logs: &[Vec<u8>], recover: bool| {
        let logs: Vec<(&str, &[u8])> =
            names.iter().map(String::as_str).zip(logs.iter().map(Vec::as_slice)).collect();
        case(&logs, recover)
    };
    let found = |report: &Report| {
        report.diagnoses.iter().find(|found| &*found.candidate.cause == cause).cloned()
    };
    let (live, report) = (of(&whole, false), of(&cut, true));
    assert_eq!(found(&live).unwrap().candidate.confidence, Confidence::Confirmed);
    assert!(found(&of(&cut, false)).is_none());
    let stale = found(&report).unwrap();
    assert!(stale.candidate.confidence < Confidence::Confirmed);
    let is_marked = |item: &&Evidence| report.facts.rests_on_recovered(&item.records);
    assert!(stale.candidate.evidence.iter().any(|item| is_marked(&item)));

    let json: serde_json::Value = serde_json::from_str(&json_v1::render(&report)).unwrap();
    let items = json["diagnoses"][0]["evidence"].as_array().unwrap();
    let marked = items.iter().find(|item| item["recovered_only"] == true).unwrap();
    assert_eq!(marked["records"][0]["recovered"], true);
    assert!(!json_v1::render(&live).contains("recovered"));
    let of_records =
        |attempt: &serde_json::Value| attempt["records_recovered"] == attempt["records_total"];
    assert!(json["attempts"].as_array().unwrap().iter().any(of_records));
    let table = |report: &Report| {
        let attempts = pick(report, &Wanted::default());
        let total = attempts.len();
        let rows = Rows { report, attempts: &attempts, total, zone: &Zone::default() };
        render_table(&rows, 300)
    };
    let marked = |line: &&str| line.trim_end().ends_with(" all");
    assert!(table(&report).lines().any(|line| marked(&line)), "{}", table(&report));
    assert!(!table(&live).contains("recovered"));
    let style = TerminalStyle { all: true, ..TerminalStyle::default() };
    let page = terminal::render(&report, &style);
    for words in ["recovered records only", "recovered from unused space", "(recovered)"] {
        assert!(page.contains(words), "{page}");
    }
}

/// How many records of an earlier use stand in the real logs, and that finding them does not
/// change what is read of the live ones.
#[test]
fn real_logs_hold_stale_records() {
    let Some(folder) = real_logs::folder() else { return };
    let found = discover(&files_in(folder), &ArchiveOptions::default());
    /// Counts, and keeps no event.
    struct Count(bool);
    impl Select for Count {
        type Kept = bool;
        type Memory = ();

        fn wants_id(&self, _: u32) -> bool {
            self.0
        }

        fn recovers(&self) -> bool {
            self.0
        }

        fn keep(&self, event: Event) -> Option<bool> {
            event.source.recovered.then_some(true)
        }
    }
    let (_, plain) = read_all(&found.logs, &Count(false), &|_| {});
    let (kept, readout) = read_all(&found.logs, &Count(true), &|_| {});
    let stale: u64 = readout.recovered.iter().sum();
    let files = readout.recovered.iter().filter(|count| **count > 0).count();
    eprintln!("{stale} stale records in {files} files, beside {} live", readout.stats.records);
    assert_eq!(readout.coverage, plain.coverage);
    assert_eq!(readout.stats.records, plain.stats.records);
    assert_eq!(stale, kept.len() as u64);
    // Of 41,310 with their size at their end, those whose template is still theirs.
    assert!(stale >= 12_500 && files >= 289, "{stale} in {files}");
}

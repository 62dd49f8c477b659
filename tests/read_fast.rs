//! Reports are the same, byte for byte, whether records are passed over by a glance or all of
//! them walked, and for any number of threads: over the fixtures and over every real log.

#![expect(clippy::print_stderr, reason = "how much was compared is the point")]

use std::path::PathBuf;

use rdpwhy::analyze::analyze;
use rdpwhy::model::{Report, Stats};
use rdpwhy::options::Options;
use rdpwhy::report::json_v1;

use crate::support::built_in::RULES;
use crate::support::files::{files_in, fixtures};
use crate::support::real_logs;

/// Real logs that make one case.
const LOGS: usize = 40;

fn report(paths: &[PathBuf], fast_path: bool, threads: usize) -> Report {
    // Logs that no rule asks for are records to compare, too.
    let options = Options { fast_path, read_all: true, ..Options::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| analyze(paths, &RULES, &options, &|_| {}))
}

/// Analyzes one case in all ways. Returns how many records it has, and how many of them rules
/// asked for.
fn check(paths: &[PathBuf]) -> (u64, u64) {
    let json = |fast_path, threads| {
        let mut report = report(paths, fast_path, threads);
        let Stats { records, records_decoded, .. } = report.stats;
        report.stats.seconds = 0.0;
        (json_v1::render(&report), (records, records_decoded))
    };
    let (walked, stats) = json(false, 1);
    for threads in [1, 2, 7] {
        let (glanced, _) = json(true, threads);
        assert!(walked == glanced, "{paths:?} on {threads} threads");
    }
    stats
}

#[test]
fn fixtures_come_out_the_same() {
    for folder in fixtures() {
        let (records, _) = check(&[folder.join("logs")]);
        assert!(records > 0, "{}", folder.display());
    }
}

#[test]
fn real_logs_come_out_the_same() {
    let Some(folder) = real_logs::folder() else { return };
    let (mut records, mut decoded) = (0, 0);
    for paths in files_in(&folder).chunks(LOGS) {
        let case = check(paths);
        records += case.0;
        decoded += case.1;
    }
    eprintln!("{records} records, {decoded} of them decoded");
    // Two more than can be decoded whole, of which the beginning is read, and one without a size.
    assert_eq!(records, 257_187);
    assert!(decoded > 0 && decoded < records / 2, "nothing to pass over shows nothing");
}

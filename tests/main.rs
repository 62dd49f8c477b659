//! All tests of the library's boundary and of the program: a file for each subject, what several of
//! them need in `support`.
//!
//! They are one program, because each program more links the whole library once more. It runs its
//! tests beside each other, so none may change what others see: the environment, the current folder,
//! the panic hook, a file of a fixed name.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that fails fails its test"
)]

mod attempts;
mod beside;
mod bounds;
mod budget;
mod bundles;
mod cli;
mod codes;
mod differentials;
mod explain;
mod exports;
mod facts;
mod filters;
mod fixtures;
mod floods;
mod forge_roundtrip;
mod hostile;
mod isolation;
mod judgement;
mod lookup;
mod missing_logs;
mod odd_files;
mod popular_advice;
mod properties;
mod read_damage;
mod read_fast;
mod read_logs;
mod read_oracle;
mod real_hosts;
mod recover;
mod regressions;
mod report;
mod rule_tools;
mod rules;
mod soundness;
mod spare;
mod support;
mod unread;
mod usage;

use std::collections::BTreeSet;
use std::fs;

/// A file that no line names would be compiled by nobody, and its tests would never run.
#[test]
fn every_file_is_part_of_the_program() {
    let lines = include_str!("main.rs").lines();
    let named: BTreeSet<&str> =
        lines.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let files = fs::read_dir("tests").unwrap().map(|entry| entry.unwrap().path());
    let left_out: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "main" && !named.contains(name.as_str()))
        .collect();
    assert_eq!(left_out, [""; 0], "these need a line in tests/main.rs");
}

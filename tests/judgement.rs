//! Bundles as they come in: days of healthy work and of other programs' noise, and in it one
//! fault, two, none, or the trace of one that hurt nobody. The right cause stands first, nothing
//! else is called likely, and what no log decides stays open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rdpwhy::model::{Candidate, Confidence, Kind, Report};
use rdpwhy::scenario::Entry;
use serde::Deserialize;

use crate::support::bundle::{Conclusion, forged, report};
use crate::support::files::{files_in, read_yaml};

/// A bundle and what an expert would say of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    /// What it shows.
    about: String,
    /// The healthy surroundings, by name.
    around: Vec<String>,
    /// Channels whose logs were not supplied.
    #[serde(default)]
    without: Vec<String>,
    /// What stands first, and how sure it is at least; nothing when left out.
    first: Option<Conclusion>,
    /// What else is wrong.
    #[serde(default)]
    also: BTreeSet<String>,
    /// What may be called possible, and no more.
    #[serde(default)]
    thin: BTreeSet<String>,
    /// How many attempts stay open.
    undecided: Option<usize>,
    /// How many attempts the first explains.
    explains: Option<usize>,
    /// What happened beside the surroundings.
    events: Vec<Entry>,
}

fn bundles() -> Vec<PathBuf> {
    let mut found = files_in("tests/judgement");
    found.retain(|path| path.extension().is_some_and(|kind| kind == "yml"));
    found
}

/// Checks the bundles whose names begin so.
fn check(prefix: &str) {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for path in bundles() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with(prefix) {
            continue;
        }
        let bundle: Bundle = read_yaml(&path);
        assert!(!bundle.about.is_empty(), "{name}");
        let mut entries: Vec<Entry> = Vec::new();
        for around in &bundle.around {
            let folder = Path::new("tests/judgement/around");
            entries.extend(read_yaml::<Vec<Entry>>(&folder.join(around).with_extension("yml")));
        }
        entries.extend(bundle.events.iter().cloned());
        let events = forged(&name, "2026-02-09T06:00:00Z", &entries);
        let report = report(&events, &bundle.without);
        let faults = judge(&report, &bundle);
        if !faults.is_empty() {
            wrong.push(format!("{name}: {}; {}", faults.join(", "), outline(&report)));
        }
        checked += 1;
    }
    assert!(checked >= 3, "{checked} bundles begin with {prefix}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All that is not as the expert says.
fn judge(report: &Report, bundle: &Bundle) -> Vec<String> {
    let faults: Vec<&Candidate> = report
        .diagnoses
        .iter()
        .map(|diagnosis| &diagnosis.candidate)
        .filter(|candidate| candidate.kind != Kind::Benign)
        .collect();
    let is_right = |cause: &str| {
        bundle.also.contains(cause) || bundle.first.as_ref().is_some_and(|it| it.cause == cause)
    };
    let mut wrong = Vec::new();
    if let Some(wanted) = &bundle.first {
        let best = faults.first();
        if !best.is_some_and(|it| *it.cause == *wanted.cause && it.confidence >= wanted.confidence)
        {
            wrong.push(format!("first should be {} ({:?})", wanted.cause, wanted.confidence));
        }
    }
    for cause in &bundle.also {
        if !faults.iter().any(|it| *it.cause == **cause) {
            wrong.push(format!("{cause} is missing"));
        }
    }
    for it in &faults {
        let is_thin = it.confidence == Confidence::Possible && bundle.thin.contains(&*it.cause);
        if !is_right(&it.cause) && !is_thin {
            wrong.push(format!("{} is wrong", it.cause));
        }
    }
    if let Some(undecided) = bundle.undecided
        && report.undecided.len() != undecided
    {
        wrong.push(format!("{undecided} attempts should stay open"));
    }
    if let Some(explained) = bundle.explains
        && faults.first().map(|it| it.attempts.len()) != Some(explained)
    {
        wrong.push(format!("the first should explain {explained} attempts"));
    }
    wrong
}

fn outline(report: &Report) -> String {
    let found = report.diagnoses.iter().map(|diagnosis| {
        let it = &diagnosis.candidate;
        format!(
            "{} ({}, {}, {} attempts)",
            it.cause,
            it.confidence.name(),
            it.scope,
            it.attempts.len()
        )
    });
    format!("{}; {} open", found.collect::<Vec<_>>().join(", "), report.undecided.len())
}

#[test]
fn a_healthy_machine_has_no_fault() {
    check("healthy-");
}

#[test]
fn what_hurt_nobody_is_not_the_cause() {
    check("decoy-");
}

#[test]
fn what_no_log_decides_stays_open() {
    check("open-");
}

#[test]
fn a_fault_is_found_behind_a_healthy_past() {
    check("fault-");
}

#[test]
fn two_faults_are_both_found() {
    check("two-");
}

#[test]
fn every_bundle_belongs_to_a_test() {
    for path in bundles() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let kinds = ["healthy-", "decoy-", "open-", "fault-", "two-"];
        assert!(kinds.iter().any(|kind| name.starts_with(kind)), "{name}");
    }
}

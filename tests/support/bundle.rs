//! Bundles: scenario events, written as real logs and analyzed as a user's would be.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

use rdpwhy::forge::write_log;
use rdpwhy::model::{Confidence, Event, Report, Time};
use rdpwhy::scenario::{Context, Entry, Log, ScenarioEvent, events};
use serde::Deserialize;

use super::built_in::{self, CATALOGUE};

/// What an expert would say of a bundle.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conclusion {
    pub(crate) cause: String,
    pub(crate) confidence: Confidence,
}

/// The events of a scenario that begins at `start`.
pub(crate) fn forged(name: &str, start: &str, entries: &[Entry]) -> Vec<ScenarioEvent> {
    let start = Time::parse_rfc3339(start).unwrap();
    let context = Context { start, ..Context::new(name) };
    events(entries, &context, &CATALOGUE).unwrap_or_else(|error| panic!("{error}"))
}

/// Writes a log for each channel of each machine, and analyzes them.
pub(crate) fn report(events: &[ScenarioEvent], without: &[String]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let mut logs: BTreeMap<PathBuf, Vec<&ScenarioEvent>> = BTreeMap::new();
    for forged in events {
        let Event { machine, channel, .. } = &forged.event;
        if !without.iter().any(|missing| missing == &**channel) {
            let name = format!("{}.evtx", channel.replace('/', "%4"));
            logs.entry(folder.path().join(&**machine).join(name)).or_default().push(forged);
        }
    }
    for (path, events) in &logs {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_log(File::create(path).unwrap(), events.iter().copied(), &Log::default()).unwrap();
    }
    let report = built_in::report(&[folder.path().to_path_buf()]);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.files.len(), logs.len());
    report
}

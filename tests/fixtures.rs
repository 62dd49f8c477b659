//! The forged logs under `fixtures/`: they are what their scenarios say, and come out as they
//! should, whatever the number of threads and the order of inputs.

use std::fs;
use std::path::{Path, PathBuf};

use rdpwhy::model::{Kind, Report};
use rdpwhy::report::json_v1;
use serde_json::Value;

use crate::support::built_in::report;
use crate::support::{files, program};

/// The folders of fixtures, by name.
fn fixtures() -> Vec<(String, PathBuf)> {
    let name = |folder: &Path| folder.file_name().unwrap().to_str().unwrap().to_owned();
    files::fixtures().into_iter().map(|folder| (name(&folder), folder)).collect()
}

/// The report as JSON without what may differ between runs, versions and machines.
fn stable_json(report: &Report) -> Value {
    let mut json: Value = serde_json::from_str(&json_v1::render(report)).unwrap();
    let object = json.as_object_mut().unwrap();
    object.remove("stats");
    object.remove("tool");
    json
}

/// The same without records, which the logs show as well.
fn outline(mut json: Value) -> Value {
    fn prune(value: &mut Value) {
        match value {
            Value::Object(object) => {
                object.remove("records");
                object.remove("fixes");
                object.values_mut().for_each(prune);
            }
            Value::Array(items) => items.iter_mut().for_each(prune),
            _ => {}
        }
    }
    prune(&mut json);
    json
}

#[test]
fn each_fixture_comes_out_as_its_name_says() {
    for (name, folder) in fixtures() {
        let report = report(&[folder.join("logs")]);
        let first = report.diagnoses.iter().find(|found| found.candidate.kind != Kind::Benign);
        let cause = first.map(|found| found.candidate.cause.to_string());
        let expected = (name != "healthy").then(|| name.clone());
        assert_eq!(cause, expected, "fixtures/{name}");
        assert!(report.problems.is_empty(), "fixtures/{name}: {:?}", report.problems);
        insta::with_settings!({ snapshot_suffix => name.as_str(), omit_expression => true }, {
            insta::assert_json_snapshot!("fixture", outline(stable_json(&report)));
        });
    }
}

#[test]
fn each_fixture_is_what_its_scenario_forges() {
    for (name, folder) in fixtures() {
        let forged = tempfile::tempdir().unwrap();
        program::forge(&folder.join("scenario.yml"), &forged.path().join("logs"));
        assert_eq!(
            content(&folder.join("logs")),
            content(&forged.path().join("logs")),
            "forge fixtures/{name}/scenario.yml anew, with --force"
        );
        assert!(folder.join("ABOUT.md").is_file(), "fixtures/{name} needs an ABOUT.md");
    }
}

/// Paths below a folder with a fingerprint of what is there, in order.
fn content(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut files: Vec<(PathBuf, u32)> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let below = entry.path().strip_prefix(folder).unwrap().to_path_buf();
            (below, crc32fast::hash(&fs::read(entry.path()).unwrap()))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn threads_and_order_of_inputs_change_nothing() {
    let folders: Vec<PathBuf> =
        fixtures().into_iter().map(|(_, folder)| folder.join("logs")).collect();
    let on = |threads: usize, paths: &[PathBuf]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        stable_json(&pool.install(|| report(paths)))
    };
    let one = on(1, &folders);
    assert_eq!(one, on(4, &folders));

    let reversed: Vec<PathBuf> = folders.iter().rev().cloned().collect();
    let mut left = on(2, &reversed);
    let mut right = one;
    for json in [&mut left, &mut right] {
        // The inputs are listed as they were given.
        json.as_object_mut().unwrap().remove("inputs");
    }
    assert_eq!(left, right);
}

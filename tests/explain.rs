//! `rdpwhy explain --report`: the proof of a saved conclusion, down to its records.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{ended, program};

/// A report of a fixture, and where it is saved.
fn saved(fixture: &str) -> (TempDir, PathBuf, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    program()
        .args(["analyze", "--format", "json", "-o"])
        .arg(&path)
        .arg(Path::new("fixtures").join(fixture).join("logs"))
        .assert()
        .success();
    let report = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    (folder, path, report)
}

/// Exit code, stdout and stderr.
fn explain(path: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = program();
    ended(command.arg("explain").arg("--report").arg(path).args(arguments).output().unwrap())
}

/// The text without line breaks and runs of blanks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_tree_goes_down_to_records_and_adds_up() {
    let (_folder, path, report) = saved("certificate-key-unreadable");
    let found = &report["diagnoses"][0];
    let id = found["id"].as_str().unwrap();
    let (code, text, _) = explain(&path, &[id, "--all"]);
    assert_eq!(code, 0);
    let text = flat(&text);
    let weights: Vec<i64> = found["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["weight"].as_i64().unwrap())
        .collect();
    let (prior, score) = (found["prior"].as_i64().unwrap(), found["score"].as_i64().unwrap());
    assert_eq!(prior + weights.iter().sum::<i64>(), score, "the report adds up");
    let counted: String = weights
        .iter()
        .filter(|weight| **weight != 0)
        .map(|weight| format!(", {weight:+}"))
        .collect();
    let sum = format!("sum {prior} before any evidence{counted} = {score} (confirmed)");
    assert!(text.contains(&sum), "{sum}\n{text}");
    for item in found["evidence"].as_array().unwrap() {
        assert!(text.contains(&flat(item["statement"].as_str().unwrap())), "{item}\n{text}");
        for record in item["records"].as_array().unwrap() {
            let place = format!("{} #{} {}", record["event_id"], record["record_id"], "");
            assert!(text.contains(place.trim()), "{place}\n{text}");
        }
        for log in item["covered"].as_array().into_iter().flatten() {
            let rests = format!("of SRV02, which covers {}", log["from"].as_str().unwrap());
            assert!(text.contains(&rests), "{rests}\n{text}");
        }
    }
    for part in ["requires any: yes", "SEC_E_UNKNOWN_CREDENTIALS", "because a decisive item holds"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_first_conclusion_and_ranks_are_found() {
    let (_folder, path, report) = saved("wrong-password");
    let id = report["diagnoses"][0]["id"].as_str().unwrap();
    let by_id = explain(&path, &[id]);
    assert_eq!(by_id.0, 0, "{}", by_id.2);
    assert_eq!(by_id, explain(&path, &[]));
    assert_eq!(by_id, explain(&path, &["1"]));
}

#[test]
fn unknown_ids_are_told_with_those_that_there_are() {
    let (_folder, path, report) = saved("wrong-password");
    let id = report["diagnoses"][0]["id"].as_str().unwrap();
    let (code, text, error) = explain(&path, &["wrong-pasword-00000000"]);
    assert_eq!((code, text.as_str()), (2, ""));
    let hint = format!("did you mean `{id}`? it has {id}");
    assert!(error.contains("no conclusion `wrong-pasword-00000000`"), "{error}");
    assert!(error.contains(&hint), "{error}");
}

#[test]
fn what_is_no_report_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let deep = format!("{{\"diagnoses\": {}", "[".repeat(200_000));
    let later = json!({ "schema": "rdpwhy.report/2", "diagnoses": [] }).to_string();
    let torn = json!({ "schema": "rdpwhy.report/1", "diagnoses": [{ "id": 3 }] }).to_string();
    for (content, part) in [
        ("", "is not a report"),
        ("<Event/>", "is not a report"),
        ("{} {}", "is not a report"),
        ("{\"schema\": \"rdpwhy.report/1\"} trailing", "is not a report"),
        (deep.as_str(), "is not a report"),
        (later.as_str(), "is `rdpwhy.report/2`"),
        (torn.as_str(), "is not a report"),
    ] {
        fs::write(&path, content).unwrap();
        let (code, text, error) = explain(&path, &[]);
        assert_eq!((code, text.as_str()), (3, ""), "{part}: {error}");
        assert!(error.contains(part) && error.contains("hint: save a report"), "{error}");
    }
    let (code, _, error) = explain(&folder.path().join("none.json"), &[]);
    assert_eq!(code, 3, "{error}");
}

/// A report may come from anybody.
#[test]
fn hostile_text_is_shown_not_obeyed() {
    let (_folder, path, mut report) = saved("wrong-password");
    let evil = "x\u{1b}[2J\r\nerror: all is well\u{9b}31m\u{202e}";
    fn spoil(value: &mut Value, evil: &str) {
        match value {
            Value::String(text) => text.push_str(evil),
            Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, evil)),
            Value::Object(object) => object.values_mut().for_each(|item| spoil(item, evil)),
            _ => {}
        }
    }
    spoil(&mut report["diagnoses"], evil);
    report["diagnoses"][0]["rank"] = json!(1);
    fs::write(&path, report.to_string()).unwrap();
    let (code, text, _) = explain(&path, &["1", "--all"]);
    assert_eq!(code, 0);
    assert!(text.contains(r"\u{1b}[2J"), "{text}");
    let acts = |c: char| c != '\n' && rdpwhy::report::sanitize::is_deceptive(c);
    assert_eq!(text.chars().find(|c| acts(*c)), None, "{text}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("error: all is well")));
}

/// Whatever the length of what a file says, the page stays short.
#[test]
fn endless_text_is_cut() {
    let (_folder, path, mut report) = saved("wrong-password");
    let endless = "x".repeat(3_000_000);
    let found = &mut report["diagnoses"][0];
    for key in ["title", "why", "summary", "confidence_because"] {
        found[key] = json!(endless);
    }
    found["evidence"][0]["statement"] = json!(endless);
    let item = found["evidence"][1].clone();
    found["evidence"] = json!(vec![item; 5000]);
    found["id"] = json!(endless);
    fs::write(&path, report.to_string()).unwrap();
    let (code, text, _) = explain(&path, &["1"]);
    assert_eq!(code, 0);
    assert!(text.len() < 200_000, "{}", text.len());
    let (code, _, error) = explain(&path, &["none"]);
    assert_eq!(code, 2);
    assert!(error.len() < 1000, "{}", error.len());
}

/// What an older version saved still tells what it can.
#[test]
fn older_reports_are_explained_as_far_as_they_go() {
    let (_folder, path, mut report) = saved("wrong-password");
    let found = report["diagnoses"][0].as_object_mut().unwrap();
    for key in ["prior", "gate", "confidence_because", "episodes"] {
        drop(found.remove(key));
    }
    for item in found["evidence"].as_array_mut().unwrap() {
        let item = item.as_object_mut().unwrap();
        for key in ["rule_weight", "group", "covered", "would_tell", "collect", "episodes"] {
            drop(item.remove(key));
        }
    }
    fs::write(&path, report.to_string()).unwrap();
    let (code, text, error) = explain(&path, &[]);
    assert_eq!(code, 0, "{error}");
    assert!(text.contains("the prior is not in this report"), "{text}");
    assert!(error.contains("saved less of the proof"), "{error}");
}

//! A report about a part of a case says nothing that is not true of the whole, and how much there
//! is besides.

use std::collections::BTreeSet;

use assert_cmd::Command;
use serde_json::Value;

use crate::support::program::program;
use crate::support::schema;

fn rdpwhy(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args);
    command
}

fn run(fixture: &str, args: &[&str]) -> (i32, String) {
    let logs = format!("{}/fixtures/{fixture}/logs", env!("CARGO_MANIFEST_DIR"));
    let output = rdpwhy(&["-q", &logs]).args(args).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The page has the texts, and none of the others.
fn check(fixture: &str, args: &[&str], texts: &[&str], none: &[&str]) {
    let (code, page) = run(fixture, args);
    assert_eq!(code, 0, "{args:?}");
    let page: Vec<&str> = page.split_whitespace().collect();
    let page = page.join(" ");
    for text in texts {
        assert!(page.contains(text), "{args:?}: {text}\n{page}");
    }
    for text in none {
        assert!(!page.contains(text), "{args:?}: {text}\n{page}");
    }
}

fn json(fixture: &str, args: &[&str]) -> Value {
    let (_, text) = run(fixture, &[&["--format", "json"], args].concat());
    let report = serde_json::from_str(&text).unwrap();
    let schema = serde_json::from_str(rdpwhy::report::json_v1::schema()).unwrap();
    assert_eq!(schema::violations(&schema, &report), Vec::<String>::new(), "{args:?}");
    report
}

/// Attempts by id, with what came out.
fn attempts(report: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = report["attempts"].as_array().unwrap().iter();
    all.map(|attempt| (text(&attempt["id"]), text(&attempt["outcome"]))).collect()
}

#[test]
fn what_is_not_there_is_told_apart_from_what_was_not_asked_for() {
    let silent = ["none recorded", "No try to connect", "No fault found in what was supplied"];
    for filter in [
        ["--user", "nosuch"],
        ["--client", "1.2.3.4"],
        ["--machine", "typo"],
        ["--since", "2030-01-01"],
        ["--until", "2020-01-01"],
    ] {
        check(
            "certificate-key-unreadable",
            &filter,
            &[
                "none as asked for, of 6",
                "Nothing in what was supplied is as asked for.",
                "None of the 6 tries is as asked for; without the filters there is 1 conclusion",
            ],
            &silent,
        );
        let report = json("certificate-key-unreadable", &filter);
        assert_eq!(report["left_out"]["attempts"], 6, "{filter:?}");
        assert_eq!(report["left_out"]["diagnoses"], 1, "{filter:?}");
        assert_eq!(report["undecided"], serde_json::json!([]));
    }
    // What is asked for and healthy is told as such, with what is left out.
    check(
        "certificate-key-unreadable",
        &["--until", "2026-03-03"],
        &["No fault found in what was asked for.", "not as asked for; without the filters"],
        &silent,
    );
    assert_eq!(json("certificate-key-unreadable", &[]).get("left_out"), None);
    assert_eq!(json("certificate-key-unreadable", &["--machine", "srv02"]).get("left_out"), None);
}

#[test]
fn what_is_not_sure_enough_is_told_and_explains_all_the_same() {
    let confirmed = ["--min-confidence", "confirmed"];
    check(
        "pam-password-stale",
        &confirmed,
        &[
            "No fault found that is as sure as asked for; see Left out.",
            "pam-password-stale, likely",
            ": below the band asked for",
        ],
        &["for a reason that these logs do not show", "unexplained", "Undecided"],
    );
    let (all, sure) = (json("pam-password-stale", &[]), json("pam-password-stale", &confirmed));
    assert_eq!(sure["undecided"], all["undecided"]);
    assert_eq!(attempts(&sure), attempts(&all));
    let below = sure["left_out"]["below_band"].as_array().unwrap();
    let stale = below.iter().find(|found| found["cause"] == "pam-password-stale").unwrap();
    let whole = all["diagnoses"].as_array().unwrap();
    let whole = whole.iter().find(|found| found["cause"] == "pam-password-stale").unwrap();
    assert_eq!((&stale["id"], &stale["attempts"]), (&whole["id"], &whole["attempts"]));
    // What was found counts, not what is shown.
    let fail_on =
        |band| run("pam-password-stale", &[&confirmed[..], &["--fail-on", band]].concat());
    assert_eq!((fail_on("likely").0, fail_on("confirmed").0), (10, 0));
}

#[test]
fn times_cut_no_attempt() {
    let whole = attempts(&json("wrong-password", &[]));
    assert_eq!(whole.len(), 3);
    for moment in 0..30 {
        let moment = format!("2026-03-07T08:00:{moment:02}Z");
        let until = attempts(&json("wrong-password", &["--until", &moment]));
        let since = attempts(&json("wrong-password", &["--since", &moment]));
        assert!(until.is_disjoint(&since), "{moment}");
        let both: BTreeSet<_> = until.union(&since).cloned().collect();
        assert_eq!(both, whole, "{moment}");
    }
    // The same as `attempts` lists.
    let logs = format!("{}/fixtures/wrong-password/logs", env!("CARGO_MANIFEST_DIR"));
    let until = ["--until", "2026-03-07T08:00:21Z"];
    let listed = rdpwhy(&["attempts", &logs, "--format", "json"]).args(until).output().unwrap();
    let listed = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(attempts(&json("wrong-password", &until)), attempts(&listed));
}

/// Where more happened than can be kept, an hour that is asked for is whole.
#[test]
fn an_hour_of_a_flood_is_looked_at_closely() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = "start: 2026-03-04T00:00:00Z
machine: SRV01
events:
  - repeat: { times: 12000, every: 40s, vary: { client: [\"203.0.113.{1..200}\"] } }
    events:
      - { event: RdpCoreTS/131, activity: \"try{i}\", ConnType: TCP, ClientIP: \"{client}:50000\" }
      - { event: RdpCoreTS/140, at: ~+3ms, activity: \"try{i}\", IPString: \"{client}\" }
      - { event: RdpCoreTS/103, at: ~+1ms, activity: \"try{i}\", ReasonCode: 14 }
";
    std::fs::write(folder.path().join("flood.yml"), scenario).unwrap();
    let forged = rdpwhy(&["forge", "flood.yml", "-o", "logs"]).current_dir(folder.path()).output();
    assert!(forged.unwrap().status.success());
    let analyzed = |args: &[&str]| -> Value {
        let output = rdpwhy(&["-q", "logs", "--format", "json"])
            .args(args)
            .current_dir(folder.path())
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_ne!(analyzed(&[])["floods"], serde_json::json!([]));
    let hour = analyzed(&["--since", "2026-03-06T12:00", "--until", "2026-03-06T13:00"]);
    assert_eq!((attempts(&hour).len(), &hour["floods"]), (90, &serde_json::json!([])));
    assert_eq!(hour["left_out"]["far_unread"], true);
    // Where nothing is near, it counts what is far.
    let nothing = analyzed(&["--since", "2030-01-01"]);
    assert!(nothing["left_out"]["attempts"].as_u64().unwrap() > 1000, "{}", nothing["left_out"]);
    assert_eq!(nothing["left_out"].get("far_unread"), None);
    // What was passed over proves no absence.
    let gaps = hour["machines"][0]["coverage"][0]["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
}

/// What a domain controller saw is evidence about the host that is asked for.
#[test]
fn a_machine_is_judged_by_all_that_others_saw() {
    let case = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/judgement/fault-protected-user-at-the-controller.yml"
    );
    let text = std::fs::read_to_string(case).unwrap();
    let (_, events) = text.split_once("\nevents:\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scenario = format!("start: 2026-03-04T00:00:00Z\nevents:\n{events}");
    std::fs::write(folder.path().join("case.yml"), scenario).unwrap();
    let forged = rdpwhy(&["forge", "case.yml", "-o", "logs"]).current_dir(folder.path()).output();
    assert!(forged.unwrap().status.success());
    let analyzed = |args: &[&str]| -> Value {
        let mut command = rdpwhy(&["-q", "logs", "--format", "json"]);
        let output = command.args(args).current_dir(folder.path()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (whole, host) = (analyzed(&[]), analyzed(&["--machine", "srv01"]));
    assert_eq!(whole["diagnoses"][0]["cause"], "protected-users-fallback");
    assert_eq!((&host["diagnoses"], host.get("left_out")), (&whole["diagnoses"], None));
    let controller = analyzed(&["--machine", "DC01"]);
    assert_eq!(controller["attempts"], serde_json::json!([]));
    assert_eq!(controller["left_out"]["attempts"], 4);
}

/// A comparison never takes for gone or new what only filters hid.
#[test]
fn a_diff_knows_what_filters_took_out() {
    let folder = tempfile::tempdir().unwrap();
    for (file, filter) in [("whole.json", &[][..]), ("part.json", &["--user", "nobody"][..])] {
        std::fs::write(folder.path().join(file), json("wrong-password", filter).to_string())
            .unwrap();
    }
    for (before, after, note, why) in [
        ("whole.json", "part.json", "AFTER", "the filters of AFTER may hide it"),
        ("part.json", "whole.json", "BEFORE", "; the filters of BEFORE may have hidden it"),
    ] {
        let diff = |format: &str| {
            let mut command = rdpwhy(&["diff", before, after, "--format", format]);
            let output = command.current_dir(folder.path()).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let note =
            format!("Note    {note} was made with filters; not compared: 3 tries and 1 conclusion");
        let page = diff("terminal");
        assert!(page.contains(&note), "{page}");
        let compared: Value = serde_json::from_str(&diff("json")).unwrap();
        assert!(compared["causes"][0]["why"].as_str().unwrap().ends_with(why), "{compared}");
    }
}

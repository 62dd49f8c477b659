//! What the formats make of a report: one snapshot each, and what must hold for any report.

mod support;

use rdpwhy::model::Report;
use rdpwhy::report::json_v1;
use rdpwhy::report::sanitize::is_deceptive;
use rdpwhy::report::terminal::{self, TerminalStyle};
use serde_json::Value;

use crate::support::schema;

fn page(report: &Report, width: usize, all: bool) -> String {
    terminal::render(report, &TerminalStyle { width, all, ..TerminalStyle::default() })
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&json_v1::render(report)).unwrap()
}

#[test]
fn terminal() {
    insta::assert_snapshot!("terminal", page(&support::rich(), 100, false));
}

#[test]
fn terminal_with_everything() {
    insta::assert_snapshot!("terminal_all", page(&support::rich(), 100, true));
}

#[test]
fn terminal_without_a_fault() {
    insta::assert_snapshot!("terminal_healthy", page(&support::healthy(), 100, false));
    insta::assert_snapshot!("terminal_empty", page(&Report::default(), 100, false));
}

#[test]
fn json_v1() {
    insta::assert_snapshot!("json_v1", json_v1::render(&support::rich()));
}

/// Nothing that came from a log acts on the terminal, in no format, at no width.
#[test]
fn hostile_text_is_shown_not_obeyed() {
    let report = support::rich();
    for text in [page(&report, 60, false), page(&report, 100, true), json_v1::render(&report)] {
        let bad = text.chars().find(|c| *c != '\n' && is_deceptive(*c));
        assert_eq!(bad, None, "{text}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("error: all is well")));
    }
    assert!(page(&report, 100, false).contains(r"\u{1b}[2J"));
}

#[test]
fn color_changes_nothing_but_color() {
    let report = support::rich();
    let style = TerminalStyle { color: true, ..TerminalStyle::default() };
    let colored = terminal::render(&report, &style);
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), page(&report, 100, false));
}

/// Commands are for copying and stay whole; all else keeps to the width.
#[test]
fn lines_keep_to_the_width() {
    for width in [60, 80, 100, 140] {
        let text = page(&support::rich(), width, false);
        for line in text.lines().filter(|line| line.chars().count() > width.min(120)) {
            let command = line.trim_start();
            assert!(
                ["icacls ", "wevtutil "].iter().any(|verb| command.starts_with(verb)),
                "{line}"
            );
        }
    }
}

#[test]
fn json_matches_its_schema() {
    let schema: Value = serde_json::from_str(json_v1::schema()).unwrap();
    for report in [support::rich(), support::healthy(), Report::default()] {
        assert_eq!(schema::violations(&schema, &json(&report)), Vec::<String>::new());
    }
    // The checker itself finds fault where there is one.
    let good = json(&support::rich());
    for (pointer, bad) in [
        ("/schema", Value::from("rdpwhy.report/2")),
        ("/attempts/0/outcome", Value::from("lost")),
        ("/attempts/0/started", Value::from("yesterday")),
        ("/diagnoses/0/evidence/0/records/0/event_id", Value::from("1057")),
        ("/stats", serde_json::json!({})),
        ("/tool/rules/extra", Value::Null),
    ] {
        let mut broken = good.clone();
        match broken.pointer_mut(pointer) {
            Some(value) => *value = bad,
            None => {
                drop(broken["tool"]["rules"].as_object_mut().unwrap().insert("extra".into(), bad));
            }
        }
        assert!(!schema::violations(&schema, &broken).is_empty(), "{pointer}");
    }
}

#[test]
fn json_is_bounded_and_says_so() {
    let mut report = support::rich();
    let joined = report.attempts[0].records[0];
    report.attempts[0].records = vec![joined; 60];
    let report = json(&report);
    let attempt = &report["attempts"][0];
    assert_eq!(attempt["records"].as_array().unwrap().len(), 50);
    assert_eq!(attempt["records_total"], 60);
    let evidence = &report["diagnoses"][0]["evidence"][0];
    assert_eq!(evidence["records"].as_array().unwrap().len(), 20);
    assert_eq!(evidence["records_total"], 29);
}

#[test]
fn json_links_attempts_and_diagnoses() {
    let report = json(&support::rich());
    assert_eq!(report["attempts"][1]["diagnosis_ids"][0], report["diagnoses"][0]["id"]);
    assert_eq!(report["diagnoses"][0]["attempts"][1], report["attempts"][1]["id"]);
    assert_eq!(report["undecided"][0]["attempt"], report["attempts"][5]["id"]);
}

#[test]
fn only_stats_may_differ() {
    let (mut one, mut two) = (support::rich(), support::rich());
    two.stats = rdpwhy::model::Stats { seconds: 99.5, ..one.stats };
    let (mut left, mut right) = (json(&one), json(&two));
    assert_ne!(left, right);
    left["stats"].take();
    right["stats"].take();
    assert_eq!(left, right);
    two.stats = one.stats;
    assert_eq!(json_v1::render(&one), json_v1::render(&two));
    one.diagnoses.clear();
    assert_ne!(json_v1::render(&one), json_v1::render(&two));
}

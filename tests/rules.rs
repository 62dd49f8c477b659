//! The built-in knowledge base: every case comes out as its author says, every cause has
//! cases, and every cause is one of the catalogue.

use rdpwhy::cases;
use rdpwhy::lint::{Level, lint};
use rdpwhy::rules::catalogue::Catalogue;
use rdpwhy::rules::rule_texts;

use crate::support::built_in::RULES;

#[test]
fn every_case_comes_out_as_its_author_says() {
    let report = cases::run(&RULES, &rule_texts(None).unwrap()).unwrap();
    assert!(report.broken.is_empty(), "{:#?}", report.broken);
    let bad: Vec<_> = report.results.iter().filter(|case| !case.verdict.is_good()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(report.results.len() >= 100);
}

#[test]
fn every_cause_has_cases_that_fire_and_that_are_silent() {
    let report = cases::run(&RULES, &rule_texts(None).unwrap()).unwrap();
    assert!(report.without_cases.is_empty(), "{:?}", report.without_cases);
}

#[test]
fn every_cause_is_as_the_catalogue_says() {
    let catalogue = Catalogue::embedded().unwrap();
    for cause in &RULES.causes {
        let entry = catalogue.get(&cause.id).unwrap_or_else(|| panic!("{} is unknown", cause.id));
        assert_eq!((entry.stage, entry.kind), (cause.stage, cause.kind), "{}", cause.id);
    }
}

#[test]
fn a_fault_can_be_mended() {
    for cause in RULES.causes.iter().filter(|cause| cause.kind.name() != "benign") {
        assert!(!cause.playbooks.is_empty(), "{} has no playbook", cause.id);
        assert!(!cause.not_to_be_confused_with.is_empty(), "{} has no look-alike", cause.id);
    }
}

#[test]
fn lint_finds_no_error_and_no_warning() {
    let mut findings = lint(Ok(&*RULES), &rule_texts(None).unwrap());
    findings.retain(|finding| finding.level != Level::Note);
    assert!(findings.is_empty(), "{findings:#?}");
}

//! The built-in knowledge base: every case comes out as its author says, every cause has
//! cases, and every cause is one of the catalogue.

use rdpwhy::cases;
use rdpwhy::lint::{Level, lint};
use rdpwhy::rules::catalogue::Catalogue;
use rdpwhy::rules::{RuleSet, rule_texts};

#[test]
fn every_case_comes_out_as_its_author_says() {
    let rules = RuleSet::embedded().unwrap();
    let report = cases::run(&rules, &rule_texts(None).unwrap()).unwrap();
    assert!(report.broken.is_empty(), "{:#?}", report.broken);
    let bad: Vec<_> = report.results.iter().filter(|case| !case.verdict.is_good()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(report.results.len() >= 100);
}

#[test]
fn every_cause_has_cases_that_fire_and_that_are_silent() {
    let rules = RuleSet::embedded().unwrap();
    let report = cases::run(&rules, &rule_texts(None).unwrap()).unwrap();
    assert!(report.without_cases.is_empty(), "{:?}", report.without_cases);
}

#[test]
fn every_cause_is_as_the_catalogue_says() {
    let rules = RuleSet::embedded().unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    for cause in &rules.causes {
        let entry = catalogue.get(&cause.id).unwrap_or_else(|| panic!("{} is unknown", cause.id));
        assert_eq!((entry.stage, entry.kind), (cause.stage, cause.kind), "{}", cause.id);
    }
}

#[test]
fn a_fault_can_be_mended() {
    let rules = RuleSet::embedded().unwrap();
    for cause in rules.causes.iter().filter(|cause| cause.kind.name() != "benign") {
        assert!(!cause.playbooks.is_empty(), "{} has no playbook", cause.id);
        assert!(!cause.not_to_be_confused_with.is_empty(), "{} has no look-alike", cause.id);
    }
}

#[test]
fn lint_finds_no_error_and_no_warning() {
    let rules = RuleSet::embedded().unwrap();
    let mut findings = lint(Ok(&rules), &rule_texts(None).unwrap());
    findings.retain(|finding| finding.level != Level::Note);
    assert!(findings.is_empty(), "{findings:#?}");
}

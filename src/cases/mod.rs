//! Runs the cases beside causes: events in, conclusions out, held against what the author
//! says must come of them.
//!
//! The events go through the same steps as those of a log, from selection on, so what passes
//! here is what a customer gets.

mod case;
mod document;
mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::rules::events::Catalogue;
use crate::rules::{RuleSet, RuleText};
use case::run_case;
use document::{CaseDocument, CasesDocument};

pub use error::CaseError;

/// How a case came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The cause was to be concluded, and was.
    Matched,
    /// The cause was to stay silent, and did.
    Quiet,
    /// The cause was to be concluded, and was not, or not as the case says.
    Missing,
    /// The cause was to stay silent, and was concluded, or what was to come instead did not.
    Noisy,
}

impl Verdict {
    /// Whether the rule does what its author says.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Matched | Self::Quiet)
    }

    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Quiet => "quiet",
            Self::Missing => "missing",
            Self::Noisy => "noisy",
        }
    }
}

/// A case that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The cause that the case is about.
    pub cause: String,
    /// The case's name.
    pub name: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was concluded instead of what should have been; empty for a good verdict.
    pub detail: String,
}

/// All cases, and what they leave out.
#[derive(Debug, Default)]
pub struct CaseReport {
    /// Files and cases that cannot be run, in the same order.
    pub broken: Vec<CaseError>,
    /// In the order of causes, then as the author wrote them.
    pub results: Vec<CaseResult>,
    /// Causes that have no case that fires, or none that stays silent.
    pub without_cases: Vec<Arc<str>>,
    /// Signals that no case exercises, in order.
    pub unexercised: Vec<Arc<str>>,
}

impl CaseReport {
    /// Whether every case came out as its author says.
    pub fn is_good(&self) -> bool {
        self.broken.is_empty() && self.results.iter().all(|result| result.verdict.is_good())
    }
}

/// Runs the cases in `documents` (those whose path ends in `.test.yml`) against the rules.
///
/// # Errors
///
/// Only when the built-in layouts of events cannot be read. What is wrong with a document or
/// a case stands in the report, and the others are run.
pub fn run(rules: &RuleSet, documents: &[RuleText]) -> Result<CaseReport, CaseError> {
    let catalogue = Catalogue::embedded().map_err(CaseError::Catalogue)?;
    let mut report = CaseReport::default();
    let mut exercised: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for document in documents {
        let Some(cause) = cause_of(&document.path) else { continue };
        let cases: CasesDocument = match serde_saphyr::from_str(&document.text) {
            Ok(cases) => cases,
            Err(source) => {
                let (file, source) = (document.shown.clone(), Box::new(source));
                report.broken.push(CaseError::Yaml { file, source });
                continue;
            }
        };
        kinds.insert(cause, (cases.fires.len(), cases.silent.len()));
        let fires = cases.fires.iter().map(|case| (true, case));
        let silent = cases.silent.iter().map(|case| (false, case));
        for (must_fire, case) in fires.chain(silent) {
            match run_case(rules, &catalogue, &document.shown, case) {
                Ok(outcome) => {
                    exercised.extend(outcome.signals.iter().cloned());
                    report.results.push(outcome.judge(cause, case, must_fire));
                }
                Err(error) => report.broken.push(error),
            }
        }
    }
    report.without_cases = rules
        .causes
        .iter()
        .filter(|cause| kinds.get(&*cause.id).is_none_or(|(fires, silent)| *fires * *silent == 0))
        .map(|cause| cause.id.clone())
        .collect();
    report.unexercised = rules
        .signals
        .rules()
        .iter()
        .map(|rule| rule.id.0.clone())
        .filter(|id| !exercised.contains(id))
        .collect();
    Ok(report)
}

/// The cause that a file of cases stands beside.
fn cause_of(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.strip_suffix(".test.yml")
}

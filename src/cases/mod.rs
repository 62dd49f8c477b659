//! Runs the cases beside causes: events in, conclusions out, held against what the author
//! says must come of them.
//!
//! The events go through the same steps as those of a log, from selection on, so what passes
//! here is what a customer gets.

mod case;
mod document;
mod error;
mod outline;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::model::Text;
use crate::rules::events::Catalogue;
use crate::rules::{RuleError, RuleSet, RuleText};
use case::{CaseOutcome, run_case};
use document::{CaseDocument, CasesDocument};

pub use error::CaseError;
pub use outline::{CaseOutline, outlines};

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

    /// Whether the case is one in which the cause must be concluded.
    pub const fn is_for_firing(self) -> bool {
        matches!(self, Self::Matched | Self::Missing)
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
    pub broken: Vec<BrokenCases>,
    /// In the order of causes, then as the author wrote them.
    pub results: Vec<CaseResult>,
    /// Causes that have no case that fires, or none that stays silent.
    pub without_cases: Vec<Text>,
    /// Signals and correlations that no case exercises, in order.
    pub unexercised: Vec<Text>,
}

/// A file, or a case in it, that cannot be run.
#[derive(Debug)]
pub struct BrokenCases {
    /// The file, as its author knows it.
    pub file: Arc<str>,
    /// What is wrong.
    pub error: CaseError,
}

impl CaseReport {
    /// Whether every case came out as its author says.
    pub fn is_good(&self) -> bool {
        self.broken.is_empty() && self.results.iter().all(|result| result.verdict.is_good())
    }
}

/// Runs the cases in `documents` (those whose path ends in `.test.yml`) against the rules, on
/// all cores. The report is the same for any number of them.
///
/// # Errors
///
/// Only when the built-in layouts of events cannot be read. What is wrong with a document or
/// a case stands in the report, and the others are run.
pub fn run(rules: &RuleSet, documents: &[RuleText]) -> Result<CaseReport, CaseError> {
    let catalogue = Catalogue::embedded().map_err(CaseError::Catalogue)?;
    let suites: Vec<Suite> = documents
        .into_par_iter()
        .filter_map(|document| {
            let cause = cause_of(&document.path)?;
            Some(Suite { cause, file: document.shown.clone(), cases: document.read() })
        })
        .collect();
    let jobs: Vec<Job<'_>> = suites.iter().flat_map(Suite::jobs).collect();
    let outcomes: Vec<Result<CaseOutcome, CaseError>> = jobs
        .into_par_iter()
        .map(|job| run_case(rules, &catalogue, &job.suite.file, job.case))
        .collect();
    let mut outcomes = outcomes.into_iter();
    let mut report = CaseReport::default();
    let mut exercised: BTreeSet<Text> = BTreeSet::new();
    for suite in suites {
        for job in suite.jobs() {
            match outcomes.next() {
                Some(Ok(outcome)) => {
                    exercised.extend(outcome.signals.iter().cloned());
                    report.results.push(outcome.judge(suite.cause, job.case, job.must_fire));
                }
                Some(Err(error)) => {
                    report.broken.push(BrokenCases { file: suite.file.clone(), error });
                }
                None => {}
            }
        }
        if let Err(error) = suite.cases {
            let error = CaseError::Document(error);
            report.broken.push(BrokenCases { file: suite.file, error });
        }
    }
    let has_both = |cause: &str| {
        let of_cause = || report.results.iter().filter(|result| result.cause == cause);
        of_cause().any(|result| result.verdict.is_for_firing())
            && of_cause().any(|result| !result.verdict.is_for_firing())
    };
    report.without_cases = rules
        .causes
        .iter()
        .filter(|cause| !has_both(&cause.id))
        .map(|cause| cause.id.clone())
        .collect();
    let signals = rules.signals.rules().iter().map(|rule| &rule.id);
    let correlations = rules.correlations.iter().map(|correlation| &correlation.id);
    report.unexercised = signals
        .chain(correlations)
        .map(|id| id.0.clone())
        .filter(|id| !exercised.contains(id))
        .collect();
    report.unexercised.sort();
    Ok(report)
}

/// A file of cases.
struct Suite<'a> {
    cause: &'a str,
    file: Arc<str>,
    cases: Result<CasesDocument, RuleError>,
}

/// A case to run.
struct Job<'a> {
    suite: &'a Suite<'a>,
    case: &'a CaseDocument,
    must_fire: bool,
}

impl Suite<'_> {
    /// Its cases, as the author wrote them.
    fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        self.cases.iter().flat_map(CasesDocument::cases).map(|(must_fire, case)| Job {
            suite: self,
            case,
            must_fire,
        })
    }
}

/// The cause that a file of cases stands beside; `None` for other documents.
pub fn cause_of(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.strip_suffix(".test.yml")
}

//! Runs one case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{CaseDocument, CaseError, CaseResult, Verdict};
use crate::analyze::{Conclusions, conclude};
use crate::gather::gather;
use crate::model::{ChannelCoverage, Confidence, Diagnosis, Event, FactKind, Kind, Span, Text};
use crate::options::Options;
use crate::read::Select as _;
use crate::rules::RuleSet;
use crate::rules::events::Catalogue;
use crate::scenario::{Context, events};
use crate::select::Selection;

/// A case's logs reach this far before its first event. They end with its last one, as if
/// exported then: an author shows that a log went on by an event that follows.
const BEFORE: Span = Span::seconds(3600);

/// What came of a case.
pub(super) struct CaseOutcome {
    /// The signals that its events carried.
    pub signals: BTreeSet<Text>,
    diagnoses: Vec<Diagnosis>,
}

/// Turns a case's events into conclusions.
pub(super) fn run_case(
    rules: &RuleSet,
    catalogue: &Catalogue,
    file: &str,
    case: &CaseDocument,
) -> Result<CaseOutcome, CaseError> {
    let context = Context::new(file);
    let events = events(&case.events, &context, catalogue)
        .map_err(|source| CaseError::Events { case: case.name.value.clone(), source })?;
    let events: Vec<Event> = events.into_iter().map(|event| event.event).collect();
    let coverage = coverage(&events, &case.supplied);
    let options = Options::default();
    let selection = Selection { rules, options: &options };
    let selected = events.into_iter().filter_map(|event| selection.keep(event)).collect();
    let Conclusions { facts, diagnoses, .. } =
        conclude(gather(selected, coverage), rules, &options);
    let signals = facts.signals.iter().map(|signal| signal.id.0.clone()).collect();
    Ok(CaseOutcome { signals, diagnoses })
}

/// The channels of the events, and those that were supplied but are silent, for each machine.
fn coverage(events: &[Event], supplied: &[String]) -> Vec<ChannelCoverage> {
    let times = events.iter().map(|event| event.time);
    let (first, last) = (times.clone().min().unwrap_or_default(), times.max().unwrap_or_default());
    let machines: BTreeSet<Arc<str>> = events.iter().map(|event| event.machine.clone()).collect();
    let mut records: BTreeMap<(Arc<str>, Arc<str>), u64> = BTreeMap::new();
    // Facts beside logs stand in no log.
    for event in events.iter().filter(|event| FactKind::of(&event.channel).is_none()) {
        *records.entry((event.machine.clone(), event.channel.clone())).or_default() += 1;
    }
    for machine in machines {
        for channel in supplied {
            records.entry((machine.clone(), channel.as_str().into())).or_default();
        }
    }
    let first = first - BEFORE;
    records
        .into_iter()
        .map(|((machine, channel), records)| ChannelCoverage {
            records,
            ..ChannelCoverage::whole(machine, channel, first, last)
        })
        .collect()
}

impl CaseOutcome {
    /// Holds what came of the case against what the author says.
    pub(super) fn judge(&self, cause: &str, case: &CaseDocument, must_fire: bool) -> CaseResult {
        let fits = |diagnosis: &&Diagnosis| {
            *diagnosis.candidate.cause == *cause
                && case
                    .scope
                    .as_deref()
                    .is_none_or(|scope| diagnosis.candidate.scope.is_named(scope))
        };
        let band = self.diagnoses.iter().filter(fits).map(|found| found.candidate.confidence).max();
        let as_said = if must_fire {
            band.is_some() && (case.confidence.is_none() || band == case.confidence)
        } else {
            band <= case.confidence
        };
        let first = self.diagnoses.iter().find(|found| found.candidate.kind != Kind::Benign);
        let first = first.or_else(|| self.diagnoses.first());
        let instead = case.instead.as_ref().is_none_or(|instead| {
            first.is_some_and(|found| *found.candidate.cause == *instead.value)
        });
        let verdict = match (must_fire, as_said && instead) {
            (true, true) => Verdict::Matched,
            (true, false) => Verdict::Missing,
            (false, true) => Verdict::Quiet,
            (false, false) => Verdict::Noisy,
        };
        let detail = if verdict.is_good() { String::new() } else { self.detail(case, must_fire) };
        CaseResult { cause: cause.to_owned(), name: case.name.value.clone(), verdict, detail }
    }

    fn detail(&self, case: &CaseDocument, must_fire: bool) -> String {
        let band = case.confidence.map(Confidence::name);
        let mut wanted = match (must_fire, band) {
            (true, Some(band)) => format!("it should be {band}"),
            (true, None) => "it should be concluded".to_owned(),
            (false, Some(band)) => format!("it should be at most {band}"),
            (false, None) => "it should not be concluded".to_owned(),
        };
        if let Some(instead) = &case.instead {
            wanted.push_str(&format!(", and {} should come first", instead.value));
        }
        format!("{wanted}; concluded was {}", self.shown())
    }

    fn shown(&self) -> String {
        let shown: Vec<String> = self
            .diagnoses
            .iter()
            .map(|found| {
                let candidate = &found.candidate;
                let band = candidate.confidence.name();
                format!("{} ({band}, {}, {})", candidate.cause, candidate.score, candidate.scope)
            })
            .collect();
        if shown.is_empty() { "nothing".to_owned() } else { shown.join("; ") }
    }
}

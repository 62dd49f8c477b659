//! Lets what is harmless count as harmless: attempts that only a benign cause explains.
//!
//! Knows attempts and conclusions. What a fault or an attack explains as well stays failed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attempt, AttemptKind, Candidate, Confidence, Diagnosis, Kind, Outcome, Stage};

/// Lets attempts that looked like probes be what was concluded of them. Those that no benign
/// cause explains failed; those of which it is proven are no fault's victims, unless the fault
/// has no others.
pub fn probes(attempts: &mut [Attempt], candidates: &mut [Candidate]) {
    let mut recognized: BTreeSet<usize> = BTreeSet::new();
    let mut proven: BTreeSet<usize> = BTreeSet::new();
    for found in candidates.iter().filter(|found| found.kind == Kind::Benign) {
        recognized.extend(&found.attempts);
        if found.confidence == Confidence::Confirmed {
            proven.extend(&found.attempts);
        }
    }
    let mut probes: BTreeSet<usize> = BTreeSet::new();
    for (number, attempt) in attempts.iter_mut().enumerate() {
        if attempt.outcome != Outcome::Benign {
            continue;
        }
        if recognized.contains(&number) {
            probes.extend(proven.contains(&number).then_some(number));
        } else {
            attempt.outcome = Outcome::Failed;
            attempt.failed_at = attempt.reached.map_or(Some(Stage::Reach), Stage::next);
            attempt.kind = AttemptKind::Connect;
        }
    }
    let is_victim = |attempt: &usize| !probes.contains(attempt);
    for fault in candidates.iter_mut().filter(|found| found.kind == Kind::Fault) {
        if fault.attempts.iter().any(is_victim) {
            fault.attempts.retain(is_victim);
            fault.episodes.iter_mut().for_each(|episode| episode.attempts.retain(is_victim));
        }
    }
}

/// Turns failed attempts that nothing but benign causes explain into benign ones: those of a
/// cause that shows where the port is reached were scans, the others probes.
pub fn harmless(attempts: &mut [Attempt], diagnoses: &[Diagnosis]) {
    let mut blamed: BTreeSet<usize> = BTreeSet::new();
    let mut harmless: BTreeMap<usize, Stage> = BTreeMap::new();
    for found in diagnoses.iter().map(|diagnosis| &diagnosis.candidate) {
        if found.kind == Kind::Benign {
            harmless.extend(found.attempts.iter().map(|attempt| (*attempt, found.stage)));
        } else {
            blamed.extend(found.attempts.iter().copied());
        }
    }
    for (number, stage) in harmless {
        if blamed.contains(&number) {
            continue;
        }
        if let Some(attempt) = attempts.get_mut(number)
            && attempt.outcome == Outcome::Failed
        {
            attempt.outcome = Outcome::Benign;
            attempt.failed_at = None;
            attempt.kind = match stage {
                Stage::Resolve | Stage::Reach => AttemptKind::Scan,
                _ => AttemptKind::Probe,
            };
        }
    }
}

//! Lets what is harmless count as harmless: attempts that only a benign cause explains.
//!
//! Knows attempts and diagnoses. What a fault or an attack explains as well stays failed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attempt, AttemptKind, Diagnosis, Kind, Outcome, Stage};

/// Turns failed attempts that nothing but benign causes explain into benign ones: those of a
/// cause that shows where the port is reached were scans, the others probes.
pub fn settle(attempts: &mut [Attempt], diagnoses: &[Diagnosis]) {
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

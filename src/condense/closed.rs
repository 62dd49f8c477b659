//! From where on nothing was kept, if there was too much of everything.

use crate::model::{FileId, LogFile, Problem, ProblemKind};

/// From where on nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The log in which that began.
    pub file: FileId,
    /// Records that were counted from then on.
    pub records: u64,
}

impl Closed {
    /// What a report says of it.
    pub fn problem(self, logs: &[LogFile]) -> Problem {
        let log = usize::try_from(self.file.0).ok().and_then(|number| logs.get(number));
        Problem {
            path: log.map(|log| log.path.clone()).unwrap_or_default(),
            kind: ProblemKind::LimitReached,
            detail: format!(
                "more happened than can be kept: of {} records from here on it is only counted \
                 that they are there; choose with --machine, --since and --until what to look at",
                self.records
            ),
            lost_records: None,
        }
    }
}

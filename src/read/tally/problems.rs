//! What kept a file from being read whole, for people.

use super::FileTally;
use crate::model::{LogFile, LogForm, Problem, ProblemKind};

impl FileTally {
    /// What kept the file from being read whole.
    pub(in crate::read) fn problems(&self, log: &LogFile) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |kind, detail: String, lost_records| {
            problems.push(Problem { path: log.path.clone(), kind, detail, lost_records });
        };
        if let Some((kind, error)) = &self.unreadable {
            add(*kind, format!("cannot be read to its end: {error}"), None);
        }
        if let Some((at, panicked)) = &self.first_panic {
            let parts = counted(self.panics, "part was", "parts were");
            let detail = format!("{parts} given up, first the one at byte {at}: {panicked}");
            add(ProblemKind::InternalError, detail, None);
        }
        if self.is_truncated {
            add(ProblemKind::Truncated, "the file ends inside a chunk".to_owned(), None);
        }
        if self.bad_slots > 0 {
            let slots = counted(self.bad_slots, "64 KiB slot is", "64 KiB slots are");
            let detail = format!("{slots} neither a chunk nor empty and cannot be read");
            add(ProblemKind::BadChunk, detail, None);
        }
        if self.bad_checksums > 0 {
            let chunks = counted(self.bad_checksums, "chunk has", "chunks have");
            let detail = format!(
                "{chunks} a wrong checksum; what is readable there was read, but none of it is certain"
            );
            add(ProblemKind::BadChecksum, detail, None);
        }
        if self.damage.records > 0 {
            let records = counted(self.damage.records, "record is", "records are");
            let mut detail = format!("{records} torn or cannot be decoded");
            if matches!(log.form, LogForm::Evtx { .. }) {
                let chunks = counted(self.losing_chunks, "chunk", "chunks");
                detail.push_str(&format!(", in {chunks}"));
            }
            if let Some((at, error)) = self.first_malformed {
                detail.push_str(&format!("; the record at byte {at}: {error}"));
            }
            add(ProblemKind::LostRecords, detail, Some(self.damage.records));
        }
        if self.partial > 0 {
            let records = counted(self.partial, "record is", "records are");
            let mut detail = format!("{records} damaged within and left out of the analysis");
            if let Some((at, error)) = self.first_partial {
                detail.push_str(&format!("; the first damage, at byte {at}: {error}"));
            }
            add(ProblemKind::LostRecords, detail, None);
        }
        problems
    }
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

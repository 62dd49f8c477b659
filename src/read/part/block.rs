//! Reads the blocks of an export, record by record.

use super::super::batch::List;
use super::super::export::{self, Block, Found};
use super::super::intern::Interner;
use super::super::run::{Progress, Select};
use super::super::tally::ChunkTally;
use super::Part;
use crate::isolate::isolated;
use crate::model::{LogFile, ProblemKind, Source};

impl<L: List> Part<L> {
    /// Reads a block of an export and tells of the progress.
    pub(in crate::read) fn take_block<S: Select<Kept = L::Item>>(
        &mut self,
        log: &LogFile,
        block: &Block,
        interner: &mut Interner,
        select: &S,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let mut tally = ChunkTally::default();
        for (offset, text) in block.records() {
            let source = Source { file: log.id, offset, ..Source::default() };
            let outcome = isolated(|| {
                let found = export::record(log.form, text, source, select, interner)?;
                Ok(match found {
                    Found::Unwanted(heading) => (heading, None),
                    Found::Wanted(heading, data) => {
                        (heading.clone(), Some(select.keep(heading.with(data, source))))
                    }
                })
            });
            let heading = match outcome {
                Ok(Ok((heading, kept))) => {
                    self.decoded += u64::from(kept.is_some());
                    self.keep(kept.flatten());
                    heading
                }
                Ok(Err(flaw)) => {
                    let flaw: export::Flaw = flaw;
                    tally.malformed(offset, flaw);
                    continue;
                }
                Err(panicked) => {
                    self.tally.given_up(offset, panicked);
                    continue;
                }
            };
            let place = tally.place(&heading.machine, &heading.channel, heading.time);
            tally.record_of(place, heading.time, heading.record_id);
        }
        tally.cut(block.torn, block.first_torn);
        self.bytes += block.bytes;
        progress(Progress { bytes: block.bytes, records: tally.records });
        if let Some(error) = &block.error {
            let unreadable = || (ProblemKind::Unreadable, error.clone());
            self.tally.unreadable.get_or_insert_with(unreadable);
        }
        self.tally.chunk(tally, None, true);
    }
}

//! What is measured within this process: reading by the system alone, and by rdpwhy.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use rayon::prelude::*;
use rdpwhy::discover::discover;
use rdpwhy::model::{Event, LogFile};
use rdpwhy::options::{ArchiveOptions, Options};
use rdpwhy::read::{Batch, ReadStats, Select, read};
use rdpwhy::rules::RuleSet;
use rdpwhy::select::Selection;

use crate::inputs::size;

/// Bytes that the yardstick reads at once, which is what reading logs does.
const BUFFER: usize = 256 << 10;
/// Bytes that one thread reads in one go.
const SPAN: u64 = 16 << 20;

/// Reads the files, on all threads of the pool; `with` sees every buffer.
pub(crate) fn buffered(paths: &[PathBuf], with: impl Fn(&[u8]) + Sync) {
    let spans = paths.iter().flat_map(|path| {
        let bytes = size(std::slice::from_ref(path));
        (0..bytes.div_ceil(SPAN)).map(move |number| (path, number * SPAN))
    });
    spans.collect::<Vec<_>>().into_par_iter().with_max_len(1).for_each(|(path, start)| {
        let mut file = File::open(path).unwrap();
        file.seek(SeekFrom::Start(start)).unwrap();
        let mut span = file.take(SPAN);
        let mut buffer = vec![0; BUFFER];
        loop {
            match span.read(&mut buffer).unwrap() {
                0 => break,
                count => with(&buffer[..count]),
            }
        }
    });
}

/// Reads the files and does nothing with them.
pub(crate) fn just_read(paths: &[PathBuf]) {
    buffered(paths, |bytes| {
        black_box(bytes.first());
    });
}

/// Reads the files and checksums them.
pub(crate) fn checksummed(paths: &[PathBuf]) {
    buffered(paths, |bytes| {
        black_box(crc32fast::hash(bytes));
    });
}

/// Wants nothing: every record is decided and none decoded.
struct Nothing;

impl Select for Nothing {
    type Kept = Event;
    type Memory = ();

    fn wants_id(&self, _: u32) -> bool {
        false
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// Logs that were found once, so that finding them is not measured.
pub(crate) struct Logs(Vec<LogFile>);

impl Logs {
    pub(crate) fn find(paths: &[PathBuf]) -> Self {
        Self(discover(paths, &ArchiveOptions::default()).logs)
    }

    /// Decides every record, with checksums, and keeps none.
    pub(crate) fn scan(&self) -> ReadStats {
        self.read(&Nothing)
    }

    /// Draws the signals of the embedded rules. What carries one is dropped batch by batch.
    pub(crate) fn matched(&self, rules: &RuleSet) -> ReadStats {
        self.read(&Selection { rules, options: &Options::default() })
    }

    fn read<S: Select>(&self, select: &S) -> ReadStats {
        read(&self.0, select, &|_| {}, &mut |batch: &mut Batch<Vec<S::Kept>>| _ = black_box(batch))
            .stats
    }
}

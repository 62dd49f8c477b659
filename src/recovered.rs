//! Keeps records that were found in unused space apart from those of the logs.
//!
//! They are what a log held earlier, and mostly copies of what it or another one holds still.
//! Each is kept once, and only where no live record is the same. Knows what identifies a record;
//! knows nothing about causes.

use std::mem;

use crate::model::{FileId, Recovery};
use crate::select::{Known, Selected, TakenList};

/// So many are kept, which take so much memory: they bypass what keeps floods within bounds.
const MOST: usize = 20_000;
const MOST_BYTES: usize = 32 << 20;

/// Takes records as they are read.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The live records that rules ask for, by what identifies them. The payload is none of that:
    /// the copy in unused space may be damaged. Copies of those that are too many to remember
    /// count as recovered.
    live: Known,
    found: Vec<Selected>,
    /// The bytes that these take.
    bytes: usize,
    left_out: Vec<(FileId, u64)>,
}

impl Recovered {
    /// Takes the recovered records out of a batch, which keeps the live ones.
    pub fn part(&mut self, batch: &mut TakenList<'_>) {
        let Self { live, found, bytes, left_out } = self;
        let is_recovered = |Selected { event, mark, .. }: &Selected| {
            if !event.source.recovered {
                live.is_new(mark, event.record_id);
            }
            event.source.recovered
        };
        for selected in batch.extract_if(is_recovered) {
            let file = selected.event.source.file;
            let own = selected.event.bytes() + size_of::<Selected>();
            if found.len() < MOST && *bytes + own <= MOST_BYTES {
                *bytes += own;
                found.push(selected);
            } else if let Some((_, count)) = left_out.last_mut().filter(|(last, _)| *last == file) {
                *count += 1;
            } else {
                left_out.push((file, 1));
            }
        }
    }

    /// What is in no log, each record once; and what was found in each file, of which `counts`
    /// has the readable records.
    pub fn finish(mut self, counts: &[u64]) -> (Vec<Selected>, Vec<Recovery>) {
        let mut known = mem::take(&mut self.live);
        let kept: Vec<Selected> = mem::take(&mut self.found)
            .into_iter()
            .filter(|selected| known.is_new(&selected.mark, selected.event.record_id))
            .collect();
        let recoveries = (0..)
            .zip(counts)
            .filter(|(_, records)| **records > 0)
            .map(|(number, records)| {
                let file = FileId(number);
                let own = kept.iter().filter(|selected| selected.event.source.file == file);
                let left_out = self.left_out.iter().filter(|(other, _)| *other == file);
                Recovery {
                    file,
                    records: *records,
                    kept: own.count() as u64,
                    left_out: left_out.map(|(_, count)| count).sum(),
                }
            })
            .collect();
        (kept, recoveries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Field, Source, Value};
    use crate::read::List as _;
    use crate::select::Taken;

    #[test]
    fn what_is_kept_is_bounded_by_bytes_too() {
        let mut recovered = Recovered::default();
        for record_id in 1..=40 {
            let text = Value::text("x".repeat(1 << 20));
            let source = Source { recovered: true, ..Source::default() };
            let data = vec![Field { name: "Data".into(), value: text }];
            let event = Event { record_id, source, data, ..Event::default() };
            let mut batch = TakenList::default();
            batch.push(Taken::Kept(Selected::new(event.packed(), Vec::new())));
            recovered.part(&mut batch);
        }
        let (kept, told) = recovered.finish(&[40]);
        let [Recovery { kept: count, left_out, .. }] = told.as_slice() else { unreachable!() };
        assert!((25..=32).contains(&kept.len()), "{}", kept.len());
        assert_eq!((*count, count + left_out), (kept.len() as u64, 40));
    }
}

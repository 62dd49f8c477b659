//! Reads small logs whose every byte is known.

mod damage;
mod payloads;

use std::fs;
use std::sync::Mutex;

use rdpwhy::discover::discover;
use rdpwhy::model::{Event, ProblemKind};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Progress, Readout, Select, read, read_all};

use crate::support::log_writer::{Chunk, kind, log};

/// Keeps all events of one channel, or of all.
struct Channel(Option<&'static str>);

impl Select for Channel {
    type Kept = Event;
    type Memory = ();

    fn kind(&self, channel: &str, _: &str, _: u32) -> Option<usize> {
        self.0.is_none_or(|wanted| channel == wanted).then_some(0)
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

fn read_logs(logs: &[Vec<u8>], select: &Channel) -> (Vec<Event>, Readout) {
    let folder = tempfile::tempdir().unwrap();
    for (number, bytes) in logs.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.evtx")), bytes).unwrap();
    }
    let found = discover(&[folder.path().to_owned()], &ArchiveOptions::default());
    assert_eq!(found.logs.len(), logs.len());
    read_all(&found.logs, select, &|_| {})
}

fn read_chunk(chunk: &Chunk) -> (Vec<Event>, Readout) {
    read_logs(&[log(&[chunk.finish()])], &Channel(None))
}

/// A chunk of five records, and the offset of each.
fn five() -> (Vec<u8>, Vec<usize>) {
    let mut chunk = Chunk::new();
    for id in 1..=5 {
        chunk.record(id, |record| {
            record.event(("M", "C", "1"), |_| {});
        });
    }
    let bytes = chunk.finish();
    let mut offsets = vec![512];
    for _ in 0..4 {
        let at = *offsets.last().unwrap();
        let size = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        offsets.push(at + usize::try_from(size).unwrap());
    }
    (bytes, offsets)
}

#[test]
fn coverage_is_by_machine_and_channel_of_the_records() {
    let record = |chunk: &mut Chunk, id, machine, channel| {
        chunk.record(id, |record| {
            record.event((machine, channel, "1"), |_| {});
        });
    };
    let mut first = Chunk::new();
    record(&mut first, 1, "A", "System");
    record(&mut first, 2, "B", "Security");
    record(&mut first, 3, "A", "System");
    let mut second = Chunk::new();
    record(&mut second, 4, "A", "Security");
    let logs = [
        log(&[first.finish(), vec![0; 65_536], second.finish()]),
        log(&[Chunk::new().finish()]),
        log(&[second.finish()]),
    ];
    let (kept, readout) = read_logs(&logs, &Channel(Some("System")));
    assert_eq!(readout.problems, []);
    assert_eq!(kept.len(), 2);
    assert_eq!((readout.stats.records, readout.stats.records_decoded), (5, 2));
    let covered: Vec<_> = readout
        .coverage
        .iter()
        .map(|c| {
            (&*c.machine, &*c.channel, c.records, c.files.iter().map(|f| f.0).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        covered,
        [
            ("A", "Security", 2, vec![0, 2]),
            ("A", "System", 2, vec![0]),
            ("B", "Security", 1, vec![0])
        ]
    );
    let files: Vec<_> = readout.files.iter().map(|file| (file.chunks, file.records)).collect();
    assert_eq!(files, [(2, 4), (1, 0), (1, 1)]);
}

/// A chunk of many records that share one template of many elements around many values which
/// hold fragments again: few bytes that describe very much.
#[test]
fn a_chunk_cannot_describe_endless_content() {
    let mut chunk = Chunk::new();
    let mut definition = 0;
    let nested = [0x0f; 20_000];
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), |payload| {
            definition = payload.instance(
                |definition| {
                    definition.defined("EventData", 0xFFFF).content();
                    for _ in 0..2000 {
                        definition.substitution(0);
                    }
                    definition.close();
                },
                &[(kind::FRAGMENT, &nested)],
            );
        });
    });
    for id in 2..10 {
        chunk.record(id, |record| {
            record.event(("M", "C", "1"), |payload| {
                payload.instance_again(definition, &[(kind::TEXT, &[0x41; 3000])]);
            });
        });
    }
    let (_, readout) = read_chunk(&chunk);
    assert!(readout.stats.hardest_chunk <= 1 << 18, "{}", readout.stats.hardest_chunk);
    let lost = readout.problems.last().unwrap();
    assert_eq!(lost.kind, ProblemKind::LostRecords);
    assert!(lost.detail.contains("too much content"), "{}", lost.detail);
}

#[test]
fn nesting_ends() {
    // Fragments in values of fragments.
    let mut fragment = vec![0x00];
    for _ in 0..200 {
        let length = u16::try_from(fragment.len()).unwrap().to_le_bytes();
        fragment.splice(..0, [0x05, kind::FRAGMENT].into_iter().chain(length));
    }
    let mut chunk = Chunk::new();
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), |payload| {
            payload.raw(&fragment[..fragment.len() - 1]);
        });
    });
    // Elements in elements.
    chunk.record(2, |record| {
        record.event(("M", "C", "1"), |payload| {
            for _ in 0..200 {
                payload.element("A", &[]);
            }
        });
    });
    let (_, readout) = read_chunk(&chunk);
    assert_eq!(readout.stats.records, 0);
    let [problem] = readout.problems.as_slice() else { panic!("{:?}", readout.problems) };
    assert_eq!(problem.lost_records, Some(2));
    assert!(problem.detail.contains("too deeply"), "{}", problem.detail);
}

#[test]
fn results_do_not_depend_on_threads_and_progress_is_whole() {
    let (whole, _) = five();
    // Several spans of work.
    let logs: Vec<_> = (0..3).map(|_| log(&vec![whole.clone(); 600])).collect();
    let folder = tempfile::tempdir().unwrap();
    for (number, bytes) in logs.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.evtx")), bytes).unwrap();
    }
    let found = discover(&[folder.path().to_owned()], &ArchiveOptions::default());
    let run = |threads: usize| {
        let seen = Mutex::new(Progress::default());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let progress = |progress: Progress| {
            let mut seen = seen.lock().unwrap();
            seen.bytes += progress.bytes;
            seen.records += progress.records;
        };
        let mut batches = Vec::new();
        let readout = pool.install(|| {
            read(&found.logs, &Channel(None), &progress, &mut |batch| {
                batches.push(std::mem::take(&mut batch.kept));
            })
        });
        let seen = seen.into_inner().unwrap();
        assert_eq!((seen.bytes, seen.records), (readout.stats.bytes, readout.stats.records));
        (batches, readout)
    };
    let one = run(1);
    let (batches, readout) = &one;
    assert_eq!(readout.stats.records, 9000);
    assert_eq!(batches.iter().map(Vec::len).max(), Some(20), "a batch is no more than a span");
    assert!(batches.iter().flatten().is_sorted_by_key(|event| event.source));
    for threads in [2, 7] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

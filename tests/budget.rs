//! Chunks made to take forever: the work for each is bounded, by a count of steps and of bytes
//! kept, whatever it holds; what is read of them is told, and so is what is not.

use std::fs;

use rdpwhy::discover::discover;
use rdpwhy::model::Value;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Readout, read_all};

use crate::support::all::All;
use crate::support::log_writer::{Chunk, kind, log};

const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;
/// Steps that reading a chunk may take.
const MOST_STEPS: u32 = 1 << 18;
/// Bytes that may be kept of what a chunk describes.
const MOST_BYTES: usize = 1 << 21;

/// Reads a log of one chunk within bounds. Returns the number of records read, and the problem
/// told last.
fn check(chunk: &[u8]) -> (u64, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.evtx");
    fs::write(&path, log(&[chunk.to_vec()])).unwrap();
    let found = discover(&[path], &ArchiveOptions::default());
    let (events, readout) = read_all(&found.logs, &All { recovers: true }, &|_| {});
    let Readout { stats, problems, recovered, .. } = readout;
    assert!(stats.hardest_chunk <= MOST_STEPS, "{} steps", stats.hardest_chunk);
    // Live and recovered records have a budget each.
    let live = events.iter().filter(|event| !event.source.recovered);
    let fields: Vec<_> = live.flat_map(|event| &event.data).collect();
    let bytes: usize = fields.iter().map(|field| field.name.len() + size(&field.value)).sum();
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
    assert!(fields.len() <= MOST_STEPS as usize, "{} fields", fields.len());
    assert_eq!(events.len() as u64, stats.records + recovered.iter().sum::<u64>());
    (stats.records, problems.last().map(|problem| problem.detail.clone()).unwrap_or_default())
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Binary(bytes) => bytes.len(),
        Value::List(items) => items.iter().map(size).sum(),
        _ => 8,
    }
}

/// A record whose payload is an instance of the template that `definition` writes.
fn with_template(
    chunk: &mut Chunk,
    definition: impl FnOnce(&mut Chunk),
    values: &[(u8, &[u8])],
) -> usize {
    let mut at = 0;
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), |payload| {
            at = payload.instance(definition, values);
        });
    });
    at
}

#[test]
fn many_tiny_records_share_one_huge_template() {
    let mut chunk = Chunk::new();
    let mut definition = 0;
    // The first record defines `<Event><System>…` and thousands of elements of nothing.
    chunk.record(1, |record| {
        record.raw(&[0x0f, 1, 1, 0]);
        definition = record.instance(
            |template| {
                template.defined("Event", 0xffff).content().defined("System", 0xffff).content();
                template.defined("EventID", 0xffff).content().substitution(0).close().close();
                template.defined("EventData", 0xffff).content();
                for _ in 0..9000 {
                    template.substitution(1);
                }
                template.close().close();
            },
            &[(kind::UINT16, &[1, 0]), (kind::TEXT, b"a\0b\0")],
        );
    });
    // As many as there is room for.
    for id in 2..=400 {
        chunk.record(id, |record| {
            record.raw(&[0x0f, 1, 1, 0]);
            record.instance_again(definition, &[(kind::UINT16, &[1, 0]), (kind::TEXT, b"a\0b\0")]);
        });
    }
    let (records, problem) = check(&chunk.finish());
    assert!(records > 0 && records < 60, "{records}");
    assert!(problem.contains("describes too much"), "{problem}");
}

#[test]
fn a_count_of_values_that_lies_costs_its_record_only() {
    let mut chunk = Chunk::new();
    let show = |template: &mut Chunk| {
        template.defined("EventData", 0xffff).content().substitution(0).close();
    };
    let definition = with_template(&mut chunk, show, &[(kind::TEXT, b"a\0")]);
    for id in 2..=20 {
        chunk.record(id, |record| {
            record.event(("M", "C", "1"), |payload| {
                payload.instance_again(definition, &[(kind::TEXT, b"a\0")]);
            });
        });
    }
    let mut bytes = chunk.finish();
    let instance = u32::try_from(definition).unwrap().to_le_bytes();
    let count = memchr::memmem::rfind(&bytes, &instance).unwrap() + instance.len();
    for lie in [20_000_u32, 200_000, u32::MAX] {
        bytes[count..count + 4].copy_from_slice(&lie.to_le_bytes());
        assert_eq!(check(&bytes).0, 20, "{lie} values");
    }
}

#[test]
fn a_template_within_itself_ends() {
    // The value is an instance of the very template that shows it, whose value is the same
    // bytes again, as far as they reach.
    let mut chunk = Chunk::new();
    let definition = with_template(
        &mut chunk,
        |template| {
            template.defined("EventData", 0xffff).content();
            for _ in 0..40 {
                template.substitution(0);
            }
            template.close();
        },
        &[(kind::FRAGMENT, &[0x00])],
    );
    for id in 2..40 {
        let mut value = vec![0x00];
        for _ in 0..30 {
            let size = u16::try_from(value.len()).unwrap().to_le_bytes();
            let mut outer = vec![0x0c, 0x01, 7, 0, 0, 0];
            outer.extend(u32::try_from(definition).unwrap().to_le_bytes());
            outer.extend([1, 0, 0, 0, size[0], size[1], kind::FRAGMENT, 0]);
            outer.extend(value);
            value = outer;
        }
        chunk.record(id, |record| {
            record.event(("M", "C", "1"), |payload| {
                payload.instance_again(definition, &[(kind::FRAGMENT, &value)]);
            });
        });
    }
    let (records, problem) = check(&chunk.finish());
    assert_eq!(records, 1);
    assert!(problem.contains("too deeply") || problem.contains("too much"), "{problem}");
}

#[test]
fn elements_in_elements_end() {
    let mut chunk = Chunk::new();
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), |payload| {
            let mut count = 0;
            while count < 2000 {
                payload.element("A", &[]);
                count += 1;
            }
        });
    });
    let (records, problem) = check(&chunk.finish());
    assert_eq!(records, 0);
    assert!(problem.contains("too deeply"), "{problem}");
}

#[test]
fn records_that_lie_about_their_size_cost_no_more() {
    let mut chunk = Chunk::new();
    for id in 1..=30 {
        chunk.record(id, |record| {
            record.event(("M", "C", "1"), |payload| {
                payload.element("EventData", &[]).leaf("Data", "text").close();
            });
        });
    }
    let sound = chunk.finish();
    assert_eq!(check(&sound), (30, String::new()));
    let starts: Vec<usize> =
        (CHUNK_HEADER..CHUNK).filter(|at| sound[*at..].starts_with(b"**\0\0")).collect();
    for lie in [0, 1, 27, 28, 32, 0xfff8, 0x1_0000, u32::MAX] {
        for consistent in [false, true] {
            let mut bytes = sound.clone();
            for at in &starts {
                bytes[at + 4..at + 8].copy_from_slice(&lie.to_le_bytes());
                let copy = (at + lie as usize).checked_sub(4).filter(|copy| copy + 4 <= CHUNK);
                if let Some(copy) = copy.filter(|_| consistent && lie >= 28) {
                    bytes[copy..copy + 4].copy_from_slice(&lie.to_le_bytes());
                }
            }
            let (records, _) = check(&bytes);
            assert!(records <= 30, "{records} records of size {lie}");
        }
    }
}

#[test]
fn magic_everywhere_ends() {
    // Each place begins a record, says the stale ones' search.
    let mut bytes = Chunk::new().finish();
    for place in bytes[CHUNK_HEADER..].chunks_exact_mut(4) {
        place.copy_from_slice(b"**\0\0");
    }
    bytes[48..52].copy_from_slice(&0xffff_u32.to_le_bytes());
    assert_eq!(check(&bytes).0, 0);
}

//! Damages real logs at random: reading never panics, always ends, counts consistently, and
//! recovers no fewer records than the `evtx` crate does.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};
use rdpwhy::discover::discover;
use rdpwhy::model::Event;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Select, read_all};

use crate::support::all::All;
use crate::support::files::files_in;
use crate::support::log_writer::{Chunk, log};
use crate::support::real_logs;

const CHUNK: usize = 65_536;
/// Steps that reading a chunk may take.
const MOST_STEPS: u32 = 1 << 18;
/// Real logs of different kinds, by a part of their names: classic records, `EventData`,
/// `UserData`, forwarded text, and one that is damaged already.
const KINDS: [&str; 6] = [
    "_System__",
    "RDPAuth_Security",
    "LocalSessionManager",
    "ID131-RDP_brutforce",
    "CAPI2",
    "sample-with-zero-data-size",
];

/// Keeps a third of the event IDs, of channels and providers whose names have certain lengths.
struct Third {
    /// Takes the shorter ways; else all records are walked.
    is_fast: bool,
}

impl Third {
    fn has_source(channel: &str, provider: &str, event_id: u32) -> bool {
        event_id.is_multiple_of(3) && !(channel.len() + provider.len()).is_multiple_of(4)
    }
}

impl Select for Third {
    type Kept = Event;
    type Memory = ();

    fn wants_id(&self, event_id: u32) -> bool {
        event_id.is_multiple_of(3)
    }

    fn kind(&self, channel: &str, provider: &str, event_id: u32) -> Option<usize> {
        Self::has_source(channel, provider, event_id).then_some(0)
    }

    fn walks_all(&self) -> bool {
        !self.is_fast
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// The first chunks of some real logs; a small written one where there are none.
fn samples() -> Vec<Vec<u8>> {
    let Some(folder) = real_logs::folder() else {
        let mut chunk = Chunk::new();
        for id in 1..=9 {
            chunk.record(id, |record| {
                record.event(("M", "C", "1"), |payload| {
                    payload.element("EventData", &[]).leaf("Data", "text").close();
                });
            });
        }
        return vec![log(&[chunk.finish()])];
    };
    let paths = files_in(folder);
    let sample = |kind: &&str| {
        let path = paths.iter().find(|path| path.to_string_lossy().contains(kind)).unwrap();
        let mut bytes = fs::read(path).unwrap();
        bytes.truncate(4096 + 2 * CHUNK);
        bytes
    };
    KINDS.iter().map(sample).collect()
}

/// One act of damage.
#[derive(Clone, Debug)]
enum Damage {
    Flip { at: prop::sample::Index, bit: u8 },
    Overwrite { at: prop::sample::Index, bytes: Vec<u8> },
    Copy { from: prop::sample::Index, to: prop::sample::Index, length: usize },
    Truncate { at: prop::sample::Index },
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip { at, bit } => {
                if let Some(byte) = bytes.get_mut(at.index(CHUNK) + 4096) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Overwrite { at, bytes: new } => {
                let at = at.index(CHUNK) + 4096;
                for (old, new) in bytes.iter_mut().skip(at).zip(new) {
                    *old = *new;
                }
            }
            Self::Copy { from, to, length } => {
                let source: Vec<u8> =
                    bytes.iter().skip(from.index(CHUNK) + 4096).take(*length).copied().collect();
                for (old, new) in bytes.iter_mut().skip(to.index(CHUNK) + 4096).zip(source) {
                    *old = new;
                }
            }
            Self::Truncate { at } => bytes.truncate(at.index(CHUNK) + 4096),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    // Small numbers, and those at the ends, are what lengths and offsets break on.
    let byte = prop_oneof![any::<u8>(), Just(0), Just(0xFF), 0_u8..0x25];
    prop_oneof![
        8 => (index(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        6 => (index(), prop::collection::vec(byte, 1..16))
            .prop_map(|(at, bytes)| Damage::Overwrite { at, bytes }),
        3 => (index(), index(), 1_usize..4096)
            .prop_map(|(from, to, length)| Damage::Copy { from, to, length }),
        1 => index().prop_map(|at| Damage::Truncate { at }),
    ]
}

/// The records that the crate can show.
fn theirs(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let settings = Arc::new(ParserSettings::new().indent(false));
    let chunks = EvtxParser::from_buffer(bytes.to_vec()).map(EvtxParser::into_chunks);
    for mut data in chunks.into_iter().flatten().flatten() {
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter().flatten() {
            found.extend(record.into_json_bytes().map(|json| json.data));
        }
    }
    found
}

/// Whether it is a record: what damage leaves without an event ID, or makes of its JSON what is
/// none, says nothing of any event.
fn has_event_id(json: &[u8]) -> bool {
    let json: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let id = &json["Event"]["System"]["EventID"];
    let id = id.get("#text").unwrap_or(id);
    let is_number = id.as_u64().is_some_and(|id| u32::try_from(id).is_ok());
    // Bytes in hexadecimal look like a number, too, and mean another one.
    let is_canonical = |text: &str| text.parse().is_ok_and(|id: u32| id.to_string() == *text);
    is_number || id.as_str().is_some_and(is_canonical)
}

#[test]
fn damaged_logs_are_read_without_panic_and_counted_consistently() {
    let samples = samples();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.evtx");
    let strategy = (0..samples.len(), prop::collection::vec(damage(), 1..40));
    let config = ProptestConfig { cases: 800, failure_persistence: None, ..Default::default() };
    proptest!(config, |((sample, damage) in strategy)| {
        let mut bytes = samples.get(sample).cloned().unwrap_or_default();
        damage.iter().for_each(|damage| damage.apply(&mut bytes));
        fs::write(&path, &bytes).unwrap();
        let found = discover(std::slice::from_ref(&path), &ArchiveOptions::default());
        prop_assert_eq!(found.logs.len(), 1);
        let (kept, readout) = read_all(&found.logs, &All { recovers: false }, &|_| {});
        prop_assert!(readout.stats.hardest_chunk <= MOST_STEPS);
        prop_assert!(kept.is_sorted_by(|a, b| a.source < b.source));
        let kept = kept.len() as u64;
        prop_assert_eq!(readout.stats.bytes, (bytes.len() - 4096) as u64);
        prop_assert_eq!((readout.stats.records, readout.stats.records_decoded), (kept, kept));
        prop_assert_eq!(readout.coverage.iter().map(|c| c.records).sum::<u64>(), kept);
        prop_assert_eq!(readout.files.iter().map(|f| f.records).sum::<u64>(), kept);
        let lost: u64 = readout.problems.iter().filter_map(|p| p.lost_records).sum();
        prop_assert_eq!(readout.files.iter().map(|f| f.lost_records).sum::<u64>(), lost);
        // What is passed over or read by a plan comes out as a walk would have it. Compared is what
        // they show, as damage makes numbers that are none, which equal nothing.
        let walked = read_all(&found.logs, &Third { is_fast: false }, &|_| {});
        let glanced = read_all(&found.logs, &Third { is_fast: true }, &|_| {});
        prop_assert_eq!(format!("{walked:?}"), format!("{glanced:?}"));
    });
}

#[test]
fn no_fewer_records_than_the_crate_recovers() {
    let samples = samples();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.evtx");
    let strategy = (0..samples.len(), prop::collection::vec(damage(), 1..40));
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() };
    // The same damage each time; the campaign over tens of thousands of logs is an example.
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    let outcome = TestRunner::new_with_rng(config, random).run(&strategy, |(sample, damage)| {
        let mut bytes = samples.get(sample).cloned().unwrap_or_default();
        damage.iter().for_each(|damage| damage.apply(&mut bytes));
        fs::write(&path, &bytes).unwrap();
        let found = discover(std::slice::from_ref(&path), &ArchiveOptions::default());
        let (_, readout) = read_all(&found.logs, &All { recovers: false }, &|_| {});
        let theirs = theirs(&bytes).iter().filter(|json| has_event_id(json)).count();
        prop_assert!(readout.stats.records >= theirs as u64, "{:?}, {theirs}", readout.stats);
        Ok(())
    });
    outcome.unwrap();
}

/// The events of a log in order of their places, and whether each is shown to rules.
fn events(bytes: &[u8]) -> Vec<(Event, bool)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.evtx");
    fs::write(&path, bytes).unwrap();
    let found = discover(&[path], &ArchiveOptions::default());
    read_all(&found.logs, &Whole, &|_| {}).0
}

/// Keeps all events, and whether they are whole.
struct Whole;

impl Select for Whole {
    type Kept = (Event, bool);
    type Memory = ();

    fn keep(&self, event: Event) -> Option<(Event, bool)> {
        Some((event, true))
    }

    fn keep_part(&self, event: Event) -> Option<(Event, bool)> {
        Some((event, false))
    }
}

/// What an event says, wherever it stands.
fn said(event: &Event) -> String {
    format!("{:?}", Event { source: rdpwhy::model::Source::default(), ..event.clone() })
}

/// The first chunks of each n-th of the forged logs, and of fewer of the real ones where there
/// are any.
fn undamaged(step: usize) -> Vec<(PathBuf, Vec<u8>)> {
    let fixtures = walkdir::WalkDir::new("fixtures").sort_by_file_name().into_iter();
    let real = real_logs::folder().map(|folder| walkdir::WalkDir::new(folder).sort_by_file_name());
    let real = real.into_iter().flatten().step_by(8 * step);
    let paths = fixtures.step_by(step).chain(real).map(|entry| entry.unwrap().into_path());
    let logs = paths.filter(|path| path.extension().is_some_and(|name| name == "evtx"));
    logs.map(|path| {
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(4096 + CHUNK);
        (path, bytes)
    })
    .collect()
}

/// Where chunks begin.
fn chunks(bytes: &[u8]) -> Vec<usize> {
    let starts = (4096..bytes.len().saturating_sub(512)).step_by(CHUNK);
    starts.filter(|at| bytes[*at..].starts_with(b"ElfChnk\0")).collect()
}

fn word(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

#[test]
fn what_is_read_with_care_is_what_is_read_without() {
    let (mut records, mut left_out) = (0, 0);
    for (path, bytes) in undamaged(1) {
        let mut damaged = bytes.clone();
        for chunk in chunks(&bytes) {
            damaged[chunk + 52] ^= 0xff;
        }
        let (plain, careful) = (events(&bytes), events(&damaged));
        assert_eq!(plain.len(), careful.len(), "{}", path.display());
        for ((event, _), (other, is_whole)) in plain.iter().zip(&careful) {
            assert_eq!(said(event), said(other), "{}", path.display());
            assert!(other.source.damaged);
            records += 1;
            left_out += usize::from(!is_whole);
        }
    }
    // Records that were forwarded late, and texts with control characters, look damaged.
    assert!(records > 100 && left_out * 100 <= records, "{left_out} of {records}");
}

/// Where the values of the record at an offset are described: the count, then four bytes each.
fn values(bytes: &[u8], chunk: usize, at: usize) -> Option<(usize, usize)> {
    let content = at + 24;
    if bytes[content..content + 5] != [0x0f, 1, 1, 0, 0x0c] {
        return None;
    }
    let mut count = content + 14;
    if chunk + word(bytes, content + 10) == count {
        count += 24 + word(bytes, count + 20);
    }
    Some((count, word(bytes, count)))
}

#[test]
fn a_value_that_lies_about_its_size_or_type_costs_nothing() {
    let (mut lies, mut noticed) = (0, 0);
    for (path, bytes) in undamaged(7) {
        let plain = events(&bytes);
        let said_before: Vec<String> = plain.iter().map(|(event, _)| said(event)).collect();
        for (event, _) in plain.iter().skip(1).take(1) {
            let at = usize::try_from(event.source.offset).unwrap();
            let Some((described, count)) = values(&bytes, 4096, at) else { continue };
            for index in 0..count {
                let place = described + 4 + 4 * index;
                // Numbers, times and GUIDs.
                if !matches!(bytes[place + 2], 3..=0x0d | 0x0f | 0x11 | 0x12 | 0x14 | 0x15) {
                    continue;
                }
                for (at, lie) in [(0, 1), (0, 0xff), (1, 0x11), (2, 0x60), (2, 0x3f)] {
                    let mut damaged = bytes.clone();
                    if damaged[place + at] == lie {
                        continue;
                    }
                    damaged[place + at] = lie;
                    let found = events(&damaged);
                    let is_same =
                        found.iter().map(|(event, _)| said(event)).eq(said_before.clone());
                    assert!(is_same, "{}: byte {at} of value {index} is {lie}", path.display());
                    lies += 1;
                    noticed += usize::from(found.iter().any(|(_, is_whole)| !is_whole));
                }
            }
        }
    }
    assert!(lies > 300 && noticed == lies, "{noticed} of {lies}");
}

//! Damages real logs at random: reading never panics, always ends, counts consistently, and
//! recovers no fewer records than the `evtx` crate does.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as it must be"
)]

#[expect(dead_code, reason = "only a part is needed here")]
mod log_writer;
mod real_logs;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use evtx::{EvtxParser, ParserSettings};
use log_writer::{Chunk, log};
use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};
use rdpwhy::discover::discover;
use rdpwhy::model::Event;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Select, read_all};

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

struct All;

impl Select for All {
    type Kept = Event;
    type Memory = ();

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

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
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
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
        let (kept, readout) = read_all(&found.logs, &All, &|_| {});
        prop_assert!(readout.stats.hardest_chunk <= MOST_STEPS);
        prop_assert!(kept.is_sorted_by(|a, b| a.source < b.source));
        let kept = kept.len() as u64;
        prop_assert_eq!(readout.stats.bytes, (bytes.len() - 4096) as u64);
        prop_assert_eq!((readout.stats.records, readout.stats.records_decoded), (kept, kept));
        prop_assert_eq!(readout.coverage.iter().map(|c| c.records).sum::<u64>(), kept);
        prop_assert_eq!(readout.files.iter().map(|f| f.records).sum::<u64>(), kept);
        let lost: u64 = readout.problems.iter().filter_map(|p| p.lost_records).sum();
        prop_assert_eq!(readout.files.iter().map(|f| f.lost_records).sum::<u64>(), lost);
        // What is passed over or read by a plan comes out as a walk would have it.
        let walked = read_all(&found.logs, &Third { is_fast: false }, &|_| {});
        let glanced = read_all(&found.logs, &Third { is_fast: true }, &|_| {});
        prop_assert_eq!(&walked, &glanced);
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
        let (_, readout) = read_all(&found.logs, &All, &|_| {});
        let theirs = theirs(&bytes).iter().filter(|json| has_event_id(json)).count();
        prop_assert!(readout.stats.records >= theirs as u64, "{:?}, {theirs}", readout.stats);
        Ok(())
    });
    outcome.unwrap();
}

//! Replays the corpora of the fuzz targets, and a bounded number of variations of each entry,
//! on the stable toolchain. What a fuzzer once found stays there and is tried for ever.

#[expect(unreachable_pub, reason = "the file is a public module of the crate that fuzzes")]
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

use targets::{TARGETS, Target};

use crate::support::files::files_in;
// Beside the targets, as in the crate that fuzzes.
use crate::support::log_writer;

/// Variations of each entry; the fuzzer tries millions.
const VARIATIONS: u64 = 12;

/// Runs one target over its corpus.
fn replay(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let folder = Path::new("fuzz/corpus").join(name);
    let paths = files_in(&folder);
    assert!(!paths.is_empty(), "{} has no seeds", folder.display());
    target(&[]);
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        run(*target, &bytes, &path, None);
        for number in 0..VARIATIONS {
            run(*target, &varied(&bytes, number), &path, Some(number));
        }
    }
}

/// Says which entry a panic is over.
fn run(target: Target, bytes: &[u8], path: &Path, variation: Option<u64>) {
    let outcome = std::panic::catch_unwind(|| target(bytes));
    assert!(outcome.is_ok(), "{} {variation:?}", path.display());
}

/// The bytes with a few of them changed, always the same for one number (`SplitMix64`).
fn varied(bytes: &[u8], number: u64) -> Vec<u8> {
    let mut state = number;
    let mut random = |below: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap()
    };
    let mut varied = bytes.to_vec();
    for _ in 0..1 << random(6) {
        let at = random(varied.len());
        let byte = [0, 0xff, u8::try_from(random(256)).unwrap()][random(3)];
        if let Some(place) = varied.get_mut(at) {
            *place = byte;
        }
    }
    if random(4) == 0 {
        varied.truncate(random(varied.len()));
    }
    varied
}

#[test]
fn logs() {
    replay("read_log");
}

#[test]
fn records() {
    replay("read_record");
}

#[test]
fn exports() {
    replay("export");
}

#[test]
fn archives() {
    replay("archive");
}

#[test]
fn rule_documents() {
    replay("rules");
}

#[test]
fn forge_round_trips() {
    replay("forge");
}

#[test]
fn reports() {
    replay("report");
}

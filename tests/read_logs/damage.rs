//! Damage is counted and told, and what is readable is read.

use std::fs;

use rdpwhy::discover::discover;
use rdpwhy::model::{ChannelCoverage, ProblemKind, Time};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::read_all;

use super::{Channel, five, read_logs};
use crate::support::log_writer::{log, utf16};
use crate::support::program::program;

/// Reads a damaged log and compares what is left and what is said.
fn check_damage(bytes: &[u8], records: u64, problems: &[(ProblemKind, Option<u64>)]) {
    let (kept, readout) = read_logs(&[bytes.to_vec()], &Channel(None));
    assert_eq!(readout.stats.records, records);
    assert_eq!(kept.len() as u64, records);
    let found: Vec<_> = readout.problems.iter().map(|p| (p.kind, p.lost_records)).collect();
    assert_eq!(found, problems, "{:?}", readout.problems);
    let lost = problems.iter().filter_map(|(_, lost)| *lost).sum::<u64>();
    assert_eq!(readout.files[0].lost_records, lost);
    if records > 0 {
        assert_eq!(readout.coverage[0].lost_records, lost);
        assert_eq!(readout.coverage[0].damaged_chunks, readout.files[0].damaged_chunks);
    }
}

#[test]
fn damage_is_counted_and_the_rest_is_read() {
    use ProblemKind::{BadChecksum, BadChunk, LostRecords, Truncated};
    let (whole, at) = five();
    check_damage(&log(std::slice::from_ref(&whole)), 5, &[]);

    let mut wrong_checksum = whole.clone();
    wrong_checksum[52] ^= 1;
    check_damage(&log(&[wrong_checksum]), 5, &[(BadChecksum, None)]);

    // The length of a name lies; its hash tells where it ends.
    for length in [0, 3, 9, 0x7fff_u16] {
        let name = utf16("EventID");
        let mut long_name = whole.clone();
        let at = long_name.windows(name.len()).position(|bytes| bytes == name).unwrap();
        long_name[at - 2..at].copy_from_slice(&length.to_le_bytes());
        check_damage(&log(&[long_name]), 5, &[(BadChecksum, None)]);
    }

    let mut no_checksum = whole.clone();
    no_checksum[120] = 4;
    no_checksum[52] ^= 1;
    check_damage(&log(&[no_checksum]), 5, &[]);

    let mut torn = whole.clone();
    torn[at[2]..at[2] + 24].fill(0xFF);
    check_damage(&log(&[torn]), 4, &[(BadChecksum, None), (LostRecords, Some(1))]);

    let mut zeroed = whole.clone();
    zeroed[at[1]..at[3]].fill(0);
    check_damage(&log(&[zeroed]), 3, &[(BadChecksum, None), (LostRecords, Some(2))]);

    let mut undecodable = whole.clone();
    undecodable[at[3] + 24] = 0x77;
    check_damage(&log(&[undecodable]), 4, &[(BadChecksum, None), (LostRecords, Some(1))]);

    let mut no_chunk = whole.clone();
    no_chunk[0] = b'X';
    check_damage(&log(&[whole.clone(), no_chunk]), 5, &[(BadChunk, None)]);

    // The file ends inside the second chunk, behind its second record.
    let mut cut = log(&[whole.clone(), whole.clone()]);
    cut.truncate(4096 + 65_536 + at[2]);
    let problems = [(Truncated, None), (BadChecksum, None), (LostRecords, Some(3))];
    check_damage(&cut, 7, &problems);

    // A chunk that has lost its file header.
    check_damage(&whole, 5, &[]);
}

/// Reads five records after a change to one of them. All are found but those that are `lost`.
fn check_lie(lost: &[usize], lie: impl FnOnce(&mut [u8], &[usize]) -> String) {
    let (mut bytes, at) = five();
    let what = lie(&mut bytes, &at);
    let (kept, readout) = read_logs(&[log(&[bytes])], &Channel(None));
    let found: Vec<u64> = kept.iter().map(|event| event.source.offset).collect();
    let places = (0..at.len()).filter(|place| !lost.contains(place));
    let expected: Vec<u64> = places.map(|place| 4096 + at[place] as u64).collect();
    assert_eq!(found, expected, "{what}");
    assert_eq!(readout.files[0].lost_records, lost.len() as u64, "{what}");
}

#[test]
fn sizes_that_lie_hide_no_record() {
    let put = |bytes: &mut [u8], at: usize, size: usize| {
        let size = u32::try_from(size).unwrap().to_le_bytes();
        bytes[at..at + 4].copy_from_slice(&size);
    };
    for place in 0..5 {
        for lie in [28, 32, 1112, 2224, 4448, 20_000, 65_536 - 4096, 1 << 30] {
            check_lie(&[], |bytes, at| {
                put(bytes, at[place] + 4, lie);
                format!("record {place} says {lie}")
            });
        }
        for lie in [20_000, 40_000] {
            check_lie(&[], |bytes, at| {
                put(bytes, at[place] + 4, lie);
                put(bytes, at[place] + lie - 4, lie);
                format!("record {place} says {lie}, and again where that leads to")
            });
        }
        check_lie(&[], |bytes, at| {
            let end = at.get(place + 1).copied().unwrap_or(at[4] + (at[2] - at[1]));
            put(bytes, end - 4, 77);
            format!("record {place} says another size at its end")
        });
    }
}

#[test]
fn a_copy_of_the_last_record_ends_nothing() {
    // The names in it are not where it says, so it cannot be read there.
    check_lie(&[1], |bytes, at| {
        bytes.copy_within(at[4]..at[4] + (at[2] - at[1]), at[1]);
        "the last record in place of the second".to_owned()
    });
}

/// A log of five records, in whose third bytes stand in place of others.
fn damaged(old: &[u8], new: &[u8]) -> Vec<u8> {
    let (mut bytes, at) = five();
    let written = Time::parse_rfc3339("2026-03-04T02:11:08Z").unwrap().0.to_le_bytes();
    for at in &at {
        bytes[at + 16..at + 24].copy_from_slice(&written);
    }
    let place = at[2] + memchr::memmem::find(&bytes[at[2]..at[3]], old).unwrap();
    bytes[place..place + new.len()].copy_from_slice(new);
    log(&[bytes])
}

/// Reads what a log so damaged covers: each channel, whether its name is certain, and until when
/// it reaches.
fn covered(old: &[u8], new: &[u8]) -> Vec<(String, bool, String)> {
    let (_, readout) = read_logs(&[damaged(old, new)], &Channel(None));
    let channels = readout.coverage.iter();
    let row = |channel: &ChannelCoverage| {
        (channel.channel.to_string(), channel.is_certain, channel.last.to_string())
    };
    channels.map(row).collect()
}

#[test]
fn names_and_times_that_damage_makes_up_are_known_as_such() {
    let row = |name: &str, is_certain, last: &str| (name.to_owned(), is_certain, last.to_owned());
    let last = "2026-03-04T02:11:07.1234567Z";
    assert_eq!(covered(b"", b""), [row("C", true, last)]);
    let (old, new) = ([1, 0, b'C', 0], [1, 0, b'Q', 0]);
    assert_eq!(covered(&old, &new), [row("C", true, last), row("Q", false, last)]);
    // The record was written within an hour of what it tells.
    let (old, new) = (utf16("2026-03"), utf16("2099-03"));
    assert_eq!(covered(&old, &new), [row("C", true, "2026-03-04T03:11:08Z")]);
}

#[test]
fn pages_say_which_names_damage_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("0.evtx");
    fs::write(&path, damaged(&[1, 0, b'C', 0], &[1, 0, b'Q', 0])).unwrap();
    let run = |args: &[&str]| {
        let mut command = program();
        let output = command.current_dir(folder.path()).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let line = |page: &str, name: &str| {
        let is_of = |line: &&str| line.split_whitespace().any(|word| word == name);
        page.lines().find(is_of).unwrap_or_else(|| panic!("{name}\n{page}")).to_owned()
    };
    let page = run(&["inventory", "0.evtx"]);
    assert!(line(&page, "Q").contains("a name in damaged records only"), "{page}");
    assert!(!line(&page, "C").contains("a name in damaged records only"), "{page}");
    let json: serde_json::Value =
        serde_json::from_str(&run(&["inventory", "0.evtx", "--format", "json"])).unwrap();
    let channels = json["machines"][0]["coverage"].as_array().unwrap();
    let uncertain: Vec<_> =
        channels.iter().filter(|channel| channel["uncertain_name"] == true).collect();
    assert_eq!(uncertain.len(), 1, "{json}");
    assert_eq!(uncertain[0]["channel"], "Q");
    let page = run(&["0.evtx"]);
    assert!(page.contains("1 channel name in damaged records only"), "{page}");
}

#[test]
fn a_file_that_fails_midway_does_not_stop_the_others() {
    let (whole, _) = five();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["a.evtx", "b.evtx", "c.evtx"] {
        fs::write(path(name), log(&[whole.clone(), whole.clone()])).unwrap();
    }
    let found = discover(&[folder.path().to_owned()], &ArchiveOptions::default());
    fs::remove_file(path("a.evtx")).unwrap();
    fs::write(path("b.evtx"), log(&[whole])).unwrap();
    let (_, readout) = read_all(&found.logs, &Channel(None), &|_| {});
    let problems: Vec<_> = readout.problems.iter().map(|p| (p.path.clone(), p.kind)).collect();
    let unreadable = ProblemKind::Unreadable;
    assert_eq!(problems, [(path("a.evtx"), unreadable), (path("b.evtx"), unreadable)]);
    let records: Vec<_> = readout.files.iter().map(|file| file.records).collect();
    assert_eq!(records, [0, 5, 10]);
}

#[test]
fn stale_records_in_slack_are_not_live() {
    let (mut bytes, at) = five();
    // The chunk was reused: its header knows three records, the rest are of another use.
    bytes[32..40].copy_from_slice(&3_u64.to_le_bytes());
    bytes[48..52].copy_from_slice(&u32::try_from(at[3]).unwrap().to_le_bytes());
    let (_, readout) = read_logs(&[log(&[bytes])], &Channel(None));
    assert_eq!(readout.stats.records, 3);
}

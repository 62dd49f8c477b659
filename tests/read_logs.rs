//! Reads small logs whose every byte is known.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails where something is not as it must be"
)]

mod log_writer;

use std::fs;
use std::sync::Mutex;

use log_writer::{Chunk, kind, log, utf16};
use rdpwhy::discover::discover;
use rdpwhy::model::{ChannelCoverage, Event, Guid, ProblemKind, Time, Value};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Progress, Readout, Select, read, read_all};

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

/// The fields of a record with that payload.
fn fields(payload: impl FnOnce(&mut Chunk)) -> Vec<(String, Value)> {
    let mut chunk = Chunk::new();
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), payload);
    });
    let (mut kept, readout) = read_chunk(&chunk);
    assert_eq!(readout.problems, []);
    let event = kept.pop().unwrap_or_else(|| panic!("no event"));
    event.data.into_iter().map(|field| (field.name.to_string(), field.value)).collect()
}

/// The value that stands in a template's place for it.
fn value(kind: u8, bytes: &[u8]) -> Value {
    let fields = fields(|record| {
        record.instance(
            |definition| {
                definition.defined("EventData", 0xFFFF).content();
                definition.defined("Data", 0xFFFF).attribute("Name").text("x").content();
                definition.substitution(0).close().close();
            },
            &[(kind, bytes)],
        );
    });
    let [(name, value)] = fields.as_slice() else { panic!("{fields:?}") };
    assert_eq!(name, "x");
    value.clone()
}

fn check(payload: impl FnOnce(&mut Chunk), expected: &[(&str, &str)]) {
    let fields = fields(payload);
    let shown: Vec<_> =
        fields.iter().map(|(name, value)| (name.as_str(), value.to_text())).collect();
    let shown: Vec<_> = shown.iter().map(|(name, value)| (*name, &**value)).collect();
    assert_eq!(shown, expected);
}

#[test]
fn a_forwarded_record_is_read_from_its_text() {
    let mut chunk = Chunk::new();
    chunk.record(99, |record| {
        record.event(("pc.corp", "Security", "4625"), |payload| {
            payload.element("EventData", &[]);
            payload.element("Data", &[("Name", "TargetUserName")]).text("a").entity("amp");
            payload.text("b").raw(&[0x08, 0xe9, 0x00]).close().text("\n  ");
            payload.element("Data", &[("Name", "Status")]).text("0xc000006d").close().close();
            payload.element("RenderingInfo", &[]).leaf("Message", "never data").close();
        });
    });
    let (kept, _) = read_chunk(&chunk);
    let event = &kept[0];
    assert_eq!((&*event.machine, &*event.channel), ("pc.corp", "Security"));
    assert_eq!((&*event.provider, event.event_id), ("Test-Provider", 4625));
    assert_eq!((event.qualifiers, event.version, event.level), (Some(16384), Some(2), Some(4)));
    assert_eq!(event.time, Time::parse_rfc3339("2026-03-04T02:11:07.1234567Z").unwrap());
    assert_eq!((event.record_id, event.source.offset), (4711, 4608));
    assert_eq!(event.activity_id, Guid::parse("F4208A2B-1234-5678-9ABC-DEF012345678"));
    assert_eq!((event.process_id, event.thread_id), (Some(1044), Some(16)));
    assert_eq!(event.user_sid.as_deref(), Some("S-1-5-18"));
    assert_eq!(event.field("TargetUserName"), Some(&Value::text("a&bé")));
    assert_eq!(event.field("Status").unwrap().as_number(), Some(0xC000_006D));
    assert_eq!(event.data.len(), 2);
}

#[test]
fn types_are_kept() {
    let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
    let guid = Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}").unwrap();
    let halloween = [0xEA, 7, 10, 0, 6, 0, 31, 0, 23, 0, 59, 0, 58, 0, 0xE7, 3];
    for (kind, bytes, expected) in [
        (kind::TEXT, utf16("a\0\0").as_slice(), Value::text("a")),
        (kind::TEXT, &utf16("a\0b"), Value::text("a\0b")),
        (kind::TEXT, b"", Value::text("")),
        (kind::ANSI, b"caf\xe9\0", Value::text("café")),
        (kind::UINT8, &[200], Value::UInt8(200)),
        (kind::INT32, &(-5_i32).to_le_bytes(), Value::Int32(-5)),
        // Numbers that are too short are widened, those that are too long cut.
        (kind::UINT32, &[1, 2], Value::UInt32(0x201)),
        (kind::UINT32, &[1, 0, 0, 0, 9], Value::UInt32(1)),
        (kind::BOOLEAN, &[8, 0, 0, 0], Value::Boolean(true)),
        (kind::BINARY, &[0xB5, 0], Value::Binary([0xB5, 0].into())),
        (kind::GUID, &guid.0, Value::Guid(guid)),
        (kind::GUID, &guid.0[..7], Value::Binary(guid.0[..7].into())),
        (kind::SIZE_T, &[1, 0, 0, 0x80], Value::SizeT(0x8000_0001)),
        (kind::FILETIME, &7_u64.to_le_bytes(), Value::FileTime(Time(7))),
        (
            kind::SYSTEMTIME,
            &halloween,
            Value::SystemTime(Time::parse_rfc3339("2026-10-31T23:59:58.999Z").unwrap()),
        ),
        (kind::SYSTEMTIME, &[0; 16], Value::Null),
        (kind::SID, &sid, Value::Sid("S-1-5-32-544".into())),
        (kind::SID, &sid[..12], Value::Binary(sid[..12].into())),
        // Junk of the null type is passed over.
        (kind::NULL, &[1, 2, 3], Value::Null),
        (kind::TEXTS, &utf16("x\0\0y z\0"), list(&["x", "", "y z"])),
        (kind::TEXTS, &utf16("x\0y"), list(&["x", "y"])),
        (kind::TEXTS, &utf16("x\0"), Value::text("x")),
        (kind::UINT32S, &[1, 0, 0, 0, 2, 0, 0, 0], {
            Value::List([Value::UInt32(1), Value::UInt32(2)].into())
        }),
        (0x7f, b"?", Value::Binary([b'?'].into())),
    ] {
        assert_eq!(value(kind, bytes), expected, "type {kind:#x} of {bytes:?}");
    }
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::text(*item)).collect())
}

#[test]
fn classic_data_counts_by_position() {
    let mut chunk = Chunk::new();
    chunk.record(1, |record| {
        record.event(("M", "System", "1057"), |payload| {
            payload.instance(
                |definition| {
                    definition.defined("EventData", 0xFFFF).content();
                    definition.defined("Data", 0xFFFF).content().substitution(0).close();
                    definition.defined("Binary", 0xFFFF).content().substitution(1).close();
                    definition.close();
                },
                &[(kind::TEXTS, &utf16("first\0\0third\0")), (kind::BINARY, &[1, 2])],
            );
        });
    });
    let event = &read_chunk(&chunk).0[0];
    assert_eq!(event.unnamed(1), Some(&Value::text("first")));
    assert_eq!(event.unnamed(2), Some(&Value::text("")));
    assert_eq!(event.unnamed(3), Some(&Value::text("third")));
    assert_eq!(event.unnamed(4), None);
    assert_eq!(event.field("Binary"), Some(&Value::Binary([1, 2].into())));
}

#[test]
fn payloads_of_any_shape_are_flattened() {
    check(
        |record| {
            record.element("UserData", &[]);
            record.element("EventXML", &[("xmlns", "Event_NS"), ("version", "1")]);
            record.leaf("User", "corp\\joe");
            let certificate = [("fileRef", "a.cer"), ("subjectName", "pc")];
            record.element("Certificate", &certificate).close();
            record.element("Chain", &[]);
            record.element("Item", &[("index", "0")]).text("root").close();
            record.element("Item", &[("index", "1")]).close().close();
            record.element("Empty", &[]).close();
            record.close().close();
        },
        &[
            ("@version", "1"),
            ("User", "corp\\joe"),
            ("Certificate/@fileRef", "a.cer"),
            ("Certificate/@subjectName", "pc"),
            ("Chain/Item/@index", "0"),
            ("Chain/Item", "root"),
            ("Chain/Item/@index", "1"),
            ("Empty", ""),
        ],
    );
    check(
        |record| {
            record.element("EventData", &[("Name", "Kind")]);
            record.element("Data", &[("Name", "a")]).close();
            record.leaf("Data", "unnamed").leaf("Extra", "1").close();
            record.element("ProcessingErrorData", &[]).leaf("ErrorCode", "15003").close();
            record.leaf("BinaryEventData", "00FF");
        },
        &[
            ("@Name", "Kind"),
            ("a", ""),
            ("", "unnamed"),
            ("Extra", "1"),
            ("ErrorCode", "15003"),
            ("BinaryEventData", "00FF"),
        ],
    );
    check(
        |record| {
            record.element("EventData", &[]).close();
        },
        &[],
    );
}

#[test]
fn elements_without_the_value_they_depend_on_are_left_out() {
    check(
        |record| {
            record.instance(
                |definition| {
                    definition.defined("EventData", 0).content();
                    for (name, index) in [("gone", 0), ("kept", 1)] {
                        definition.defined(name, index).attribute("a").text(name).content();
                        definition.defined("inner", 0xFFFF).content().substitution(index);
                        definition.close().close();
                    }
                    definition.close();
                },
                &[(kind::NULL, &[]), (kind::UINT16, &[7, 0])],
            );
        },
        &[("kept/@a", "kept"), ("kept/inner", "7")],
    );
}

#[test]
fn a_payload_in_a_value_is_followed() {
    // The fragment in the value refers to a definition that stands in the chunk before it.
    let mut chunk = Chunk::new();
    let mut definition = 0;
    chunk.record(1, |record| {
        record.event(("M", "C", "1"), |payload| {
            definition = payload.instance(
                |definition| {
                    definition.defined("EventData", 0xFFFF).content();
                    definition.defined("Data", 0xFFFF).attribute("Name").text("n").content();
                    definition.substitution(0).close().close();
                },
                &[(kind::UINT32, &[1, 0, 0, 0])],
            );
        });
    });
    let mut fragment = vec![0x0c, 1, 7, 0, 0, 0];
    fragment.extend(u32::try_from(definition).unwrap().to_le_bytes());
    fragment.extend([1, 0, 0, 0, 4, 0, kind::UINT32, 0, 42, 0, 0, 0]);
    chunk.record(2, |record| {
        record.event(("M", "C", "1"), |payload| {
            payload.instance(
                |outer| {
                    outer.defined("UserData", 0xFFFF).content().substitution(0).close();
                },
                &[(kind::FRAGMENT, &fragment)],
            );
        });
    });
    chunk.record(3, |record| {
        record.event(("M", "C", "1"), |payload| {
            payload.instance_again(definition, &[(kind::UINT64, &9_u64.to_le_bytes())]);
        });
    });
    let (kept, _) = read_chunk(&chunk);
    let values: Vec<_> = kept.iter().flat_map(|event| event.data.clone()).collect();
    let values: Vec<_> = values.iter().map(|field| &field.value).collect();
    // Below `UserData` the outermost element is the container, so the names differ.
    assert_eq!(values[0], &Value::UInt32(1));
    assert_eq!(values[values.len() - 2..], [&Value::UInt32(42), &Value::UInt64(9)]);
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
        let mut command = assert_cmd::Command::cargo_bin("rdpwhy").unwrap();
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
            read(&found.logs, &Channel(None), &progress, &mut |batch| batches.push(batch))
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

//! Payloads of every shape: their fields, in order and with their types.

use rdpwhy::model::{Guid, Time, Value};

use super::read_chunk;
use crate::support::log_writer::{Chunk, kind, utf16};

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

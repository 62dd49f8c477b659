//! What the forge writes, an independent reader reads back, value by value.
//!
//! The reader is the `evtx` crate, which shares no code with the forge; `scripts/verify-forge.sh`
//! asks two more.

mod events;
mod files;
mod reader;
mod real;

use std::io::Cursor;

use events::{
    any_event, envelope, event, event_data, every_type, field, guid, named, time, user_data,
    whole_catalogue,
};
use proptest::prelude::*;
use rdpwhy::forge::{ForgeError, ForgedEvent, Form, Options, RecordForm, Rendering, Writer};
use rdpwhy::model::{Event, Guid, Time, Value};
use rdpwhy::rules::events::{Container, Envelope, SystemShape};
use reader::{check, forge, read};

const LIVE: Form = Form::Live { max_chunks: None };

fn options(form: Form, records: RecordForm) -> Options {
    Options { form, records }
}

fn all_options() -> [Options; 4] {
    [
        options(Form::Export, RecordForm::Typed),
        options(LIVE, RecordForm::Typed),
        options(Form::Export, RecordForm::Forwarded),
        options(LIVE, RecordForm::Forwarded),
    ]
}

#[test]
fn every_type_in_every_shape_container_and_form() {
    for options in all_options() {
        for shape in [SystemShape::Substituted, SystemShape::Literal, SystemShape::Classic] {
            for container in [
                event_data(),
                Container::EventData { name: Some("TMP_EVENT".into()) },
                user_data(),
                Container::UserData {
                    element: "CertGetCertificateChain".into(),
                    namespace: None,
                    literal: true,
                },
            ] {
                let envelope = envelope(shape, container);
                let mut event = event(named(every_type()));
                if shape == SystemShape::Classic {
                    event.qualifiers = Some(0xC00A);
                }
                check(&[(event, envelope)], options);
            }
        }
    }
}

#[test]
fn classic_payloads() {
    let list = |items: &[&str]| {
        field("", Value::List(items.iter().map(|item| Value::text(*item)).collect()))
    };
    let binary = || field("Binary", Value::Binary([0xB5, 0, 0, 0xD0].into()));
    for options in all_options() {
        let cases = [
            vec![],
            vec![list(&["one"])],
            vec![list(&[r"\Device\Termdd", "10.3.16.5"]), binary()],
            vec![list(&["", "", "", "", "360", "60", "0 W. Europe Standard Time"])],
            vec![binary()],
        ];
        let envelope = envelope(SystemShape::Classic, Container::Unnamed);
        let events: Vec<_> = cases
            .map(|data| (Event { qualifiers: Some(49162), ..event(data) }, envelope.clone()))
            .into();
        check(&events, options);
    }
}

#[test]
fn named_fields_with_binary_and_repeated_names() {
    for options in all_options() {
        let envelope = envelope(SystemShape::Literal, event_data());
        let running: Vec<u8> =
            "TermService/4\u{0}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let service = vec![
            field("param1", Value::text("Remote Desktop Services")),
            field("param2", Value::text("running")),
            field("Binary", Value::Binary(running.into())),
        ];
        // 4648 of Windows 7.
        let twice = vec![
            field("LogonGuid", Value::Guid(guid())),
            field("TargetUserName", Value::text("joe")),
            field("LogonGuid", Value::Guid(Guid([7; 16]))),
        ];
        check(&[(event(service), envelope.clone()), (event(twice), envelope)], options);
    }
}

#[test]
fn nested_user_data() {
    let envelope = envelope(
        SystemShape::Literal,
        Container::UserData { element: "Chain".into(), namespace: None, literal: true },
    );
    let data = vec![
        field("Certificate/@fileRef", Value::text("A.cer")),
        field("Certificate/@subjectName", Value::text("CN=a & b")),
        field("Element/TrustStatus/@error", Value::HexInt32(0x20)),
        field("Element/Reason", Value::text("first")),
        field("Result/@value", Value::HexInt32(0x800B_0109)),
        field("Result", Value::text("a chain > root")),
    ];
    for literal in [true, false] {
        let mut envelope = envelope.clone();
        envelope.container =
            Container::UserData { element: "Chain".into(), namespace: None, literal };
        let bytes = forge(&[(event(data.clone()), envelope)], Options::default());
        let records = read(&bytes);
        let chain = &records[0].json["Event"]["UserData"]["Chain"];
        assert_eq!(chain["Certificate"]["#attributes"]["fileRef"], "A.cer");
        assert_eq!(chain["Certificate"]["#attributes"]["subjectName"], "CN=a & b");
        assert_eq!(chain["Element"]["TrustStatus"]["#attributes"]["error"], "0x20");
        assert_eq!(chain["Element"]["Reason"], "first");
        assert_eq!(chain["Result"]["#attributes"]["value"], "0x800b0109");
        assert_eq!(chain["Result"]["#text"], "a chain > root");
    }
}

#[test]
fn rendered_text_stays_out_of_typed_records() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let event = event(named(vec![Value::text("x")]));
    let rendering =
        Rendering { culture: "de-DE".into(), message: "Die Verbindung wurde <getrennt>".into() };
    let forged = ForgedEvent { rendering: Some(&rendering), ..ForgedEvent::new(&event, &envelope) };
    for (records, shown) in [(RecordForm::Forwarded, true), (RecordForm::Typed, false)] {
        let mut writer =
            Writer::new(Cursor::new(Vec::new()), options(Form::Export, records)).unwrap();
        writer.push(&forged).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        let json = read(&bytes).remove(0).json;
        let info = &json["Event"]["RenderingInfo"];
        assert_eq!(info.is_object(), shown);
        if shown {
            assert_eq!(info["#attributes"]["Culture"], "de-DE");
            assert_eq!(info["Message"], "Die Verbindung wurde <getrennt>");
        }
        assert_eq!(json["Event"]["EventData"]["F0"], "x");
    }
}

#[test]
fn whole_catalogue_over_many_chunks() {
    let events = whole_catalogue();
    assert!(events.len() > 700, "{}", events.len());
    for options in all_options() {
        check(&events, options);
    }
}

#[test]
fn thousands_of_records_fill_chunks_greedily() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let events: Vec<_> = (0..6000)
        .map(|i| {
            let text = "x".repeat(i % 700);
            let data = named(vec![Value::text(text), Value::UInt32(u32::try_from(i).unwrap())]);
            let time = Time(time().0 + i64::try_from(i).unwrap() * 10_000);
            (Event { record_id: 5000 + i as u64, time, ..event(data) }, envelope.clone())
        })
        .collect();
    for options in all_options() {
        let chunks = check(&events, options);
        assert!(chunks.len() > 50, "{}", chunks.len());
        let (_, full) = chunks.split_last().unwrap();
        for chunk in full {
            // The longest record here has under 2.6 KB, 5 KB without a template.
            assert!((60_000..65_536).contains(&chunk.free_space_offset), "{chunk:?}");
        }
    }
}

#[test]
fn live_logs_have_a_stale_header_and_empty_space() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let events: Vec<_> = (0..900)
        .map(|i| {
            (
                Event { record_id: 40 + i, ..event(named(vec![Value::text("y".repeat(400))])) },
                envelope.clone(),
            )
        })
        .collect();
    let few = forge(&events[..3], options(LIVE, RecordForm::Typed));
    assert_eq!(few.len(), 4096 + 65_536);

    let bytes = forge(&events, options(LIVE, RecordForm::Typed));
    assert_eq!(bytes.len(), 4096 + 17 * 65_536, "one MiB after the first chunk");
    let header = evtx::EvtxParser::from_buffer(bytes.clone()).unwrap();
    let header = header.header();
    assert!(header.validate_checksum());
    assert_eq!((header.flags.bits(), header.chunk_count, header.next_record_id), (1, 1, 40));
    let records = read(&bytes);
    assert_eq!(records.len(), 900);
    assert_eq!(records.last().unwrap().header_id, 939);

    // The same log at its maximum size begins in the middle and has lost its oldest records.
    let circular = Form::Live { max_chunks: Some(5) };
    let bytes = forge(&events, options(circular, RecordForm::Typed));
    let first_chunk_id = u64::from_le_bytes(bytes[4096 + 24..4096 + 32].try_into().unwrap());
    let last_chunk = 4096 + 4 * 65_536;
    let last_chunk_id =
        u64::from_le_bytes(bytes[last_chunk + 24..last_chunk + 32].try_into().unwrap());
    assert!(first_chunk_id > last_chunk_id, "{first_chunk_id} {last_chunk_id}");
    let mut ids: Vec<_> = read(&bytes).iter().map(|record| record.header_id).collect();
    ids.sort_unstable();
    assert_eq!(ids.last(), Some(&939));
    assert!(ids[0] > 40 && ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "{ids:?}");
}

#[test]
fn a_log_without_records() {
    for form in [Form::Export, LIVE] {
        let bytes = forge(&[], options(form, RecordForm::Typed));
        assert_eq!(bytes.len(), 4096 + 65_536);
        assert!(read(&bytes).is_empty());
        let chunk = &bytes[4096..];
        // As in the empty logs of Windows, down to the checksum.
        assert_eq!(chunk[8..16], 1u64.to_le_bytes());
        assert_eq!(chunk[16..40], [0xff; 24]);
        assert_eq!(chunk[44..56], [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
        assert_eq!(chunk[120..128], [1, 0, 0, 0, 0x80, 0xc8, 0xb0, 0x6e]);
    }
}

#[test]
fn templates_are_defined_once_a_chunk_and_known_by_content() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let one = || (event(named(vec![Value::UInt32(7)])), envelope.clone());
    let first = forge(&[one(), one(), one()], Options::default());
    // `E.v.e.n.t.D.a.t.a` stands in the chunk once: the definition and its names.
    let name: Vec<u8> = "EventData".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(first.windows(name.len()).filter(|window| *window == name).count(), 1);
    assert_eq!(first, forge(&[one(), one(), one()], Options::default()));
    let sizes: Vec<_> = read(&first).iter().map(|record| record.size).collect();
    assert!(sizes[0] > 3 * sizes[1] && sizes[1] == sizes[2], "{sizes:?}");
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_the_log_whole() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let classic = Envelope { container: Container::Unnamed, ..envelope.clone() };
    let good = event(named(vec![Value::text("good")]));
    let with = |value| event(named(vec![value]));
    let mut writer = Writer::new(Cursor::new(Vec::new()), Options::default()).unwrap();
    writer.push(&ForgedEvent::new(&good, &envelope)).unwrap();
    for (event, envelope, message) in [
        (with(Value::text("x".repeat(32_768))), &envelope, "`F0`: it has 65536 bytes"),
        (
            with(Value::List([Value::Null, Value::Null].into())),
            &envelope,
            "`F0`: its items have no common type",
        ),
        (with(Value::Sid("joe".into())), &envelope, "`joe` is no SID"),
        (with(Value::FileTime(Time(-1))), &envelope, "`F0`: its time is outside"),
        (Event { event_id: 65_536, ..good.clone() }, &envelope, "event ID 65536"),
        (
            event(named(vec![Value::text("x".repeat(20_000)), Value::text("y".repeat(20_000))])),
            &envelope,
            "the record would have",
        ),
        (good.clone(), &classic, "cannot have a field named `F0`"),
    ] {
        let error = writer.push(&ForgedEvent::new(&event, envelope)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(!matches!(error, ForgeError::Io(_)));
    }
    writer.push(&ForgedEvent::new(&good, &envelope)).unwrap();
    assert_eq!(writer.records(), 2);
    let bytes = writer.finish().unwrap().into_inner();
    let records = read(&bytes);
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|record| record.json["Event"]["EventData"]["F0"] == "good"));
}

#[test]
fn the_header_has_the_time_of_writing() {
    let envelope = envelope(SystemShape::Substituted, event_data());
    let event = event(vec![]);
    let written = Time(time().0 + 50_000_000);
    let mut writer = Writer::new(Cursor::new(Vec::new()), Options::default()).unwrap();
    for written in [None, Some(written)] {
        writer.push(&ForgedEvent { written, ..ForgedEvent::new(&event, &envelope) }).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let times: Vec<_> = read(&bytes).iter().map(|record| record.written.clone()).collect();
    assert_eq!(times, ["2026-03-04T02:11:07.1254567Z", "2026-03-04T02:11:12.1234567Z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_in_any_form(
        events in prop::collection::vec(any_event(), 1..120),
        form in 0..4usize,
    ) {
        check(&events, all_options()[form]);
    }
}

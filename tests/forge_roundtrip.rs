//! What the forge writes, an independent reader reads back, value by value.
//!
//! The reader is the `evtx` crate, which shares no code with the forge; `scripts/verify-forge.sh`
//! asks two more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a step that fails fails its test, and one that is skipped says so"
)]

#[path = "forge/files.rs"]
mod files;
#[path = "forge/reader.rs"]
mod reader;
#[path = "forge/real.rs"]
mod real;

use std::io::Cursor;
use std::sync::Arc;

use proptest::prelude::*;
use rdpwhy::forge::{ForgeError, ForgedEvent, Form, Options, RecordForm, Rendering, Writer};
use rdpwhy::model::{Event, FactKind, Field, Guid, Source, Time, Value};
use rdpwhy::rules::events::{Catalogue, Container, Envelope, SystemShape};
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

fn time() -> Time {
    Time::parse_rfc3339("2026-03-04T02:11:07.1234567Z").unwrap()
}

fn guid() -> Guid {
    Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}").unwrap()
}

fn event(data: Vec<Field>) -> Event {
    Event {
        machine: "SRV01.corp.example".into(),
        channel: "Microsoft-Windows-Test/Operational".into(),
        provider: "Microsoft-Windows-Test".into(),
        event_id: 131,
        qualifiers: None,
        version: Some(2),
        level: Some(3),
        time: time(),
        record_id: 77,
        activity_id: Some(guid()),
        process_id: Some(816),
        thread_id: Some(1532),
        user_sid: Some("S-1-5-20".into()),
        data,
        source: Source::default(),
    }
}

fn field(name: &str, value: Value) -> Field {
    Field { name: name.into(), value }
}

fn named(values: Vec<Value>) -> Vec<Field> {
    values.into_iter().enumerate().map(|(i, value)| field(&format!("F{i}"), value)).collect()
}

fn envelope(system: SystemShape, container: Container) -> Envelope {
    let classic = system == SystemShape::Classic;
    Envelope {
        system,
        guid: (!classic).then(guid),
        source: (system == SystemShape::Literal).then(|| "Old & Source".into()),
        container,
        task: 4,
        opcode: 15,
        keywords: 0x8020_0000_0000_0000,
    }
}

fn event_data() -> Container {
    Container::EventData { name: None }
}

fn user_data() -> Container {
    Container::UserData {
        element: "EventXML".into(),
        namespace: Some("Event_NS".into()),
        literal: false,
    }
}

/// One value of each type, and arrays of each type that has them.
fn every_type() -> Vec<Value> {
    let scalars = vec![
        Value::Null,
        Value::text("a & b <ü> \"quoted\" \u{1F600}"),
        Value::text(""),
        Value::Int8(i8::MIN),
        Value::UInt8(u8::MAX),
        Value::Int16(i16::MIN),
        Value::UInt16(u16::MAX),
        Value::Int32(i32::MIN),
        Value::UInt32(u32::MAX),
        Value::Int64(i64::MIN),
        Value::UInt64(u64::MAX),
        Value::Real32(1.5),
        Value::Real64(-0.1),
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Binary([0, 1, 0xfe, 0xff].into()),
        Value::Binary([].into()),
        Value::Guid(guid()),
        Value::SizeT(u64::MAX),
        Value::FileTime(time()),
        Value::SystemTime(Time::parse_rfc3339("2026-03-04T02:11:07.123Z").unwrap()),
        Value::Sid("S-1-5-21-4230534742-2542757381-3142984815-1111".into()),
        Value::HexInt32(0xC000_006A),
        Value::HexInt64(u64::MAX),
    ];
    let arrays = scalars
        .iter()
        .filter(|value| !matches!(value, Value::Null | Value::Binary(_) | Value::SizeT(_)))
        .map(|value| Value::List([value.clone(), value.clone(), value.clone()].into()));
    let odd = [
        Value::List([Value::text("x"), Value::text(""), Value::text("z")].into()),
        Value::List([Value::text("only")].into()),
        Value::List([].into()),
    ];
    scalars.iter().cloned().chain(arrays).chain(odd).collect()
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

/// Events of every kind that the catalogue knows, but for what never stands in a log.
fn whole_catalogue() -> Vec<(Event, Envelope)> {
    let catalogue = Catalogue::embedded().unwrap();
    let mut events = Vec::new();
    let in_logs = |channel: &str| FactKind::of(channel).is_none();
    for source in catalogue.sources().iter().filter(|source| in_logs(&source.channel)) {
        for layout in &source.layouts {
            let fields = layout.fields.iter().flatten();
            let mut data: Vec<_> =
                fields.map(|known| field(&known.name, known.kind.neutral())).collect();
            if layout.envelope.container == Container::Unnamed {
                data = vec![field("", Value::List([Value::text("a"), Value::text("b")].into()))];
            }
            let classic = layout.version.is_none();
            events.push((
                Event {
                    channel: Arc::clone(&source.channel),
                    provider: Arc::clone(&source.provider),
                    event_id: layout.event_id,
                    version: layout.version,
                    qualifiers: layout.qualifiers,
                    level: Some(layout.level.unwrap_or(0)),
                    activity_id: Some(guid()).filter(|_| !classic),
                    record_id: 1000 + events.len() as u64,
                    ..event(data)
                },
                (*layout.envelope).clone(),
            ));
        }
    }
    events
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

fn any_value() -> impl Strategy<Value = Value> {
    let text = "[^\u{0}]{0,40}";
    let scalar = prop_oneof![
        Just(Value::Null),
        text.prop_map(Value::text),
        any::<i8>().prop_map(Value::Int8),
        any::<u8>().prop_map(Value::UInt8),
        any::<i16>().prop_map(Value::Int16),
        any::<u16>().prop_map(Value::UInt16),
        any::<i32>().prop_map(Value::Int32),
        any::<u32>().prop_map(Value::UInt32),
        any::<i64>().prop_map(Value::Int64),
        any::<u64>().prop_map(Value::UInt64),
        any::<i16>().prop_map(|number| Value::Real32(f32::from(number) / 8.0)),
        any::<i32>().prop_map(|number| Value::Real64(f64::from(number) / 8.0)),
        any::<bool>().prop_map(Value::Boolean),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| Value::Binary(bytes.into())),
        any::<[u8; 16]>().prop_map(|bytes| Value::Guid(Guid(bytes))),
        any::<u64>().prop_map(Value::SizeT),
        (0..200_000_000_000_000_000i64).prop_map(|ticks| Value::FileTime(Time(ticks))),
        (0..20_000_000_000_000i64).prop_map(|ms| Value::SystemTime(Time(ms * 10_000))),
        prop::collection::vec(any::<u32>(), 0..15).prop_map(|parts| {
            Value::Sid(
                parts.iter().fold("S-1-5".to_owned(), |sid, part| format!("{sid}-{part}")).into(),
            )
        }),
        any::<u32>().prop_map(Value::HexInt32),
        any::<u64>().prop_map(Value::HexInt64),
    ];
    let array = prop_oneof![
        prop::collection::vec(text.prop_map(Value::text), 0..5),
        prop::collection::vec(any::<u32>().prop_map(Value::HexInt32), 0..5),
        prop::collection::vec(any::<[u8; 16]>().prop_map(|bytes| Value::Guid(Guid(bytes))), 0..5),
    ];
    prop_oneof![9 => scalar, 1 => array.prop_map(|items| Value::List(items.into()))]
}

fn any_event() -> impl Strategy<Value = (Event, Envelope)> {
    let shape = prop_oneof![
        Just(SystemShape::Substituted),
        Just(SystemShape::Literal),
        Just(SystemShape::Classic)
    ];
    let container = prop_oneof![Just(event_data()), Just(user_data())];
    (
        (shape, container, prop::collection::vec(any_value(), 0..12)),
        ("[a-zA-Z0-9.&<>-]{1,20}", any::<u16>(), any::<u8>(), any::<u64>()),
        (any::<Option<u32>>(), any::<Option<[u8; 16]>>(), 0..200_000_000_000_000_000i64),
    )
        .prop_map(
            |((shape, container, values), (machine, id, level, record), (pid, activity, time))| {
                let classic = shape == SystemShape::Classic;
                let event = Event {
                    machine: machine.as_str().into(),
                    channel: format!("{machine}/Log").into(),
                    event_id: id.into(),
                    qualifiers: classic.then_some(id),
                    version: (!classic).then_some(level),
                    level: Some(level),
                    record_id: record,
                    time: Time(time),
                    process_id: pid,
                    activity_id: activity.map(Guid).filter(|_| !classic),
                    ..event(named(values))
                };
                (event, envelope(shape, container))
            },
        )
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

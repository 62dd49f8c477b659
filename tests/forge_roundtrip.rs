use evtx::EvtxParser;
use rdpwhy::forge::*;
use rdpwhy::model::{Source, *};
use rdpwhy::rules::events::{Catalogue, Container, SystemShape};
use std::io::Cursor;

#[test]
fn explore() {
    let cat = Catalogue::embedded().unwrap();
    let src = cat.find("RdpCoreTS", 131, None).unwrap();
    let env = &src.layouts_of(131).next().unwrap().envelope;
    let g = Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}").unwrap();
    let t = Time::parse_rfc3339("2026-03-04T02:11:07.1234567Z").unwrap();
    let vals = vec![
        Value::Null,
        Value::text("a & b <ü> \u{1F600}"),
        Value::text(""),
        Value::Int8(-1),
        Value::UInt8(255),
        Value::Int16(-2),
        Value::UInt16(3389),
        Value::Int32(-3),
        Value::UInt32(u32::MAX),
        Value::Int64(i64::MIN),
        Value::UInt64(u64::MAX),
        Value::Real32(1.5),
        Value::Real64(-0.1),
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Binary([1, 2, 255].into()),
        Value::Binary([].into()),
        Value::Guid(g),
        Value::SizeT(0x1234),
        Value::FileTime(t),
        Value::SystemTime(t),
        Value::Sid("S-1-5-21-1-2-3-500".into()),
        Value::HexInt32(0xC000006A),
        Value::HexInt64(u64::MAX),
        Value::List([Value::text("x"), Value::text(""), Value::text("z")].into()),
        Value::List([Value::UInt32(1), Value::UInt32(2)].into()),
        Value::List([].into()),
        Value::List([Value::Sid("S-1-5-18".into()), Value::Sid("S-1-5-19".into())].into()),
        Value::List([Value::FileTime(t), Value::FileTime(t)].into()),
    ];
    let mut event = Event {
        machine: "SRV01".into(),
        channel: "C".into(),
        provider: "P".into(),
        event_id: 131,
        qualifiers: None,
        version: Some(0),
        level: Some(4),
        time: t,
        record_id: 77,
        activity_id: Some(g),
        process_id: Some(4),
        thread_id: Some(8),
        user_sid: Some("S-1-5-18".into()),
        data: vals
            .into_iter()
            .enumerate()
            .map(|(i, value)| Field { name: format!("F{i}").into(), value })
            .collect(),
        source: Source::default(),
    };
    for (options, shape) in [
        (Options::default(), SystemShape::Substituted),
        (
            Options { form: Form::Live { max_chunks: None }, ..Options::default() },
            SystemShape::Substituted,
        ),
        (Options { records: RecordForm::Forwarded, ..Default::default() }, SystemShape::Literal),
        (Options::default(), SystemShape::Classic),
    ] {
        let mut env = (**env).clone();
        env.system = shape;
        if shape == SystemShape::Classic {
            env.container = Container::Unnamed;
            event.data = vec![
                Field {
                    name: "".into(),
                    value: Value::List([Value::text("a"), Value::text("")].into()),
                },
                Field { name: "Binary".into(), value: Value::Binary([1, 2].into()) },
            ];
        }
        let mut w = Writer::new(Cursor::new(Vec::new()), options).unwrap();
        w.push(&ForgedEvent::new(&event, &env)).unwrap();
        w.push(&ForgedEvent::new(&event, &env)).unwrap();
        let bytes = w.finish().unwrap().into_inner();
        println!("{:?} {}", options, bytes.len());
        let mut p = EvtxParser::from_buffer(bytes)
            .unwrap()
            .with_configuration(evtx::ParserSettings::new().validate_checksums(true).indent(false));
        println!("{:?}", p.header());
        for r in p.records_json() {
            let r = r.unwrap();
            println!("{} {} {}", r.event_record_id, r.timestamp, r.data);
        }
    }
}
#[test]
fn dump() {
    let cat = Catalogue::embedded().unwrap();
    let g = Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}").unwrap();
    let t = Time::parse_rfc3339("2026-03-04T02:11:07.1234567Z").unwrap();
    let mut w = Writer::new(
        std::fs::File::create("/tmp/fx/x.evtx").unwrap(),
        Options { form: Form::Live { max_chunks: None }, ..Options::default() },
    )
    .unwrap();
    for (ch, id) in [
        ("RdpCoreTS", 131),
        ("LSM", 21),
        ("System", 7036),
        ("System", 56),
        ("System", 1056),
        ("Security", 4624),
        ("Security", 1102),
        ("CAPI2", 11),
        ("System/Time-Service", 134),
        ("LSM", 34),
    ] {
        let src = cat.find(ch, id, None).unwrap();
        let l = src.layouts_of(id).next().unwrap();
        let mut data: Vec<Field> = l
            .fields
            .iter()
            .flatten()
            .map(|f| Field { name: f.name.clone(), value: f.kind.neutral() })
            .collect();
        if l.envelope.container == Container::Unnamed {
            data = vec![
                Field {
                    name: "".into(),
                    value: Value::List([Value::text("a"), Value::text("")].into()),
                },
                Field { name: "Binary".into(), value: Value::Binary([1, 2].into()) },
            ];
        }
        if ch == "CAPI2" {
            data = ["Certificate/@fileRef", "Certificate/@subjectName", "Result/@value", "Result"]
                .into_iter()
                .map(|n| Field { name: n.into(), value: Value::text("x&y") })
                .collect();
        }
        let event = Event {
            machine: "MSEDGEWIN10".into(),
            channel: src.channel.clone(),
            provider: src.provider.clone(),
            event_id: id,
            qualifiers: l.qualifiers,
            version: l.version,
            level: l.level,
            time: t,
            record_id: 77,
            activity_id: Some(g),
            process_id: Some(4),
            thread_id: Some(8),
            user_sid: Some("S-1-5-18".into()),
            data,
            source: Source::default(),
        };
        w.push(&ForgedEvent::new(&event, &l.envelope)).unwrap();
    }
    w.finish().unwrap();
}

//! Events to write: one of each kind, and any.

use std::sync::Arc;

use proptest::prelude::*;
use rdpwhy::model::{Event, FactKind, Field, Guid, Source, Time, Value};
use rdpwhy::rules::events::{Container, Envelope, SystemShape};

use crate::support::built_in::CATALOGUE;

pub(crate) fn time() -> Time {
    Time::parse_rfc3339("2026-03-04T02:11:07.1234567Z").unwrap()
}

pub(crate) fn guid() -> Guid {
    Guid::parse("{F4208A2B-1234-5678-9ABC-DEF012345678}").unwrap()
}

pub(crate) fn event(data: Vec<Field>) -> Event {
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

pub(crate) fn field(name: &str, value: Value) -> Field {
    Field { name: name.into(), value }
}

pub(crate) fn named(values: Vec<Value>) -> Vec<Field> {
    values.into_iter().enumerate().map(|(i, value)| field(&format!("F{i}"), value)).collect()
}

pub(crate) fn envelope(system: SystemShape, container: Container) -> Envelope {
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

pub(crate) fn event_data() -> Container {
    Container::EventData { name: None }
}

pub(crate) fn user_data() -> Container {
    Container::UserData {
        element: "EventXML".into(),
        namespace: Some("Event_NS".into()),
        literal: false,
    }
}

/// One value of each type, and arrays of each type that has them.
pub(crate) fn every_type() -> Vec<Value> {
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

/// Events of every kind that the catalogue knows, but for what never stands in a log.
pub(crate) fn whole_catalogue() -> Vec<(Event, Envelope)> {
    let mut events = Vec::new();
    let in_logs = |channel: &str| FactKind::of(channel).is_none();
    for source in CATALOGUE.sources().iter().filter(|source| in_logs(&source.channel)) {
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

pub(crate) fn any_event() -> impl Strategy<Value = (Event, Envelope)> {
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

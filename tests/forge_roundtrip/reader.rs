//! Reads forged logs with the `evtx` crate and compares every value.

use std::io::Cursor;

use evtx::{EvtxChunkHeader, EvtxParser, ParserSettings};
use rdpwhy::forge::{ForgedEvent, Options, RecordForm, Writer};
use rdpwhy::model::{Event, Time, Value};
use rdpwhy::rules::events::{Container, Envelope, SystemShape};
use serde_json::Value as Json;

/// A record as the reader sees it.
pub(crate) struct Record {
    /// The id in the record's header.
    pub(crate) header_id: u64,
    /// The time in the record's header.
    pub(crate) written: String,
    /// The size of its BinXML.
    pub(crate) size: u32,
    /// Its content.
    pub(crate) json: Json,
}

/// Writes events as one log.
pub(crate) fn forge(events: &[(Event, Envelope)], options: Options) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), options).unwrap();
    for (event, envelope) in events {
        writer.push(&ForgedEvent::new(event, envelope)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Reads a log. Fails at anything that the reader complains about, checksums included.
pub(crate) fn read(bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    each_chunk(bytes, |_, found| records.extend(found));
    records
}

fn each_chunk(bytes: &[u8], mut found: impl FnMut(EvtxChunkHeader, Vec<Record>)) {
    let settings = ParserSettings::new().validate_checksums(true).indent(false);
    let settings = std::sync::Arc::new(settings);
    let mut parser = EvtxParser::from_buffer(bytes.to_vec()).unwrap();
    assert!(parser.header().validate_checksum());
    for chunk in parser.chunks() {
        let mut chunk = chunk.unwrap();
        assert!(chunk.validate_header_checksum() && chunk.validate_data_checksum());
        let records = chunk
            .parse(settings.clone())
            .unwrap()
            .iter()
            .map(|record| {
                let record = record.unwrap();
                Record {
                    header_id: record.event_record_id,
                    written: record.timestamp.to_string(),
                    size: record.binxml_size,
                    json: record.into_json_value().unwrap().data,
                }
            })
            .collect();
        found(chunk.header, records);
    }
}

/// Writes the events, reads them back and compares everything. Returns the chunk headers.
pub(crate) fn check(events: &[(Event, Envelope)], options: Options) -> Vec<EvtxChunkHeader> {
    let bytes = forge(events, options);
    let mut records = Vec::new();
    let mut headers = Vec::new();
    each_chunk(&bytes, |header, found| {
        assert_eq!(header.first_event_record_id, found.first().unwrap().header_id);
        assert_eq!(header.last_event_record_id, found.last().unwrap().header_id);
        assert!(header.last_event_record_data_offset < header.free_space_offset);
        records.extend(found);
        headers.push(header);
    });
    assert_eq!(records.len(), events.len());
    for ((event, envelope), record) in events.iter().zip(&records) {
        let what = format!("{options:?}\n{event:?}\n{envelope:?}\n{}", record.json);
        check_system(event, envelope, &record.json["Event"]["System"], options.records, &what);
        check_payload(event, envelope, &record.json["Event"], options.records, &what);
    }
    if options.form == rdpwhy::forge::Form::Export {
        let ids: Vec<_> = records.iter().map(|record| record.header_id).collect();
        assert_eq!(ids, (1..=events.len() as u64).collect::<Vec<_>>());
        let parser = EvtxParser::from_buffer(bytes.clone()).unwrap();
        assert_eq!(usize::from(parser.header().chunk_count), headers.len());
        assert_eq!(parser.header().next_record_id, events.len() as u64 + 1);
        assert_eq!(bytes.len(), 4096 + headers.len() * 65_536);
    }
    headers
}

fn check_system(event: &Event, envelope: &Envelope, system: &Json, form: RecordForm, what: &str) {
    let classic = envelope.system == SystemShape::Classic;
    let same = |value: &Value, json: &Json| assert_same(value, json, form, what);
    let attributes = |name: &str| &system[name]["#attributes"];
    assert_eq!(attributes("Provider")["Name"], *event.provider, "{what}");
    if let Some(guid) = envelope.guid {
        same(&Value::Guid(guid), &attributes("Provider")["Guid"]);
    }
    if let Some(source) =
        envelope.source.as_deref().filter(|_| envelope.system == SystemShape::Literal)
    {
        assert_eq!(attributes("Provider")["EventSourceName"], *source, "{what}");
    }
    let event_id = Value::UInt32(event.event_id);
    match event.qualifiers {
        Some(qualifiers) => {
            same(&event_id, &system["EventID"]["#text"]);
            same(&Value::UInt16(qualifiers), &attributes("EventID")["Qualifiers"]);
        }
        None => same(&event_id, &system["EventID"]),
    }
    same(&Value::UInt8(event.level.unwrap_or(0)), &system["Level"]);
    same(&Value::UInt16(envelope.task), &system["Task"]);
    same(&Value::HexInt64(envelope.keywords), &system["Keywords"]);
    same(&Value::FileTime(event.time), &attributes("TimeCreated")["SystemTime"]);
    same(&Value::UInt64(event.record_id), &system["EventRecordID"]);
    assert_eq!(system["Channel"], *event.channel, "{what}");
    assert_eq!(system["Computer"], *event.machine, "{what}");
    if let Some(sid) = &event.user_sid {
        assert_eq!(attributes("Security")["UserID"], **sid, "{what}");
    }
    if classic {
        for absent in ["Version", "Opcode", "Correlation", "Execution"] {
            assert!(system.get(absent).is_none(), "{absent} {what}");
        }
        return;
    }
    same(&Value::UInt8(event.version.unwrap_or(0)), &system["Version"]);
    same(&Value::UInt8(envelope.opcode), &system["Opcode"]);
    same(&Value::UInt32(event.process_id.unwrap_or(0)), &attributes("Execution")["ProcessID"]);
    same(&Value::UInt32(event.thread_id.unwrap_or(0)), &attributes("Execution")["ThreadID"]);
    match event.activity_id {
        Some(activity) => same(&Value::Guid(activity), &attributes("Correlation")["ActivityID"]),
        None => assert!(system["Correlation"].get("#attributes").is_none(), "{what}"),
    }
}

fn check_payload(event: &Event, envelope: &Envelope, record: &Json, form: RecordForm, what: &str) {
    let parent = match &envelope.container {
        Container::UserData { element, namespace, .. } => {
            let parent = &record["UserData"][&**element];
            if let Some(namespace) = namespace {
                assert_eq!(parent["#attributes"]["xmlns"], **namespace, "{what}");
            }
            parent
        }
        Container::EventData { name } => {
            if let Some(name) = name {
                let own = &record["EventData"]["#attributes"]["Name"];
                assert_eq!(*own, **name, "{what}");
            }
            &record["EventData"]
        }
        Container::Unnamed => &record["EventData"],
    };
    // CAPI2's kind of record is text even among typed ones.
    let form = match envelope.container {
        Container::UserData { literal: true, .. } => RecordForm::Forwarded,
        _ => form,
    };
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for field in &event.data {
        let count = seen.entry(&field.name).or_default();
        let json = found(parent, &field.name, *count, &field.value);
        *count += 1;
        assert_same(&field.value, &json, form, &format!("{} {what}", field.name));
    }
}

/// What the reader has for a field, the `count`th of its name. It shows unnamed and named
/// `Data` as one array, other repeated elements as `Name`, `Name_1` and so on.
fn found(parent: &Json, name: &str, count: usize, value: &Value) -> Json {
    if name.is_empty() {
        return parent["Data"]["#text"].clone();
    }
    if let Some((element, attribute)) = name.split_once("/@") {
        return parent[element]["#attributes"][attribute].clone();
    }
    let numbered = |number: usize| match number {
        0 => parent[name].clone(),
        number => parent[format!("{name}_{number}")].clone(),
    };
    match value {
        Value::List(items) if items.len() > 1 && !parent[name].is_array() => {
            (0..items.len()).map(numbered).collect()
        }
        _ => numbered(count),
    }
}

/// Whether the reader shows this value. What an element without text looks like depends on
/// the element: null or empty text.
fn assert_same(value: &Value, json: &Json, form: RecordForm, what: &str) {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    };
    let is_typed = form == RecordForm::Typed;
    let number = |number: &dyn std::fmt::Display| {
        assert_eq!(json.is_number(), is_typed, "{what}");
        assert_eq!(text, number.to_string(), "{what}");
    };
    match value {
        Value::List(items) => match (items.len(), json) {
            (0, _) => assert_eq!(text, "", "{what}"),
            (1, json) if !json.is_array() => assert_same(&items[0], json, form, what),
            (_, json) => {
                let found = json.as_array().unwrap_or_else(|| panic!("{json} {what}"));
                assert_eq!(found.len(), items.len(), "{what}");
                items
                    .iter()
                    .zip(found)
                    .for_each(|(item, json)| assert_same(item, json, form, what));
            }
        },
        Value::Null => assert_eq!(text, "", "{what}"),
        Value::Text(expected) | Value::Sid(expected) => assert_eq!(text, **expected, "{what}"),
        Value::Int8(n) => number(n),
        Value::UInt8(n) => number(n),
        Value::Int16(n) => number(n),
        Value::UInt16(n) => number(n),
        Value::Int32(n) => number(n),
        Value::UInt32(n) => number(n),
        Value::Int64(n) => number(n),
        Value::UInt64(n) => number(n),
        Value::Real32(n) => assert_eq!(text.parse::<f32>().unwrap(), *n, "{what}"),
        Value::Real64(n) => assert_eq!(text.parse::<f64>().unwrap(), *n, "{what}"),
        Value::Boolean(flag) => {
            assert_eq!(json.is_boolean(), is_typed, "{what}");
            assert_eq!(text, flag.to_string(), "{what}");
        }
        Value::HexInt32(n) => assert_eq!(text, format!("{n:#x}"), "{what}"),
        Value::HexInt64(n) | Value::SizeT(n) => assert_eq!(text, format!("{n:#x}"), "{what}"),
        Value::Binary(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            assert_eq!(text, hex, "{what}");
        }
        Value::Guid(guid) => {
            let expected = guid.to_string();
            let expected = if is_typed { expected.to_lowercase() } else { expected };
            assert_eq!(text, expected, "{what}");
        }
        Value::FileTime(time) | Value::SystemTime(time) => {
            assert_eq!(Time::parse_rfc3339(&text), Some(*time), "{text} {what}");
            let digits = text.rsplit('.').next().unwrap().len() - 1;
            assert_eq!(digits, if is_typed { 7 } else { 9 }, "{text} {what}");
        }
    }
}

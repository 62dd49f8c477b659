//! Real logs, read and forged again: the records must be the bytes that Windows wrote.
//!
//! Of a record, only these bytes may differ: the GUIDs of templates (and with them their chain
//! in the template table), which Windows draws and the forge computes, and what is left over
//! in the room of missing values and in padding.

#![expect(clippy::print_stderr, reason = "how much was compared is the point")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;

use evtx::EvtxParser;
use rdpwhy::forge::{ForgedEvent, Form, Options, RecordForm, Writer};
use rdpwhy::model::{Event, Field, Guid, Source, Time, Value};
use rdpwhy::rules::events::{Container, Envelope, FieldLayout, FieldType};
use serde_json::Value as Json;

use crate::support::built_in::CATALOGUE;
use crate::support::files::files_in;
use crate::support::real_logs;

#[test]
fn real_records_come_out_byte_for_byte() {
    let Some(folder) = real_logs::folder() else { return };
    let mut equal = 0;
    let mut records = 0;
    let mut different = Vec::new();
    for path in files_in(folder) {
        let bytes = fs::read(&path).unwrap();
        if bytes.len() > 1_200_000 {
            continue;
        }
        let Some(events) = events_of(&bytes) else { continue };
        match forged_alike(&events, &record_bytes(&bytes)) {
            None => {
                equal += 1;
                records += events.len();
            }
            Some(difference) => different.push(format!("{}: {difference}", path.display())),
        }
    }
    eprintln!("{equal} logs equal with {records} records; {} differ", different.len());
    // The rest are circular, come from 32-bit Windows, or declare namespaces under prefixes.
    assert!(equal >= 120 && records > 3400, "{equal} {records}\n{}", different.join("\n"));
}

/// The first difference in the form that fits better, if there is one.
fn forged_alike(events: &[(Event, Envelope)], real: &[Vec<u8>]) -> Option<String> {
    let mut difference = None;
    for (form, records) in [
        (Form::Export, RecordForm::Typed),
        (Form::Export, RecordForm::Forwarded),
        (Form::Live { max_chunks: None }, RecordForm::Typed),
    ] {
        let options = Options { form, records };
        let mut writer = Writer::new(Cursor::new(Vec::new()), options).unwrap();
        for (event, envelope) in events {
            writer.push(&ForgedEvent::new(event, envelope)).unwrap();
        }
        let forged = record_bytes(&writer.finish().unwrap().into_inner());
        let pairs = real.iter().zip(&forged).zip(events);
        let first = pairs.enumerate().find(|(_, ((real, forged), _))| real != forged);
        difference = match first {
            None if real.len() == forged.len() => return None,
            None => Some("another number of records".to_owned()),
            Some((number, ((real, forged), (event, _)))) => Some(format!(
                "record {number}, event {}, {} and {} bytes",
                event.event_id,
                real.len(),
                forged.len()
            )),
        };
    }
    difference
}

/// The records of all chunks, with what may differ blanked out.
fn record_bytes(log: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for chunk in log[4096..].chunks_exact(65_536).filter(|chunk| chunk.starts_with(b"ElfChnk\0")) {
        let free = u32_at(chunk, 48).min(65_536);
        let mut start = 512;
        while start + 28 < free && chunk[start..].starts_with(b"**\0\0") {
            let size = u32_at(chunk, start + 4);
            if size < 28 || start + size > 65_536 {
                break;
            }
            let mut record = chunk[start..start + size].to_vec();
            blank(&mut record, start);
            records.push(record);
            start += size;
        }
    }
    records
}

fn u32_at(bytes: &[u8], position: usize) -> usize {
    u32::from_le_bytes(bytes[position..position + 4].try_into().unwrap()) as usize
}

/// Blanks out the header's id and time and, in both template instances, what may differ.
fn blank(record: &mut [u8], start: usize) {
    record[8..24].fill(0);
    let Some(body) = blank_instance(record, start, 28) else {
        // A record without a template: up to seven bytes of padding follow its element.
        let size = record.len() - 4;
        let element = 33 + u32_at(record, 29);
        record[element + 1..size].fill(0);
        return;
    };
    let inner = if record[body.start] == 0x0f { body.start + 4 } else { body.start };
    if record[inner] == 0x0c {
        blank_instance(record, start, inner);
    }
    // Everything after the body and the end of the record's stream is padding.
    let size = record.len() - 4;
    record[body.end + 1..size].fill(0);
}

/// Blanks out an instance's template id, GUID and chain, and the room of missing values.
/// Returns where its last value stands.
fn blank_instance(record: &mut [u8], start: usize, token: usize) -> Option<std::ops::Range<usize>> {
    if record[token] != 0x0c {
        return None;
    }
    record[token + 2..token + 6].fill(0);
    let mut position = token + 10;
    if u32_at(record, token + 6) == start + position {
        record[position..position + 20].fill(0);
        position += 24 + u32_at(record, position + 20);
    }
    let count = u32_at(record, position);
    let descriptors = position + 4;
    let mut value = descriptors + 4 * count;
    let mut last = value..value;
    for number in 0..count {
        let descriptor = descriptors + 4 * number;
        let size = usize::from(u16::from_le_bytes([record[descriptor], record[descriptor + 1]]));
        if record[descriptor + 2] == 0 {
            record[value..value + size].fill(0);
        }
        last = value..value + size;
        value += size;
    }
    Some(last)
}

/// A log's events, if the catalogue knows all of them.
fn events_of(log: &[u8]) -> Option<Vec<(Event, Envelope)>> {
    let mut parser = EvtxParser::from_buffer(log.to_vec()).ok()?;
    let events: Option<Vec<_>> =
        parser.records_json_value().map(|record| event_of(&record.ok()?.data["Event"])).collect();
    events.filter(|events| !events.is_empty())
}

fn event_of(json: &Json) -> Option<(Event, Envelope)> {
    let system = &json["System"];
    let attribute = |element: &str, name: &str| text(&system[element]["#attributes"][name]);
    let (channel, provider) = (text(&system["Channel"])?, attribute("Provider", "Name")?);
    let event_id = text(&system["EventID"]).or_else(|| text(&system["EventID"]["#text"]))?;
    let event_id = event_id.parse().ok()?;
    let version = text(&system["Version"]).and_then(|version| version.parse().ok());
    let user_data = json["UserData"].as_object().and_then(|data| data.values().next());
    let payload = user_data.unwrap_or(&json["EventData"]);

    let source = CATALOGUE.find(&channel, event_id, Some(&provider)).ok()?;
    let (layout, data) = source
        .layouts_of(event_id)
        .filter(|layout| layout.version == version)
        .find_map(|layout| {
            let data = match &layout.fields {
                _ if layout.envelope.container == Container::Unnamed => unnamed(payload),
                Some(fields) => named(payload, fields),
                None => None,
            };
            Some((layout, data?))
        })?;
    let number = |name: &str| text(&system[name]).map_or(Some(0u64), |text| text.parse().ok());
    let keywords = text(&system["Keywords"])?;
    let envelope = Envelope {
        task: u16::try_from(number("Task")?).ok()?,
        opcode: u8::try_from(number("Opcode")?).ok()?,
        keywords: u64::from_str_radix(keywords.trim_start_matches("0x"), 16).ok()?,
        ..(*layout.envelope).clone()
    };
    let event = Event {
        machine: text(&system["Computer"])?.into(),
        channel: channel.into(),
        provider: provider.into(),
        event_id,
        qualifiers: attribute("EventID", "Qualifiers").and_then(|text| text.parse().ok()),
        version,
        level: u8::try_from(number("Level")?).ok(),
        time: Time::parse_rfc3339(&attribute("TimeCreated", "SystemTime")?)?,
        record_id: number("EventRecordID")?,
        activity_id: attribute("Correlation", "ActivityID").and_then(|text| Guid::parse(&text)),
        process_id: attribute("Execution", "ProcessID").and_then(|text| text.parse().ok()),
        thread_id: attribute("Execution", "ThreadID").and_then(|text| text.parse().ok()),
        user_sid: attribute("Security", "UserID").map(Into::into),
        data,
        source: Source::default(),
    };
    Some((event, envelope))
}

/// The payload of a classic event.
fn unnamed(payload: &Json) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let items = match &payload["Data"]["#text"] {
        Json::Array(items) => items.iter().map(|item| text(item).unwrap_or_default()).collect(),
        Json::Null => Vec::new(),
        item => vec![text(item)?],
    };
    if !items.is_empty() {
        let value = Value::List(items.into_iter().map(Value::text).collect());
        fields.push(Field { name: "".into(), value });
    }
    if let Some(bytes) = text(&payload["Binary"]) {
        fields.push(Field { name: "Binary".into(), value: FieldType::Binary.read(&bytes)? });
    }
    Some(fields)
}

/// The payload, if it has just these fields.
fn named(payload: &Json, known: &[FieldLayout]) -> Option<Vec<Field>> {
    let mut counts = BTreeMap::new();
    let mut fields = Vec::new();
    for FieldLayout { name, kind } in known {
        let count = counts.entry(name).or_insert(0);
        // How the reader tells apart fields of the same name.
        let key = if *count == 0 { name.to_string() } else { format!("{name}_{count}") };
        *count += 1;
        let value = match (text(payload.get(&key)?), *kind) {
            (Some(text), kind) => kind.read(&text)?,
            (None, FieldType::UnicodeString | FieldType::Binary) => kind.neutral(),
            (None, _) => return None,
        };
        fields.push(Field { name: name.clone(), value });
    }
    let others = payload.as_object().into_iter().flat_map(|object| object.keys());
    let found = others.filter(|key| *key != "#attributes").count();
    (found == fields.len()).then_some(fields)
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::Null | Json::Object(_) | Json::Array(_) => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

//! Writes logs together with what is in them, for `scripts/verify-forge.sh`, which reads them
//! with parsers that share nothing with this project.
//!
//! `forge_expected OUT SCENARIO.yml…` writes `OUT/<name>.evtx` and `OUT/<name>.jsonl` for each
//! scenario, and logs with every type of value and every layout of the catalogue.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rdpwhy::forge::write_log;
use rdpwhy::model::{Event, Field, Guid, Source, Time, Value};
use rdpwhy::rules::events::{Catalogue, Container, Envelope, FieldType};
use rdpwhy::scenario::{Log, LogForm, Scenario, ScenarioEvent};
use serde_json::{Value as Json, json};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().context("usage: forge_expected OUT SCENARIO.yml…")?;
    fs::create_dir_all(&out)?;
    let catalogue = Catalogue::embedded()?;
    for path in arguments {
        let name = path.file_stem().context("a scenario has a name")?.to_string_lossy();
        let scenario = Scenario::parse(&fs::read_to_string(&path)?, &name)?;
        write(&out, &name, &scenario.events(&catalogue)?, scenario.log())?;
    }
    for (form, name) in [(LogForm::Export, "export"), (LogForm::Live, "live")] {
        let log = Log { form, ..Log::default() };
        write(&out, &format!("every-type-{name}"), &every_type(), &log)?;
        write(&out, &format!("every-layout-{name}"), &every_layout(&catalogue), &log)?;
    }
    Ok(())
}

fn write(out: &Path, name: &str, events: &[ScenarioEvent], log: &Log) -> anyhow::Result<()> {
    let file = File::create(out.join(format!("{name}.evtx")))?;
    write_log(BufWriter::new(file), events, log)?;
    let mut lines = BufWriter::new(File::create(out.join(format!("{name}.jsonl")))?);
    for forged in events {
        serde_json::to_writer(&mut lines, &described(forged, log))?;
        lines.write_all(b"\n")?;
    }
    Ok(lines.flush()?)
}

/// An event as JSON: its System, and its payload as [name, type, text] in order.
fn described(forged: &ScenarioEvent, log: &Log) -> Json {
    let ScenarioEvent { event, envelope, .. } = forged;
    let payload: Vec<_> = event.data.iter().flat_map(shown).collect();
    let classic = event.version.is_none();
    json!({
        "forwarded": log.form == LogForm::Forwarded,
        "machine": &*event.machine,
        "channel": &*event.channel,
        "provider": &*event.provider,
        "guid": envelope.guid.map(|guid| guid.to_string()),
        "event_id": event.event_id,
        "qualifiers": event.qualifiers,
        "version": event.version,
        "level": event.level,
        "task": envelope.task,
        "opcode": (!classic).then_some(envelope.opcode),
        "keywords": format!("{:#x}", envelope.keywords),
        "time": event.time.0,
        "record_id": event.record_id,
        "activity_id": event.activity_id.map(|guid| guid.to_string()),
        "process_id": event.process_id,
        "thread_id": event.thread_id,
        "user_sid": event.user_sid.as_deref(),
        "user_data": matches!(envelope.container, Container::UserData { .. }),
        "payload": payload,
    })
}

/// Each item of a list is a line of its own, as readers show it.
fn shown(field: &Field) -> Vec<Json> {
    match &field.value {
        Value::List(items) => {
            items.iter().map(|item| json!([&*field.name, kind(item), text(item)])).collect()
        }
        value => vec![json!([&*field.name, kind(value), text(value)])],
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Text(_) | Value::Sid(_) => "text",
        Value::Real32(_) | Value::Real64(_) => "real",
        Value::Boolean(_) => "boolean",
        Value::Binary(_) => "binary",
        Value::Guid(_) => "guid",
        Value::FileTime(_) | Value::SystemTime(_) => "time",
        _ => "integer",
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::FileTime(time) | Value::SystemTime(time) => time.0.to_string(),
        value => value.to_text().into_owned(),
    }
}

fn sample(data: Vec<Field>, number: u64) -> Event {
    Event {
        machine: "SRV01.corp.example".into(),
        channel: "Microsoft-Windows-Test/Operational".into(),
        provider: "Microsoft-Windows-Test".into(),
        event_id: 131,
        qualifiers: None,
        version: Some(2),
        level: Some(3),
        time: Time(134_170_638_671_234_567),
        record_id: 1000 + number,
        activity_id: Some(Guid([7; 16])),
        process_id: Some(816),
        thread_id: Some(1532),
        user_sid: Some("S-1-5-20".into()),
        data,
        source: Source::default(),
    }
}

fn every_type() -> Vec<ScenarioEvent> {
    let time = Time(134_170_638_671_230_000);
    let values = [
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
        Value::Real64(-0.125),
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Binary([0, 1, 0xfe, 0xff].into()),
        Value::Guid(Guid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])),
        Value::SizeT(0x1234),
        Value::FileTime(time),
        Value::SystemTime(time),
        Value::Sid("S-1-5-21-4230534742-2542757381-3142984815-1111".into()),
        Value::HexInt32(0xC000_006A),
        Value::HexInt64(u64::MAX),
        Value::List([Value::text("x"), Value::text("z")].into()),
    ];
    // One record for each, so that a reader's trouble with one type shows alone.
    values
        .into_iter()
        .zip(0..)
        .map(|(value, number)| ScenarioEvent {
            event: sample(vec![Field { name: "Value".into(), value }], number),
            envelope: Arc::new(Envelope { guid: Some(Guid([9; 16])), ..Envelope::unknown() }),
            message: None,
        })
        .collect()
}

/// The neutral value of a type; but the year 1601 is none that python-evtx can show.
fn value_of(kind: FieldType) -> Value {
    match kind.neutral() {
        Value::FileTime(_) => Value::FileTime(Time(134_170_638_671_230_000)),
        value => value,
    }
}

/// Every event of the catalogue with neutral values.
fn every_layout(catalogue: &Catalogue) -> Vec<ScenarioEvent> {
    let layouts = catalogue
        .sources()
        .iter()
        .flat_map(|source| source.layouts.iter().map(move |layout| (source, layout)));
    layouts
        .zip(0..)
        .map(|((source, layout), number)| {
            let fields = layout.fields.iter().flatten();
            let mut data: Vec<_> = fields
                .map(|field| Field { name: Arc::clone(&field.name), value: value_of(field.kind) })
                .collect();
            if layout.envelope.container == Container::Unnamed {
                let items = [Value::text("first"), Value::text("second")];
                data = vec![Field { name: "".into(), value: Value::List(items.into()) }];
            }
            let classic = layout.version.is_none();
            let sample = sample(data, number);
            let event = Event {
                channel: Arc::clone(&source.channel),
                provider: Arc::clone(&source.provider),
                event_id: layout.event_id,
                version: layout.version,
                qualifiers: layout.qualifiers,
                level: Some(layout.level.unwrap_or(0)),
                activity_id: sample.activity_id.filter(|_| !classic),
                process_id: sample.process_id.filter(|_| !classic),
                thread_id: sample.thread_id.filter(|_| !classic),
                ..sample
            };
            ScenarioEvent { event, envelope: Arc::clone(&layout.envelope), message: None }
        })
        .collect()
}

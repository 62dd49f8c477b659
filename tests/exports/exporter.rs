//! Exports logs as other tools do: XML and JSON by the `evtx` crate, the shapes of Velociraptor
//! and Winlogbeat out of our own events.

use std::path::Path;

use evtx::{EvtxParser, ParserSettings};
use rdpwhy::discover::discover;
use rdpwhy::model::{Event, Value};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::read_all;
use serde_json::{Map, Value as Json, json};

use crate::support::all::All;

/// All events of a log, in whatever form.
pub(crate) fn events(path: &Path) -> Vec<Event> {
    let found = discover(&[path.to_owned()], &ArchiveOptions::default());
    assert_eq!(found.logs.len(), 1, "{}: {:?}", path.display(), found.problems);
    read_all(&found.logs, &All { recovers: false }, &|_| {}).0
}

fn parser(log: &Path, settings: ParserSettings) -> EvtxParser<std::fs::File> {
    EvtxParser::from_path(log).unwrap().with_configuration(settings.indent(false).num_threads(1))
}

/// The events as XML, each as it would stand in `wevtutil qe`.
pub(crate) fn xml_events(log: &Path) -> Vec<String> {
    let mut parser = parser(log, ParserSettings::new());
    let xml = parser.records().map(|record| record.unwrap().data);
    xml.map(|xml| xml[xml.find("<Event").unwrap()..].trim_end().to_owned()).collect()
}

/// `evtx_dump -o jsonl`.
pub(crate) fn evtx_dump(log: &Path, separate_attributes: bool) -> Vec<String> {
    let settings = ParserSettings::new().separate_json_attributes(separate_attributes);
    let mut parser = parser(log, settings);
    parser.records_json().map(|record| record.unwrap().data).collect()
}

/// The readable records of a real log as XML; `None` where the crate opens it not at all.
pub(crate) fn xml(log: &Path) -> Option<Vec<String>> {
    let parser = EvtxParser::from_path(log).ok()?;
    let mut parser = parser.with_configuration(ParserSettings::new().indent(true).num_threads(1));
    let records = parser.records().filter_map(|record| Some(record.ok()?.data));
    Some(records.collect())
}

/// The same as JSON, over several lines.
pub(crate) fn json(log: &Path) -> Vec<String> {
    let parser = EvtxParser::from_path(log).unwrap();
    let mut parser = parser.with_configuration(ParserSettings::new().indent(true).num_threads(1));
    let records = parser.records_json().filter_map(|record| Some(record.ok()?.data));
    records.collect()
}

/// What Velociraptor's `parse_evtx` gives.
pub(crate) fn velociraptor(event: &Event) -> String {
    let seconds = (event.time.0 - 116_444_736_000_000_000) as f64 / 1e7;
    let mut system = json!({
        "Provider": { "Name": &*event.provider },
        "EventID": { "Value": event.event_id },
        "TimeCreated": { "SystemTime": seconds },
        "EventRecordID": event.record_id,
        "Correlation": {},
        "Execution": { "ProcessID": event.process_id, "ThreadID": event.thread_id },
        "Channel": &*event.channel,
        "Computer": &*event.machine,
        "Security": {},
    });
    if let Some(qualifiers) = event.qualifiers {
        system["EventID"]["Qualifiers"] = qualifiers.into();
    }
    if let Some(version) = event.version {
        system["Version"] = version.into();
    }
    if let Some(activity) = event.activity_id {
        system["Correlation"]["ActivityID"] = activity.to_string().into();
    }
    if let Some(user) = &event.user_sid {
        system["Security"]["UserID"] = (&**user).into();
    }
    let (part, payload) = payload(event, plain);
    json!({ "System": system, part: payload, "Message": "Die Sitzung wurde getrennt." }).to_string()
}

/// What Winlogbeat ships.
pub(crate) fn winlogbeat(event: &Event) -> String {
    let mut log = json!({
        "api": "wineventlog",
        "channel": &*event.channel,
        "computer_name": &*event.machine,
        "event_id": event.event_id.to_string(),
        "provider_name": &*event.provider,
        "record_id": event.record_id,
        "process": { "pid": event.process_id, "thread": { "id": event.thread_id } },
        "keywords": ["Überwachung erfolgreich"],
    });
    if let Some(version) = event.version {
        log["version"] = version.into();
    }
    if let Some(activity) = event.activity_id {
        log["activity_id"] = activity.to_string().into();
    }
    if let Some(user) = &event.user_sid {
        log["user"] = json!({ "identifier": &**user, "type": "Benutzer" });
    }
    let mut fields = Map::new();
    let mut position = 0;
    for (name, value) in flat(event) {
        position += 1;
        // It leaves out what is empty, but counts it.
        let text = value.to_text();
        if !text.is_empty() {
            let name = if name.is_empty() { format!("param{position}") } else { name.to_owned() };
            fields.insert(name, text.into());
        }
    }
    let part = if is_user_data(event) { "user_data" } else { "event_data" };
    log[part] = Json::Object(fields);
    let time = event.time.to_timestamp().unwrap();
    json!({
        "@timestamp": format!("{time:.3}"),
        "@metadata": { "beat": "winlogbeat", "type": "_doc", "version": "8.11.0" },
        "agent": { "type": "winlogbeat" },
        "event": { "code": event.event_id.to_string(), "kind": "event", "created": "2030-01-01T00:00:00.000Z" },
        "log": { "level": "Informationen" },
        "message": "{ \"Event\": \"in Worten\" }\n{",
        "winlog": log,
    })
    .to_string()
}

/// The values one by one.
pub(crate) fn flat(event: &Event) -> Vec<(&str, &Value)> {
    event
        .data
        .iter()
        .flat_map(|field| items(&field.value).iter().map(|item| (&*field.name, item)))
        .collect()
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        value => std::slice::from_ref(value),
    }
}

/// Whether the payload is `UserData`, for which the events of these providers are known.
fn is_user_data(event: &Event) -> bool {
    event.provider.contains("TerminalServices-LocalSessionManager")
        || event.provider.contains("TerminalServices-RemoteConnectionManager")
            && event.channel.contains('/')
        || event.provider.contains("CAPI2")
        || event.provider.contains("TerminalServices-Gateway")
}

/// The part's name and its members.
fn payload(event: &Event, value: fn(&Value) -> Json) -> (&'static str, Json) {
    let mut members = Map::new();
    for (name, item) in flat(event) {
        if name.is_empty() {
            let data = members.entry("Data").or_insert_with(|| json!([]));
            data.as_array_mut().unwrap().push(value(item));
            continue;
        }
        let mut at = &mut members;
        let mut path: Vec<&str> = name.split('/').collect();
        let last = path.pop().unwrap().trim_start_matches('@');
        for step in path {
            let below = at.entry(step).or_insert_with(|| json!({}));
            if !below.is_object() {
                *below = json!({ "Value": below });
            }
            at = below.as_object_mut().unwrap();
        }
        at.insert(last.to_owned(), value(item));
    }
    if is_user_data(event) {
        ("UserData", json!({ "EventXML": Json::Object(members) }))
    } else {
        ("EventData", Json::Object(members))
    }
}

/// Numbers as numbers, the rest as text.
fn plain(value: &Value) -> Json {
    use Value::{Boolean, Int32, UInt8, UInt16, UInt32, UInt64};
    match value {
        Boolean(value) => (*value).into(),
        Int32(value) => (*value).into(),
        UInt8(value) => (*value).into(),
        UInt16(value) => (*value).into(),
        UInt32(value) => (*value).into(),
        UInt64(value) => (*value).into(),
        value => value.to_text().into(),
    }
}

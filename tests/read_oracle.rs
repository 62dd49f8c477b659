//! Reads every real log twice, with our reader and with the `evtx` crate's XML, and compares
//! each record and each value.
//!
//! The crate decodes BinXML on its own from the chunk to the text, so the two share no code
//! but the chunk header. XML is the crate's most exact form: unlike its JSON it keeps
//! repeated names, the order and the elements apart.

#![expect(clippy::print_stderr, reason = "the figures are the point")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where something is not as it must be"
)]

mod real_logs;
mod xml;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};
use rayon::prelude::*;
use rdpwhy::discover::discover;
use rdpwhy::model::{Event, Guid, Time, Value};
use rdpwhy::read::{Head, Readout, Select, read};
use xml::Element;

const CHUNK: usize = 65_536;
const RECORD_HEADER: u64 = 24;

/// Keeps all events.
struct All;

impl Select for All {
    type Kept = Event;

    fn wants(&self, _: &Head<'_>) -> bool {
        true
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// What the comparison of some records gave.
#[derive(Debug, Default)]
struct Outcome {
    files: u64,
    records: u64,
    values: u64,
    /// Records that we read and the crate refuses, alone or with their whole chunk.
    only_ours: u64,
    /// Differences that are meant, by kind.
    meant: BTreeMap<&'static str, u64>,
    /// Differences that are faults.
    faults: Vec<String>,
}

impl Outcome {
    fn join(mut self, other: Self) -> Self {
        self.files += other.files;
        self.records += other.records;
        self.values += other.values;
        self.only_ours += other.only_ours;
        for (kind, count) in other.meant {
            *self.meant.entry(kind).or_default() += count;
        }
        self.faults.extend(other.faults);
        self
    }

    fn compare(&mut self, place: &str, name: &str, ours: &Value, theirs: &str) {
        self.values += 1;
        let text = xml_text(ours);
        if text == theirs {
            return;
        }
        match meant(name, ours, theirs) {
            Some(kind) => *self.meant.entry(kind).or_default() += 1,
            None => self.faults.push(format!("{place} {name}: ours {ours:?}, theirs {theirs:?}")),
        }
    }
}

/// The differences that are meant.
fn meant(name: &str, ours: &Value, theirs: &str) -> Option<&'static str> {
    match ours {
        // Windows stores masks where a type of true and false is declared.
        Value::Boolean(true) if theirs.parse::<i32>().is_ok_and(|mask| mask != 0) => {
            Some("a mask as a boolean")
        }
        // One damaged log has records without them.
        Value::UInt64(_) if name == "EventRecordID" && theirs.is_empty() => {
            Some("the record id from the header")
        }
        Value::Text(_) if name == "TimeCreated" && theirs.is_empty() => {
            Some("the time from the header")
        }
        // Half a surrogate pair: a replacement character in ours, a line in the crate's XML.
        Value::Text(text) if text.replace(char::REPLACEMENT_CHARACTER, "_") == theirs => {
            Some("text that is no UTF-16")
        }
        _ => None,
    }
}

#[test]
fn every_value_is_what_the_crate_reads() {
    let Some(folder) = real_logs::folder() else { return };
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let outcome =
        files.par_iter().map(|file| compare_file(file)).reduce(Outcome::default, Outcome::join);
    eprintln!(
        "{} files, {} records, {} values equal but for {:?}; {} records only ours",
        outcome.files, outcome.records, outcome.values, outcome.meant, outcome.only_ours
    );
    let shown: Vec<_> = outcome.faults.iter().take(40).collect();
    assert!(outcome.faults.is_empty(), "{} faults: {shown:#?}", outcome.faults.len());
    let meant = [
        ("a mask as a boolean", 664),
        ("text that is no UTF-16", 1),
        ("the record id from the header", 2),
        ("the time from the header", 1),
    ];
    assert_eq!(outcome.meant, BTreeMap::from(meant));
    assert_eq!((outcome.records, outcome.only_ours), (257_184, 0));
}

fn compare_file(path: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let found = discover(&[path.to_owned()]);
    let readout: Readout<Event> = read(&found.logs, &All, &|_| {});
    let mut ours: BTreeMap<u64, &Event> =
        readout.kept.iter().map(|event| (event.source.offset, event)).collect();
    let Some(log) = found.logs.first() else { return outcome };
    outcome.files = 1;
    let bytes = fs::read(path).unwrap();
    let settings = Arc::new(ParserSettings::new().indent(false));
    let first = usize::try_from(log.first_chunk).unwrap();
    for (number, slot) in bytes[first..].chunks(CHUNK).enumerate() {
        let mut slot = slot.to_vec();
        slot.resize(CHUNK, 0);
        let Ok(mut data) = EvtxChunkData::new(slot, false) else { continue };
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter() {
            let Ok(record) = record else { continue };
            let slot_offset = log.first_chunk + (number * CHUNK) as u64;
            let offset = slot_offset + record.binxml_offset - RECORD_HEADER;
            let Ok(record) = record.into_xml() else { continue };
            outcome.records += 1;
            let place = format!("{} @{offset}", path.file_name().unwrap().to_string_lossy());
            match ours.remove(&offset) {
                Some(event) => {
                    compare_record(&mut outcome, &place, event, &xml::parse(&record.data));
                }
                None => outcome.faults.push(format!("{place}: not read")),
            }
        }
    }
    outcome.only_ours = ours.len() as u64;
    outcome
}

fn compare_record(outcome: &mut Outcome, place: &str, event: &Event, theirs: &Element) {
    for (name, ours, theirs) in system(event, theirs.child("System")) {
        outcome.compare(place, name, &ours, &theirs);
    }
    let theirs = fields(theirs);
    let ours: Vec<(&str, &Value)> = event
        .data
        .iter()
        .flat_map(|field| items(&field.value).iter().map(|item| (&*field.name, item)))
        .collect();
    let names = |fields: &[(String, String)]| {
        fields.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let our_names: Vec<&str> = ours.iter().map(|(name, _)| *name).collect();
    if our_names != names(&theirs) {
        outcome.faults.push(format!("{place}: ours {ours:?}, theirs {theirs:?}"));
        return;
    }
    for ((name, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
        outcome.compare(place, name, ours, &theirs);
    }
}

/// XML repeats an element for each item of an array, and shows one without items as empty.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) if items.is_empty() => &[Value::Null],
        Value::List(items) => items,
        value => std::slice::from_ref(value),
    }
}

/// The values of the `System` part: ours and theirs, brought to one notation where forwarded
/// records have text.
fn system(event: &Event, theirs: &Element) -> Vec<(&'static str, Value, String)> {
    let number = |number: Option<u64>| number.map_or(Value::Null, Value::UInt64);
    let text = |text: &str| Value::text(text);
    let attribute = |element: &str, name: &str| theirs.child(element).attribute(name).to_owned();
    let content = |element: &str| theirs.child(element).text.clone();
    let time =
        Time::parse_rfc3339(&attribute("TimeCreated", "SystemTime")).map(|time| time.to_string());
    let activity =
        Guid::parse(&attribute("Correlation", "ActivityID")).filter(|guid| !guid.is_nil());
    let shown = |guid: Option<Guid>| guid.map(|guid| guid.to_string()).unwrap_or_default();
    vec![
        ("Computer", text(&event.machine), content("Computer")),
        ("Channel", text(&event.channel), content("Channel")),
        ("Provider", text(&event.provider), attribute("Provider", "Name")),
        ("EventID", number(Some(event.event_id.into())), content("EventID")),
        (
            "Qualifiers",
            number(event.qualifiers.map(Into::into)),
            attribute("EventID", "Qualifiers"),
        ),
        ("Version", number(event.version.map(Into::into)), content("Version")),
        ("Level", number(event.level.map(Into::into)), content("Level")),
        ("TimeCreated", text(&event.time.to_string()), time.unwrap_or_default()),
        ("EventRecordID", number(Some(event.record_id)), content("EventRecordID")),
        ("ActivityID", text(&shown(event.activity_id)), shown(activity)),
        (
            "ProcessID",
            number(event.process_id.map(Into::into)),
            attribute("Execution", "ProcessID"),
        ),
        ("ThreadID", number(event.thread_id.map(Into::into)), attribute("Execution", "ThreadID")),
        (
            "UserID",
            text(event.user_sid.as_deref().unwrap_or_default()),
            attribute("Security", "UserID"),
        ),
    ]
}

/// The fields of an event's XML, by the rules that `Field::name` states.
fn fields(event: &Element) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for part in &event.children {
        match part.name.as_str() {
            "System" | "RenderingInfo" => {}
            "UserData" => part.children.iter().for_each(|child| container(child, &mut fields)),
            _ => container(part, &mut fields),
        }
    }
    fields
}

fn container(element: &Element, fields: &mut Vec<(String, String)>) {
    attributes(element, "", fields);
    for child in &element.children {
        let is_data = element.name == "EventData" && child.name == "Data";
        if is_data {
            fields.push((child.attribute("Name").to_owned(), child.text.clone()));
        } else {
            field(child, &child.name, fields);
        }
    }
    if !element.text.trim().is_empty() {
        fields.push((element.name.clone(), element.text.clone()));
    }
}

fn field(element: &Element, path: &str, fields: &mut Vec<(String, String)>) {
    let before = fields.len();
    attributes(element, &format!("{path}/"), fields);
    let has_attributes = fields.len() > before;
    for child in &element.children {
        field(child, &format!("{path}/{}", child.name), fields);
    }
    let is_field = match (element.children.is_empty(), has_attributes) {
        (true, false) => true,
        (true, true) => !element.text.is_empty(),
        (false, _) => !element.text.trim().is_empty(),
    };
    if is_field {
        fields.push((path.to_owned(), element.text.clone()));
    }
}

fn attributes(element: &Element, path: &str, fields: &mut Vec<(String, String)>) {
    for (name, value) in &element.attributes {
        // An attribute without a value says nothing, and readers differ in showing it.
        if name != "xmlns" && !name.starts_with("xmlns:") && !value.is_empty() {
            fields.push((format!("{path}@{name}"), value.clone()));
        }
    }
}

/// A value as the crate's XML shows it.
fn xml_text(value: &Value) -> String {
    match value {
        Value::Guid(guid) => guid.to_string().to_lowercase(),
        Value::FileTime(time) | Value::SystemTime(time) => {
            let text = time.to_string();
            let text = text.strip_suffix('Z').unwrap_or(&text);
            let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
            format!("{seconds}.{fraction:0<7}Z")
        }
        Value::Real32(real) => format!("{real:?}"),
        Value::Real64(real) => format!("{real:?}"),
        // XML 1.0 has no control characters; the crate writes a line in their place.
        value => value.to_text().replace(|c: char| c < ' ' && !"\t\r\n".contains(c), "_"),
    }
}

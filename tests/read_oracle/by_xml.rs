//! Compares a record with the crate's XML of it.
//!
//! It has no types, but keeps what JSON's objects cannot: the order of all elements, names
//! that repeat, `Data` without a name among named ones.

use rdpwhy::model::{Event, Guid, Time, Value};

use super::notation::{items, text};
use super::tally::Tally;
use super::xml::{self, Element};

/// Compares a record with the crate's XML of it.
pub(crate) fn compare(tally: &mut Tally, place: &str, event: &Event, theirs: &str) {
    let theirs = xml::parse(theirs);
    for (name, ours, theirs) in system(event, theirs.child("System")) {
        compare_value(tally, place, name, &ours, &theirs);
    }
    let theirs = fields(&theirs);
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
        tally.fault(format!("{place}: ours {ours:?}, theirs {theirs:?}"));
        return;
    }
    for ((name, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
        compare_value(tally, place, name, ours, &theirs);
    }
}

fn compare_value(tally: &mut Tally, place: &str, name: &str, ours: &Value, theirs: &str) {
    tally.values += 1;
    if xml_text(ours) == theirs {
        return;
    }
    match meant(name, ours, theirs) {
        Some(kind) => tally.differ(kind),
        None => tally.fault(format!("{place} {name}: ours {ours:?}, theirs {theirs:?}")),
    }
}

/// The differences that are meant. The test says why.
fn meant(name: &str, ours: &Value, theirs: &str) -> Option<&'static str> {
    match ours {
        Value::Boolean(true) if theirs.parse::<i32>().is_ok_and(|mask| mask != 0) => {
            Some("a mask as a boolean")
        }
        Value::UInt64(_) if name == "EventRecordID" && theirs.is_empty() => {
            Some("the record id from the header")
        }
        Value::Text(_) if name == "TimeCreated" && theirs.is_empty() => {
            Some("the time from the header")
        }
        Value::Text(text) if text.replace(char::REPLACEMENT_CHARACTER, "_") == theirs => {
            Some("text that is no UTF-16")
        }
        _ => None,
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
    // XML 1.0 has no control characters; the crate writes a line in their place.
    text(value).replace(|c: char| c < ' ' && !"\t\r\n".contains(c), "_")
}

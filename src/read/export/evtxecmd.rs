//! Records that `EvtxECmd` wrote as JSON (`--json`), as its source (EricZimmerman/evtx) and the
//! output that people publish have them.
//!
//! `Payload` is the payload in Windows' XML, turned into JSON and that into text: attributes begin
//! with `@`, text beside them is `#text`. What its maps make of the payload (`PayloadData1`,
//! `UserName`, `RemoteHost`) is a choice of it in words, and not read.

use serde_json::{Map, Value as Json};

use super::element::Element;
use super::heading::number;
use super::json::value;
use super::{Flaw, Heading, payload};
use crate::model::{Field, Value};
use crate::read::intern::Interner;

/// What begins the name of a member that is an attribute, and the name of text beside those.
const ATTRIBUTE: char = '@';
const TEXT: &str = "#text";

/// Whether an object is such a record.
pub(super) fn is_one(record: &Map<String, Json>) -> bool {
    let has = |name: &str| record.contains_key(name);
    has("EventId") && has("Channel") && has("Computer") && has("ChunkNumber")
}

/// Reads what `EvtxECmd` keeps of `System`.
pub(super) fn heading(
    record: &Map<String, Json>,
    interner: &mut Interner,
) -> Result<Heading, Flaw> {
    if record.get("HiddenRecord") == Some(&Json::Bool(true)) {
        return Err(Flaw::Hidden);
    }
    let of = |name: &str| record.get(name).map(value);
    let mut text = |name: &str| interner.text(&of(name).unwrap_or(Value::Null).to_text());
    let user = of("UserId").filter(|user| !user.to_text().is_empty());
    Ok(Heading {
        machine: text("Computer"),
        channel: text("Channel"),
        provider: text("Provider"),
        user_sid: user.map(|_| text("UserId")),
        time: of("TimeCreated").as_ref().and_then(super::value::time).ok_or(Flaw::NoEvent)?,
        event_id: number(of("EventId").as_ref()).ok_or(Flaw::NoEvent)?,
        record_id: number(of("EventRecordId").as_ref()).unwrap_or_default(),
        process_id: number(of("ProcessId").as_ref()),
        thread_id: number(of("ThreadId").as_ref()),
        // The level is a word; the others are left out.
        level: None,
        qualifiers: None,
        version: None,
        activity_id: None,
    })
}

/// The parts of the payload.
pub(super) fn payload(record: &Map<String, Json>) -> Result<Map<String, Json>, Flaw> {
    match record.get("Payload") {
        Some(Json::String(text)) if !text.trim().is_empty() => {
            // The library refuses what is nested more than 128 deep.
            serde_json::from_str(text).map_err(|_| Flaw::BadJson)
        }
        Some(Json::Object(parts)) => Ok(parts.clone()),
        _ => Ok(Map::new()),
    }
}

/// Adds the fields of the payload.
pub(super) fn fields(parts: &Map<String, Json>, interner: &mut Interner, fields: &mut Vec<Field>) {
    for (name, part) in parts {
        payload::read(element(name, part), interner, fields);
    }
}

fn element(name: &str, json: &Json) -> Element<'static> {
    let mut built = Element::new(name.to_owned());
    let Json::Object(members) = json else {
        built.content = value(json);
        return built;
    };
    for (name, member) in members {
        if let Some(name) = name.strip_prefix(ATTRIBUTE) {
            built.attributes.push((name.to_owned().into(), value(member)));
        } else if name == TEXT {
            built.content = value(member);
        } else {
            let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
            built.children.extend(items.iter().map(|item| element(name, item)));
        }
    }
    built
}

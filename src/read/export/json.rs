//! A record in the JSON of a tool.
//!
//! Which tool's it is shows in the record, so that a file may hold records of several.

use serde_json::{Map, Value as Json};

use super::tree::{Shape, element};
use super::{Flaw, Found, Heading, beats, evtxecmd, payload, rows, xml};
use crate::model::{Field, Value};
use crate::read::intern::Interner;

/// Reads an object, and its payload if that is wanted.
pub(super) fn read(
    text: &str,
    interner: &mut Interner,
    wants: &mut dyn FnMut(&Heading) -> bool,
) -> Result<Found, Flaw> {
    // The library refuses what is nested more than 128 deep.
    let mut record: Map<String, Json> = serde_json::from_str(text).map_err(|_| Flaw::BadJson)?;
    // What was read out of an index stands in an envelope.
    if let Some(Json::Object(inner)) = record.remove("_source") {
        record = inner;
    }
    if let Some(Json::Object(log)) = record.get("winlog") {
        // Some keep the record as Windows wrote it, and of the payload only what they understood.
        let original = record.get("event").and_then(|event| event.get("original")?.as_str());
        let original = original.map(str::trim).filter(|text| text.starts_with("<Event"));
        if let Some(Ok(found)) = original.map(|text| xml::read(text, interner, wants)) {
            return Ok(found);
        }
        let heading = beats::heading(&record, log, interner)?;
        return Ok(found(heading, wants, |fields| beats::payload(log, interner, fields)));
    }
    let event = match record.remove("Event") {
        Some(Json::Object(event)) => event,
        _ => record,
    };
    if evtxecmd::is_one(&event) {
        let heading = evtxecmd::heading(&event, interner)?;
        let parts = evtxecmd::payload(&event)?;
        return Ok(found(heading, wants, |fields| evtxecmd::fields(&parts, interner, fields)));
    }
    let event = rows::unfolded(&event).unwrap_or(event);
    if !event.contains_key("System") && rows::is_one(&event) {
        let heading = rows::heading(&event, interner)?;
        return Ok(found(heading, wants, |fields| {
            payload_of(&event, Shape::Plain, interner, fields);
        }));
    }
    let Some(Json::Object(system)) = event.get("System") else { return Err(Flaw::NoRecord) };
    let shape = Shape::of(system);
    let heading = Heading::of(&element("System", &Json::Object(system.clone()), shape), interner)?;
    Ok(found(heading, wants, |fields| {
        payload_of(&event, shape, interner, fields);
    }))
}

/// Adds the fields of all parts but `System`.
fn payload_of(
    event: &Map<String, Json>,
    shape: Shape,
    interner: &mut Interner,
    fields: &mut Vec<Field>,
) {
    for (name, part) in event {
        // Other members are what tools add: the rendered message, the file, the user's name.
        let is_part = part.is_object() && !name.starts_with('#') && !name.ends_with("_attributes");
        if is_part && name != "System" {
            payload::read(element(name, part, shape), interner, fields);
        }
    }
}

fn found(
    heading: Heading,
    wants: &mut dyn FnMut(&Heading) -> bool,
    payload: impl FnOnce(&mut Vec<Field>),
) -> Found {
    if !wants(&heading) {
        return Found::Unwanted(heading);
    }
    let mut fields = Vec::new();
    payload(&mut fields);
    Found::Wanted(heading, fields)
}

/// A value that is no object and no array.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Bool(value) => Value::Boolean(*value),
        Json::String(text) => super::value::typed(text),
        Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => Value::UInt64(number),
            (_, Some(number), _) => Value::Int64(number),
            (.., Some(number)) => Value::Real64(number),
            _ => Value::Null,
        },
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
    }
}

//! Records that Winlogbeat shipped: `winlog`, and what the Elastic Common Schema adds.

use serde_json::{Map, Value as Json};

use super::heading::{guid, number};
use super::json::value;
use super::{Flaw, Heading};
use crate::model::{Field, Value};
use crate::read::intern::Interner;

/// Reads what Winlogbeat keeps of `System`.
pub(super) fn heading(
    record: &Map<String, Json>,
    log: &Map<String, Json>,
    interner: &mut Interner,
) -> Result<Heading, Flaw> {
    let of = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(log.get(*first)?, |at, name| at.get(name)).map(value)
    };
    let code = || record.get("event")?.get("code").map(value);
    // Where the log's own word for the machine is lost: of forwarded records it may be the
    // collector's name.
    let host = || record.get("host")?.get("name").map(value);
    // The time with all its digits, which newer versions keep; else whole milliseconds.
    let time = of(&["time_created"]).or_else(|| record.get("@timestamp").map(value));
    let mut text = |value: Option<Value>| interner.text(&value.unwrap_or(Value::Null).to_text());
    Ok(Heading {
        machine: text(of(&["computer_name"]).or_else(host)),
        channel: text(of(&["channel"])),
        provider: text(of(&["provider_name"])),
        user_sid: of(&["user", "identifier"]).map(|user| text(Some(user))),
        time: time.as_ref().and_then(super::value::time).ok_or(Flaw::NoEvent)?,
        event_id: number(of(&["event_id"]).or_else(code).as_ref()).ok_or(Flaw::NoEvent)?,
        record_id: number(of(&["record_id"]).as_ref()).unwrap_or_default(),
        // Levels and keywords are shipped as words of the machine's language.
        qualifiers: None,
        level: None,
        version: number(of(&["version"]).as_ref()),
        activity_id: of(&["activity_id"]).as_ref().and_then(guid),
        process_id: number(of(&["process", "pid"]).as_ref()),
        thread_id: number(of(&["process", "thread", "id"]).as_ref()),
    })
}

/// Adds the fields of the payload. Those without a name were given one: `param1`.
pub(super) fn payload(log: &Map<String, Json>, interner: &mut Interner, fields: &mut Vec<Field>) {
    for part in ["event_data", "user_data"] {
        for (name, member) in log.get(part).and_then(Json::as_object).into_iter().flatten() {
            // The name of the element that held the fields, and what was no field.
            if name == "xml_name" || member.is_object() {
                continue;
            }
            let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
            let name = interner.text(name);
            fields
                .extend(items.iter().map(|item| Field { name: name.clone(), value: value(item) }));
        }
    }
}

//! Rows of Velociraptor's artifacts, whose queries make columns of what `System` holds.
//!
//! `EventTime`, `Computer`, `Channel`, `Provider`, `EventID` and the like stand beside `EventData` and
//! `UserData`, which are as `parse_evtx` gives them (`Windows.EventLogs.EvtxHunter` and those made
//! after it, in the artifacts of Velocidex/velociraptor), or a column is named by its path
//! (`System.EventID.Value`), as queries without a name of their own give it. Rows that have a
//! choice of the payload's values in columns of their own, as `Windows.EventLogs.RDPAuth` gives,
//! are no records: rules would take what was left out for an answer.

use serde_json::{Map, Value as Json};

use super::heading::number;
use super::json::value;
use super::{Flaw, Heading};
use crate::model::Value;
use crate::read::intern::Interner;

/// Names that artifacts give to the time of an event, the surest first.
const TIMES: [&str; 2] = ["EventTime", "TimeCreated"];

/// The record that the columns with a path in their names describe; `None` where none has one.
pub(super) fn unfolded(record: &Map<String, Json>) -> Option<Map<String, Json>> {
    let is_path = |name: &str| {
        ["System.", "EventData.", "UserData."].iter().any(|part| name.starts_with(part))
    };
    if !record.keys().any(|name| is_path(name)) {
        return None;
    }
    let mut whole = Map::new();
    for (name, member) in record {
        if is_path(name) {
            put(&mut whole, name, member);
        } else {
            whole.insert(name.clone(), member.clone());
        }
    }
    Some(whole)
}

/// Puts a value where its path says. What stands in the way is left.
fn put(whole: &mut Map<String, Json>, path: &str, member: &Json) {
    let Some((first, rest)) = path.split_once('.') else {
        whole.entry(path).or_insert_with(|| member.clone());
        return;
    };
    let below = whole.entry(first).or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(below) = below {
        // The parts of `EventData` are names of fields, in which a dot can stand.
        if first == "EventData" {
            below.entry(rest).or_insert_with(|| member.clone());
        } else {
            put(below, rest, member);
        }
    }
}

/// Whether an object is such a row, with its payload.
pub(super) fn is_one(record: &Map<String, Json>) -> bool {
    let has = |name: &str| record.contains_key(name);
    has("Channel")
        && has("Provider")
        && has("EventID")
        && has("Computer")
        && TIMES.iter().any(|name| has(name))
        && ["EventData", "UserData"]
            .iter()
            .any(|part| record.get(*part).is_some_and(Json::is_object))
}

/// Reads the columns that hold what `System` does.
pub(super) fn heading(
    record: &Map<String, Json>,
    interner: &mut Interner,
) -> Result<Heading, Flaw> {
    let of = |names: &[&str]| {
        let found = names.iter().find_map(|name| record.get(*name));
        found.map(|found| value(found.get("Value").unwrap_or(found)))
    };
    let time = of(&TIMES);
    let mut text = |value: Option<Value>| interner.text(&value.unwrap_or(Value::Null).to_text());
    let user = of(&["UserSID", "UserID"]).filter(|user| user.to_text().starts_with("S-1-"));
    Ok(Heading {
        machine: text(of(&["Computer"])),
        channel: text(of(&["Channel"])),
        provider: text(of(&["Provider"])),
        user_sid: user.map(|user| text(Some(user))),
        time: time.as_ref().and_then(super::value::time).ok_or(Flaw::NoEvent)?,
        event_id: number(of(&["EventID"]).as_ref()).ok_or(Flaw::NoEvent)?,
        record_id: number(of(&["EventRecordID", "RecordID"]).as_ref()).unwrap_or_default(),
        version: number(of(&["Version"]).as_ref()),
        level: None,
        qualifiers: None,
        activity_id: of(&["ActivityID"]).as_ref().and_then(super::heading::guid),
        process_id: None,
        thread_id: None,
    })
}

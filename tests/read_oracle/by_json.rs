//! Compares a record with the crate's JSON of it.
//!
//! Stricter than XML in types: a number must be an integer of ours, `true` a boolean.

use rdpwhy::model::{Event, Value};
use serde_json::Value as Json;

use super::flat_json::{Flat, Member};
use super::notation::{items, text};
use super::tally::Tally;

/// Parts of `System` that [`Event`] does not keep: no rule asks for them.
const NOT_KEPT: [&str; 9] = [
    "Provider/@Guid",
    "Provider/@EventSourceName",
    "Task",
    "Opcode",
    "Keywords",
    "Correlation/@RelatedActivityID",
    "Execution/@ProcessorID",
    "Execution/@KernelTime",
    "Execution/@UserTime",
];

/// Compares a record with the crate's JSON of it.
pub(crate) fn compare(tally: &mut Tally, place: &str, event: &Event, theirs: &Json) {
    compare_system(tally, place, event, theirs);
    compare_payload(tally, place, event, theirs);
}

fn compare_system(tally: &mut Tally, place: &str, event: &Event, theirs: &Json) {
    let mut theirs = Flat::system(theirs).members;
    theirs.retain(|member| member.values != [&Json::Null]);
    for (name, ours) in system(event) {
        let found = theirs.iter().position(|member| member.name == name);
        let member = found.map(|index| theirs.swap_remove(index));
        let theirs = match member.as_ref().map(|member| &*member.values) {
            None => &Json::Null,
            Some([value]) => value,
            Some(_) => return tally.fault(format!("{place}: more than one {name}")),
        };
        compare_value(tally, place, name, &ours, theirs, meant_in_system);
    }
    for Member { name, .. } in theirs {
        if !NOT_KEPT.contains(&&*name) {
            tally.fault(format!("{place}: {name} is not compared"));
        }
    }
}

/// The parts of `System` that are kept, by their path.
fn system(event: &Event) -> [(&'static str, Value); 13] {
    let number = |number: Option<u32>| number.map_or(Value::Null, Value::UInt32);
    let user = event.user_sid.as_deref().map_or(Value::Null, Value::text);
    [
        ("Provider/@Name", Value::text(&*event.provider)),
        ("EventID", Value::UInt32(event.event_id)),
        ("EventID/@Qualifiers", number(event.qualifiers.map(Into::into))),
        ("Version", number(event.version.map(Into::into))),
        ("Level", number(event.level.map(Into::into))),
        ("TimeCreated/@SystemTime", Value::FileTime(event.time)),
        ("EventRecordID", Value::UInt64(event.record_id)),
        ("Correlation/@ActivityID", event.activity_id.map_or(Value::Null, Value::Guid)),
        ("Execution/@ProcessID", number(event.process_id)),
        ("Execution/@ThreadID", number(event.thread_id)),
        ("Channel", Value::text(&*event.channel)),
        ("Computer", Value::text(&*event.machine)),
        ("Security/@UserID", user),
    ]
}

fn compare_payload(tally: &mut Tally, place: &str, event: &Event, theirs: &Json) {
    let Flat { members, numbered } = Flat::payload(theirs);
    let mut theirs = members.into_iter().peekable();
    for _ in 0..numbered {
        tally.differ("a repeated name with a number");
    }
    for fields in event.data.chunk_by(|left, right| left.name == right.name) {
        let name = &*fields[0].name;
        let Some(member) = theirs.next_if(|member| member.name == name) else {
            return tally.fault(format!("{place}: {name} is not in {:?}", theirs.next()));
        };
        let ours: Vec<&Value> = fields.iter().flat_map(|field| items(&field.value)).collect();
        if ours.len() != member.values.len() {
            return tally.fault(format!("{place} {name}: ours {ours:?}, theirs {member:?}"));
        }
        if member.is_array && fields.len() > 1 {
            tally.differ("an array of repeated fields");
        }
        for (ours, theirs) in ours.into_iter().zip(member.values) {
            compare_value(tally, place, name, ours, theirs, meant_in_payload);
        }
    }
    if let Some(member) = theirs.next() {
        tally.fault(format!("{place}: {member:?} is only theirs"));
    }
}

/// Names the kind of a difference that is meant.
type Meant = fn(&str, &Value, &Json) -> Option<&'static str>;

fn compare_value(
    tally: &mut Tally,
    place: &str,
    name: &str,
    ours: &Value,
    theirs: &Json,
    meant: Meant,
) {
    tally.values += 1;
    if is_same(ours, theirs) {
        return;
    }
    match meant(name, ours, theirs) {
        Some(kind) => tally.differ(kind),
        None => tally.fault(format!("{place} {name}: ours {ours:?}, theirs {theirs:?}")),
    }
}

/// Whether type and value are the same.
fn is_same(ours: &Value, theirs: &Json) -> bool {
    match theirs {
        Json::Null => text(ours).is_empty(),
        Json::Bool(theirs) => *ours == Value::Boolean(*theirs),
        Json::Number(theirs) => is_integer(ours) && text(ours) == theirs.to_string(),
        Json::String(theirs) => {
            !is_integer(ours) && !matches!(ours, Value::Boolean(_)) && text(ours) == *theirs
        }
        Json::Array(_) | Json::Object(_) => false,
    }
}

/// Whether it is of one of the types that JSON shows as a number.
fn is_integer(value: &Value) -> bool {
    use Value::{Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
    matches!(
        value,
        Int8(_) | UInt8(_) | Int16(_) | UInt16(_) | Int32(_) | UInt32(_) | Int64(_) | UInt64(_)
    )
}

/// The differences of the payload that are meant. The test says why.
fn meant_in_payload(_: &str, ours: &Value, theirs: &Json) -> Option<&'static str> {
    match (ours, theirs) {
        (Value::Boolean(true), Json::Number(mask)) if mask.as_i64() != Some(0) => {
            Some("a mask as a boolean")
        }
        (ours, Json::String(theirs)) if is_integer(ours) && text(ours) == *theirs => {
            Some("an array of one number as text")
        }
        _ => None,
    }
}

/// The differences of `System` that are meant. The test says why.
fn meant_in_system(name: &str, ours: &Value, theirs: &Json) -> Option<&'static str> {
    match (name, ours, theirs) {
        ("EventRecordID", _, Json::Null) => Some("the record id from the header"),
        ("TimeCreated/@SystemTime", _, Json::Null) => Some("the time from the header"),
        (_, Value::FileTime(_), Json::String(theirs)) if digits(theirs) == digits(&text(ours)) => {
            Some("a time of System as text")
        }
        (_, Value::Guid(_), Json::String(theirs)) if theirs.to_lowercase() == text(ours) => {
            Some("a GUID of System as text")
        }
        (_, ours, Json::String(theirs)) if is_integer(ours) && text(ours) == *theirs => {
            Some("a number of System as text")
        }
        _ => None,
    }
}

/// A time without the zeros at its end, of which readers write more or fewer.
fn digits(time: &str) -> &str {
    time.trim_end_matches('Z').trim_end_matches('0')
}

//! A record of an event log, and its payload as typed JSON.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::TimeV1;
use crate::model::{CodeNote, Joined, PackedEvent, Payload, Report, Standing, Value};

/// So many names are compared each with each.
const MOST_COMPARED: usize = 64;
/// Integers beyond this lose digits in readers that keep all numbers as doubles.
const EXACT_IN_DOUBLE: u64 = 1 << 53;

#[derive(Serialize)]
pub(in crate::report) struct RecordV1<'a> {
    machine: &'a str,
    file: &'a str,
    channel: &'a str,
    provider: &'a str,
    event_id: u32,
    record_id: u64,
    time: TimeV1,
    data: DataV1<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recovered: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    damaged_chunk: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<CodesV1<'a>>,
    /// Why it belongs to the attempt that it is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_by: Option<&'static str>,
}

impl<'a> RecordV1<'a> {
    pub(in crate::report) fn of(report: &'a Report, event: &'a PackedEvent) -> Self {
        Self {
            machine: &event.machine,
            file: report.file(event.source.file),
            channel: &event.channel,
            provider: &event.provider,
            event_id: event.event_id,
            record_id: event.record_id,
            time: TimeV1(event.time),
            data: DataV1(&event.data),
            recovered: event.source.recovered,
            damaged_chunk: event.source.damaged,
            codes: None,
            joined_by: None,
        }
    }

    /// The record with the meanings of its codes; `None` beyond the events.
    pub(super) fn with_codes(report: &'a Report, index: usize) -> Option<Self> {
        let event = report.facts.events.get(index)?;
        let codes = report.codes.get(&index).map(|notes| CodesV1(notes));
        Some(Self { codes, ..Self::of(report, event) })
    }

    /// The same with the reason why it belongs to its attempt.
    pub(super) fn joined(report: &'a Report, joined: &Joined) -> Option<Self> {
        let record = Self::with_codes(report, joined.record)?;
        Some(Self { joined_by: Some(joined.by.name()), ..record })
    }
}

/// About how many bytes a record takes: of each byte of a value up to six, mostly two with its name.
pub(super) fn weight(report: &Report, index: usize) -> usize {
    report.facts.events.get(index).map_or(0, |event| 500 + 2 * event.data.size())
}

/// The values that are codes, by the key that they have in the payload.
struct CodesV1<'a>(&'a [CodeNote]);

impl Serialize for CodesV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|note| (&*note.field, CodeV1::of(note))))
    }
}

#[derive(Serialize)]
struct CodeV1<'a> {
    code: &'a str,
    space: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<&'a str>,
    meaning: &'a str,
}

impl<'a> CodeV1<'a> {
    fn of(note: &'a CodeNote) -> Self {
        let CodeNote { field: _, code, space, symbol, meaning } = note;
        Self { code, space, symbol: symbol.as_deref(), meaning }
    }
}

/// The first `limit` records out of `indices`; an index beyond the events is left out.
pub(super) fn records<'a>(
    report: &'a Report,
    indices: impl Iterator<Item = usize>,
    limit: usize,
) -> Vec<RecordV1<'a>> {
    indices.filter_map(|index| RecordV1::with_codes(report, index)).take(limit).collect()
}

/// A payload as an object. Unnamed values bear their position, `Data[1]`; a name that comes
/// again bears a number, `Name_2`.
struct DataV1<'a>(&'a Payload);

impl Serialize for DataV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if are_keys(self.0.names()) {
            for (name, value) in self.0.standing() {
                map.serialize_entry(name, &StandingV1(value))?;
            }
            return map.end();
        }
        let mut keys = Keys::default();
        for (name, value) in self.0.standing() {
            match (name, value) {
                // Classic sources keep all their strings in one list; each counts.
                ("", Standing::Other(Value::List(items))) => {
                    for item in &items {
                        map.serialize_entry(&keys.unnamed(), &ValueV1(item))?;
                    }
                }
                ("", value) => map.serialize_entry(&keys.unnamed(), &StandingV1(value))?,
                (name, value) => map.serialize_entry(&*keys.named(name), &StandingV1(value))?,
            }
        }
        map.end()
    }
}

/// Whether names can be keys as they are, as nearly always: none is empty, none comes again.
fn are_keys(names: &[Arc<str>]) -> bool {
    let is_new = |(place, name): (usize, &Arc<str>)| {
        let before = names.get(..place).unwrap_or_default();
        !name.is_empty() && !before.contains(name)
    };
    // Each is compared with all before it, which pays while they are few.
    names.len() <= MOST_COMPARED && names.iter().enumerate().all(is_new)
}

/// The keys given out so far, so that none is given twice.
#[derive(Default)]
struct Keys<'a> {
    positions: usize,
    repeats: BTreeMap<&'a str, usize>,
    taken: BTreeSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    fn unnamed(&mut self) -> String {
        self.positions += 1;
        let key = format!("Data[{}]", self.positions);
        self.taken.insert(Cow::Owned(key.clone()));
        key
    }

    fn named(&mut self, name: &'a str) -> Cow<'a, str> {
        let mut key = Cow::Borrowed(name);
        // Ends: each turn counts up, and only finitely many keys are taken.
        while !self.taken.insert(key.clone()) {
            let count = self.repeats.entry(name).or_insert(1);
            *count += 1;
            key = Cow::Owned(format!("{name}_{count}"));
        }
        key
    }
}

/// A value where it stands.
struct StandingV1<'a>(Standing<'a>);

impl Serialize for StandingV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Standing::Text(text) => serializer.serialize_str(text),
            Standing::Other(value) => ValueV1(value).serialize(serializer),
        }
    }
}

/// A value as JSON: numbers as numbers where a double holds them exactly, else as the text
/// that [`Value::to_text`] gives; hex types always as that text.
struct ValueV1<'a>(&'a Value);

impl Serialize for ValueV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Int8(value) => serializer.serialize_i8(*value),
            Value::UInt8(value) => serializer.serialize_u8(*value),
            Value::Int16(value) => serializer.serialize_i16(*value),
            Value::UInt16(value) => serializer.serialize_u16(*value),
            Value::Int32(value) => serializer.serialize_i32(*value),
            Value::UInt32(value) => serializer.serialize_u32(*value),
            Value::Int64(value) if value.unsigned_abs() <= EXACT_IN_DOUBLE => {
                serializer.serialize_i64(*value)
            }
            Value::UInt64(value) if *value <= EXACT_IN_DOUBLE => serializer.serialize_u64(*value),
            // JSON has no infinities; those stay text.
            Value::Real32(value) if value.is_finite() => serializer.serialize_f32(*value),
            Value::Real64(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::List(items) => serializer.collect_seq(items.iter().map(ValueV1)),
            value => serializer.serialize_str(&value.to_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    fn check(fields: &[(&str, Value)], json: &str) {
        let fields: Vec<Field> = fields
            .iter()
            .map(|(name, value)| Field { name: (*name).into(), value: value.clone() })
            .collect();
        let payload = Payload::from(fields.as_slice());
        assert_eq!(serde_json::to_string(&DataV1(&payload)).unwrap(), json);
    }

    #[test]
    fn values_keep_their_types() {
        check(
            &[
                ("a", Value::UInt32(10)),
                ("b", Value::UInt64(1 << 53)),
                ("c", Value::UInt64((1 << 53) + 1)),
                ("d", Value::Int64(i64::MIN)),
                ("e", Value::HexInt32(0xC000_006A)),
                ("f", Value::Binary(Box::new([0, 255]))),
                ("g", Value::Boolean(true)),
                ("h", Value::Null),
                ("i", Value::text("0x5\0")),
                ("j", Value::Real64(f64::INFINITY)),
                ("k", Value::Real32(0.1)),
                ("l", Value::List(Box::new([Value::UInt8(1), Value::text("x")]))),
            ],
            r#"{"a":10,"b":9007199254740992,"c":"9007199254740993","d":"-9223372036854775808","e":"0xc000006a","f":"00FF","g":true,"h":null,"i":"0x5","j":"inf","k":0.1,"l":[1,"x"]}"#,
        );
    }

    #[test]
    fn keys_are_unique() {
        let list = Value::List(Box::new([Value::text("x"), Value::text("y")]));
        check(&[("", list), ("", Value::UInt8(3))], r#"{"Data[1]":"x","Data[2]":"y","Data[3]":3}"#);
        check(
            &[
                ("a", Value::UInt8(1)),
                ("a_2", Value::UInt8(2)),
                ("a", Value::UInt8(3)),
                ("a_2", Value::UInt8(4)),
            ],
            r#"{"a":1,"a_2":2,"a_3":3,"a_2_2":4}"#,
        );
    }
}

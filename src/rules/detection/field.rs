//! The fields that a detection can ask for, and where an event keeps them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Frame, Observed, Text, Value, same_name};
use crate::rules::error::Mistake;

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rules) enum FieldName {
    /// A value of the record's frame.
    System(System),
    /// The n-th unnamed value of the payload, counted from 1.
    Unnamed(usize),
    /// A named value of the payload.
    Named(Text),
}

/// The values of a record's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rules) enum System {
    EventId,
    Provider,
    Channel,
    Computer,
    Level,
    Version,
    Qualifiers,
    RecordId,
    ActivityId,
    ProcessId,
    ThreadId,
    UserId,
}

/// Names of the frame's values. Those that payloads use as well (`ProcessId`, `UserId`) must
/// be written with `System.`; the others may.
const SYSTEM: [(&str, System, bool); 13] = [
    ("EventID", System::EventId, true),
    ("Provider", System::Provider, true),
    ("Provider_Name", System::Provider, true),
    ("Channel", System::Channel, true),
    ("Computer", System::Computer, true),
    ("Level", System::Level, true),
    ("Version", System::Version, true),
    ("Qualifiers", System::Qualifiers, true),
    ("EventRecordID", System::RecordId, false),
    ("ActivityID", System::ActivityId, false),
    ("ProcessID", System::ProcessId, false),
    ("ThreadID", System::ThreadId, false),
    ("UserID", System::UserId, false),
];

impl FieldName {
    /// Reads a field's name: `EventID`, `System.ProcessID`, `Data[2]`, `SubStatus`,
    /// `EventData.Version` for a payload's value that bears a frame's name.
    pub(in crate::rules) fn parse(text: &str) -> Result<Self, Mistake> {
        let text = text.trim();
        if let Some(name) = prefixed(text, "System.") {
            return match system(name) {
                Some((field, _)) => Ok(Self::System(field)),
                None => Err(Mistake::unknown(
                    "field of `System`",
                    name,
                    SYSTEM.iter().map(|(name, ..)| *name),
                )),
            };
        }
        if let Some(name) = prefixed(text, "EventData.") {
            return Ok(Self::Named(name.into()));
        }
        if let Some((field, true)) = system(text) {
            return Ok(Self::System(field));
        }
        if let Some(position) = text.strip_prefix("Data[").and_then(|rest| rest.strip_suffix(']')) {
            return match position.parse() {
                Ok(position @ 1..) => Ok(Self::Unnamed(position)),
                _ => {
                    Err(format!("`{text}` is no field: unnamed values are counted from Data[1]")
                        .into())
                }
            };
        }
        match text {
            "" => Err("a field's name is missing".into()),
            "Data" => Err("`Data` alone names no field: write `Data[1]` for the first unnamed \
                           value, or `EventData.Data` for a value of that name"
                .into()),
            name => Ok(Self::Named(name.into())),
        }
    }

    /// The record's value of the field; `None` when it has none.
    pub(in crate::rules) fn read<'a>(&self, record: Observed<'a>) -> Option<Cow<'a, Value>> {
        match self {
            Self::Named(name) => record.fields.named(name),
            Self::Unnamed(place) => record.fields.unnamed(*place),
            Self::System(field) => read_system(*field, record.frame.frame()).map(Cow::Owned),
        }
    }
}

/// Where payloads of one layout have a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Place {
    /// It has to be read by its name.
    Unknown,
    /// At the first of these places of the layout that the payload does not lack.
    First(Box<[usize]>),
}

impl Place {
    /// Where payloads of the layout have the field.
    pub(in crate::rules) fn of(field: &FieldName, layout: &[Arc<str>]) -> Self {
        match field {
            FieldName::Named(_) => {
                Self::First(field.places(layout).into_iter().flatten().collect())
            }
            FieldName::System(_) | FieldName::Unnamed(_) => Self::Unknown,
        }
    }
}

/// What a record says in a field.
#[derive(Debug)]
pub(in crate::rules) enum Told<'a> {
    /// A text; see [`Value::to_text`].
    Text(&'a str),
    /// Any value.
    Value(Cow<'a, Value>),
}

impl Told<'_> {
    /// As text.
    pub(in crate::rules) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Value(value) => value.to_text(),
        }
    }

    /// As a value.
    pub(in crate::rules) fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Text(text) => Cow::Owned(Value::text(*text)),
            Self::Value(value) => Cow::Borrowed(value),
        }
    }
}

impl FieldName {
    /// What [`Self::read_at`] gives, a text that stands in its log read into `text`: most fields
    /// are texts, of which no copy is needed.
    pub(in crate::rules) fn tell_at<'a>(
        &self,
        place: Option<&Place>,
        record: Observed<'a>,
        text: &'a mut String,
    ) -> Option<Told<'a>> {
        let Some(Place::First(places)) = place else { return self.read(record).map(Told::Value) };
        text.clear();
        for place in places {
            if record.fields.push_text(*place, text) {
                return Some(Told::Text(text));
            }
            if let Some(value) = record.fields.at(*place) {
                return Some(Told::Value(value));
            }
        }
        None
    }

    /// The record's value of the field, which its payload has at that place; see [`Self::read`].
    pub(in crate::rules) fn read_at<'a>(
        &self,
        place: Option<&Place>,
        record: Observed<'a>,
    ) -> Option<Cow<'a, Value>> {
        match place {
            Some(Place::First(places)) => places.iter().find_map(|place| record.fields.at(*place)),
            Some(Place::Unknown) | None => self.read(record),
        }
    }

    /// The places in a layout on whose values [`Self::read`] can depend; `None` for a value of
    /// the frame.
    pub(in crate::rules) fn places<'a>(
        &'a self,
        layout: &'a [Arc<str>],
    ) -> Option<impl Iterator<Item = usize> + 'a> {
        let (name, is_unnamed) = match self {
            Self::System(_) => return None,
            Self::Named(name) => (Cow::Borrowed(&**name), false),
            // Named as [`crate::model::Event::unnamed`] says.
            Self::Unnamed(place) => (Cow::Owned(format!("param{place}")), true),
        };
        let can_be = move |own: &str| (is_unnamed && own.is_empty()) || same_name(own, &name);
        let places = layout.iter().enumerate();
        Some(places.filter(move |(_, own)| can_be(own)).map(|(place, _)| place))
    }
}

fn prefixed<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// The frame's value of that name, and whether the name alone is enough.
fn system(name: &str) -> Option<(System, bool)> {
    SYSTEM
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name))
        .map(|(_, field, alone)| (*field, *alone))
}

fn read_system(field: System, frame: Frame<'_>) -> Option<Value> {
    Some(match field {
        System::EventId => Value::UInt32(frame.event_id),
        System::Provider => Value::text(frame.provider),
        System::Channel => Value::text(frame.channel),
        System::Computer => Value::text(frame.machine),
        System::Level => Value::UInt8(frame.level?),
        System::Version => Value::UInt8(frame.version?),
        System::Qualifiers => Value::UInt16(frame.qualifiers?),
        System::RecordId => Value::UInt64(frame.record_id),
        System::ActivityId => Value::Guid(frame.activity_id?),
        System::ProcessId => Value::UInt32(frame.process_id?),
        System::ThreadId => Value::UInt32(frame.thread_id?),
        System::UserId => Value::Sid(frame.user_sid?.into()),
    })
}

//! The `System` part of an exported record.

use std::sync::Arc;

use super::Flaw;
use super::element::Element;
use super::value::time;
use crate::model::{Event, Field, Guid, Source, Time, Value};
use crate::read::intern::Interner;
use crate::read::system::Head;

/// What is known of an exported record before its payload is looked at.
#[derive(Clone, Debug)]
pub(in crate::read) struct Heading {
    pub(in crate::read) machine: Arc<str>,
    pub(in crate::read) channel: Arc<str>,
    pub(in crate::read) time: Time,
    pub(in crate::read) record_id: u64,
    pub(super) provider: Arc<str>,
    pub(super) event_id: u32,
    pub(super) qualifiers: Option<u16>,
    pub(super) version: Option<u8>,
    pub(super) level: Option<u8>,
    pub(super) activity_id: Option<Guid>,
    pub(super) process_id: Option<u32>,
    pub(super) thread_id: Option<u32>,
    pub(super) user_sid: Option<Arc<str>>,
}

impl Heading {
    /// Reads a `System` element.
    pub(super) fn of(system: &Element<'_>, interner: &mut Interner) -> Result<Self, Flaw> {
        let mut text =
            |value: Option<&Value>| interner.text(&value.unwrap_or(&Value::Null).to_text());
        let user_sid = system.attribute_of("Security", "UserID").filter(|user| !user.is_blank());
        Ok(Self {
            machine: text(system.content_of("Computer")),
            channel: text(system.content_of("Channel")),
            provider: text(system.attribute_of("Provider", "Name")),
            user_sid: user_sid.map(|user| text(Some(user))),
            time: system
                .attribute_of("TimeCreated", "SystemTime")
                .and_then(time)
                .ok_or(Flaw::NoEvent)?,
            event_id: number(system.content_of("EventID")).ok_or(Flaw::NoEvent)?,
            record_id: number(system.content_of("EventRecordID")).unwrap_or_default(),
            qualifiers: number(system.attribute_of("EventID", "Qualifiers")),
            version: number(system.content_of("Version")),
            level: number(system.content_of("Level")),
            activity_id: system.attribute_of("Correlation", "ActivityID").and_then(guid),
            process_id: number(system.attribute_of("Execution", "ProcessID")),
            thread_id: number(system.attribute_of("Execution", "ThreadID")),
        })
    }

    /// What a selection is asked with.
    pub(in crate::read) fn head(&self, source: Source) -> Head<'_> {
        Head {
            machine: &self.machine,
            channel: &self.channel,
            provider: &self.provider,
            event_id: self.event_id,
            version: self.version,
            level: self.level,
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id,
            source,
        }
    }

    /// The whole event.
    pub(in crate::read) fn with(self, data: Vec<Field>, source: Source) -> Event {
        Event {
            machine: self.machine,
            channel: self.channel,
            provider: self.provider,
            event_id: self.event_id,
            qualifiers: self.qualifiers,
            version: self.version,
            level: self.level,
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid: self.user_sid,
            data,
            source,
        }
    }
}

/// A number that fits.
pub(super) fn number<T: TryFrom<i128>>(value: Option<&Value>) -> Option<T> {
    T::try_from(value?.as_number()?).ok()
}

/// A GUID; the nil GUID means none.
pub(super) fn guid(value: &Value) -> Option<Guid> {
    let guid = match value {
        Value::Guid(guid) => Some(*guid),
        Value::Text(text) => Guid::parse(text),
        _ => None,
    };
    guid.filter(|guid| !guid.is_nil())
}

//! The YAML form of a file of event layouts, as people write it.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::layout::{Container, Envelope, FieldLayout, Layout, SystemShape};
use super::{FieldType, Source};
use crate::model::{Guid, parse_number};

/// One file: the events of one provider in one channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    channel: Arc<str>,
    provider: Arc<str>,
    guid: Option<GuidText>,
    source: Option<Arc<str>>,
    alias: Vec<Arc<str>>,
    system: SystemShape,
    container: ContainerKind,
    element: Option<Arc<str>>,
    namespace: Option<Arc<str>>,
    #[serde(default)]
    literal: bool,
    keywords: Keywords,
    #[serde(default)]
    blank: Arc<str>,
    events: Vec<EventEntry>,
}

/// One version of one event; what it leaves out, the file's head says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    id: u32,
    version: Option<u8>,
    layout: Option<Arc<str>>,
    level: Option<u8>,
    #[serde(default)]
    task: u16,
    #[serde(default)]
    opcode: u8,
    qualifiers: Option<u16>,
    keywords: Option<Keywords>,
    system: Option<SystemShape>,
    container: Option<ContainerKind>,
    /// `EventData/@Name`.
    name: Option<Arc<str>>,
    element: Option<Arc<str>>,
    namespace: Option<Arc<str>>,
    #[serde(default)]
    binary: bool,
    fields: Option<Vec<FieldEntry>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ContainerKind {
    EventData,
    Unnamed,
    UserData,
}

impl Document {
    /// Fills in what the events leave to the file's head. Fails with what is wrong.
    pub(super) fn into_source(self) -> Result<Source, String> {
        let default = self.envelope(None)?;
        let mut layouts = Vec::with_capacity(self.events.len());
        for event in &self.events {
            layouts
                .push(self.layout(event).map_err(|error| format!("event {}: {error}", event.id))?);
        }
        Ok(Source {
            channel: self.channel,
            provider: self.provider,
            aliases: self.alias,
            blank: self.blank,
            default: Arc::new(default),
            layouts,
        })
    }

    fn layout(&self, event: &EventEntry) -> Result<Layout, String> {
        let envelope = self.envelope(Some(event))?;
        let mut fields: Option<Vec<_>> = event
            .fields
            .as_ref()
            .map(|fields| fields.iter().map(|field| field.0.clone()).collect());
        if event.binary {
            fields
                .get_or_insert_default()
                .push(FieldLayout { name: "Binary".into(), kind: FieldType::Binary });
        }
        let classic = envelope.system == SystemShape::Classic;
        Ok(Layout {
            event_id: event.id,
            version: (!classic).then(|| event.version.unwrap_or(0)),
            name: event.layout.clone(),
            level: event.level,
            qualifiers: event.qualifiers.or(classic.then_some(0)),
            fields,
            envelope: Arc::new(envelope),
        })
    }

    /// The envelope of an event, or of events the file does not list.
    fn envelope(&self, event: Option<&EventEntry>) -> Result<Envelope, String> {
        let system = event.and_then(|event| event.system).unwrap_or(self.system);
        let classic = system == SystemShape::Classic;
        Ok(Envelope {
            system,
            guid: self.guid.as_ref().map(|guid| guid.0).filter(|_| !classic),
            source: self.source.clone().filter(|_| !classic),
            container: self.container(event)?,
            task: event.map_or(0, |event| event.task),
            opcode: event.map_or(0, |event| event.opcode),
            keywords: event.and_then(|event| event.keywords).unwrap_or(self.keywords).0,
        })
    }

    fn container(&self, event: Option<&EventEntry>) -> Result<Container, String> {
        match event.and_then(|event| event.container).unwrap_or(self.container) {
            ContainerKind::EventData => {
                Ok(Container::EventData { name: event.and_then(|event| event.name.clone()) })
            }
            ContainerKind::Unnamed => Ok(Container::Unnamed),
            ContainerKind::UserData => {
                let element = event
                    .and_then(|event| event.element.clone())
                    .or_else(|| self.element.clone())
                    // The file's head need not name one when each event does.
                    .or_else(|| event.is_none().then(|| "EventXML".into()))
                    .ok_or("`container: user-data` needs an `element`")?;
                let namespace = event
                    .and_then(|event| event.namespace.clone())
                    .or_else(|| self.namespace.clone());
                Ok(Container::UserData { element, namespace, literal: self.literal })
            }
        }
    }
}

/// A GUID in text form.
#[derive(Debug)]
struct GuidText(Guid);

impl<'de> Deserialize<'de> for GuidText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Guid::parse(&text).map(Self).ok_or_else(|| D::Error::custom(format!("`{text}` is no GUID")))
    }
}

/// Keywords in hexadecimal; the top bit is in common use, which signed YAML integers lack.
#[derive(Clone, Copy, Debug)]
struct Keywords(u64);

impl<'de> Deserialize<'de> for Keywords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_number(&text)
            .and_then(|number| u64::try_from(number).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no 64-bit number")))
    }
}

/// `Name: Type`. A list of pairs and not a map, since names may repeat: 4648 of Windows 7 has
/// two fields `LogonGuid`.
#[derive(Debug)]
struct FieldEntry(FieldLayout);

impl<'de> Deserialize<'de> for FieldEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairVisitor)
    }
}

struct PairVisitor;

impl<'de> Visitor<'de> for PairVisitor {
    type Value = FieldEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field as `Name: Type`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldEntry, A::Error> {
        let (name, kind) =
            map.next_entry()?.ok_or_else(|| A::Error::custom("a field needs a name and a type"))?;
        if map.next_key::<String>()?.is_some() {
            return Err(A::Error::custom("write each field as a list item of its own"));
        }
        Ok(FieldEntry(FieldLayout { name, kind }))
    }
}

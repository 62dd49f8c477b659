//! What is known about one kind of event: its fields, and how it stands in a log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::FieldType;
use crate::model::{Guid, same_name};

/// One version of one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The event ID.
    pub event_id: u32,
    /// `System/Version`; `None` for classic sources.
    pub version: Option<u8>,
    /// Tells apart layouts of the same ID and version, such as those of Schannel before and
    /// after Windows 11: `plain` and `caller`.
    pub name: Option<Arc<str>>,
    /// `System/Level`, if known.
    pub level: Option<u8>,
    /// `System/EventID/@Qualifiers`.
    pub qualifiers: Option<u16>,
    /// The payload's fields in order; `None` when the fields are not known, so any may occur.
    /// A field `Binary` is the element of that name, not a `Data`.
    pub fields: Option<Vec<FieldLayout>>,
    /// How the event stands in a log.
    pub envelope: Arc<Envelope>,
}

impl Layout {
    /// The field of that name. Blanks and ASCII case in names do not count.
    pub fn field(&self, name: &str) -> Option<&FieldLayout> {
        self.fields.as_ref()?.iter().find(|field| same_name(&field.name, name))
    }

    /// Whether the event can have a field of that name.
    pub fn accepts(&self, name: &str) -> bool {
        self.fields.is_none() || self.field(name).is_some()
    }
}

/// A field and its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldLayout {
    /// The name, as [`crate::model::Field`] has it.
    pub name: Arc<str>,
    /// The type its values have.
    pub kind: FieldType,
}

/// Everything of an event's record that is neither its identity nor its payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The shape of the `System` element.
    pub system: SystemShape,
    /// `System/Provider/@Guid`; classic sources have none.
    pub guid: Option<Guid>,
    /// `System/Provider/@EventSourceName`, the older name of a provider that has two.
    pub source: Option<Arc<str>>,
    /// The element that holds the payload.
    pub container: Container,
    /// `System/Task`.
    pub task: u16,
    /// `System/Opcode`.
    pub opcode: u8,
    /// `System/Keywords`, a bit field.
    pub keywords: u64,
}

impl Envelope {
    /// The envelope of an event that nothing is known about: a manifest event with a payload
    /// in `EventData`.
    pub fn unknown() -> Self {
        Self {
            system: SystemShape::Substituted,
            guid: None,
            source: None,
            container: Container::EventData { name: None },
            task: 0,
            opcode: 0,
            keywords: 0x8000_0000_0000_0000,
        }
    }
}

/// The shapes of `System` that Windows writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemShape {
    /// 18 values; provider, GUID and channel are among them.
    Substituted,
    /// 20 values; provider, GUID and channel are literals of the template.
    Literal,
    /// 20 values, but no version, opcode, correlation and execution: sources from before
    /// Windows Vista.
    Classic,
}

/// The element that holds an event's payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Container {
    /// `EventData` with a `Data` for each field; one without a name has no `Name` attribute.
    EventData {
        /// `EventData/@Name`, which few providers set.
        name: Option<Arc<str>>,
    },
    /// `EventData` of a classic source: one list of unnamed strings, then `Binary`.
    Unnamed,
    /// `UserData` with one element that holds an element for each field.
    UserData {
        /// The element's name.
        element: Arc<str>,
        /// Its `xmlns`.
        namespace: Option<Arc<str>>,
        /// Whether the element stands in the record as it is, all text, without a template.
        literal: bool,
    },
}

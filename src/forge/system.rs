//! The `System` element: its templates in three shapes, and the values that go into them.
//!
//! Knows the slots of each shape as Windows numbers them. Knows nothing about payloads.

use std::borrow::Cow;

use super::ForgedEvent;
use super::binxml::{Cell, CellContent, Fragment, Instance};
use super::element::{Element, Node, Slot};
use super::error::ForgeError;
use super::payload::Origin;
use super::value::{StringEnd, kind};
use crate::model::{Guid, Value};
use crate::rules::events::{Container, Envelope, SystemShape};

/// The namespace of every event.
pub(super) const EVENT_NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

/// The slots that both numbers of values have in common.
mod slot {
    pub(super) const LEVEL: u16 = 0;
    pub(super) const OPCODE: u16 = 1;
    pub(super) const TASK: u16 = 2;
    pub(super) const EVENT_ID: u16 = 3;
    pub(super) const QUALIFIERS: u16 = 4;
    pub(super) const KEYWORDS: u16 = 5;
    pub(super) const TIME_CREATED: u16 = 6;
    pub(super) const ACTIVITY_ID: u16 = 7;
    pub(super) const PROCESS_ID: u16 = 8;
    pub(super) const THREAD_ID: u16 = 9;
    pub(super) const RECORD_ID: u16 = 10;
    pub(super) const VERSION: u16 = 11;
    pub(super) const USER_ID: u16 = 12;
}

/// The slots that differ, and those that only 18 values have.
struct Numbers {
    related_activity_id: u16,
    body: u16,
}

/// In the order of slots: provider, GUID and channel.
const SUBSTITUTED_NAMES: [u16; 3] = [14, 15, 16];

/// What live logs have in the room of qualifiers that an event does not have.
const STALE_QUALIFIERS: [u8; 2] = [1, 0];
/// Left over from some other use of the memory; every record of Windows has its own.
const STALE_ACTIVITY: [u8; 16] =
    [0, 0x50, 0xa5, 0x61, 0xe5, 0x55, 0x17, 0x10, 0x70, 0, 0, 0, 0, 0, 0, 0];

impl Numbers {
    const fn of(shape: SystemShape) -> Self {
        match shape {
            SystemShape::Substituted => Self { related_activity_id: 13, body: 17 },
            // The slots between are the session, the processor and its times, which no event
            // here has.
            SystemShape::Literal | SystemShape::Classic => {
                Self { related_activity_id: 18, body: 19 }
            }
        }
    }
}

/// The template instance of a whole record, around the payload's.
pub(super) fn instance<'a>(
    forged: &ForgedEvent<'a>,
    body: Fragment<'a>,
    origin: Origin,
) -> Instance<'a> {
    let forged = *forged;
    Instance {
        key: key(&forged),
        define: Box::new(move || Ok(template(&forged))),
        cells: cells(&forged, body, origin),
        end: StringEnd::Bare,
    }
}

/// Everything that the template's text depends on.
fn key(forged: &ForgedEvent<'_>) -> String {
    let ForgedEvent { event, envelope, .. } = forged;
    let user_data = matches!(envelope.container, Container::UserData { .. });
    match envelope.system {
        SystemShape::Substituted => format!("S\0{user_data}\0{}", event.machine),
        shape => format!(
            "{shape:?}\0{user_data}\0{}\0{}\0{:?}\0{:?}\0{}",
            event.machine, event.provider, envelope.guid, envelope.source, event.channel
        ),
    }
}

fn template<'a>(forged: &ForgedEvent<'a>) -> Element<'a> {
    let ForgedEvent { event, envelope, .. } = *forged;
    let shape = envelope.system;
    let body = Numbers::of(shape).body;
    let body_slot = Node::from(Slot::optional(body, kind::BINXML));
    let mut system = vec![provider(forged).into(), event_id().into()];
    let value = |name: &'static str, number, kind| {
        Node::from(
            Element::new(name, vec![Slot::optional(number, kind).into()]).depending_on(number),
        )
    };
    if shape != SystemShape::Classic {
        system.push(value("Version", slot::VERSION, kind::UINT8));
    }
    system.push(value("Level", slot::LEVEL, kind::UINT8));
    system.push(value("Task", slot::TASK, kind::UINT16));
    if shape != SystemShape::Classic {
        system.push(value("Opcode", slot::OPCODE, kind::UINT8));
    }
    system.push(value("Keywords", slot::KEYWORDS, kind::HEX64));
    system.push(attributes("TimeCreated", &[("SystemTime", slot::TIME_CREATED, kind::FILETIME)]));
    system.push(value("EventRecordID", slot::RECORD_ID, kind::UINT64));
    if shape != SystemShape::Classic {
        let related = Numbers::of(shape).related_activity_id;
        system.push(attributes(
            "Correlation",
            &[
                ("ActivityID", slot::ACTIVITY_ID, kind::GUID),
                ("RelatedActivityID", related, kind::GUID),
            ],
        ));
        system.push(attributes(
            "Execution",
            &[
                ("ProcessID", slot::PROCESS_ID, kind::UINT32),
                ("ThreadID", slot::THREAD_ID, kind::UINT32),
            ],
        ));
    }
    let [_, _, channel] = SUBSTITUTED_NAMES;
    system.push(match shape {
        SystemShape::Substituted => value("Channel", channel, kind::STRING),
        _ => Element::new("Channel", vec![(&*event.channel).into()]).into(),
    });
    system.push(Element::new("Computer", vec![(&*event.machine).into()]).into());
    system.push(attributes("Security", &[("UserID", slot::USER_ID, kind::SID)]));

    let system = Element::new("System", system);
    match envelope.container {
        Container::UserData { .. } => {
            let user_data = Element::new("UserData", vec![body_slot]).depending_on(body);
            event_element(vec![system.into(), user_data.into()])
        }
        _ => event_element(vec![system.into(), body_slot]).depending_on(body),
    }
}

/// The root of every event.
pub(super) fn event_element(nodes: Vec<Node<'_>>) -> Element<'_> {
    Element::new("Event", nodes).with("xmlns", EVENT_NAMESPACE.into())
}

fn provider<'a>(forged: &ForgedEvent<'a>) -> Element<'a> {
    let ForgedEvent { event, envelope, .. } = *forged;
    let element = Element::empty("Provider");
    let [name, guid, _] = SUBSTITUTED_NAMES;
    if envelope.system == SystemShape::Substituted {
        return element
            .with("Name", Slot::optional(name, kind::STRING).into())
            .with("Guid", Slot::optional(guid, kind::GUID).into());
    }
    let mut element = element.with("Name", (&*event.provider).into());
    if let Some(guid) = envelope.guid {
        // Where it is text in the template, Windows writes it in lower case.
        element = element.with("Guid", Node::Text(guid.to_string().to_lowercase().into()));
    }
    if let Some(source) = &envelope.source {
        element = element.with("EventSourceName", (&**source).into());
    }
    element
}

fn event_id<'a>() -> Element<'a> {
    Element::new("EventID", vec![Slot::optional(slot::EVENT_ID, kind::UINT16).into()])
        .with("Qualifiers", Slot::optional(slot::QUALIFIERS, kind::UINT16).into())
        .depending_on(slot::EVENT_ID)
}

/// An element whose values are all attributes.
fn attributes<'a>(name: &'static str, slots: &[(&'static str, u16, u8)]) -> Node<'a> {
    slots
        .iter()
        .fold(Element::empty(name), |element, (name, number, kind)| {
            element.with(*name, Slot::optional(*number, *kind).into())
        })
        .into()
}

fn cells<'a>(forged: &ForgedEvent<'a>, body: Fragment<'a>, origin: Origin) -> Vec<Cell<'a>> {
    let ForgedEvent { event, envelope, .. } = *forged;
    let Envelope { task, opcode, keywords, guid, system, .. } = *envelope;
    let number = |number: Option<u32>| Value::UInt32(number.unwrap_or(0));
    let as_logged = origin == Origin::Live && system == SystemShape::Substituted;
    let missing = |name, stale| match as_logged {
        true => Cell { name, content: CellContent::Stale(stale) },
        false => Cell::owned(name, Value::Null),
    };
    // The ID was checked before; 0 is never written in its place.
    let event_id = u16::try_from(event.event_id).unwrap_or(0);
    let mut cells = vec![
        Cell::owned("Level", Value::UInt8(event.level.unwrap_or(0))),
        Cell::owned("Opcode", Value::UInt8(opcode)),
        Cell::owned("Task", Value::UInt16(task)),
        Cell::owned("EventID", Value::UInt16(event_id)),
        match event.qualifiers {
            Some(qualifiers) => Cell::owned("Qualifiers", Value::UInt16(qualifiers)),
            None => missing("Qualifiers", &STALE_QUALIFIERS),
        },
        Cell::owned("Keywords", Value::HexInt64(keywords)),
        Cell::owned("TimeCreated", Value::FileTime(event.time)),
        match event.activity_id {
            Some(activity) => Cell::owned("ActivityID", Value::Guid(activity)),
            None => missing("ActivityID", &STALE_ACTIVITY),
        },
        Cell::owned("ProcessID", number(event.process_id)),
        Cell::owned("ThreadID", number(event.thread_id)),
        Cell::owned("EventRecordID", Value::UInt64(event.record_id)),
        Cell::owned("Version", Value::UInt8(event.version.unwrap_or(0))),
        Cell::owned("UserID", user_id(forged)),
    ];
    if system == SystemShape::Substituted {
        cells.push(Cell::owned("RelatedActivityID", Value::Null));
        cells.push(Cell::text("Provider", &event.provider));
        cells.push(Cell::owned("Guid", Value::Guid(guid.unwrap_or(Guid([0; 16])))));
        cells.push(Cell::text("Channel", &event.channel));
    } else {
        cells.extend((0..6).map(|_| Cell::owned("System", Value::Null)));
    }
    cells.push(Cell { name: "payload", content: CellContent::Fragment(body) });
    cells
}

fn user_id(forged: &ForgedEvent<'_>) -> Value {
    forged.event.user_sid.as_deref().map_or(Value::Null, |sid| Value::Sid(sid.into()))
}

/// `System` as forwarded records have it: every value is text.
pub(super) fn literal<'a>(forged: &ForgedEvent<'a>) -> Result<Element<'a>, ForgeError> {
    let ForgedEvent { event, envelope, .. } = *forged;
    let classic = envelope.system == SystemShape::Classic;
    let leaf = |name: &'static str, text: String| Node::from(Element::new(name, vec![owned(text)]));
    let mut provider = Element::empty("Provider").with("Name", (&*event.provider).into());
    if let Some(guid) = envelope.guid {
        provider = provider.with("Guid", owned(guid.to_string()));
    }
    if let Some(source) = &envelope.source {
        provider = provider.with("EventSourceName", (&**source).into());
    }
    let mut event_id = Element::new("EventID", vec![owned(event.event_id.to_string())]);
    if let Some(qualifiers) = event.qualifiers {
        event_id = event_id.with("Qualifiers", owned(qualifiers.to_string()));
    }
    let mut system = vec![provider.into(), event_id.into()];
    if !classic {
        system.push(leaf("Version", event.version.unwrap_or(0).to_string()));
    }
    system.push(leaf("Level", event.level.unwrap_or(0).to_string()));
    system.push(leaf("Task", envelope.task.to_string()));
    if !classic {
        system.push(leaf("Opcode", envelope.opcode.to_string()));
    }
    system.push(leaf("Keywords", format!("{:#x}", envelope.keywords)));
    let time = super::text::time(event.time)
        .map_err(|problem| ForgeError::value("TimeCreated", problem))?;
    system.push(Element::empty("TimeCreated").with("SystemTime", owned(time)).into());
    system.push(leaf("EventRecordID", event.record_id.to_string()));
    if !classic {
        let mut correlation = Element::empty("Correlation");
        if let Some(activity) = event.activity_id {
            correlation = correlation.with("ActivityID", owned(activity.to_string()));
        }
        let execution = Element::empty("Execution")
            .with("ProcessID", owned(event.process_id.unwrap_or(0).to_string()))
            .with("ThreadID", owned(event.thread_id.unwrap_or(0).to_string()));
        system.extend([correlation.into(), execution.into()]);
    }
    system.push(Element::new("Channel", vec![(&*event.channel).into()]).into());
    system.push(Element::new("Computer", vec![(&*event.machine).into()]).into());
    let mut security = Element::empty("Security");
    if let Some(sid) = &event.user_sid {
        security = security.with("UserID", (&**sid).into());
    }
    system.push(security.into());
    Ok(Element::new("System", system))
}

/// Text that the tree owns.
pub(super) fn owned<'a>(text: String) -> Node<'a> {
    Node::Text(Cow::Owned(text))
}

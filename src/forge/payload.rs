//! The payload of a record: `EventData` or `UserData`, as a template with values or as text.
//!
//! Knows how each container arranges fields. Knows nothing about `System`.

use std::fmt::Write as _;

use super::binxml::{Cell, Fragment, Instance};
use super::element::{Element, Node, Slot};
use super::error::ForgeError;
use super::system::owned;
use super::value::{StringEnd, kind, kind_of};
use super::{ForgedEvent, text, user_data};
use crate::model::{Field, Value};
use crate::rules::events::{Container, SystemShape};

/// The element of `EventData` that is no `Data`.
const BINARY: &str = "Binary";

/// How Windows wrote a log, which shows inside of payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// By the log service: manifest events have no fragment header and NUL after strings.
    Live,
    /// By an export, which writes every record anew.
    Export,
}

/// The payload as the value of the record's last slot.
pub(super) fn fragment<'a>(
    forged: &ForgedEvent<'a>,
    origin: Origin,
) -> Result<Fragment<'a>, ForgeError> {
    if let Container::UserData { literal: true, .. } = forged.envelope.container {
        return literal_content(forged).map(Fragment::Literal);
    }
    let as_logged = origin == Origin::Live && forged.envelope.system == SystemShape::Substituted;
    let end = if as_logged { StringEnd::Nul } else { StringEnd::Bare };
    let instance = match &forged.envelope.container {
        Container::Unnamed => classic_instance(forged)?,
        _ => named_instance(forged, end),
    };
    Ok(Fragment::Instance { header: !as_logged, instance: Box::new(instance) })
}

/// The payload of a record that has no template.
pub(super) fn literal<'a>(forged: &ForgedEvent<'a>) -> Result<Element<'a>, ForgeError> {
    let content = literal_content(forged)?;
    Ok(match forged.envelope.container {
        Container::UserData { .. } => Element::new("UserData", vec![content.into()]),
        _ => content,
    })
}

/// `EventData`, or the element inside of `UserData`.
fn literal_content<'a>(forged: &ForgedEvent<'a>) -> Result<Element<'a>, ForgeError> {
    let mut parts = Vec::new();
    for field in &forged.event.data {
        let item = |value: &'a Value| {
            let text =
                text::of(value).map_err(|problem| ForgeError::value(&field.name, problem))?;
            Ok::<_, ForgeError>((&*field.name, Node::Text(text)))
        };
        match &field.value {
            // Each item is an element of its own, in a list of strings as in any other.
            Value::List(items) => {
                for value in items {
                    parts.push(item(value)?);
                }
            }
            value => parts.push(item(value)?),
        }
    }
    arrange(&forged.envelope.container, parts)
}

/// Puts named nodes into the container's elements.
fn arrange<'a>(
    container: &'a Container,
    parts: Vec<(&'a str, Node<'a>)>,
) -> Result<Element<'a>, ForgeError> {
    let name = match container {
        Container::UserData { element, namespace, .. } => {
            return user_data::arrange(element, namespace.as_deref(), parts);
        }
        Container::EventData { name } => name.as_deref(),
        Container::Unnamed => None,
    };
    let data = parts.into_iter().map(|(name, node)| data_element(name, node).into()).collect();
    let element = Element::new("EventData", data);
    Ok(match name {
        Some(name) => element.with("Name", name.into()),
        None => element,
    })
}

/// `Data`, with its name if it has one, or `Binary`.
fn data_element<'a>(name: &'a str, node: Node<'a>) -> Element<'a> {
    match name {
        BINARY => Element::new(BINARY, vec![node]),
        "" => Element::new("Data", vec![node]),
        name => Element::new("Data", vec![node]).with("Name", name.into()),
    }
}

fn named_instance<'a>(forged: &ForgedEvent<'a>, end: StringEnd) -> Instance<'a> {
    let container = &forged.envelope.container;
    let fields: &'a [Field] = &forged.event.data;
    let mut cells = Vec::with_capacity(fields.len());
    let mut key = format!("{container:?}");
    for field in fields {
        if &*field.name == BINARY && matches!(container, Container::EventData { .. }) {
            cells.push(Cell::owned(BINARY, binary_size(&field.value)));
        }
        cells.push(Cell::borrowed(&field.name, &field.value));
        // The length keeps names apart that contain what separates them.
        let Slot { kind, optional, .. } = slot(0, &field.value);
        let _ = write!(key, "\0{}{}{kind}{optional}", field.name.len(), field.name);
    }
    let define = move || {
        let mut parts = Vec::with_capacity(fields.len());
        let mut number = 0;
        for field in fields {
            if &*field.name == BINARY && matches!(container, Container::EventData { .. }) {
                number += 1;
            }
            let slot = slot(number, &field.value);
            parts.push((&*field.name, Node::from(slot)));
            number += 1;
        }
        arrange(container, parts)
    };
    Instance { key, define: Box::new(define), cells, end }
}

/// The slot before `Binary` holds its size, which no element shows.
fn binary_size(value: &Value) -> Value {
    match value {
        Value::Binary(bytes) => Value::UInt32(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
        _ => Value::UInt32(0),
    }
}

/// A field's place in a template. One without a value is declared as an optional string: only
/// optional slots are ever empty.
fn slot(number: u16, value: &Value) -> Slot {
    match value {
        Value::Null => Slot::optional(number, kind::STRING),
        value => Slot::normal(number, kind_of(value)),
    }
}

/// The one template of all classic events: a list of strings, a size, and bytes.
fn classic_instance<'a>(forged: &ForgedEvent<'a>) -> Result<Instance<'a>, ForgeError> {
    let mut strings = Vec::new();
    let mut binary = &Value::Null;
    for field in &forged.event.data {
        match (&*field.name, &field.value) {
            ("", Value::List(items)) => strings.extend(items.iter().map(as_string)),
            ("", value) => strings.push(as_string(value)),
            (BINARY, value) => binary = value,
            (name, _) => return Err(ForgeError::NamedInClassic(name.to_owned())),
        }
    }
    let strings =
        if strings.is_empty() { Value::Null } else { Value::List(strings.into_boxed_slice()) };
    let cells = vec![
        Cell::owned("Data", strings),
        Cell::owned(BINARY, binary_size(binary)),
        Cell::borrowed(BINARY, binary),
    ];
    let define = || {
        let data = Slot::optional(0, kind::ARRAY | kind::STRING).into();
        let bytes = Slot::optional(2, kind::BINARY).into();
        Ok(Element::new(
            "EventData",
            vec![
                Element::new("Data", vec![data]).depending_on(0).into(),
                Element::new(BINARY, vec![bytes]).depending_on(2).into(),
            ],
        ))
    };
    Ok(Instance { key: "C".to_owned(), define: Box::new(define), cells, end: StringEnd::Bare })
}

/// Classic events have no other type.
fn as_string(value: &Value) -> Value {
    Value::text(value.to_text())
}

/// What Event Viewer shows, which forwarded records may carry along, in the language of the
/// machine that forwarded them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// The language: `de-DE`.
    pub culture: String,
    /// The event's message in that language.
    pub message: String,
}

/// `RenderingInfo` of a forwarded record.
pub(super) fn rendering_element<'a>(
    forged: &ForgedEvent<'a>,
    rendering: &'a Rendering,
) -> Element<'a> {
    let leaf =
        |name: &'static str, text: &'a str| Node::from(Element::new(name, vec![Node::from(text)]));
    Element::new(
        "RenderingInfo",
        vec![
            leaf("Message", &rendering.message),
            Element::empty("Level").into(),
            Element::empty("Task").into(),
            Element::empty("Opcode").into(),
            leaf("Channel", &forged.event.channel),
            leaf("Provider", &forged.event.provider),
            Element::empty("Keywords").into(),
        ],
    )
    .with("Culture", owned(rendering.culture.clone()))
}

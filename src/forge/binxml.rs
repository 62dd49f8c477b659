//! Elements and template instances as BinXML tokens.
//!
//! Knows tokens and their order ([MS-EVEN6] 2.2.12). Knows nothing about events.

use std::borrow::Cow;

use super::chunk::Chunk;
use super::element::{Content, Element, Node, Slot, template_guid};
use super::error::{ForgeError, ValueProblem};
use super::value::{StringEnd, encode, encode_text, kind, stored_kind};
use crate::model::Value;

/// Starts a fragment: version 1.1, no flags.
const FRAGMENT_HEADER: [u8; 4] = [0x0f, 1, 1, 0];
const END_OF_STREAM: u8 = 0x00;
const TEMPLATE_INSTANCE: [u8; 2] = [0x0c, 1];
const OPEN_ELEMENT: u8 = 0x01;
const CLOSE_START_TAG: u8 = 0x02;
const CLOSE_EMPTY_ELEMENT: u8 = 0x03;
const CLOSE_ELEMENT: u8 = 0x04;
const TEXT: u8 = 0x05;
const ATTRIBUTE: u8 = 0x06;
const ENTITY: u8 = 0x09;
const SLOT: u8 = 0x0d;
const OPTIONAL_SLOT: u8 = 0x0e;
/// Added to a token: attributes follow, or more of the same text does.
const MORE: u8 = 0x40;
/// The dependency of an element that is always there.
const NO_DEPENDENCY: u16 = 0xffff;

/// A template's use: the values that go into its slots.
pub(super) struct Instance<'a> {
    /// Tells the template from others of the same chunk.
    pub(super) key: String,
    /// The template; only called where the chunk does not have it yet.
    pub(super) define: Box<dyn FnOnce() -> Result<Element<'a>, ForgeError> + 'a>,
    /// One cell for each slot.
    pub(super) cells: Vec<Cell<'a>>,
    /// How strings in the cells end.
    pub(super) end: StringEnd,
}

/// What goes into a slot.
pub(super) struct Cell<'a> {
    /// The field's name, for messages.
    pub(super) name: &'a str,
    pub(super) content: CellContent<'a>,
}

/// The content of a cell.
pub(super) enum CellContent<'a> {
    Value(Cow<'a, Value>),
    Text(&'a str),
    /// No value, but room for one that holds something else, as live logs have it.
    Stale(&'static [u8]),
    Fragment(Fragment<'a>),
}

/// BinXML of its own inside of a value.
pub(super) enum Fragment<'a> {
    /// A template instance, with or without a fragment header before it.
    Instance { header: bool, instance: Box<Instance<'a>> },
    /// An element that holds its text itself.
    Literal(Element<'a>),
}

impl<'a> Cell<'a> {
    pub(super) fn owned(name: &'a str, value: Value) -> Self {
        Self { name, content: CellContent::Value(Cow::Owned(value)) }
    }

    pub(super) fn borrowed(name: &'a str, value: &'a Value) -> Self {
        Self { name, content: CellContent::Value(Cow::Borrowed(value)) }
    }

    pub(super) fn text(name: &'a str, text: &'a str) -> Self {
        Self { name, content: CellContent::Text(text) }
    }
}

/// Appends a whole record's BinXML: a fragment with one template instance.
pub(super) fn instance_record(chunk: &mut Chunk, record: Instance<'_>) -> Result<(), ForgeError> {
    chunk.bytes().extend(FRAGMENT_HEADER);
    instance(chunk, record)?;
    chunk.bytes().push(END_OF_STREAM);
    Ok(())
}

/// Appends a whole record's BinXML: a fragment with one element and all its text.
pub(super) fn literal_record(chunk: &mut Chunk, record: &Element<'_>) -> Result<(), ForgeError> {
    chunk.bytes().extend(FRAGMENT_HEADER);
    element(chunk, record, Style::Literal)?;
    chunk.bytes().push(END_OF_STREAM);
    Ok(())
}

fn instance(chunk: &mut Chunk, instance: Instance<'_>) -> Result<(), ForgeError> {
    let Instance { key, define, cells, end } = instance;
    chunk.bytes().extend(TEMPLATE_INSTANCE);
    match chunk.template(&key) {
        Some(offset) => refer_to_template(chunk, offset),
        None => define_template(chunk, &key, &define()?)?,
    }
    let count = u32::try_from(cells.len()).unwrap_or(u32::MAX);
    chunk.bytes().extend(count.to_le_bytes());
    let mut descriptor = chunk.position();
    chunk.bytes().resize(descriptor + cells.len() * 4, 0);
    for cell in cells {
        let (size, kind) = cell_value(chunk, cell, end)?;
        chunk.patch_u16(descriptor, size);
        chunk.patch_u16(descriptor + 2, u16::from(kind));
        descriptor += 4;
    }
    Ok(())
}

/// The id in front of the offset is the start of the GUID in the definition.
fn refer_to_template(chunk: &mut Chunk, offset: u32) {
    let guid = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(4);
    let id = chunk.bytes().get(guid..guid.saturating_add(4)).and_then(|id| id.try_into().ok());
    chunk.bytes().extend(id.unwrap_or([0; 4]));
    chunk.bytes().extend(offset.to_le_bytes());
}

fn define_template(chunk: &mut Chunk, key: &str, root: &Element<'_>) -> Result<(), ForgeError> {
    let guid = template_guid(root);
    let [id0, id1, id2, id3, ..] = guid;
    let start = chunk.position() + 8;
    let offset = u32::try_from(start).map_err(|_| ForgeError::RecordTooLarge(start))?;
    let next = chunk.add_template(key, guid, offset);
    let bytes = chunk.bytes();
    bytes.extend([id0, id1, id2, id3]);
    bytes.extend(offset.to_le_bytes());
    bytes.extend(next.to_le_bytes());
    bytes.extend(guid);
    bytes.extend([0; 4]);
    chunk.bytes().extend(FRAGMENT_HEADER);
    element(chunk, root, Style::Template)?;
    chunk.bytes().push(END_OF_STREAM);
    close_size(chunk, start + 20);
    Ok(())
}

/// Appends a value; returns its size and type.
fn cell_value(chunk: &mut Chunk, cell: Cell<'_>, end: StringEnd) -> Result<(u16, u8), ForgeError> {
    let problem = |problem| ForgeError::value(cell.name, problem);
    match cell.content {
        CellContent::Value(value) => {
            let size = encode(chunk.bytes(), &value, end).map_err(problem)?;
            Ok((size, stored_kind(&value)))
        }
        CellContent::Text(text) => {
            let start = chunk.position();
            encode_text(chunk.bytes(), text);
            let size = chunk.position() - start;
            let size = u16::try_from(size).map_err(|_| problem(ValueProblem::TooLarge(size)))?;
            Ok((size, kind::STRING))
        }
        CellContent::Stale(bytes) => {
            chunk.bytes().extend(bytes);
            let size = u16::try_from(bytes.len())
                .map_err(|_| problem(ValueProblem::TooLarge(bytes.len())))?;
            Ok((size, kind::NULL))
        }
        CellContent::Fragment(fragment) => {
            let start = chunk.position();
            match fragment {
                Fragment::Instance { header, instance: inner } => {
                    if header {
                        chunk.bytes().extend(FRAGMENT_HEADER);
                    }
                    instance(chunk, *inner)?;
                }
                Fragment::Literal(root) => element(chunk, &root, Style::Literal)?,
            }
            chunk.bytes().push(END_OF_STREAM);
            let size = chunk.position() - start;
            let size = u16::try_from(size).map_err(|_| ForgeError::RecordTooLarge(size))?;
            Ok((size, kind::BINXML))
        }
    }
}

/// Where an element stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// In a template: elements have dependencies, text stands as it is.
    Template,
    /// In a record: no dependencies, and entities for characters that XML reserves.
    Literal,
}

fn element(chunk: &mut Chunk, element: &Element<'_>, style: Style) -> Result<(), ForgeError> {
    let more = if element.attributes.is_empty() { 0 } else { MORE };
    chunk.bytes().push(OPEN_ELEMENT | more);
    if style == Style::Template {
        chunk.bytes().extend(element.depends_on.unwrap_or(NO_DEPENDENCY).to_le_bytes());
    }
    let size = open_size(chunk);
    chunk.name(&element.name)?;
    if !element.attributes.is_empty() {
        let size = open_size(chunk);
        attributes(chunk, &element.attributes, style)?;
        close_size(chunk, size);
    }
    match &element.content {
        Content::Empty => chunk.bytes().push(CLOSE_EMPTY_ELEMENT),
        Content::Nodes(nodes) => {
            chunk.bytes().push(CLOSE_START_TAG);
            for node in nodes {
                self::node(chunk, node, style)?;
            }
            chunk.bytes().push(CLOSE_ELEMENT);
        }
    }
    close_size(chunk, size);
    Ok(())
}

fn attributes(
    chunk: &mut Chunk,
    attributes: &[(Cow<'_, str>, Node<'_>)],
    style: Style,
) -> Result<(), ForgeError> {
    let last = attributes.len().saturating_sub(1);
    for (position, (name, value)) in attributes.iter().enumerate() {
        let more = if position < last { MORE } else { 0 };
        chunk.bytes().push(ATTRIBUTE | more);
        chunk.name(name)?;
        node(chunk, value, style)?;
    }
    Ok(())
}

fn node(chunk: &mut Chunk, node: &Node<'_>, style: Style) -> Result<(), ForgeError> {
    match (node, style) {
        (Node::Element(child), _) => element(chunk, child, style),
        (Node::Text(content), Style::Template) => text_token(chunk, content, 0),
        (Node::Text(content), Style::Literal) => escaped_text(chunk, content),
        (Node::Slot(slot), _) => {
            slot_token(chunk, *slot);
            Ok(())
        }
    }
}

fn slot_token(chunk: &mut Chunk, slot: Slot) {
    chunk.bytes().push(if slot.optional { OPTIONAL_SLOT } else { SLOT });
    chunk.bytes().extend(slot.index.to_le_bytes());
    chunk.bytes().push(slot.kind);
}

/// Appends text with entity tokens for `&`, `<` and `>`; no token at all for empty text.
fn escaped_text(chunk: &mut Chunk, mut text: &str) -> Result<(), ForgeError> {
    while let Some(position) = text.find(['&', '<', '>']) {
        let (before, rest) = text.split_at(position);
        if !before.is_empty() {
            text_token(chunk, before, MORE)?;
        }
        let entity = match rest.chars().next() {
            Some('&') => "amp",
            Some('<') => "lt",
            _ => "gt",
        };
        // The reserved characters are one byte each.
        text = rest.get(1..).unwrap_or_default();
        chunk.bytes().push(ENTITY | if text.is_empty() { 0 } else { MORE });
        chunk.name(entity)?;
    }
    if text.is_empty() { Ok(()) } else { text_token(chunk, text, 0) }
}

fn text_token(chunk: &mut Chunk, text: &str, more: u8) -> Result<(), ForgeError> {
    let units = text.encode_utf16().count();
    let length = u16::try_from(units).map_err(|_| {
        let start: String = text.chars().take(40).collect();
        ForgeError::value(&format!("{start}…"), ValueProblem::TextTooLong(units))
    })?;
    chunk.bytes().extend([TEXT | more, kind::STRING]);
    chunk.bytes().extend(length.to_le_bytes());
    encode_text(chunk.bytes(), text);
    Ok(())
}

/// Leaves room for a size; returns where.
fn open_size(chunk: &mut Chunk) -> usize {
    let position = chunk.position();
    chunk.bytes().extend([0; 4]);
    position
}

/// Fills in the size of everything since the place that [`open_size`] left.
fn close_size(chunk: &mut Chunk, position: usize) {
    let size = chunk.position() - position - 4;
    chunk.patch_u32(position, u32::try_from(size).unwrap_or(u32::MAX));
}

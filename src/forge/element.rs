//! XML elements before they become bytes: of a template, with slots for values, or of a record
//! that holds all its text itself.
//!
//! Knows structure. Knows nothing about offsets, chunks or what an element is for.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// An element.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element<'a> {
    pub(super) name: Cow<'a, str>,
    /// The slot without whose value the element is left out.
    pub(super) depends_on: Option<u16>,
    pub(super) attributes: Vec<(Cow<'a, str>, Node<'a>)>,
    pub(super) content: Content<'a>,
}

/// What stands between an element's tags.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content<'a> {
    /// Nothing, and only one tag: `<Security/>`.
    Empty,
    /// Two tags, with these nodes between them, if any: `<EventData></EventData>`.
    Nodes(Vec<Node<'a>>),
}

/// A part of an element's content or of an attribute's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Element(Element<'a>),
    Text(Cow<'a, str>),
    Slot(Slot),
}

/// The place in a template where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The value's number.
    pub(super) index: u16,
    /// The type that the template declares.
    pub(super) kind: u8,
    /// Whether a missing value leaves out the element or attribute.
    pub(super) optional: bool,
}

impl<'a> Element<'a> {
    /// An element with two tags and these nodes between them.
    pub(super) fn new(name: impl Into<Cow<'a, str>>, nodes: Vec<Node<'a>>) -> Self {
        Self {
            name: name.into(),
            depends_on: None,
            attributes: Vec::new(),
            content: Content::Nodes(nodes),
        }
    }

    /// An element with one tag.
    pub(super) fn empty(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            depends_on: None,
            attributes: Vec::new(),
            content: Content::Empty,
        }
    }

    /// Adds an attribute.
    pub(super) fn with(mut self, name: impl Into<Cow<'a, str>>, value: Node<'a>) -> Self {
        self.attributes.push((name.into(), value));
        self
    }

    /// Leaves the element out when that slot has no value.
    pub(super) fn depending_on(mut self, slot: u16) -> Self {
        self.depends_on = Some(slot);
        self
    }
}

impl Slot {
    /// A slot whose element or attribute vanishes without a value.
    pub(super) const fn optional(index: u16, kind: u8) -> Self {
        Self { index, kind, optional: true }
    }

    /// A slot whose element or attribute stays, empty, without a value.
    pub(super) const fn normal(index: u16, kind: u8) -> Self {
        Self { index, kind, optional: false }
    }
}

impl From<Slot> for Node<'_> {
    fn from(slot: Slot) -> Self {
        Self::Slot(slot)
    }
}

impl<'a> From<Element<'a>> for Node<'a> {
    fn from(element: Element<'a>) -> Self {
        Self::Element(element)
    }
}

impl<'a> From<&'a str> for Node<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// The GUID by which a template is known: the start of its definition's hash, so that equal
/// templates have equal GUIDs in every file.
pub(super) fn template_guid(root: &Element<'_>) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hash_element(&mut hasher, root);
    let digest = hasher.finalize();
    let mut guid = [0; 16];
    guid.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    guid
}

fn hash_element(hasher: &mut Sha256, element: &Element<'_>) {
    hash_text(hasher, b'<', &element.name);
    hasher.update(element.depends_on.unwrap_or(u16::MAX).to_le_bytes());
    for (name, value) in &element.attributes {
        hash_text(hasher, b'@', name);
        hash_node(hasher, value);
    }
    match &element.content {
        Content::Empty => hasher.update(b"/"),
        Content::Nodes(nodes) => {
            hasher.update(b">");
            nodes.iter().for_each(|node| hash_node(hasher, node));
            hasher.update(b"E");
        }
    }
}

fn hash_node(hasher: &mut Sha256, node: &Node<'_>) {
    match node {
        Node::Element(element) => hash_element(hasher, element),
        Node::Text(text) => hash_text(hasher, b'"', text),
        Node::Slot(slot) => {
            hasher.update([b'#', slot.kind, u8::from(slot.optional)]);
            hasher.update(slot.index.to_le_bytes());
        }
    }
}

/// The length goes first, so that no two trees hash the same bytes.
fn hash_text(hasher: &mut Sha256, mark: u8, text: &str) {
    hasher.update([mark]);
    hasher.update(text.len().to_le_bytes());
    hasher.update(text);
}

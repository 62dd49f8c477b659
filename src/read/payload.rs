//! The payload of a record as a flat list of fields.
//!
//! `EventData` gives its `Data` by name; `UserData` and the rarer kinds give the path of each
//! element that has no children, and each attribute. Rendered text is never data.

use std::sync::Arc;

use super::binxml::{Item, Known, Malformed, NameId, Result, Walk};
use super::content::Content;
use crate::model::Field;

/// Elements in each other; real payloads have fewer than ten.
const DEEPEST: usize = 64;

/// Reads the fields from behind the `System` part to the end of the record. Where damage ends
/// that, gives those in front of it, and the damage.
pub(super) fn read(walk: &mut Walk<'_, '_>) -> (Vec<Field>, Result<()>) {
    let mut fields = Vec::new();
    let outcome = read_into(walk, &mut fields);
    (fields, outcome)
}

fn read_into(walk: &mut Walk<'_, '_>, fields: &mut Vec<Field>) -> Result<()> {
    while let Some(item) = walk.next()? {
        match item {
            Item::Open(name) => match walk.name(name)?.known {
                Known::UserData => user_data(walk, fields)?,
                Known::RenderingInfo | Known::System => pass_over(walk)?,
                known => Container::new(name, known == Known::EventData).read(walk, fields)?,
            },
            // The end of the event. Padding may follow, which is not looked at.
            Item::Close => return Ok(()),
            // White space between the parts of forwarded records.
            Item::Value(_) | Item::Character(_) | Item::Attribute(_) | Item::Content => {}
        }
    }
    Err(Malformed::Unbalanced)
}

/// Reads `UserData`, each of whose elements holds fields.
fn user_data(walk: &mut Walk<'_, '_>, fields: &mut Vec<Field>) -> Result<()> {
    while let Some(item) = walk.next()? {
        match item {
            Item::Open(name) => Container::new(name, false).read(walk, fields)?,
            Item::Close => return Ok(()),
            Item::Value(_) | Item::Character(_) | Item::Attribute(_) | Item::Content => {}
        }
    }
    Err(Malformed::Unbalanced)
}

/// Passes over the rest of an element.
fn pass_over(walk: &mut Walk<'_, '_>) -> Result<()> {
    let mut depth = 1_u32;
    while let Some(item) = walk.next()? {
        match item {
            Item::Open(_) => depth += 1,
            Item::Close if depth == 1 => return Ok(()),
            Item::Close => depth -= 1,
            _ => {}
        }
    }
    Err(Malformed::Unbalanced)
}

/// An element whose descendants are fields.
#[derive(Debug)]
struct Container<'c> {
    name: NameId,
    /// Whether its `Data` elements are named by their `Name` attribute.
    is_event_data: bool,
    /// The path of the innermost open element.
    path: String,
    open: Vec<Element<'c>>,
}

/// An open element of a container; the first is the container itself.
#[derive(Debug, Default)]
struct Element<'c> {
    /// Length of the path above it.
    parent_path: usize,
    is_data: bool,
    /// The name that a `Data` element was given.
    data_name: Option<Arc<str>>,
    has_attributes: bool,
    has_children: bool,
    content: Content<'c>,
    attribute: Option<(NameId, Content<'c>)>,
}

impl<'c> Container<'c> {
    fn new(name: NameId, is_event_data: bool) -> Self {
        Self { name, is_event_data, path: String::new(), open: vec![Element::default()] }
    }

    /// Reads to the container's end.
    fn read(mut self, walk: &mut Walk<'_, 'c>, fields: &mut Vec<Field>) -> Result<()> {
        while let Some(item) = walk.next()? {
            match item {
                Item::Open(name) => {
                    self.end_attribute(walk, fields)?;
                    self.start(name, walk)?;
                }
                Item::Attribute(name) => {
                    self.end_attribute(walk, fields)?;
                    self.innermost()?.attribute = Some((name, Content::default()));
                }
                Item::Content => self.end_attribute(walk, fields)?,
                Item::Value(raw) => {
                    walk.charge(raw.size())?;
                    self.content()?.push(raw);
                }
                Item::Character(character) => self.content()?.push_char(character),
                Item::Close => {
                    self.end_attribute(walk, fields)?;
                    self.end(walk, fields)?;
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
            }
        }
        Err(Malformed::Unbalanced)
    }

    fn innermost(&mut self) -> Result<&mut Element<'c>> {
        self.open.last_mut().ok_or(Malformed::Unbalanced)
    }

    /// Where values go: into the attribute that is open, else into the element.
    fn content(&mut self) -> Result<&mut Content<'c>> {
        let element = self.innermost()?;
        Ok(match &mut element.attribute {
            Some((_, content)) => content,
            None => &mut element.content,
        })
    }

    fn start(&mut self, name: NameId, walk: &mut Walk<'_, 'c>) -> Result<()> {
        if self.open.len() >= DEEPEST {
            return Err(Malformed::TooDeep);
        }
        self.innermost()?.has_children = true;
        let is_data =
            self.is_event_data && self.open.len() == 1 && walk.name(name)?.known == Known::Data;
        let parent_path = self.path.len();
        if !is_data {
            let name = walk.name_text(name)?;
            self.descend(&name);
        }
        self.open.push(Element { parent_path, is_data, ..Element::default() });
        Ok(())
    }

    fn descend(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name);
    }

    fn end_attribute(&mut self, walk: &mut Walk<'_, 'c>, fields: &mut Vec<Field>) -> Result<()> {
        let Self { open, path, .. } = self;
        let Some(element) = open.last_mut() else { return Err(Malformed::Unbalanced) };
        let Some((name, content)) = element.attribute.take() else { return Ok(()) };
        let name = walk.name(name)?;
        match name.known {
            Known::Namespace => {}
            Known::Name if element.is_data => {
                let name = content.shared(walk.interner());
                path.push_str(&name);
                element.data_name = Some(name);
            }
            _ if content.is_nothing() => {}
            _ => {
                element.has_attributes = true;
                let separator = if path.is_empty() { "@" } else { "/@" };
                let path = [path, separator, &name.text].concat();
                let name = shared(&path, content.size(), walk)?;
                fields.push(Field { name, value: content.value() });
            }
        }
        Ok(())
    }

    /// Ends the innermost element, which is a field if it has no children.
    fn end(&mut self, walk: &mut Walk<'_, 'c>, fields: &mut Vec<Field>) -> Result<()> {
        let element = self.open.pop().ok_or(Malformed::Unbalanced)?;
        let content = &element.content;
        let is_container = self.open.is_empty();
        // White space between children is layout. Text between them, or in the container
        // itself, is unusual but content.
        let is_field = if element.has_children || is_container {
            !content.is_blank()
        } else {
            element.is_data || !element.has_attributes || !content.is_nothing()
        };
        if is_field {
            let name = match element.data_name {
                Some(name) => charged(name, content.size(), walk)?,
                None if is_container => charged(walk.name_text(self.name)?, content.size(), walk)?,
                None => shared(&self.path, content.size(), walk)?,
            };
            fields.push(Field { name, value: content.value() });
        }
        self.path.truncate(element.parent_path);
        Ok(())
    }
}

/// The shared copy of a field's name, charged for.
fn shared(name: &str, value_size: usize, walk: &mut Walk<'_, '_>) -> Result<Arc<str>> {
    let name = walk.interner().text(name);
    charged(name, value_size, walk)
}

/// A field's name, after charging for the whole field.
fn charged(name: Arc<str>, value_size: usize, walk: &mut Walk<'_, '_>) -> Result<Arc<str>> {
    walk.charge(size_of::<Field>() + name.len() + value_size)?;
    Ok(name)
}

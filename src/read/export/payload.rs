//! The elements of a payload as a flat list of fields, by the rules of [`Field::name`].

use std::borrow::Cow;

use super::element::Element;
use crate::model::{Field, Value};
use crate::read::intern::Interner;

/// Adds the fields of one part of an event that is not `System`.
pub(super) fn read(part: Element<'_>, interner: &mut Interner, fields: &mut Vec<Field>) {
    let mut payload = Payload { interner, fields };
    match &*part.name {
        "RenderingInfo" => {}
        "UserData" => part.children.into_iter().for_each(|child| payload.container(child)),
        _ => payload.container(part),
    }
}

struct Payload<'p> {
    interner: &'p mut Interner,
    fields: &'p mut Vec<Field>,
}

impl Payload<'_> {
    fn container(&mut self, container: Element<'_>) {
        let Element { name, attributes, children, content } = container;
        self.attributes(attributes, "");
        for child in children {
            if name == "EventData" && child.name == "Data" {
                let data = child.attribute("Name").map(|name| name.to_text().into_owned());
                self.push(&data.unwrap_or_default(), child.content);
            } else {
                let path = child.name.to_string();
                self.field(child, &path);
            }
        }
        if !is_blank(&content) {
            self.push(&name, content);
        }
    }

    /// Adds an element and what is in it. The tree is as deep as its reader allowed.
    fn field(&mut self, element: Element<'_>, path: &str) {
        let before = self.fields.len();
        self.attributes(element.attributes, &format!("{path}/"));
        let has_attributes = self.fields.len() > before;
        let has_children = !element.children.is_empty();
        for child in element.children {
            let path = format!("{path}/{}", child.name);
            self.field(child, &path);
        }
        let is_field = match (has_children, has_attributes) {
            (false, false) => true,
            (false, true) => !element.content.to_text().is_empty(),
            (true, _) => !is_blank(&element.content),
        };
        if is_field {
            self.push(path, element.content);
        }
    }

    fn attributes(&mut self, attributes: Vec<(Cow<'_, str>, Value)>, path: &str) {
        for (name, value) in attributes {
            let is_namespace = name == "xmlns" || name.starts_with("xmlns:");
            // An attribute without a value says nothing.
            if !is_namespace && !value.to_text().is_empty() {
                self.push(&format!("{path}@{name}"), value);
            }
        }
    }

    fn push(&mut self, name: &str, value: Value) {
        self.fields.push(Field { name: self.interner.text(name), value });
    }
}

fn is_blank(value: &Value) -> bool {
    value.to_text().trim().is_empty()
}

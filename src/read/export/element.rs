//! An element with its attributes, its children and its content.

use std::borrow::Cow;

use crate::model::Value;

/// An element of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element<'t> {
    pub(super) name: Cow<'t, str>,
    pub(super) attributes: Vec<(Cow<'t, str>, Value)>,
    pub(super) children: Vec<Element<'t>>,
    /// Its text without that of its children.
    pub(super) content: Value,
}

impl<'t> Element<'t> {
    /// An element that holds nothing yet.
    pub(super) fn new(name: impl Into<Cow<'t, str>>) -> Self {
        let (attributes, children) = (Vec::new(), Vec::new());
        Self { name: name.into(), attributes, children, content: Value::Null }
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Element<'t>> {
        self.children.iter().find(|child| child.name == name)
    }

    /// What stands in the first child of that name.
    pub(super) fn content_of(&self, name: &str) -> Option<&Value> {
        self.child(name).map(|child| &child.content)
    }

    /// The attribute of the first child of that name.
    pub(super) fn attribute_of(&self, name: &str, attribute: &str) -> Option<&Value> {
        self.child(name)?.attribute(attribute)
    }

    /// The attribute of that name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

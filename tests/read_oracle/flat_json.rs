//! The crate's JSON of a record as a flat list of named values.
//!
//! JSON has one member for each name, so the crate makes members out of elements by rules of
//! its own, which are undone here:
//! - attributes are in a member `#attributes`, text beside them or beside children in `#text`;
//! - `Data` with a name becomes a member of that name, several in a row an array;
//! - `Data` without a name becomes `"Data": {"#text": …}`, several an array in it;
//! - any other name that occurs before in the same element gets a number: `Data_1`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// The fields of one name in a row.
#[derive(Debug)]
pub(super) struct Member<'j> {
    /// The name, as `Field::name` defines it.
    pub(super) name: String,
    pub(super) values: Vec<&'j Json>,
    /// Whether the values are the items of an array.
    pub(super) is_array: bool,
}

/// A record's members in the order of the record.
#[derive(Debug, Default)]
pub(super) struct Flat<'j> {
    pub(super) members: Vec<Member<'j>>,
    /// Number of names that the crate gave a number.
    pub(super) numbered: u64,
}

impl<'j> Flat<'j> {
    /// The `System` part: `Provider/@Name`, `EventID`, `EventID/@Qualifiers`.
    pub(super) fn system(record: &'j Json) -> Self {
        let mut flat = Self::default();
        if let Some(Json::Object(system)) = record["Event"].get("System") {
            flat.children(system, "");
        }
        flat
    }

    /// The payload: all but `System` and rendered text.
    pub(super) fn payload(record: &'j Json) -> Self {
        let mut flat = Self::default();
        for (name, part) in record["Event"].as_object().into_iter().flatten() {
            match (name.as_str(), part) {
                ("#attributes" | "System" | "RenderingInfo", _) => {}
                ("UserData", Json::Object(parts)) => {
                    elements(parts).for_each(|(name, part)| flat.container(name, part));
                }
                _ => flat.container(name, part),
            }
        }
        flat
    }

    fn container(&mut self, name: &str, json: &'j Json) {
        let Json::Object(object) = json else {
            return self.text(name, json);
        };
        self.attributes(object, "");
        self.children(object, "");
        object.get("#text").into_iter().for_each(|json| self.text(name, json));
    }

    /// The elements in an object.
    fn children(&mut self, object: &'j Map<String, Json>, path: &str) {
        let mut counts = BTreeMap::new();
        for (name, json) in elements(object) {
            let name = match repeated(name) {
                Some((name, number)) if counts.get(name) == Some(&number) => {
                    self.numbered += 1;
                    name
                }
                _ => name,
            };
            *counts.entry(name).or_default() += 1;
            let separator = if path.is_empty() { "" } else { "/" };
            match unnamed(json) {
                Some(data) => self.push("", data),
                None => self.field(&[path, separator, name].concat(), json),
            }
        }
    }

    fn field(&mut self, path: &str, json: &'j Json) {
        let Json::Object(object) = json else {
            return self.push(path, json);
        };
        let before = self.members.len();
        self.attributes(object, &format!("{path}/"));
        self.children(object, path);
        let has_children = elements(object).next().is_some();
        match object.get("#text") {
            Some(text) if has_children => self.text(path, text),
            Some(text) => self.push(path, text),
            None if self.members.len() == before => self.push(path, &Json::Null),
            None => {}
        }
    }

    fn attributes(&mut self, object: &'j Map<String, Json>, path: &str) {
        let attributes = object.get("#attributes").and_then(Json::as_object);
        for (name, value) in attributes.into_iter().flatten() {
            if name != "xmlns" && !name.starts_with("xmlns:") {
                self.push(&format!("{path}@{name}"), value);
            }
        }
    }

    /// Text beside elements, which is only layout if it is blank.
    fn text(&mut self, path: &str, json: &'j Json) {
        if !json.is_null() && json.as_str().is_none_or(|text| !text.trim().is_empty()) {
            self.push(path, json);
        }
    }

    fn push(&mut self, name: &str, json: &'j Json) {
        let (values, is_array) = match json {
            Json::Array(items) => (items.iter().collect(), true),
            value => (vec![value], false),
        };
        match self.members.last_mut() {
            Some(last) if last.name == name => {
                last.values.extend(values);
                last.is_array |= is_array;
            }
            _ => self.members.push(Member { name: name.to_owned(), values, is_array }),
        }
    }
}

/// The members of an object that are elements.
fn elements(object: &Map<String, Json>) -> impl Iterator<Item = (&String, &Json)> {
    object.iter().filter(|(name, _)| !name.starts_with('#'))
}

/// Splits `Data_1`, the name of the second `Data`.
fn repeated(name: &str) -> Option<(&str, u32)> {
    let (name, number) = name.rsplit_once('_')?;
    Some((name, number.parse().ok()?))
}

/// The content of `Data` elements without a name: no other object has text only.
fn unnamed(data: &Json) -> Option<&Json> {
    data.as_object().filter(|data| data.len() == 1)?.get("#text")
}

//! The JSON of tools that keep the shape of Windows' XML, as elements.
//!
//! JSON has members where XML has attributes, elements and text, so each tool has rules of its
//! own, which are undone here.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::element::Element;
use super::json::value;
use crate::model::Value;

/// How a tool writes attributes and the text beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `evtx_dump`: attributes in `#attributes`, or in `Name_attributes` beside the element
    /// `Name`; text in `#text`; the second element of a name is `Name_1`.
    Marked,
    /// Velociraptor: attributes are members like elements; text is in `Value`.
    Plain,
}

/// Members that hold attributes or text.
const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";
const BESIDE: &str = "_attributes";
const PLAIN_TEXT: &str = "Value";

impl Shape {
    /// The shape of a record with that `System` part.
    pub(super) fn of(system: &Map<String, Json>) -> Self {
        let is_marked = |(name, part): (&String, &Json)| {
            name.ends_with(BESIDE) || part.get(ATTRIBUTES).is_some()
        };
        if system.iter().any(is_marked) { Self::Marked } else { Self::Plain }
    }
}

/// A part of an event as an element.
pub(super) fn element(name: &str, part: &Json, shape: Shape) -> Element<'static> {
    let place = match name {
        "EventData" => Place::EventData,
        "UserData" => Place::UserData,
        _ => Place::Elements,
    };
    let mut built = Element::new(name.to_owned());
    fill(&mut built, part, shape, place);
    built
}

/// What the members of an object are, where their form does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// `Data` elements, by their `Name`.
    EventData,
    /// Elements that hold elements.
    UserData,
    /// Elements.
    Elements,
    /// Attributes, apart from objects: below the elements of `System` and deep in `UserData`,
    /// Windows' own events have the former where a tool does not tell them from elements.
    Attributed,
}

impl Place {
    /// What the members of a member are.
    const fn below(self) -> Self {
        match self {
            Self::UserData => Self::Elements,
            Self::EventData | Self::Elements | Self::Attributed => Self::Attributed,
        }
    }
}

fn fill(element: &mut Element<'static>, json: &Json, shape: Shape, place: Place) {
    let Json::Object(members) = json else {
        element.content = value(json);
        return;
    };
    let mut counts = BTreeMap::new();
    for (name, member) in members {
        match (shape, name.as_str()) {
            (Shape::Marked, ATTRIBUTES) => attributes(element, member),
            (Shape::Marked, TEXT) if !member.is_array() => element.content = value(member),
            // The client's events have data of that name.
            (Shape::Plain, PLAIN_TEXT) if place == Place::Attributed => {
                element.content = value(member);
            }
            // Taken with the element that it belongs to.
            (Shape::Marked, _) if owner(name, members).is_some() => {}
            _ => {
                let beside = match shape {
                    Shape::Marked => members.get(&format!("{name}{BESIDE}")),
                    Shape::Plain => None,
                };
                child(element, original(name, &mut counts, shape), member, (shape, place));
                if let (Some(beside), Some(last)) = (beside, element.children.last_mut()) {
                    attributes(last, beside);
                }
            }
        }
    }
    // An element that has only attributes is left out where those stand beside it.
    for (name, member) in members {
        let alone = owner(name, members).filter(|owner| !members.contains_key(*owner));
        if let (Shape::Marked, Some(name)) = (shape, alone) {
            let mut alone = Element::new(name.to_owned());
            attributes(&mut alone, member);
            element.children.push(alone);
        }
    }
}

/// The element whose attributes a member `Name_attributes` holds.
fn owner<'n>(name: &'n str, members: &Map<String, Json>) -> Option<&'n str> {
    let is_object = members.get(name).is_some_and(Json::is_object);
    name.strip_suffix(BESIDE).filter(|_| is_object)
}

fn child(
    element: &mut Element<'static>,
    name: &str,
    member: &Json,
    (shape, place): (Shape, Place),
) {
    // Several elements of one name, in a row or in the text of one.
    let items = member.as_array().or_else(|| member.get(TEXT)?.as_array());
    if let Some(items) = items {
        for item in items.iter().filter(|item| !item.is_array()) {
            child(element, name, item, (shape, place));
        }
        return;
    }
    let is_attribute = place == Place::Attributed || name == "xmlns";
    if shape == Shape::Plain && is_attribute && !member.is_object() {
        element.attributes.push((name.to_owned().into(), value(member)));
        return;
    }
    let mut below =
        if place == Place::EventData { data(name, member) } else { Element::new(name.to_owned()) };
    fill(&mut below, member, shape, place.below());
    element.children.push(below);
}

/// A member of `EventData`: a `Data` element, unless it has what `Data` never has.
fn data(name: &str, member: &Json) -> Element<'static> {
    let has_more = member
        .as_object()
        .is_some_and(|object| object.keys().any(|key| key != TEXT && key != PLAIN_TEXT));
    if has_more {
        return Element::new(name.to_owned());
    }
    let mut data = Element::new("Data");
    if name != "Data" {
        data.attributes.push(("Name".into(), Value::text(name)));
    }
    data
}

fn attributes(element: &mut Element<'static>, members: &Json) {
    for (name, member) in members.as_object().into_iter().flatten() {
        element.attributes.push((name.clone().into(), value(member)));
    }
}

/// The name without the number that sets it apart from its like: `Data_1`.
fn original<'n>(name: &'n str, counts: &mut BTreeMap<&'n str, u32>, shape: Shape) -> &'n str {
    let numbered =
        name.rsplit_once('_').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    let name = match numbered {
        Some((first, number)) if shape == Shape::Marked && counts.get(first) == Some(&number) => {
            first
        }
        _ => name,
    };
    *counts.entry(name).or_default() += 1;
    name
}

//! One selection of a detection: values that fields must have.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rules::schema::Spanned;

use super::field::{FieldName, System};
use super::glob::Position;
use super::matcher::{Matcher, united};
use super::modifier::{self, Comparison, Modifiers};
use super::operand;
use crate::model::{Frame, Observed, Value};
use crate::rules::error::{Faults, Mistake};
use crate::rules::schema::Node;

/// A compiled selection: it matches when one of its maps does.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Selection {
    pub(super) maps: Vec<Vec<Arc<Test>>>,
    pins: Option<BTreeSet<u32>>,
}

/// One entry of a map: a field and the values that it may have.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Test {
    pub(super) field: FieldName,
    /// Per value of the document, its comparisons, of which one must hold.
    values: Vec<Vec<Matcher>>,
    all: bool,
    negated: bool,
}

impl Selection {
    /// Compiles a selection; notes every mistake at its place.
    pub(super) fn compile(node: &Spanned<Node>, faults: &mut Faults) -> Option<Self> {
        let maps: Vec<Option<Vec<Arc<Test>>>> = match &node.value {
            Node::Map(_) => vec![map(node, faults)],
            Node::List(items) if !items.is_empty() => {
                items.iter().map(|item| map(item, faults)).collect()
            }
            _ => {
                faults.add(node, "a selection is a map of fields and values, or a list of maps");
                return None;
            }
        };
        let maps: Vec<Vec<Arc<Test>>> = maps.into_iter().collect::<Option<_>>()?;
        let pins = maps
            .iter()
            .map(|tests| {
                tests.iter().filter_map(|test| test.pins()).reduce(|left, right| &left & &right)
            })
            .try_fold(BTreeSet::new(), |all, ids| Some(&all | &ids?));
        Some(Self { maps, pins })
    }

    pub(super) fn matches(&self, record: Observed<'_>) -> bool {
        self.maps.iter().any(|tests| {
            tests.iter().all(|test| test.holds(test.field.read(record).as_deref(), record))
        })
    }

    /// The event IDs outside which it never matches; `None` when it matches any.
    pub(super) const fn pins(&self) -> Option<&BTreeSet<u32>> {
        self.pins.as_ref()
    }
}

fn map(node: &Spanned<Node>, faults: &mut Faults) -> Option<Vec<Arc<Test>>> {
    let Node::Map(entries) = &node.value else {
        faults.add(
            node,
            "a value without a field would be searched in rendered text, which logs do not \
             hold: name the field",
        );
        return None;
    };
    if entries.is_empty() {
        faults.add(node, "a selection without fields matches every event: name a field");
        return None;
    }
    let tests: Vec<Option<Arc<Test>>> = entries
        .iter()
        .map(|(key, value)| Test::compile(key, value, faults).map(Arc::new))
        .collect();
    tests.into_iter().collect()
}

impl Test {
    fn compile(key: &Spanned<String>, node: &Spanned<Node>, faults: &mut Faults) -> Option<Self> {
        let (field, modifiers) = faults.check(key, parse_key(&key.value))?;
        let nodes = match &node.value {
            Node::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            faults.add(node, "the list of values is empty");
            return None;
        }
        if modifiers.all && nodes.len() < 2 {
            faults.add(key, "modifier `all` needs a list of at least two values");
        }
        let pins = field == FieldName::System(System::EventId)
            && modifiers.comparison == Comparison::Value(Position::Whole)
            && !modifiers.negated;
        let mut values = Vec::new();
        for value in nodes {
            let matchers = operand::matchers(&modifiers, &value.value);
            let matchers = matchers.and_then(|matchers| match event_id(&matchers) {
                None if pins => Err("an event ID is a number from 0 to 65535".into()),
                _ => Ok(matchers),
            });
            values.push(faults.check(value, matchers));
        }
        let values: Vec<Vec<Matcher>> = values.into_iter().collect::<Option<_>>()?;
        let values = if modifiers.all { values } else { united(values) };
        Some(Self { field, values, all: modifiers.all, negated: modifiers.negated })
    }

    /// Whether it asks for nothing but the address that the value names.
    pub(super) fn is_of_address(&self) -> bool {
        self.values.iter().flatten().all(|matcher| matches!(matcher, Matcher::Networks(_)))
    }

    /// The other fields whose values its own is compared with.
    pub(super) fn compared(&self) -> impl Iterator<Item = &FieldName> {
        self.values.iter().flatten().filter_map(|matcher| match matcher {
            Matcher::SameAs { field, .. } => Some(field),
            _ => None,
        })
    }

    /// Whether a record passes whose value of the field that is.
    pub(super) fn holds(&self, value: Option<&Value>, record: Observed<'_>) -> bool {
        let holds = |matchers: &Vec<Matcher>| matchers.iter().any(|m| m.matches(value, record));
        if self.negated {
            // A record of a version without the field says nothing about it.
            return value.is_some() && !self.values.iter().any(holds);
        }
        if self.all { self.values.iter().all(holds) } else { self.values.iter().any(holds) }
    }

    /// How it comes out for every record with that event ID; `None` when that depends on more.
    pub(super) fn settled(&self, event_id: u32) -> Option<bool> {
        let asks_for_more = |matcher: &Matcher| matches!(matcher, Matcher::SameAs { .. });
        if self.field != FieldName::System(System::EventId)
            || self.values.iter().flatten().any(asks_for_more)
        {
            return None;
        }
        let frame = Frame { event_id, ..Frame::default() };
        let record = Observed { frame: &frame, fields: &Vec::new() };
        Some(self.holds(Some(&Value::UInt32(event_id)), record))
    }

    /// The event IDs that it demands; `None` when it leaves them open.
    fn pins(&self) -> Option<BTreeSet<u32>> {
        if self.field != FieldName::System(System::EventId) || self.negated || self.all {
            return None;
        }
        self.values.iter().map(|matchers| event_id(matchers)).collect()
    }
}

fn parse_key(key: &str) -> Result<(FieldName, Modifiers), Mistake> {
    let mut parts = key.split('|').map(str::trim);
    let field = FieldName::parse(parts.next().unwrap_or_default())?;
    let words: Vec<&str> = parts.collect();
    Ok((field, modifier::parse(&words)?))
}

/// The event ID that a value spells.
fn event_id(matchers: &[Matcher]) -> Option<u32> {
    match matchers {
        [Matcher::Number(number) | Matcher::Text { number: Some(number), .. }] => {
            u16::try_from(*number).ok().map(u32::from)
        }
        _ => None,
    }
}

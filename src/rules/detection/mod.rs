//! Sigma's detection language over events: selections of field values, and a condition that
//! combines them.
//!
//! Knows the language and the events' fields. Knows nothing about signals or files.

mod bytes;
mod condition;
mod encode;
mod expression;
mod field;
mod glob;
mod matcher;
mod modifier;
mod operand;
mod program;
mod selection;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::rules::schema::Spanned;

use self::condition::Condition;
use self::selection::Selection;
use super::error::{Faults, Mistake};
use super::schema::{self, Node};
use crate::model::Observed;

pub(super) use self::field::{FieldName, Place, Told};
pub(super) use self::program::{Held, Program, Questions};

/// A compiled detection.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Detection {
    selections: Vec<Selection>,
    condition: Condition,
    event_ids: BTreeSet<u32>,
}

impl Detection {
    /// Compiles a detection; notes every mistake at its place. Without `pinned`, the one event
    /// ID that its events have, the conditions must pin theirs.
    pub(super) fn compile(
        document: &schema::Detection,
        pinned: Option<u32>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let Node::Map(entries) = &document.0.value else {
            faults.add(&document.0, "a detection is a map of selections and a `condition`");
            return None;
        };
        let condition = entries.iter().find(|(key, _)| key.value == "condition");
        let names: Vec<&Spanned<String>> =
            entries.iter().map(|(key, _)| key).filter(|key| key.value != "condition").collect();
        for name in &names {
            if let Err(mistake) = condition::check_name(&name.value) {
                faults.add(*name, mistake);
            }
        }
        // Every selection is compiled before anything is given up, so that all mistakes show.
        let selections: Vec<Option<Selection>> = entries
            .iter()
            .filter(|(key, _)| key.value != "condition")
            .map(|(_, node)| Selection::compile(node, faults))
            .collect();
        let Some((_, text)) = condition else {
            faults.add(&document.0, "field `condition` is missing");
            return None;
        };
        let Node::Text(expression) = &text.value else {
            faults.add(text, "a condition is text, such as `selection and not filter`");
            return None;
        };
        let known: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
        let condition = faults.check(text, condition::parse(expression, &known))?;
        for (index, name) in names.iter().enumerate() {
            // Sigma lets selections whose name begins with `_` stand unused.
            if !condition.uses(index) && !name.value.starts_with('_') {
                faults
                    .add(*name, format!("selection `{}` is not used by the condition", name.value));
            }
        }
        let selections: Vec<Selection> = selections.into_iter().collect::<Option<_>>()?;
        let event_ids = match pinned {
            Some(event_id) => BTreeSet::from([event_id]),
            None => faults.check(text, pinned_ids(&condition, &selections))?,
        };
        Some(Self { selections, condition, event_ids })
    }

    /// Whether the record is one that the detection describes. Channel and provider are the
    /// caller's to compare.
    pub(super) fn matches(&self, record: Observed<'_>) -> bool {
        self.condition.holds(&|index| {
            self.selections.get(index).is_some_and(|selection| selection.matches(record))
        })
    }

    /// The event IDs outside which it never matches; not empty.
    pub(super) const fn event_ids(&self) -> &BTreeSet<u32> {
        &self.event_ids
    }
}

/// The event IDs that the condition demands.
fn pinned_ids(condition: &Condition, selections: &[Selection]) -> Result<BTreeSet<u32>, Mistake> {
    let pins = condition.pins(&|index| selections.get(index).and_then(Selection::pins));
    match pins {
        None => Err("the condition can hold without pinning `EventID`: every way to fulfil it \
                     needs a selection with `EventID: <number>`"
            .into()),
        Some(ids) if ids.is_empty() => {
            Err("the condition never holds: it asks for different event IDs at once".into())
        }
        Some(ids) => Ok(ids),
    }
}

#[cfg(test)]
mod tests;

//! What the questions of a cause read like. Each is put into words once, however many scopes
//! are asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rules::{Pattern, RuleSet, describe};

/// The questions of the cause at hand, by the address of their pattern.
pub(super) struct Words<'a> {
    rules: &'a RuleSet,
    said: RefCell<BTreeMap<usize, Arc<str>>>,
}

impl<'a> Words<'a> {
    pub(super) const fn new(rules: &'a RuleSet) -> Self {
        Self { rules, said: RefCell::new(BTreeMap::new()) }
    }

    /// The question as a clause.
    pub(super) fn of(&self, pattern: &Pattern) -> Arc<str> {
        // Patterns stay where they are as long as the rules do, which outlive this.
        let address = std::ptr::from_ref(pattern).addr();
        let mut said = self.said.borrow_mut();
        said.entry(address).or_insert_with(|| describe(self.rules, pattern).into()).clone()
    }
}

//! What is said and known of the cause at hand once, however many scopes are asked: its questions
//! in words, and the signals that are signs of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::episodes;
use crate::model::SignalId;
use crate::rules::{Cause, Pattern, RuleSet, describe};

/// The questions of the cause at hand, by the address of their pattern.
pub(super) struct Words<'a> {
    rules: &'a RuleSet,
    /// The signals that are signs of the cause.
    pub signs: BTreeSet<&'a SignalId>,
    said: RefCell<BTreeMap<usize, Arc<str>>>,
}

impl<'a> Words<'a> {
    pub(super) fn new(rules: &'a RuleSet, cause: &'a Cause) -> Self {
        Self { rules, signs: episodes::signs(cause), said: RefCell::new(BTreeMap::new()) }
    }

    /// The question as a clause.
    pub(super) fn of(&self, pattern: &Pattern) -> Arc<str> {
        // Patterns stay where they are as long as the rules do, which outlive this.
        let address = std::ptr::from_ref(pattern).addr();
        let mut said = self.said.borrow_mut();
        said.entry(address).or_insert_with(|| describe(self.rules, pattern).into()).clone()
    }
}

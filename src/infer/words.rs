//! What is said and known of the cause at hand once, however many scopes are asked: its questions
//! in words, and the signals that are signs of it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::episodes;
use crate::model::SignalId;
use crate::rules::{Cause, Pattern, RuleSet, describe};

/// The questions of the cause at hand.
pub(super) struct Words<'a> {
    rules: &'a RuleSet,
    /// The signals that are signs of the cause.
    pub signs: BTreeSet<&'a SignalId>,
    /// Each pattern with its question, once that was said.
    said: Vec<(&'a Pattern, OnceLock<Arc<str>>)>,
}

impl<'a> Words<'a> {
    pub(super) fn new(rules: &'a RuleSet, cause: &'a Cause) -> Self {
        let said = cause.patterns().map(|pattern| (pattern, OnceLock::new())).collect();
        Self { rules, signs: episodes::signs(cause), said }
    }

    /// The question as a clause.
    pub(super) fn of(&self, pattern: &Pattern) -> Arc<str> {
        let say = || Arc::from(describe(self.rules, pattern));
        let known = self.said.iter().find(|(known, _)| std::ptr::eq(*known, pattern));
        known.map_or_else(say, |(_, said)| Arc::clone(said.get_or_init(say)))
    }
}

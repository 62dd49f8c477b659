//! The knowledge base in force: everything a run needs to know.

use std::collections::BTreeMap;

use super::{Cause, Correlation, Playbook, SignalIndex};
use crate::model::{SignalId, Text, drawn};

/// A checked and compiled knowledge base.
#[derive(Debug)]
pub struct RuleSet {
    /// Signals of single events.
    pub signals: SignalIndex,
    /// Signals of several signals, ordered by id.
    pub correlations: Vec<Correlation>,
    /// Root causes, ordered by id.
    pub causes: Vec<Cause>,
    /// Playbooks by id.
    pub playbooks: BTreeMap<Text, Playbook>,
    /// The number of signals, correlations, causes and playbooks in force.
    pub count: usize,
    /// SHA-256, in lower-case hex, over path and text of the documents in force. Line ends do
    /// not count, so that it is the same for every checkout.
    pub sha256: String,
}

impl RuleSet {
    /// The channel whose log holds the signal's events; a correlation's is that of its first
    /// signal. `None` for signals drawn from attempts, and for unknown ids.
    pub fn channel_of(&self, id: &SignalId) -> Option<&Text> {
        let id =
            self.correlation(id).and_then(|correlation| correlation.rules.first()).unwrap_or(id);
        self.signals.get(id).map(|rule| &rule.channel)
    }

    /// What the signal says, as a clause for reports; the id itself when it is unknown.
    pub fn title_of<'a>(&'a self, id: &'a SignalId) -> &'a str {
        let rule = self.signals.get(id).map(|rule| &*rule.title);
        let correlation = || self.correlation(id).map(|correlation| &*correlation.title);
        rule.or_else(correlation).or_else(|| drawn::title(id.as_str())).unwrap_or(id.as_str())
    }

    /// The correlation of that id.
    pub fn correlation(&self, id: &SignalId) -> Option<&Correlation> {
        let position = self.correlations.binary_search_by(|other| other.id.cmp(id)).ok()?;
        self.correlations.get(position)
    }

    /// The cause of that id.
    pub fn cause(&self, id: &str) -> Option<&Cause> {
        let position = self.causes.binary_search_by(|cause| (*cause.id).cmp(id)).ok()?;
        self.causes.get(position)
    }
}

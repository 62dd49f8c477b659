//! The names that entries may refer to.

use std::collections::BTreeSet;

use crate::rules::schema::Spanned;

use super::drafts::{Drafts, Fact};
use crate::model::{SignalId, Text, drawn};
use crate::rules::error::{Faults, Mistake, Place};

/// All names in force.
#[derive(Debug)]
pub(super) struct Names {
    signals: BTreeSet<Text>,
    correlations: BTreeSet<Text>,
    causes: BTreeSet<Text>,
    playbooks: BTreeSet<Text>,
    /// Names may be missing, so that an unknown one proves nothing.
    incomplete: bool,
}

impl Names {
    pub(super) fn of(drafts: &Drafts) -> Self {
        let ids = |wanted: fn(&Fact) -> bool| {
            let facts = drafts.facts.iter().filter(move |(_, draft)| wanted(&draft.body));
            facts.map(|(id, _)| id.clone())
        };
        let drawn = drawn::ALL.map(Text::from);
        Self {
            signals: ids(|fact| matches!(fact, Fact::Signal(_))).chain(drawn).collect(),
            correlations: ids(|fact| matches!(fact, Fact::Correlation(_))).collect(),
            causes: drafts.causes.keys().chain(&drafts.catalogue).cloned().collect(),
            playbooks: drafts.playbooks.keys().cloned().collect(),
            incomplete: drafts.incomplete,
        }
    }

    /// A signal of any kind.
    pub(super) fn signal(&self, id: &Spanned<String>, faults: &mut Faults) -> SignalId {
        self.signal_at(&id.value, id.into(), faults)
    }

    /// A signal of any kind, whose id stands at a place.
    pub(super) fn signal_at(&self, id: &str, place: Place, faults: &mut Faults) -> SignalId {
        self.look_up("signal", id, place, &[&self.signals, &self.correlations], faults);
        SignalId::from(id)
    }

    /// Signals of any kind.
    pub(super) fn signals(&self, ids: &[Spanned<String>], faults: &mut Faults) -> Vec<SignalId> {
        ids.iter().map(|id| self.signal(id, faults)).collect()
    }

    /// A signal that correlations count. Correlations of correlations are left out: their
    /// windows would overlap in ways that no author foresees, and they could go in circles.
    pub(super) fn counted_signal(&self, id: &Spanned<String>, faults: &mut Faults) -> SignalId {
        if self.correlations.contains(id.value.as_str()) {
            let message =
                format!("`{}` is a correlation, and correlations count signals", id.value);
            faults.add(id, message);
        } else {
            self.look_up("signal", &id.value, id.into(), &[&self.signals], faults);
        }
        SignalId::from(id.value.as_str())
    }

    /// A playbook.
    pub(super) fn playbook(&self, id: &Spanned<String>, faults: &mut Faults) -> Text {
        self.look_up("playbook", &id.value, id.into(), &[&self.playbooks], faults);
        id.value.as_str().into()
    }

    /// A cause, with a rule or in the catalogue.
    pub(super) fn cause(&self, id: &Spanned<String>, faults: &mut Faults) -> Text {
        self.look_up("cause", &id.value, id.into(), &[&self.causes], faults);
        id.value.as_str().into()
    }

    /// Whether it is a signal or correlation that rules define.
    pub(super) fn is_ruled_signal(&self, id: &str) -> bool {
        self.correlations.contains(id) || (self.signals.contains(id) && !drawn::ALL.contains(&id))
    }

    fn look_up(
        &self,
        what: &str,
        id: &str,
        place: Place,
        known: &[&BTreeSet<Text>],
        faults: &mut Faults,
    ) {
        if !self.incomplete && !known.iter().any(|names| names.contains(id)) {
            let all = known.iter().flat_map(|names| names.iter().map(|name| &**name));
            faults.add(place, Mistake::unknown(what, id, all));
        }
    }
}

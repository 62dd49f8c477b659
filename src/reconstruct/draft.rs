//! An attempt while its records are being gathered.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{JoinedBy, Side, Signal, SignalId, Stage, Time};

/// A signal that belongs to a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinedSignal {
    /// Index into the signals.
    pub signal: usize,
    /// Why it belongs.
    pub by: JoinedBy,
}

/// An attempt while its records are being gathered.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub machine: Arc<str>,
    pub side: Side,
    pub started: Time,
    /// Time of the last record that its activity ties to it.
    pub last: Time,
    /// Whether a record that ends attempts was seen.
    pub ended: bool,
    pub client_address: Option<IpAddr>,
    pub client_name: Option<Arc<str>>,
    pub user: Option<Arc<str>>,
    pub domain: Option<Arc<str>>,
    pub target: Option<Arc<str>>,
    /// The highest stage proven.
    pub reached: Option<Stage>,
    /// Stages that a record says it died in.
    pub fails: BTreeSet<Stage>,
    /// Which signals it has, so that each record of a kind finds an attempt of its own.
    pub kinds: BTreeSet<SignalId>,
    pub signals: Vec<JoinedSignal>,
}

impl Draft {
    pub(super) fn new(machine: Arc<str>, side: Side, started: Time) -> Self {
        Self {
            machine,
            side,
            started,
            last: started,
            ended: false,
            client_address: None,
            client_name: None,
            user: None,
            domain: None,
            target: None,
            reached: None,
            fails: BTreeSet::new(),
            kinds: BTreeSet::new(),
            signals: Vec::new(),
        }
    }

    /// Takes in a signal: what it names fills the blanks, what it proves counts.
    pub(super) fn join(&mut self, index: usize, signal: &Signal, by: JoinedBy) {
        self.signals.push(JoinedSignal { signal: index, by });
        self.kinds.insert(signal.id.clone());
        if by == JoinedBy::Activity {
            self.last = self.last.max(signal.time);
        }
        self.started = self.started.min(signal.time);
        self.ended |= signal.effect.ends;
        if let Some(stage) = signal.effect.proves {
            self.reached = self.reached.max(Some(stage).filter(|stage| *stage != Stage::Transport));
        }
        self.fails.extend(signal.effect.fails);
        let entities = &signal.entities;
        self.client_address = self.client_address.or(entities.client_address);
        fill(&mut self.client_name, entities.client_name.as_ref());
        fill(&mut self.target, entities.target.as_ref());
        if self.user.is_none() && entities.user.is_some() {
            self.user.clone_from(&entities.user);
            self.domain.clone_from(&entities.domain);
        } else if self.user == entities.user {
            fill(&mut self.domain, entities.domain.as_ref());
        }
    }
}

fn fill(slot: &mut Option<Arc<str>>, value: Option<&Arc<str>>) {
    if slot.is_none() {
        *slot = value.cloned();
    }
}

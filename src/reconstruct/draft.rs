//! An attempt while its records are being gathered.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{
    Confidence, Facts, JoinedBy, MachineRole, SessionChange, Side, Signal, SignalId, Span, Stage,
    Time, View,
};

/// A signal that belongs to a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinedSignal {
    /// Index into the signals.
    pub signal: usize,
    /// Why it belongs.
    pub by: JoinedBy,
    /// Its time by the clock of the draft's machine.
    pub time: Time,
}

/// An attempt while its records are being gathered.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub machine: Arc<str>,
    pub side: Side,
    /// What other machines saw of it.
    pub views: Vec<View>,
    pub started: Time,
    /// Time of the last record that a strong key ties to it.
    pub last: Time,
    /// Whether a record that ends attempts was seen.
    pub ended: bool,
    pub client_address: Option<IpAddr>,
    pub client_port: Option<u16>,
    pub client_name: Option<Arc<str>>,
    pub user: Option<Arc<str>>,
    pub domain: Option<Arc<str>>,
    pub target: Option<Arc<str>>,
    /// The session on the host; the last one where a logon moved to another.
    pub session: Option<u32>,
    pub connection: Option<Arc<str>>,
    pub logon_ids: BTreeSet<u64>,
    /// The highest stage proven.
    pub reached: Option<Stage>,
    /// When a session was first proven.
    pub entered: Option<Time>,
    /// Stages that a record says it died in.
    pub fails: BTreeSet<Stage>,
    /// What became of the session.
    pub changes: BTreeSet<SessionChange>,
    /// Which signals it has, so that each record of a kind finds an attempt of its own.
    pub kinds: Vec<SignalId>,
    pub signals: Vec<JoinedSignal>,
}

impl Draft {
    pub(super) fn new(machine: Arc<str>, side: Side, started: Time) -> Self {
        let leading = View {
            machine: machine.clone(),
            role: match side {
                Side::Host => MachineRole::Host,
                Side::Gateway => MachineRole::Gateway,
                Side::Client => MachineRole::Client,
            },
            offset: Span::default(),
            confidence: Confidence::Confirmed,
            ties: Vec::new(),
        };
        Self {
            machine,
            side,
            views: vec![leading],
            started,
            last: started,
            ended: false,
            client_address: None,
            client_port: None,
            client_name: None,
            user: None,
            domain: None,
            target: None,
            session: None,
            connection: None,
            logon_ids: BTreeSet::new(),
            reached: None,
            entered: None,
            fails: BTreeSet::new(),
            changes: BTreeSet::new(),
            kinds: Vec::new(),
            signals: Vec::new(),
        }
    }

    /// Takes in a signal of its own machine: what it names fills the blanks, what it proves
    /// counts.
    pub(super) fn join(&mut self, index: usize, signal: &Signal, by: JoinedBy) {
        self.join_at(index, signal, by, signal.time);
    }

    /// Takes in a signal, at its time by this draft's clock.
    pub(super) fn join_at(&mut self, index: usize, signal: &Signal, by: JoinedBy, time: Time) {
        self.signals.push(JoinedSignal { signal: index, by, time });
        if !self.kinds.contains(&signal.id) {
            self.kinds.push(signal.id.clone());
        }
        if by == JoinedBy::Activity {
            self.last = self.last.max(time);
        }
        self.started = self.started.min(time);
        self.ended |= signal.effect.ends;
        if let Some(stage) = signal.effect.proves {
            self.reached = self.reached.max(Some(stage).filter(|stage| *stage != Stage::Transport));
            if stage == Stage::Session {
                self.entered = Some(self.entered.map_or(time, |first| first.min(time)));
            }
        }
        self.fails.extend(signal.effect.fails);
        self.changes.extend(signal.effect.session);
        self.learn(signal);
    }

    /// What the signal names and the draft does not know yet.
    fn learn(&mut self, signal: &Signal) {
        let entities = &signal.entities;
        // The UDP channel has a port of its own, which names no TCP connection.
        if self.client_port.is_none() && signal.effect.opens {
            self.client_port = entities.client_port;
        }
        self.client_address = self.client_address.or(entities.client_address);
        fill(&mut self.client_name, entities.client_name.as_ref());
        fill(&mut self.target, entities.target.as_ref());
        fill(&mut self.connection, entities.connection.as_ref());
        self.logon_ids.extend(entities.logon_id);
        // A logon that finds an older session moves over to it, so the last one counts.
        self.session = entities.session.or(self.session);
        if self.user.is_none() && entities.user.is_some() {
            self.user.clone_from(&entities.user);
            self.domain.clone_from(&entities.domain);
        } else if self.user == entities.user {
            fill(&mut self.domain, entities.domain.as_ref());
        }
    }

    /// Whether a record says that it died before its session.
    pub(super) fn is_refused(&self) -> bool {
        self.fails.iter().any(|stage| *stage < Stage::Session)
    }

    /// Tells all of it by a clock that is so much ahead.
    pub(super) fn shift(&mut self, offset: Span) {
        for time in [&mut self.started, &mut self.last].into_iter().chain(&mut self.entered) {
            *time = *time + offset;
        }
        for joined in &mut self.signals {
            joined.time = joined.time + offset;
        }
        for view in &mut self.views {
            view.offset = view.offset + offset;
        }
    }

    /// Takes in what another machine saw of the same attempt: its signals by this draft's
    /// clock, and what only it can know.
    pub(super) fn absorb(&mut self, other: &Self, view: View, signals: &[Signal]) {
        let own = self.reached;
        let died_in = self.fails.iter().copied().rfind(|stage| Some(*stage) > own);
        for joined in &other.signals {
            if let Some(signal) = signals.get(joined.signal) {
                self.join_at(joined.signal, signal, joined.by, joined.time + view.offset);
            }
        }
        // The client counts a connection as up before the host has decided on the logon.
        if died_in.is_some_and(|stage| stage < Stage::Session && self.reached >= Some(stage)) {
            self.reached = own;
        }
        if other.side == Side::Client {
            fill(&mut self.client_name, Some(&other.machine));
        }
        // What the other view had taken in before comes along, by this draft's clock.
        let inner = other.views.iter().skip(1).cloned().map(|inner| View {
            offset: inner.offset + view.offset,
            confidence: inner.confidence.min(view.confidence),
            ..inner
        });
        let others: Vec<View> = inner.collect();
        self.views.push(view);
        self.views.extend(others);
        if let Some(others) = self.views.get_mut(1..) {
            others.sort_by(|left, right| {
                (left.role, &left.machine).cmp(&(right.role, &right.machine))
            });
        }
    }
}

/// For each signal whether a draft has taken it in.
pub(super) fn taken_in(drafts: &[Draft], facts: &Facts) -> Vec<bool> {
    let mut taken = vec![false; facts.signals.len()];
    for joined in drafts.iter().flat_map(|draft| &draft.signals) {
        if let Some(taken) = taken.get_mut(joined.signal) {
            *taken = true;
        }
    }
    taken
}

fn fill(slot: &mut Option<Arc<str>>, value: Option<&Arc<str>>) {
    if slot.is_none() {
        *slot = value.cloned();
    }
}

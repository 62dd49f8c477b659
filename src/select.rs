//! The filter that rules imply, handed to the reader, and the signals drawn from what passes.
//!
//! Knows which events some rule asks for. Knows nothing about files or chunks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::model::{Effect, Entities, Event, FactKind, Observed, PackedEvent, SignalId, Span};
use crate::options::Options;
use crate::read::{Head, Record, Select};
use crate::rules::RuleSet;

/// An event that some rule asked for, with the signals it carries (at least one).
#[derive(Clone, Debug)]
pub struct Selected {
    /// The event.
    pub event: PackedEvent,
    /// Its signals, in rule order.
    pub signals: Vec<Match>,
    /// What it is and whom it names, as numbers.
    pub mark: Mark,
}

/// What a record is and whom it names, as numbers that are the same for equal ones: counting
/// records compares them by the million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The machine.
    pub machine: u64,
    /// Machine, channel, event ID and hour.
    pub kind: u64,
    /// Of that kind, by that client.
    pub client: u64,
    /// Of that kind, by that client and user.
    pub user: u64,
    /// Whether the record names a client, a user or a connection.
    pub is_named: bool,
}

/// What counts as the same flood.
const HOUR: Span = Span::seconds(3600);

impl Selected {
    /// An event with its signals.
    pub fn new(event: PackedEvent, signals: Vec<Match>) -> Self {
        let mark = Mark::of(&event, &signals);
        Self { event, signals, mark }
    }
}

impl Mark {
    /// By what any of the signals says.
    fn of(event: &PackedEvent, signals: &[Match]) -> Self {
        let of_signals = || signals.iter().map(|found| &*found.entities);
        let address = of_signals().find_map(|entities| entities.client_address);
        let name = of_signals().find_map(|entities| entities.client_name.as_deref());
        let user = of_signals().find_map(|entities| entities.user.as_deref());
        let machine = number(&*event.machine);
        let hour = event.time.0.div_euclid(HOUR.0);
        let kind = number(&(machine, &*event.channel, event.event_id, hour));
        let client = number(&(kind, address, name));
        Self {
            machine,
            kind,
            client,
            user: number(&(client, user)),
            is_named: event.activity_id.is_some()
                || address.is_some()
                || name.is_some()
                || user.is_some(),
        }
    }
}

/// A number that stands for a value: the same in every run.
fn number(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A signal that an event carries.
#[derive(Clone, Debug)]
pub struct Match {
    /// Which.
    pub id: SignalId,
    /// What it says about its attempt.
    pub effect: Effect,
    /// Whom and what the event names; shared by its signals.
    pub entities: Arc<Entities>,
}

/// Selects what rules and options ask for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// Time and machines to look at.
    pub options: &'a Options,
}

impl Selection<'_> {
    /// Keeps a fact of a machine that is looked at. Its time is that of the collection, so a
    /// choice of times does not concern it.
    pub fn keep_fact(&self, fact: Event) -> Option<Selected> {
        self.options.has_machine(&fact.machine).then(|| self.keep(fact)).flatten()
    }
}

impl Select for Selection<'_> {
    type Kept = Selected;

    fn wants_id(&self, event_id: u32) -> bool {
        self.rules.signals.wants_id(event_id)
    }

    fn wants_source(&self, channel: &str, provider: &str, event_id: u32) -> bool {
        self.rules.signals.wants(channel, provider, event_id)
    }

    fn walks_all(&self) -> bool {
        !self.options.fast_path
    }

    fn wants(&self, head: &Head<'_>) -> bool {
        // What stands beside logs is read there; a log cannot state it.
        FactKind::of(head.channel).is_none()
            && self.rules.signals.wants(head.channel, head.provider, head.event_id)
            && self.options.since.is_none_or(|since| head.time >= since)
            && self.options.until.is_none_or(|until| head.time < until)
            && self.options.has_machine(head.machine)
    }

    fn keep_part(&self, _: Event) -> Option<Selected> {
        // Rules ask for what a record lacks, too, and half a record lacks what it never lacked.
        None
    }

    fn recovers(&self) -> bool {
        self.options.recover
    }

    fn keep(&self, event: Event) -> Option<Selected> {
        let signals = self.signals(event.observed());
        (!signals.is_empty()).then(|| Selected::new(event.packed(), signals))
    }

    fn take(&self, record: Record<'_>) -> Option<Selected> {
        let signals = self.signals(record.observed());
        (!signals.is_empty()).then(|| Selected::new(record.into_packed(), signals))
    }
}

impl Selection<'_> {
    fn signals(&self, record: Observed<'_>) -> Vec<Match> {
        let found = self.rules.signals.find(record).into_iter();
        found
            .map(|found| Match {
                id: found.rule.id.clone(),
                effect: found.rule.effect,
                entities: found.entities,
            })
            .collect()
    }
}

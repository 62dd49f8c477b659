//! The filter that rules imply, handed to the reader, and the signals drawn from what passes.
//!
//! Knows which events some rule asks for. Knows nothing about files or chunks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::model::{Effect, Entities, Event, FactKind, PackedEvent, SignalId, Span, Time};
use crate::options::Options;
use crate::read::{Record, Select};
use crate::rules::{Answers, Found, RuleSet};

/// An event that some rule asked for, with the signals it carries (at least one).
#[derive(Clone, Debug)]
pub struct Selected {
    /// The event.
    pub event: PackedEvent,
    /// Its signals, in rule order; one copy for records that say the same.
    pub signals: Arc<[Match]>,
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
        Self::of(event, Answer::of(signals), &mut Names::default())
    }

    fn of(event: PackedEvent, answer: Answer, names: &mut Names) -> Self {
        let (machine, channel) = (names.number(&event.machine), names.number(&event.channel));
        let hour = event.time.0.div_euclid(HOUR.0);
        let kind =
            mixed(mixed(machine, channel), mixed(event.event_id.into(), hour.cast_unsigned()));
        let client = mixed(kind, answer.client);
        let user = mixed(client, answer.user);
        let is_named = answer.is_named || event.activity_id.is_some();
        let mark = Mark { machine, kind, client, user, is_named };
        Self { event, signals: answer.signals, mark }
    }
}

/// What a record carries, whenever and wherever it was written.
#[derive(Clone, Debug)]
struct Answer {
    signals: Arc<[Match]>,
    /// Numbers of the client and the user, by what any of the signals says.
    client: u64,
    user: u64,
    /// Whether one of them is named.
    is_named: bool,
}

impl Answer {
    fn of(signals: Vec<Match>) -> Self {
        let entities = || signals.iter().map(|found| &*found.entities);
        let address = entities().find_map(|entities| entities.client_address);
        let name = entities().find_map(|entities| entities.client_name.as_deref());
        let user = entities().find_map(|entities| entities.user.as_deref());
        Self {
            client: number(&(address, name)),
            user: number(&user),
            is_named: address.is_some() || name.is_some() || user.is_some(),
            signals: signals.into(),
        }
    }

    fn of_found(found: Vec<Found<'_>>) -> Option<Self> {
        let matches = found.into_iter().map(|found| Match {
            id: found.rule.id.clone(),
            effect: found.rule.effect,
            entities: found.entities,
        });
        let signals: Vec<Match> = matches.collect();
        (!signals.is_empty()).then(|| Self::of(signals))
    }
}

/// The numbers of the last machines and channels: those of one record are mostly those of the
/// record before.
#[derive(Debug, Default)]
struct Names {
    recent: [(Arc<str>, u64); 4],
    /// The place that is given up next.
    oldest: usize,
}

impl Names {
    fn number(&mut self, name: &Arc<str>) -> u64 {
        let known = |(known, _): &&(Arc<str>, u64)| Arc::ptr_eq(known, name);
        if let Some((_, number)) = self.recent.iter().find(known) {
            return *number;
        }
        let number = number(&**name);
        if let Some(place) = self.recent.get_mut(self.oldest) {
            *place = (Arc::clone(name), number);
        }
        self.oldest = (self.oldest + 1) % self.recent.len();
        number
    }
}

/// One number for two. Whoever chose names so that two become one would only have records
/// counted together.
const fn mixed(first: u64, second: u64) -> u64 {
    let mixed = (first ^ second.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 29
}

/// What a worker remembers.
#[derive(Debug, Default)]
pub struct Memory {
    answers: Answers<Option<Answer>>,
    names: Names,
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
    type Memory = Memory;

    fn wants_id(&self, event_id: u32) -> bool {
        self.rules.signals.wants_id(event_id)
    }

    fn kind(&self, channel: &str, provider: &str, event_id: u32) -> Option<usize> {
        let kind = self.rules.signals.kind(channel, provider, event_id);
        // What stands beside logs is read there; a log cannot state it.
        kind.filter(|_| FactKind::of(channel).is_none())
    }

    fn wants_machine(&self, machine: &str) -> bool {
        self.options.has_machine(machine)
    }

    fn wants_time(&self, time: Time) -> bool {
        self.options.since.is_none_or(|since| time >= since)
            && self.options.until.is_none_or(|until| time < until)
    }

    fn walks_all(&self) -> bool {
        !self.options.fast_path
    }

    fn keep_part(&self, _: Event) -> Option<Selected> {
        // Rules ask for what a record lacks, too, and half a record lacks what it never lacked.
        None
    }

    fn recovers(&self) -> bool {
        self.options.recover
    }

    fn keep(&self, event: Event) -> Option<Selected> {
        let answer = Answer::of_found(self.rules.signals.find(event.observed()))?;
        Some(Selected::of(event.packed(), answer, &mut Names::default()))
    }

    fn take(&self, record: Record<'_>, kind: usize, memory: &mut Memory) -> Option<Selected> {
        let Memory { answers, names } = memory;
        let answer = answers.of(&self.rules.signals, kind, record.observed(), Answer::of_found)?;
        Some(Selected::of(record.into_packed(), answer, names))
    }
}

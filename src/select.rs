//! The filter that rules imply, handed to the reader, and the signals drawn from what passes.
//!
//! Knows which events some rule asks for. Knows nothing about files or chunks.

mod enough;
mod known;
mod mark;
mod pending;
mod taken;
mod taken_list;
mod window;

use std::sync::Arc;

use self::enough::Lately;
pub use self::enough::{Enough, Whose};
pub use self::known::Known;
pub use self::mark::{Connection, Mark, connection};
pub use self::pending::Pending;
pub use self::taken::{Counted, Taken, Taking};
pub use self::taken_list::{Next, TakenList};
pub use self::window::Window;

use self::mark::{Names, Party};
use self::taken::Openers;
use crate::model::{Effect, Entities, Event, FactKind, PackedEvent, SignalId, Time};
use crate::options::Options;
use crate::read::{Bench, Record, Select};
use crate::rules::{Answers, Found, NoLayout, RuleSet, SignalIndex, said};

/// An event that some rule asked for, with the signals it carries (at least one).
#[derive(Clone, Debug)]
pub struct Selected {
    /// The event, which stays where it is while records are counted and put in order.
    pub event: Box<PackedEvent>,
    /// Its signals, in rule order; one copy for records that say the same.
    pub signals: Arc<[Match]>,
    /// What it is and whom it names, as numbers.
    pub mark: Mark,
}

impl Selected {
    /// An event with its signals.
    pub fn new(event: PackedEvent, signals: Vec<Match>) -> Self {
        Self::of(event, Answer::of(signals.into()), &mut Names::default())
    }

    fn of(event: PackedEvent, answer: Answer, names: &mut Names) -> Self {
        let Answer { signals, said, party } = answer;
        let places = (names.number(&event.machine), names.number(&event.channel));
        let is_connection = event.activity_id.is_some();
        let what = (event.event_id, said);
        let mark = Mark::of(places, what, event.time, is_connection, &party);
        Self { event: Box::new(event), signals, mark }
    }

    /// A record of the kind with that number, if it carries a signal.
    fn of_record(
        rules: &SignalIndex,
        record: Record<'_>,
        kind: usize,
        memory: &mut Told,
    ) -> Option<Self> {
        let Told { answers, names, .. } = memory;
        let observed = record.observed();
        let answer = match answers.fit(rules, kind, observed) {
            Ok(fit) => answers.of(rules, fit?, observed, Answer::of_found)?,
            Err(NoLayout) => Answer::of_found(rules.find(observed)),
        };
        (!answer.signals.is_empty()).then(|| Self::of(record.into_packed(), answer, names))
    }
}

/// What a record carries, whenever and wherever it was written.
#[derive(Clone, Debug)]
struct Answer {
    signals: Arc<[Match]>,
    /// A number for these.
    said: u64,
    party: Party,
}

impl Answer {
    fn of(signals: Arc<[Match]>) -> Self {
        let said = said(signals.iter().map(|found| found.id.as_str()));
        Self { party: Party::of_signals(&signals), said, signals }
    }

    fn of_found(found: Vec<Found<'_>>) -> Self {
        let matches = found.into_iter().map(|found| Match {
            id: found.rule.id.clone(),
            effect: found.rule.effect,
            entities: found.entities,
        });
        Self::of(matches.collect())
    }
}

/// What is remembered from one record to the next.
#[derive(Debug, Default)]
pub struct Memory {
    told: Told,
    bench: Bench,
}

/// What records told.
#[derive(Debug, Default)]
struct Told {
    answers: Answers<Answer, Party>,
    names: Names,
    openers: Openers,
    lately: Lately,
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
        self.options.has_time(time)
    }

    fn needs_channel(&self, channel: &str) -> bool {
        let Self { rules, options } = self;
        options.read_all || options.recover || rules.signals.wants_channel(channel)
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
        let found = self.rules.signals.find(event.observed());
        (!found.is_empty())
            .then(|| Selected::of(event.packed(), Answer::of_found(found), &mut Names::default()))
    }

    fn take(&self, record: Record<'_>, kind: usize, memory: &mut Memory) -> Option<Selected> {
        Selected::of_record(&self.rules.signals, record, kind, &mut memory.told)
    }
}

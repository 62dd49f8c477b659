//! The filter that rules imply, handed to the reader, and the signals drawn from what passes.
//!
//! Knows which events some rule asks for. Knows nothing about files or chunks.

use std::sync::Arc;

use crate::model::{Effect, Entities, Event, Observed, SignalId};
use crate::options::Options;
use crate::read::{Head, Record, Select};
use crate::rules::RuleSet;

/// An event that some rule asked for, with the signals it carries (at least one).
#[derive(Clone, Debug)]
pub struct Selected {
    /// The event.
    pub event: Event,
    /// Its signals, in rule order.
    pub signals: Vec<Match>,
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

impl Select for Selection<'_> {
    type Kept = Selected;

    fn wants_id(&self, event_id: u32) -> bool {
        !self.options.fast_path || self.rules.signals.wants_id(event_id)
    }

    fn wants_source(&self, channel: &str, provider: &str, event_id: u32) -> bool {
        !self.options.fast_path || self.rules.signals.wants(channel, provider, event_id)
    }

    fn wants(&self, head: &Head<'_>) -> bool {
        self.rules.signals.wants(head.channel, head.provider, head.event_id)
            && self.options.since.is_none_or(|since| head.time >= since)
            && self.options.until.is_none_or(|until| head.time < until)
            && self.options.has_machine(head.machine)
    }

    fn keep(&self, event: Event) -> Option<Selected> {
        let signals = self.signals(event.observed());
        (!signals.is_empty()).then_some(Selected { event, signals })
    }

    fn take(&self, record: Record<'_>) -> Option<Selected> {
        let signals = self.signals(record.observed());
        (!signals.is_empty()).then(|| Selected { event: record.into_event(), signals })
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

//! What was read of a case: events that some rule asked for, and the signals drawn from them.

use super::{Attempt, Events, MachineCoverage, PackedEvent, Signal, WholeHours};

/// The ground that conclusions stand on.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Ordered by time, then machine, channel, record id and source. The tie-break keeps
    /// reports identical between runs.
    pub events: Events,
    /// Ordered by time, then by record, then by id.
    pub signals: Vec<Signal>,
    /// What was supplied, ordered by machine name.
    pub machines: Vec<MachineCoverage>,
    /// The hours of which all was kept: in others nothing shows that something did not happen.
    pub hours: WholeHours,
}

impl Facts {
    /// Whether something rests on records only that were found in unused space.
    pub fn rests_on_recovered(&self, records: &[usize]) -> bool {
        self.rest_on(records, |event| event.source.recovered)
    }

    /// Whether something rests on records only whose chunk has a wrong checksum.
    pub fn rests_on_damaged(&self, records: &[usize]) -> bool {
        self.rest_on(records, |event| event.source.damaged)
    }

    /// Whether something rests on records only that no checksum vouches for: they were found in
    /// unused space, or their chunk has a wrong one.
    pub fn rests_on_doubtful(&self, records: &[usize]) -> bool {
        self.rest_on(records, |event| event.source.recovered || event.source.damaged)
    }

    fn rest_on(&self, records: &[usize], is_so: impl Fn(&PackedEvent) -> bool) -> bool {
        let mut events = records.iter().filter_map(|index| self.events.get(*index)).peekable();
        events.peek().is_some() && events.all(is_so)
    }

    /// How many of an attempt's records were found in unused space. Nothing vouches for those,
    /// and what came after them is unknown.
    pub fn recovered(&self, attempt: &Attempt) -> usize {
        let events = attempt.records.iter().filter_map(|joined| self.events.get(joined.record));
        events.filter(|event| event.source.recovered).count()
    }
}

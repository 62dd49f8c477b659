//! Takes from each record what is needed of it: all of it, or that it was there.
//!
//! A flood's records are alike, and of most that is known before they are decoded further: enough
//! of their kind, or of their client's or user's, is kept already, or the record that opened their
//! connection was counted only. Of others it shows when those before them are counted: they are
//! handed on as they stand. Whoever keeps records comes to the same decision about each, as it
//! holds what is entered in [`Enough`] and what became of connections; so nothing depends on when
//! a thread learns of it.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::mark::{Connection, Mark, Names, Party, connection};
use super::{Enough, Memory, Pending, Selected, Selection, Told};
use crate::model::{Event, Guid, Time};
use crate::read::{Record, Select};
use crate::rules::{Gist, NoLayout};

/// What is taken of a record that some rule asks for.
#[derive(Clone, Debug)]
pub enum Taken<'a> {
    /// The event with its signals.
    Kept(Selected),
    /// That it was there.
    Counted(Counted),
    /// The record as it stands, because whether it is kept depends on those before it.
    Pending(Pending<'a>),
}

/// A record that is counted only.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// What it is and whom it names.
    pub mark: Mark,
    /// Its event ID.
    pub event_id: u32,
    /// Its time.
    pub time: Time,
    /// Its number in the log.
    pub record_id: u64,
    /// Its connection.
    pub activity_id: Option<Guid>,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// Whether it opens an attempt.
    pub opens: bool,
    /// Whether it shows that somebody got past the handshake.
    pub is_progress: bool,
}

impl Counted {
    /// What counts of a record that comes to that.
    fn of_record(record: &Record<'_>, gist: &Gist<Party>, names: &mut Names) -> Self {
        let Gist { said, opens, is_progress, party } = gist;
        let (machine, channel) = record.places();
        let (event_id, time, record_id) = record.own();
        let activity_id = record.activity_id();
        let places = (names.number(machine), names.number(channel));
        Self {
            mark: Mark::of(places, (event_id, *said), time, activity_id.is_some(), party),
            event_id,
            time,
            record_id,
            activity_id,
            address: party.address,
            opens: *opens,
            is_progress: *is_progress,
        }
    }

    /// The connection that it opens, if it does.
    pub fn opened(&self) -> Option<Guid> {
        self.activity_id.filter(|_| self.opens && !self.is_progress)
    }

    /// What counts of a record.
    pub fn of(selected: &Selected) -> Self {
        let Selected { event, signals, mark } = selected;
        Self {
            mark: *mark,
            event_id: event.event_id,
            time: event.time,
            record_id: event.record_id,
            activity_id: event.activity_id,
            address: signals.iter().find_map(|found| found.entities.client_address),
            opens: signals.iter().any(|found| found.effect.opens),
            is_progress: signals.iter().any(|found| found.effect.is_progress()),
        }
    }
}

/// Takes what a selection selects, as long as there is not enough.
#[derive(Clone, Copy, Debug)]
pub struct Taking<'a> {
    /// The selection.
    pub selection: Selection<'a>,
    /// Of whom enough is kept.
    pub enough: &'a Enough,
}

/// Connections that are remembered from the records before.
const MOST: usize = 1024;

/// What became of the records of a span that opened connections.
#[derive(Debug, Default)]
pub(super) struct Openers {
    /// By connection: the channel of the last one, and whether it was counted only.
    last: HashMap<Connection, (u64, bool), RandomState>,
}

impl Openers {
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }

    fn enter(&mut self, (machine, channel): (u64, u64), activity: Guid, is_counted: bool) {
        if self.last.len() >= MOST {
            self.last.clear();
        }
        self.last.insert(connection(machine, activity), (channel, is_counted));
    }

    /// Whether the last record to open the connection is known, of the same machine and channel,
    /// and counted only.
    fn is_counted(&self, (machine, channel): (u64, u64), activity: Guid) -> bool {
        self.last.get(&connection(machine, activity)) == Some(&(channel, true))
    }
}

impl<'a> Taking<'a> {
    /// What is taken of a record without decoding it, if enough is kept of somebody. `None` where
    /// it has to be decoded now.
    fn take_undecoded(
        &self,
        record: &mut Record<'_>,
        kind: usize,
        memory: &mut Told,
    ) -> Option<Option<Taken<'a>>> {
        let Told { answers, names, openers, lately } = memory;
        let rules = &self.selection.rules.signals;
        let gist = match answers.gist(rules, kind, record.observed(), Party::of) {
            Ok(Some(gist)) => gist,
            Ok(None) => return Some(None),
            Err(NoLayout) => {
                if let Some(activity) = record.activity_id() {
                    let (machine, channel) = record.places();
                    let places = (names.number(machine), names.number(channel));
                    openers.enter(places, activity, false);
                }
                return None;
            }
        };
        let counted = Counted::of_record(record, &gist, names);
        let Counted { mark, activity_id, opens, is_progress, .. } = counted;
        let places = (mark.machine, mark.channel);
        let is_enough = match activity_id {
            Some(activity) if !opens && !is_progress => {
                openers.is_counted(places, activity) || self.enough.has_all()
            }
            _ => lately.has(self.enough, &mark, counted.time),
        };
        if let Some(activity) = counted.opened() {
            openers.enter(places, activity, is_enough);
        }
        if is_enough {
            return Some(Some(Taken::Counted(counted)));
        }
        let record = record.lay_aside()?;
        Some(Some(Taken::Pending(Pending { counted, record, kind, rules })))
    }
}

impl<'a> Select for Taking<'a> {
    type Kept = Taken<'a>;
    type Memory = Memory;

    fn wants_id(&self, event_id: u32) -> bool {
        self.selection.wants_id(event_id)
    }

    fn kind(&self, channel: &str, provider: &str, event_id: u32) -> Option<usize> {
        self.selection.kind(channel, provider, event_id)
    }

    fn wants_machine(&self, machine: &str) -> bool {
        self.selection.wants_machine(machine)
    }

    fn wants_time(&self, time: Time) -> bool {
        self.selection.wants_time(time)
    }

    fn needs_channel(&self, channel: &str) -> bool {
        self.selection.needs_channel(channel)
    }

    fn walks_all(&self) -> bool {
        self.selection.walks_all()
    }

    fn recovers(&self) -> bool {
        self.selection.recovers()
    }

    fn begin(&self, memory: &mut Memory) {
        memory.told.openers.forget();
    }

    fn keep_part(&self, event: Event) -> Option<Taken<'a>> {
        self.selection.keep_part(event).map(Taken::Kept)
    }

    fn keep(&self, event: Event) -> Option<Taken<'a>> {
        self.selection.keep(event).map(Taken::Kept)
    }

    fn take(&self, mut record: Record<'_>, kind: usize, memory: &mut Memory) -> Option<Taken<'a>> {
        // What is no longer live is compared with all that is.
        if self.enough.is_asked()
            && !self.recovers()
            && let Some(taken) = self.take_undecoded(&mut record, kind, &mut memory.told)
        {
            return taken;
        }
        self.selection.take(record, kind, memory).map(Taken::Kept)
    }
}

//! Records that are laid aside as they stand, until it is decided whether they are kept.
//!
//! Which records of a flood are kept depends on those before it, and hardly any is. So a record
//! is not decoded before that is decided: its bytes are copied out of its chunk, with what tells
//! where each part and field is, and read there as they would have been read in the chunk.

use std::sync::Arc;

use super::intern::Interner;
use super::plan::{FreePlan, Payload, Present, Scratch};
use super::record::{Record, Tools};
use super::spots::{Placed, Spots};
use super::unread::{Rest, Unread};
use super::values::{Starts, Told};
use crate::model::{Source, Time};

/// What records have in common is shared with the last ones that had it: so many are compared.
const RECENT: usize = 16;

/// A record that was laid aside.
#[derive(Clone, Debug)]
pub struct Aside {
    common: Arc<Common>,
    event_id: u32,
    time: Time,
    record_id: u64,
    source: Source,
    /// The record from the count of its values on.
    bytes: Box<[u8]>,
    /// Where its first value stands in these, and where the payload's values stand, from their
    /// count to their end.
    first: u16,
    payload: (u16, u16),
}

/// What a record has in common with others of its source.
#[derive(Debug)]
struct Common {
    /// Its machine, channel and provider.
    names: [Arc<str>; 3],
    /// Where its payload has each field.
    plan: Arc<FreePlan>,
    /// Where the parts of `System` stood, and where they stand with the template's own apart.
    origin: Spots,
    spots: Spots,
    template: Vec<u8>,
}

/// What laying records aside keeps from one to the next.
#[derive(Debug, Default)]
pub(super) struct Commons {
    recent: Vec<Arc<Common>>,
    /// The place that is given up next.
    oldest: usize,
}

/// What records that were laid aside are read with.
#[derive(Debug, Default)]
pub struct Bench {
    interner: Interner,
    scratch: Scratch,
    commons: Commons,
    present: Present,
    starts: Starts,
}

impl Commons {
    /// Lays a record aside. `None` where it is no instance of a template, or where its payload's
    /// plan holds in its own chunk only.
    pub(super) fn lay_aside(
        &mut self,
        system: &Unread<'_>,
        payload: &Payload<'_>,
    ) -> Option<Aside> {
        let Rest::Instance(placed) = &system.rest else { return None };
        let (plan, (from, to)) = (payload.free?, payload.stands?);
        let behind = |at: usize| u16::try_from(at.checked_sub(placed.counted)?).ok();
        Some(Aside {
            bytes: placed.chunk.get(placed.counted..placed.end)?.into(),
            first: behind(placed.first)?,
            payload: (behind(from)?, behind(to)?),
            common: self.common(system.names, plan, placed)?,
            event_id: system.event_id,
            time: system.time,
            record_id: system.record_id,
            source: system.source,
        })
    }

    fn common(
        &mut self,
        names: [&Arc<str>; 3],
        plan: &Arc<FreePlan>,
        placed: &Placed<'_>,
    ) -> Option<Arc<Common>> {
        let Self { recent, oldest } = self;
        let known = recent.iter().find(|common| common.is(names, plan, placed.spots));
        if let Some(known) = known {
            return Some(Arc::clone(known));
        }
        let (spots, template) = placed.spots.freed(placed.template)?;
        let (names, plan) = (names.map(Arc::clone), Arc::clone(plan));
        let origin = placed.spots.clone();
        let new = Arc::new(Common { names, plan, origin, spots, template });
        if recent.len() < RECENT {
            recent.push(Arc::clone(&new));
        } else if let Some(place) = recent.get_mut(*oldest) {
            *place = Arc::clone(&new);
            *oldest = (*oldest + 1) % RECENT;
        }
        Some(new)
    }
}

impl Common {
    fn is(&self, names: [&Arc<str>; 3], plan: &Arc<FreePlan>, spots: &Spots) -> bool {
        let mut pairs = self.names.iter().zip(names);
        self.origin.is(spots)
            && Arc::ptr_eq(&self.plan, plan)
            && pairs.all(|(own, name)| Arc::ptr_eq(own, name))
    }
}

impl Aside {
    /// Its machine and channel.
    pub fn places(&self) -> (&Arc<str>, &Arc<str>) {
        let [machine, channel, _] = &self.common.names;
        (machine, channel)
    }

    /// Where it was read.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Reads the record as it would have been read where it stood.
    pub fn read<T>(&self, bench: &mut Bench, read: impl FnOnce(Record<'_>) -> T) -> Option<T> {
        let Bench { interner, scratch, commons, present, starts } = bench;
        let Common { names: [machine, channel, provider], plan, spots, template, .. } =
            &*self.common;
        let Self { bytes, first, payload: (from, to), .. } = self;
        let (told, _) = Told::read(bytes, ((*from).into(), (*to).into()), starts)?;
        plan.present(&told, present)?;
        let payload = plan.payload(present, told.values(bytes, starts));
        let rest = Rest::Instance(Placed {
            spots,
            template,
            chunk: bytes,
            counted: 0,
            first: (*first).into(),
            end: bytes.len(),
        });
        let Self { event_id, time, record_id, source, .. } = *self;
        let names = [machine, channel, provider];
        let system = Unread { names, event_id, time, record_id, source, rest };
        Some(read(Record::standing(system, payload, Tools { scratch, interner, commons })))
    }
}

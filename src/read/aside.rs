//! Records that are laid aside as they stand, until it is decided whether they are kept.
//!
//! Which records of a flood are kept depends on those before it, and hardly any is. So a record
//! is not decoded before that is decided: its bytes are copied out of its chunk, with what tells
//! where each part and field is, and read there as they would have been read in the chunk. The
//! records of a span stand on one shelf, one behind the other.

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

/// A record that was laid aside on a [`Shelf`].
#[derive(Clone, Debug)]
pub struct Aside {
    event_id: u32,
    time: Time,
    record_id: u64,
    source: Source,
    /// The place of what it has in common with others.
    common: usize,
    /// Where the record stands from the count of its values on, and how long that is.
    at: usize,
    size: u16,
    /// Where its first value stands in that, and where the payload's values stand, from their
    /// count to their end.
    first: u16,
    payload: (u16, u16),
}

/// Where records stand that were laid aside.
#[derive(Debug, Default)]
pub struct Shelf {
    bytes: Vec<u8>,
    commons: Vec<Common>,
}

/// What a record has in common with others of its source.
#[derive(Debug)]
struct Common {
    /// Its machine, channel and provider.
    names: [Arc<str>; 3],
    /// Where its payload has each field.
    plan: Arc<FreePlan>,
    /// Where the parts of `System` stood, and where they stand with the template's own apart.
    _origin: Spots,
    spots: Spots,
    template: Vec<u8>,
}

/// Lays the records of a span aside.
#[derive(Debug, Default)]
pub(super) struct Laying {
    shelf: Shelf,
    /// The places of what the last records have in common.
    recent: Vec<(Key, usize)>,
    /// The place that is given up next.
    oldest: usize,
}

/// Where that is held which records have in common. It stays there as long as it is on the shelf.
type Key = [usize; 5];

/// What records that were laid aside are read with.
#[derive(Debug, Default)]
pub struct Bench {
    interner: Interner,
    scratch: Scratch,
    present: Present,
    starts: Starts,
}

impl Shelf {
    /// Takes all records off.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.commons.clear();
    }

    /// Moves all of another shelf onto this one, which is empty.
    pub(super) fn take_over(&mut self, other: &mut Self) {
        self.bytes.append(&mut other.bytes);
        self.commons.append(&mut other.commons);
    }

    /// Bytes that it takes, without what records have in common.
    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

impl Laying {
    /// Begins with an empty shelf.
    pub(super) fn begin(&mut self, shelf: Shelf) {
        *self = Self { shelf, ..Self::default() };
    }

    /// Hands on the shelf.
    pub(super) fn end(&mut self) -> Shelf {
        std::mem::take(self).shelf
    }

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
        let bytes = placed.chunk.get(placed.counted..placed.end)?;
        let aside = Aside {
            event_id: system.event_id,
            time: system.time,
            record_id: system.record_id,
            source: system.source,
            size: behind(placed.end)?,
            first: behind(placed.first)?,
            payload: (behind(from)?, behind(to)?),
            common: self.common(system.names, plan, placed)?,
            at: self.shelf.bytes.len(),
        };
        self.shelf.bytes.extend_from_slice(bytes);
        Some(aside)
    }

    /// The place of what a record has in common with others.
    fn common(
        &mut self,
        names: [&Arc<str>; 3],
        plan: &Arc<FreePlan>,
        placed: &Placed<'_>,
    ) -> Option<usize> {
        let Self { shelf: Shelf { commons, .. }, recent, oldest } = self;
        let [machine, channel, provider] = names.map(|name| Arc::as_ptr(name).cast::<u8>().addr());
        let key = [machine, channel, provider, Arc::as_ptr(plan).addr(), placed.spots.addr()];
        if let Some((_, known)) = recent.iter().find(|(known, _)| *known == key) {
            return Some(*known);
        }
        let (spots, template) = placed.spots.freed(placed.template)?;
        let (names, plan) = (names.map(Arc::clone), Arc::clone(plan));
        let _origin = placed.spots.clone();
        let new = (key, commons.len());
        commons.push(Common { names, plan, _origin, spots, template });
        if recent.len() < RECENT {
            recent.push(new);
        } else if let Some(place) = recent.get_mut(*oldest) {
            *place = new;
            *oldest = (*oldest + 1) % RECENT;
        }
        Some(new.1)
    }
}

impl Aside {
    /// Its machine and channel. `shelf` is the one that it stands on; what another one gives is
    /// not told apart.
    pub fn places<'s>(&self, shelf: &'s Shelf) -> Option<(&'s Arc<str>, &'s Arc<str>)> {
        let [machine, channel, _] = &shelf.commons.get(self.common)?.names;
        Some((machine, channel))
    }

    /// Where it was read.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Reads the record as it would have been read where it stood. `shelf` is the one that it
    /// stands on; what another one gives is not told apart.
    pub fn read<T>(
        &self,
        shelf: &Shelf,
        bench: &mut Bench,
        read: impl FnOnce(Record<'_>) -> T,
    ) -> Option<T> {
        let Bench { interner, scratch, present, starts } = bench;
        let Self { event_id, time, record_id, source, common, at, size, first, payload } = *self;
        let bytes = shelf.bytes.get(at..at + usize::from(size))?;
        let Common { names: [machine, channel, provider], plan, spots, template, .. } =
            shelf.commons.get(common)?;
        let (from, to) = payload;
        let (told, _) = Told::read(bytes, (from.into(), to.into()), starts)?;
        plan.present(&told, present)?;
        let payload = plan.payload(present, told.values(bytes, starts));
        let rest = Rest::Instance(Placed {
            spots,
            template,
            chunk: bytes,
            counted: 0,
            first: first.into(),
            end: bytes.len(),
        });
        let names = [machine, channel, provider];
        let system = Unread { names, event_id, time, record_id, source, rest };
        Some(read(Record::standing(system, payload, Tools { scratch, interner, laying: None })))
    }
}

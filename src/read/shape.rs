//! Where the parts of `System` stand in records whose values have the same sizes and types.
//!
//! A template's layout says which value a part is. Where that value stands depends on the sizes
//! of those before it, and they are mostly the same from one record to the next: once they were
//! compared, each part is found at once.

use std::ops::Range;

use super::binxml::{Raw, trim_nul};
use super::instance::{HEAD, Instance};
use super::layout::{Found, Layout, Part};
use super::spots::{Spot, Spots};
use super::values::{MOST as MOST_VALUES, split, total};

/// The value types of event IDs, record ids and times ([MS-EVEN6] 2.2.12).
const UINT16: u8 = 0x06;
const UINT64: u8 = 0x0a;
const FILETIME: u8 = 0x11;

/// Shapes that are remembered in a chunk. Few have more than one for a template.
const MOST: usize = 16;

/// The parts of instances of one template whose values are of these sizes and types.
#[derive(Debug)]
pub(super) struct Shape {
    /// How all of them begin: head, count of the values, and how those are described up to the
    /// last on which a part depends.
    beginning: Vec<u8>,
    pub(super) definition: u32,
    /// Position of the definition's layout.
    pub(super) layout: usize,
    /// Number of the values.
    pub(super) count: usize,
    /// Bytes of the values that are described there.
    pub(super) before: usize,
    pub(super) spots: Spots,
    /// Bytes of all parts, as a walk charges for them.
    pub(super) size: usize,
    /// Where that stands which decides about a record; `None` where it is not as usual.
    pub(super) key: Option<Key>,
}

/// Where the parts stand that decide about a record: so many bytes behind the first value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) event_id: usize,
    pub(super) time: usize,
    pub(super) record_id: usize,
    pub(super) channel: Text,
    pub(super) machine: Text,
    pub(super) provider: Option<Text>,
}

/// Where a text stands: at offsets of the chunk, in the template, or behind the first value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Literal { from: usize, to: usize },
    Value { from: usize, to: usize },
}

/// The shapes met in a chunk.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: Vec<Shape>,
    /// The place of the last one.
    last: usize,
    /// The place that is given up next.
    oldest: usize,
}

impl Shapes {
    /// The place of the shape of a record of these bytes that stands at `at`, if it was met and
    /// the record does not bear its definition.
    #[inline]
    pub(super) fn met(&mut self, record: &[u8], at: usize) -> Option<usize> {
        let is = |shape: &Shape| {
            record.starts_with(&shape.beginning)
                && usize::try_from(shape.definition) != Ok(at + HEAD)
        };
        if !self.known.get(self.last).is_some_and(is) {
            self.last = self.known.iter().position(is)?;
        }
        Some(self.last)
    }

    /// The place of the shape of a record that bears its definition, if it was met.
    pub(super) fn met_bearing(&mut self, instance: &Instance<'_>) -> Option<usize> {
        let is = |shape: &Shape| {
            let beginning = shape.beginning.strip_prefix(instance.head);
            beginning.is_some_and(|beginning| instance.rest.starts_with(beginning))
        };
        self.last = self.known.iter().position(is)?;
        Some(self.last)
    }

    /// The shape with that place.
    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&Shape> {
        self.known.get(place)
    }

    /// Remembers a shape. Returns its place.
    pub(super) fn enter(&mut self, shape: Shape) -> usize {
        if self.known.len() < MOST {
            self.known.push(shape);
            self.last = self.known.len() - 1;
            return self.last;
        }
        self.last = self.oldest;
        if let Some(known) = self.known.get_mut(self.last) {
            *known = shape;
        }
        self.oldest = (self.last + 1) % MOST;
        self.last
    }

    /// Forgets the shapes of other definitions than that.
    pub(super) fn keep_of(&mut self, definition: u32) {
        self.known.retain(|shape| shape.definition == definition);
        (self.last, self.oldest) = (0, 0);
    }
}

impl Shape {
    /// The shape of an instance of the definition with the layout at `position`; `None` where it
    /// has fewer values than parts ask for, or one of its parts is a fragment, or its size
    /// depends on more. `chunk` is the one that the definition stands in.
    pub(super) fn of(
        instance: &Instance<'_>,
        (position, layout): (usize, &Layout),
        chunk: &[u8],
    ) -> Option<Self> {
        let all = instance.described()?;
        let described = all.get(..layout.described)?;
        let mut starts = [0; MOST_VALUES];
        let mut start = 0_u16;
        for (place, [low, high, ..]) in starts.iter_mut().zip(described) {
            *place = start;
            start = start.checked_add(u16::from_le_bytes([*low, *high]))?;
        }
        let mut spots = [Spot::default(); Part::COUNT];
        let mut size = layout.literals?;
        for placed in layout.places() {
            let depends_on = placed.dependency.and_then(|index| described.get(usize::from(index)));
            if depends_on.is_some_and(|[_, _, kind, _]| Raw::is_null_kind(*kind)) {
                continue;
            }
            let spot = match placed.found {
                Found::Literal(standing) => Spot::Literal(standing),
                Found::Value(index) => match described.get(usize::from(index)) {
                    None => continue,
                    Some([low, high, kind, _]) => {
                        if Raw::is_fragment_kind(*kind) {
                            return None;
                        }
                        let own = u16::from_le_bytes([*low, *high]);
                        size += usize::from(own);
                        let from = *starts.get(usize::from(index))?;
                        Spot::Value { from, size: own, kind: *kind }
                    }
                },
            };
            *spots.get_mut(placed.part as usize)? = spot;
        }
        let key = Key::of(&spots, chunk);
        Some(Self {
            beginning: [instance.head, instance.rest.get(..4 + 4 * described.len())?].concat(),
            definition: instance.definition,
            layout: position,
            count: all.len(),
            before: total(described),
            spots: Spots::new(spots),
            size,
            key,
        })
    }

    /// The number of values that are described in the beginning that all of its records have, and
    /// bytes of these.
    pub(super) fn told(&self) -> (usize, usize) {
        ((self.beginning.len() - HEAD) / 4 - 1, self.before)
    }

    /// Bytes of the beginning that all of its records have.
    pub(super) fn length(&self) -> usize {
        self.beginning.len()
    }

    /// The bytes that begin with the first value of a record of this shape; `None` where the
    /// values take more than there are.
    #[inline]
    pub(super) fn values<'c>(&self, record: &'c [u8]) -> Option<&'c [u8]> {
        self.values_behind(record.get(HEAD..)?)
    }

    /// The same; `rest` begins with the count of the values.
    #[inline]
    pub(super) fn values_behind<'c>(&self, rest: &'c [u8]) -> Option<&'c [u8]> {
        let (described, values) = split(rest)?;
        let (known, before) = self.told();
        let behind = described.get(known..)?;
        (before + total(behind) <= values.len()).then_some(values)
    }
}

impl Key {
    fn of(spots: &[Spot; Part::COUNT], chunk: &[u8]) -> Option<Self> {
        let number = |part: Part, wanted: u8, bytes: u16| match *spots.get(part as usize)? {
            Spot::Value { from, size, kind } if kind == wanted && size == bytes => {
                Some(usize::from(from))
            }
            _ => None,
        };
        let text = |part: Part| Text::of(spots.get(part as usize)?, chunk);
        Some(Self {
            event_id: number(Part::EventId, UINT16, 2)?,
            time: number(Part::TimeCreated, FILETIME, 8)?,
            record_id: number(Part::RecordId, UINT64, 8)?,
            channel: text(Part::Channel)?,
            machine: text(Part::Computer)?,
            provider: text(Part::Provider),
        })
    }
}

impl Text {
    fn of(spot: &Spot, chunk: &[u8]) -> Option<Self> {
        match *spot {
            Spot::Literal(standing) => {
                let Range { start: from, end: to } = standing.utf16(chunk)?;
                Some(Self::Literal { from, to })
            }
            Spot::Value { from, size, kind } if Raw::is_text_kind(kind) => {
                Some(Self::Value { from: from.into(), to: usize::from(from) + usize::from(size) })
            }
            Spot::Value { .. } | Spot::Nowhere => None,
        }
    }

    /// The text as UTF-16LE, without the NULs at its end; `values` begin with the first.
    #[inline]
    pub(super) fn within<'c>(self, values: &'c [u8], chunk: &'c [u8]) -> Option<&'c [u8]> {
        match self {
            Self::Literal { from, to } => chunk.get(from..to),
            Self::Value { from, to } => values.get(from..to).map(trim_nul),
        }
    }
}

//! Where the parts of `System` stand in records whose values have the same sizes and types.
//!
//! A template's layout says which value a part is. Where that value stands depends on the sizes
//! of those before it, and they are mostly the same from one record to the next: once they were
//! compared, each part is found at once.

use super::binxml::{Raw, trim_nul};
use super::layout::{Found, Layout, Part};
use super::values::{Described, total};

/// The value types of event IDs, record ids and times ([MS-EVEN6] 2.2.12).
const UINT16: u8 = 0x06;
const UINT64: u8 = 0x0a;
const FILETIME: u8 = 0x11;

/// Shapes that are remembered in a chunk. Few have more than one for a template.
const MOST: usize = 16;

/// The parts of instances of one template whose values are of these sizes and types.
#[derive(Debug)]
pub(super) struct Shape<'c> {
    definition: u32,
    /// Position of the definition's layout.
    pub(super) layout: usize,
    /// Sizes and types of the values up to the last on which a part depends.
    described: Described<'c>,
    /// Bytes of these values.
    before: usize,
    spots: [Spot<'c>; Part::COUNT],
    /// Bytes of all parts, as a walk charges for them.
    pub(super) size: usize,
    /// Where that stands which decides about a record; `None` where it is not as usual.
    pub(super) key: Option<Key<'c>>,
}

/// Where the parts stand that decide about a record: so many bytes behind the first value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'c> {
    pub(super) event_id: usize,
    pub(super) time: usize,
    pub(super) record_id: usize,
    pub(super) channel: Text<'c>,
    pub(super) machine: Text<'c>,
    pub(super) provider: Option<Text<'c>>,
}

/// Where a text stands: in the template, or at a place behind the first value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'c> {
    Literal(&'c [u8]),
    Value { from: usize, to: usize },
}

/// Where a part stands.
#[derive(Clone, Copy, Debug, Default)]
enum Spot<'c> {
    #[default]
    Nowhere,
    /// In the template.
    Literal(Raw<'c>),
    /// So many bytes behind the first value.
    Value { from: u16, size: u16, kind: u8 },
}

/// The shapes met in a chunk.
#[derive(Debug, Default)]
pub(super) struct Shapes<'c> {
    known: Vec<Shape<'c>>,
    /// The place of the last one.
    last: usize,
    /// The place that is given up next.
    oldest: usize,
}

impl<'c> Shapes<'c> {
    /// The place of the shape of instances of the definition whose values are so described, if
    /// it was met.
    #[inline]
    pub(super) fn met(&mut self, definition: u32, described: Described<'c>) -> Option<usize> {
        let is = |shape: &Shape<'c>| {
            shape.definition == definition && described.starts_with(shape.described)
        };
        if !self.known.get(self.last).is_some_and(is) {
            self.last = self.known.iter().position(is)?;
        }
        Some(self.last)
    }

    /// The shape with that place.
    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&Shape<'c>> {
        self.known.get(place)
    }

    /// Remembers a shape. Returns its place.
    pub(super) fn enter(&mut self, shape: Shape<'c>) -> usize {
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
}

impl<'c> Shape<'c> {
    /// The shape of an instance of the definition with the layout at `position`, whose values are
    /// so described; `None` where it has fewer of them than parts ask for, or one of its parts
    /// is a fragment, or its size depends on more.
    pub(super) fn of(
        definition: u32,
        (position, layout): (usize, &Layout<'c>),
        described: Described<'c>,
    ) -> Option<Self> {
        let described = described.get(..layout.described)?;
        let mut spots = [Spot::default(); Part::COUNT];
        let mut size = layout.literals?;
        for placed in layout.places() {
            let depends_on = placed.dependency.and_then(|index| described.get(usize::from(index)));
            if depends_on.is_some_and(|[_, _, kind, _]| Raw::is_null_kind(*kind)) {
                continue;
            }
            let spot = match placed.found {
                Found::Literal(raw) => Spot::Literal(raw),
                Found::Value(index) => match described.get(usize::from(index)) {
                    None => continue,
                    Some([low, high, kind, _]) => {
                        if Raw::is_fragment_kind(*kind) {
                            return None;
                        }
                        let before = described.get(..usize::from(index))?;
                        let own = u16::from_le_bytes([*low, *high]);
                        size += usize::from(own);
                        let from = u16::try_from(total(before)).ok()?;
                        Spot::Value { from, size: own, kind: *kind }
                    }
                },
            };
            *spots.get_mut(placed.part as usize)? = spot;
        }
        let (before, key) = (total(described), Key::of(&spots));
        Some(Self { definition, layout: position, described, before, spots, size, key })
    }

    /// Whether the values of an instance of this shape, all so described, take `bytes` at most.
    #[inline]
    pub(super) fn fits(&self, described: Described<'c>, bytes: usize) -> bool {
        let behind = described.get(self.described.len()..).unwrap_or_default();
        self.before + total(behind) <= bytes
    }

    /// What stands in a part of the instance whose first value stands at `first`.
    pub(super) fn part(&self, part: Part, chunk: &'c [u8], first: usize) -> Option<Raw<'c>> {
        match *self.spots.get(part as usize)? {
            Spot::Nowhere => None,
            Spot::Literal(raw) => Some(raw),
            Spot::Value { from, size, kind } => {
                Raw::standing(chunk, kind, first + usize::from(from), size.into())
            }
        }
    }
}

impl<'c> Key<'c> {
    fn of(spots: &[Spot<'c>; Part::COUNT]) -> Option<Self> {
        let number = |part: Part, wanted: u8, bytes: u16| match *spots.get(part as usize)? {
            Spot::Value { from, size, kind } if kind == wanted && size == bytes => {
                Some(usize::from(from))
            }
            _ => None,
        };
        let text = |part: Part| Text::of(spots.get(part as usize)?);
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

impl<'c> Text<'c> {
    fn of(spot: &Spot<'c>) -> Option<Self> {
        match *spot {
            Spot::Literal(raw) => raw.utf16().map(Self::Literal),
            Spot::Value { from, size, kind } if Raw::is_text_kind(kind) => {
                Some(Self::Value { from: from.into(), to: usize::from(from) + usize::from(size) })
            }
            Spot::Value { .. } | Spot::Nowhere => None,
        }
    }

    /// The text as UTF-16LE, without the NULs at its end; `values` begin with the first.
    #[inline]
    pub(super) fn within(self, values: &'c [u8]) -> Option<&'c [u8]> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Value { from, to } => values.get(from..to).map(trim_nul),
        }
    }
}

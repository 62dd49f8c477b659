//! Where the parts of `System` stand in records whose values have the same sizes and types.
//!
//! A template's layout says which value a part is. Where that value stands depends on the sizes
//! of those before it, and they are mostly the same from one record to the next: once they were
//! compared, each part is found at once.

use super::binxml::Raw;
use super::layout::{Found, Layout, Part};
use super::values::{Described, total};

/// Shapes that are remembered in a chunk. Few have more than one for a template.
const MOST: usize = 16;

/// The parts of instances of one template whose values are of these sizes and types.
#[derive(Debug)]
pub(super) struct Shape<'c> {
    definition: u32,
    /// Sizes and types of the values up to the last on which a part depends.
    described: Described<'c>,
    spots: [Spot<'c>; Part::COUNT],
    /// Bytes of all parts, as a walk charges for them.
    pub(super) size: usize,
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
    /// The place of the shape of an instance of the definition with that layout, whose values
    /// are so described; `None` where one of its parts is a fragment, or its size depends on
    /// more.
    pub(super) fn place(
        &mut self,
        definition: u32,
        layout: &Layout<'c>,
        described: Described<'c>,
    ) -> Option<usize> {
        let described = described.get(..layout.described).unwrap_or(described);
        let is = |shape: &Shape<'c>| shape.definition == definition && shape.described == described;
        if !self.known.get(self.last).is_some_and(is) {
            self.last = match self.known.iter().position(is) {
                Some(place) => place,
                None => self.enter(Shape::of(definition, layout, described)?),
            };
        }
        Some(self.last)
    }

    /// The shape with that place.
    pub(super) fn get(&self, place: usize) -> Option<&Shape<'c>> {
        self.known.get(place)
    }

    fn enter(&mut self, shape: Shape<'c>) -> usize {
        if self.known.len() < MOST {
            self.known.push(shape);
            return self.known.len() - 1;
        }
        let place = self.oldest;
        if let Some(known) = self.known.get_mut(place) {
            *known = shape;
        }
        self.oldest = (place + 1) % MOST;
        place
    }
}

impl<'c> Shape<'c> {
    fn of(definition: u32, layout: &Layout<'c>, described: Described<'c>) -> Option<Self> {
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
        Some(Self { definition, described, spots, size })
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

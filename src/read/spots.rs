//! Where the parts of `System` stand in instances of a template whose values have certain sizes
//! and types.

use std::sync::Arc;

use super::binxml::{Raw, Standing};
use super::layout::Part;

/// Where a part stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Spot {
    #[default]
    Nowhere,
    /// In the template.
    Literal(Standing),
    /// So many bytes behind the first value.
    Value { from: u16, size: u16, kind: u8 },
}

/// Where each part stands.
#[derive(Clone, Debug)]
pub(super) struct Spots(Arc<[Spot; Part::COUNT]>);

/// The parts of an instance, where they stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'r> {
    pub(super) spots: &'r Spots,
    /// What the template stands in, and the instance: mostly one chunk.
    pub(super) template: &'r [u8],
    pub(super) chunk: &'r [u8],
    /// Where the count of its values stands, the first of these, and the end of the record.
    pub(super) counted: usize,
    pub(super) first: usize,
    pub(super) end: usize,
}

impl Spots {
    pub(super) fn new(spots: [Spot; Part::COUNT]) -> Self {
        Self(Arc::new(spots))
    }

    /// Where a part stands.
    pub(super) fn get(&self, part: Part) -> Spot {
        self.0.get(part as usize).copied().unwrap_or_default()
    }

    /// Whether it is the same, not only equal.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The same with a copy of what the template has, which stands in `template`.
    pub(super) fn freed(&self, template: &[u8]) -> Option<(Self, Vec<u8>)> {
        let (mut spots, mut copy) = (*self.0, Vec::new());
        for spot in &mut spots {
            if let Spot::Literal(standing) = spot {
                let raw = standing.within(template)?;
                let at = copy.len();
                copy.extend_from_slice(raw.bytes());
                *standing = Raw::standing(&copy, raw.kind(), at, raw.size())?.place();
            }
        }
        Some((Self::new(spots), copy))
    }
}

impl<'r> Placed<'r> {
    /// What stands in a part.
    pub(super) fn part(&self, part: Part) -> Option<Raw<'r>> {
        match self.spots.get(part) {
            Spot::Nowhere => None,
            Spot::Literal(standing) => standing.within(self.template),
            Spot::Value { from, size, kind } => {
                Raw::standing(self.chunk, kind, self.first + usize::from(from), size.into())
            }
        }
    }
}

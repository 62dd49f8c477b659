//! The values of one instance of a template, where they stand.

use super::binxml::Raw;

/// Values of an instance that are looked at: a `System` has 18 or 20, few payloads more than 30.
const MOST: usize = 64;

/// The values of an instance: where each stands and of what type it is.
#[derive(Debug)]
pub(super) struct Values<'c> {
    chunk: &'c [u8],
    /// Size and type of each.
    described: &'c [[u8; 4]],
    /// Offset of each in the chunk.
    starts: [u16; MOST],
}

impl<'c> Values<'c> {
    /// The values that stand at `at` (their count, the size and type of each, then their bytes)
    /// and the offset behind them, which is at most `end`. `None` also for more values than
    /// payloads of interest have.
    pub(super) fn read(chunk: &'c [u8], at: usize, end: usize) -> Option<(Self, usize)> {
        let rest = chunk.get(at..end)?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        if count > MOST {
            return None;
        }
        let (described, bytes) = rest.split_at_checked(count * 4)?;
        let (described, _) = described.as_chunks::<4>();
        let first = at + 4 + count * 4;
        let mut starts = [0; MOST];
        let mut start = first;
        for (place, [low, high, ..]) in starts.iter_mut().zip(described) {
            *place = u16::try_from(start).ok()?;
            start += usize::from(u16::from_le_bytes([*low, *high]));
        }
        (start - first <= bytes.len()).then_some((Self { chunk, described, starts }, start))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.described.len()
    }

    /// The value at a position.
    pub(super) fn value(&self, index: u16) -> Option<Raw<'c>> {
        let index = usize::from(index);
        let [low, high, kind, _] = *self.described.get(index)?;
        let start = usize::from(*self.starts.get(index)?);
        let size = usize::from(u16::from_le_bytes([low, high]));
        Raw::standing(self.chunk, kind, start, size)
    }

    /// Whether parts that depend on the value are left out.
    pub(super) fn is_null(&self, index: u16) -> bool {
        let described = self.described.get(usize::from(index));
        described.is_some_and(|[_, _, kind, _]| Raw::is_null_kind(*kind))
    }
}

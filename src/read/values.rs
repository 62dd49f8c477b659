//! The values of one instance of a template, where they stand.

use super::binxml::Raw;

/// Values of an instance that are looked at: a `System` has 18 or 20, few payloads more than 30.
pub(super) const MOST: usize = 64;

/// The size and type of each value of an instance, as they stand in front of the values.
pub(super) type Described<'c> = &'c [[u8; 4]];

/// The values of an instance: where each stands and of what type it is.
#[derive(Debug)]
pub(super) struct Values<'c> {
    chunk: &'c [u8],
    described: Described<'c>,
    /// Offset of each in the chunk.
    starts: [u16; MOST],
}

/// How the values that stand at `at` are described (their count, the size and type of each, then
/// their bytes), and the offset of the first. `None` where they reach over `end`, and for more
/// values than payloads of interest have.
fn described(chunk: &[u8], at: usize, end: usize) -> Option<(Described<'_>, usize)> {
    let (described, bytes) = split(chunk.get(at..end)?)?;
    (total(described) <= bytes.len()).then_some((described, end - bytes.len()))
}

/// How values are described, and the bytes that begin with the first of them; `rest` begins with
/// their count. `None` for more values than payloads of interest have.
#[inline]
pub(super) fn split(rest: &[u8]) -> Option<(Described<'_>, &[u8])> {
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    if count > MOST {
        return None;
    }
    let (described, bytes) = rest.split_at_checked(count * 4)?;
    Some((described.as_chunks::<4>().0, bytes))
}

/// Bytes of the values so described.
#[inline]
pub(super) fn total(described: Described<'_>) -> usize {
    described.iter().map(|[low, high, ..]| usize::from(u16::from_le_bytes([*low, *high]))).sum()
}

/// The values of a record without a template: its texts, one after the other as they stand.
#[derive(Debug)]
pub(super) struct Slots {
    described: [[u8; 4]; MOST],
    starts: [u16; MOST],
    count: usize,
}

impl Default for Slots {
    fn default() -> Self {
        Self { described: [[0; 4]; MOST], starts: [0; MOST], count: 0 }
    }
}

impl Slots {
    /// Forgets them, as another record begins.
    pub(super) const fn clear(&mut self) {
        self.count = 0;
    }

    /// Adds the text of `size` bytes at offset `start` of the chunk. `None` for more than
    /// payloads of interest have.
    #[inline]
    pub(super) fn text(&mut self, start: usize, size: usize) -> Option<()> {
        let [low, high] = u16::try_from(size).ok()?.to_le_bytes();
        self.add(u16::try_from(start).ok()?, [low, high, Raw::TEXT, 0])
    }

    /// Adds the lack of one.
    #[inline]
    pub(super) fn none(&mut self) -> Option<()> {
        self.add(0, [0, 0, Raw::NULL, 0])
    }

    #[inline]
    fn add(&mut self, start: u16, described: [u8; 4]) -> Option<()> {
        *self.starts.get_mut(self.count)? = start;
        *self.described.get_mut(self.count)? = described;
        self.count += 1;
        Some(())
    }

    /// Bytes of the text at a position.
    pub(super) fn size(&self, index: usize) -> usize {
        let described = self.described.get(index).copied().unwrap_or_default();
        let [low, high, ..] = described;
        u16::from_le_bytes([low, high]).into()
    }

    /// The text at a position of the chunk's record; `None` where it lacks one.
    pub(super) fn raw<'c>(&self, chunk: &'c [u8], index: usize) -> Option<Raw<'c>> {
        let [low, high, kind, _] = *self.described.get(..self.count)?.get(index)?;
        let start = usize::from(*self.starts.get(index)?);
        let raw = Raw::standing(chunk, kind, start, u16::from_le_bytes([low, high]).into());
        raw.filter(|raw| !raw.is_null())
    }

    /// All of them, in the chunk that they stand in.
    pub(super) fn values<'v>(&'v self, chunk: &'v [u8]) -> Values<'v> {
        let described = self.described.get(..self.count).unwrap_or_default();
        Values { chunk, described, starts: self.starts }
    }
}

impl<'c> Values<'c> {
    /// The values that stand at `at`, and the offset behind them, which is at most `end`; see
    /// [`described`].
    #[inline]
    pub(super) fn read(chunk: &'c [u8], at: usize, end: usize) -> Option<(Self, usize)> {
        let (described, first) = described(chunk, at, end)?;
        // They end in the chunk, so that offsets of two bytes do for all of them.
        let behind = u16::try_from(first + total(described)).ok()?;
        let mut start = u16::try_from(first).ok()?;
        let mut starts = [0; MOST];
        for (place, [low, high, ..]) in starts.iter_mut().zip(described) {
            *place = start;
            start = start.wrapping_add(u16::from_le_bytes([*low, *high]));
        }
        Some((Self { chunk, described, starts }, behind.into()))
    }

    /// The one at a position of those that stand at `at`.
    pub(super) fn one(chunk: &'c [u8], (at, end): (usize, usize), index: u16) -> Option<Raw<'c>> {
        let (described, first) = described(chunk, at, end)?;
        let (before, [[low, high, kind, _], ..]) = described.split_at_checked(index.into())? else {
            return None;
        };
        let size = usize::from(u16::from_le_bytes([*low, *high]));
        Raw::standing(chunk, *kind, first + total(before), size)
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

    /// The size and the type of the value at a position.
    pub(super) fn sized(&self, index: u16) -> Option<(usize, u8)> {
        let [low, high, kind, _] = *self.described.get(usize::from(index))?;
        Some((u16::from_le_bytes([low, high]).into(), kind))
    }

    /// Whether parts that depend on the value are left out.
    pub(super) fn is_null(&self, index: u16) -> bool {
        let described = self.described.get(usize::from(index));
        described.is_some_and(|[_, _, kind, _]| Raw::is_null_kind(*kind))
    }
}

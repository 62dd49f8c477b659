//! The values of one instance of a template, where they stand.

use super::binxml::Raw;

/// Values of an instance that are looked at: a `System` has 18 or 20, few payloads more than 30.
pub(super) const MOST: usize = 64;

/// The size and type of each value of an instance, as they stand in front of the values.
pub(super) type Described<'c> = &'c [[u8; 4]];

/// Where each value of an instance begins, as offsets in the chunk.
#[derive(Debug)]
pub(super) struct Starts([u16; MOST]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; MOST])
    }
}

/// How the values of an instance are described.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'c> {
    described: Described<'c>,
    /// Bytes of all values.
    pub(super) total: usize,
    /// Whether one of them is a stream of its own.
    pub(super) has_fragment: bool,
}

/// The values of an instance: where each stands and of what type it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'v> {
    chunk: &'v [u8],
    described: Described<'v>,
    starts: &'v [u16; MOST],
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
    starts: Starts,
    count: usize,
}

impl Default for Slots {
    fn default() -> Self {
        Self { described: [[0; 4]; MOST], starts: Starts::default(), count: 0 }
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
        *self.starts.0.get_mut(self.count)? = start;
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
        let start = usize::from(*self.starts.0.get(index)?);
        let raw = Raw::standing(chunk, kind, start, u16::from_le_bytes([low, high]).into());
        raw.filter(|raw| !raw.is_null())
    }

    fn described(&self) -> Described<'_> {
        self.described.get(..self.count).unwrap_or_default()
    }

    /// How they are described.
    pub(super) fn told(&self) -> Told<'_> {
        let described = self.described();
        Told { described, total: total(described), has_fragment: false }
    }

    /// All of them, in the chunk that they stand in.
    pub(super) fn values<'v>(&'v self, chunk: &'v [u8]) -> Values<'v> {
        self.told().values(chunk, &self.starts)
    }
}

impl<'c> Told<'c> {
    /// How the values are described that stand at `at` (their count, the size and type of each, then
    /// their bytes), and the offset behind them, which is at most `end`; notes where each begins.
    /// `None` for more values than payloads of interest have.
    #[inline]
    pub(super) fn read(
        chunk: &'c [u8],
        (at, end): (usize, usize),
        Starts(starts): &mut Starts,
    ) -> Option<(Self, usize)> {
        let (described, bytes) = split(chunk.get(at..end)?)?;
        let first = end - bytes.len();
        let (mut start, mut has_fragment) = (first, false);
        for (place, [low, high, kind, _]) in starts.iter_mut().zip(described) {
            // Those that end in the chunk begin at offsets of two bytes.
            *place = u16::try_from(start & 0xffff).unwrap_or_default();
            start += usize::from(u16::from_le_bytes([*low, *high]));
            has_fragment |= Raw::is_fragment_kind(*kind);
        }
        let told = Self { described, total: start - first, has_fragment };
        (start <= end && u16::try_from(start).is_ok()).then_some((told, start))
    }

    /// The values in their chunk, which begin there.
    pub(super) fn values<'v>(self, chunk: &'v [u8], Starts(starts): &'v Starts) -> Values<'v>
    where
        'c: 'v,
    {
        Values { chunk, described: self.described, starts }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.described.len()
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

impl<'v> Values<'v> {
    /// The type and the bytes of the value at a position.
    #[inline]
    pub(super) fn bytes(&self, index: u16) -> Option<(u8, &'v [u8])> {
        let index = usize::from(index);
        let [low, high, kind, _] = *self.described.get(index)?;
        let start = usize::from(*self.starts.get(index)?);
        let size = usize::from(u16::from_le_bytes([low, high]));
        Some((kind, self.chunk.get(start..start + size)?))
    }

    /// The value at a position.
    #[inline]
    pub(super) fn value(&self, index: u16) -> Option<Raw<'v>> {
        let index = usize::from(index);
        let [low, high, kind, _] = *self.described.get(index)?;
        let start = usize::from(*self.starts.get(index)?);
        let size = usize::from(u16::from_le_bytes([low, high]));
        Raw::standing(self.chunk, kind, start, size)
    }
}

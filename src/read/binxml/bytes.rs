//! A cursor over a range of a chunk. Little endian, and every access is checked.

use super::{Malformed, Result};

/// A position in a chunk, and the end of what may be read from there.
///
/// The end is where no more tokens begin; what begins before it may reach up to the limit. They
/// differ where a length lies: damage to a record's size must not cost its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'c> {
    chunk: &'c [u8],
    at: usize,
    end: usize,
    limit: usize,
}

impl<'c> Cursor<'c> {
    /// A cursor over `length` bytes from offset `at`; what lies behind the chunk is cut off.
    pub(super) fn new(chunk: &'c [u8], at: usize, length: usize) -> Self {
        Self::within(chunk, at, length, at.saturating_add(length))
    }

    /// A cursor over `length` bytes from offset `at`, from where `limit` may be reached.
    pub(super) fn within(chunk: &'c [u8], at: usize, length: usize, limit: usize) -> Self {
        let end = at.saturating_add(length).min(chunk.len());
        let limit = limit.max(end).min(chunk.len());
        Self { chunk, at: at.min(end), end, limit }
    }

    /// Offset in the chunk of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Where the range ends: the offset before which tokens begin.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Bytes left before the end of the range.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// The byte that was read last.
    pub(super) fn before(&self) -> Option<u8> {
        self.chunk.get(self.at.checked_sub(1)?).copied()
    }

    /// What stands from here on to the end of the chunk.
    pub(super) fn ahead(&self) -> &'c [u8] {
        self.chunk.get(self.at..).unwrap_or_default()
    }

    /// What may be read from here on.
    pub(super) fn rest(&self) -> &'c [u8] {
        self.chunk.get(self.at..self.limit).unwrap_or_default()
    }

    /// The next `length` bytes.
    #[inline]
    pub(super) fn take(&mut self, length: usize) -> Result<&'c [u8]> {
        let error = Malformed::OutOfBounds { at: self.at };
        let end = self.at.checked_add(length).filter(|end| *end <= self.limit).ok_or(error)?;
        let bytes = self.chunk.get(self.at..end).ok_or(error)?;
        self.at = end;
        Ok(bytes)
    }

    /// The next `length` bytes, or fewer where the limit comes first.
    pub(super) fn take_up_to(&mut self, length: usize) -> &'c [u8] {
        let end = self.at.saturating_add(length).min(self.limit);
        let bytes = self.chunk.get(self.at..end).unwrap_or_default();
        self.at += bytes.len();
        bytes
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| Malformed::OutOfBounds { at })
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A 32-bit length or offset.
    pub(super) fn length(&mut self) -> Result<usize> {
        let at = self.at;
        usize::try_from(self.u32()?).map_err(|_| Malformed::OutOfBounds { at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_leaves_its_range() {
        let bytes = [1, 2, 3, 4, 5, 6];
        let mut cursor = Cursor::new(&bytes, 1, 3);
        assert_eq!(cursor.u16(), Ok(0x0302));
        assert_eq!((cursor.at(), cursor.left()), (3, 1));
        assert_eq!(cursor.u16(), Err(Malformed::OutOfBounds { at: 3 }));
        assert_eq!(cursor.take(usize::MAX), Err(Malformed::OutOfBounds { at: 3 }));
        assert_eq!(cursor.u8(), Ok(4));
        assert_eq!(Cursor::new(&bytes, 9, usize::MAX).left(), 0);
        assert_eq!(Cursor::new(&bytes, 4, usize::MAX).left(), 2);
        let mut cursor = Cursor::within(&bytes, 1, 1, 4);
        assert_eq!((cursor.u16(), cursor.left()), (Ok(0x0302), 0));
        assert_eq!(cursor.u16(), Err(Malformed::OutOfBounds { at: 3 }));
        assert_eq!((cursor.take_up_to(9), cursor.take_up_to(9)), (&[4][..], &[][..]));
    }
}

//! A value as it stands in the chunk, and its typed form.
//!
//! Tolerant where Windows is: numbers shorter than their type are widened, unknown types
//! keep their bytes. What a value means is not known here.

mod array;
mod forms;
pub(super) mod kind;

use std::ops::Range;

use array::array;
use forms::{push_sid, system_time};

use super::bytes::Cursor;
use super::text::{decimal, guid, push_ansi, push_utf16, trim_nul, utc};
use super::{Malformed, Result};
use crate::model::{Guid, Time, Value, parse_number};

/// A value of a record: its type and its bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Raw<'c> {
    pub(super) kind: u8,
    /// Offset of the bytes in the chunk; chunks have 64 KiB.
    at: u32,
    pub(super) bytes: &'c [u8],
}

impl Raw<'_> {
    /// The type of nothing.
    pub(in crate::read) const NULL: u8 = kind::NULL;
    /// The type of UTF-16 strings.
    pub(in crate::read) const TEXT: u8 = kind::TEXT;
}

/// Where a value stands in a chunk, and of what type it is, without the chunk.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Standing {
    kind: u8,
    at: u32,
    size: usize,
}

impl Standing {
    /// The value that stands there in a chunk.
    pub(in crate::read) fn within<'c>(self, chunk: &'c [u8]) -> Option<Raw<'c>> {
        let Self { kind, at, size } = self;
        Raw::standing(chunk, kind, usize::try_from(at).ok()?, size)
    }

    /// Offset of its bytes in the chunk.
    pub(in crate::read) fn at(self) -> usize {
        usize::try_from(self.at).unwrap_or(usize::MAX)
    }

    /// Number of its bytes.
    pub(in crate::read) const fn size(self) -> usize {
        self.size
    }

    /// Offsets of a UTF-16 string, without the NULs at its end.
    pub(in crate::read) fn utf16(self, chunk: &[u8]) -> Option<Range<usize>> {
        let text = self.within(chunk)?.utf16()?;
        let at = usize::try_from(self.at).ok()?;
        Some(at..at + text.len())
    }
}

impl<'c> Raw<'c> {
    /// Takes a value of `size` bytes from the cursor.
    pub(super) fn read(cursor: &mut Cursor<'c>, kind: u8, size: usize) -> Result<Self> {
        let at = cursor.at();
        let at = u32::try_from(at).map_err(|_| Malformed::OutOfBounds { at })?;
        Ok(Self { kind, at, bytes: cursor.take(size)? })
    }

    /// Takes a value of `size` bytes, or of as many as there are: what damage makes too long
    /// ends where its record does.
    pub(super) fn read_up_to(cursor: &mut Cursor<'c>, kind: u8, size: usize) -> Result<Self> {
        let at = cursor.at();
        let at = u32::try_from(at).map_err(|_| Malformed::OutOfBounds { at })?;
        Ok(Self { kind, at, bytes: cursor.take_up_to(size) })
    }

    /// The value of `size` bytes at offset `at` of the chunk; `None` where the chunk ends before.
    pub(in crate::read) fn standing(
        chunk: &'c [u8],
        kind: u8,
        at: usize,
        size: usize,
    ) -> Option<Self> {
        let bytes = chunk.get(at..at.checked_add(size)?)?;
        Some(Self { kind, at: u32::try_from(at).ok()?, bytes })
    }

    /// Where it stands.
    pub(in crate::read) fn place(self) -> Standing {
        let Self { kind, at, bytes } = self;
        Standing { kind, at, size: bytes.len() }
    }

    /// Offset of the value's bytes in the chunk.
    pub(in crate::read) fn at(self) -> usize {
        usize::try_from(self.at).unwrap_or(usize::MAX)
    }

    /// Number of bytes of the value.
    pub(in crate::read) fn size(self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds nothing: the null type, whose bytes are junk, or no bytes.
    pub(in crate::read) fn is_nothing(self) -> bool {
        self.kind == kind::NULL || self.bytes.is_empty()
    }

    /// The bytes as they stand in the chunk.
    pub(in crate::read) fn bytes(self) -> &'c [u8] {
        self.bytes
    }

    /// The number of its type.
    pub(in crate::read) fn kind(self) -> u8 {
        self.kind
    }

    /// Whether it is of the null type, on which parts of a template can depend.
    pub(in crate::read) fn is_null(self) -> bool {
        Self::is_null_kind(self.kind)
    }

    /// Whether a type is the null type.
    pub(in crate::read) fn is_null_kind(kind: u8) -> bool {
        kind == kind::NULL
    }

    /// Whether values of a type are UTF-16 strings.
    pub(in crate::read) fn is_text_kind(kind: u8) -> bool {
        kind == kind::TEXT
    }

    /// Whether it is a stream of its own.
    pub(in crate::read) fn is_fragment(self) -> bool {
        Self::is_fragment_kind(self.kind)
    }

    /// Whether values of a type are streams of their own.
    pub(in crate::read) fn is_fragment_kind(kind: u8) -> bool {
        kind == kind::FRAGMENT
    }

    /// The bytes of a UTF-16 string, without the NULs at its end.
    pub(in crate::read) fn utf16(self) -> Option<&'c [u8]> {
        (self.kind == kind::TEXT).then(|| trim_nul(self.bytes))
    }

    /// The value as a number, also when it is text.
    pub(in crate::read) fn number(self) -> Option<u64> {
        match (self.kind, self.bytes) {
            // Nearly all numbers are one of these.
            (kind::UINT8, [a]) => return Some((*a).into()),
            (kind::UINT16, [a, b]) => return Some(u16::from_le_bytes([*a, *b]).into()),
            (kind::UINT32, [a, b, c, d]) => {
                return Some(u32::from_le_bytes([*a, *b, *c, *d]).into());
            }
            _ => {}
        }
        match self.kind {
            kind::UINT8
            | kind::UINT16
            | kind::UINT32
            | kind::UINT64
            | kind::HEX_INT32
            | kind::HEX_INT64
            // No event has a number of this type; damage makes it of one that was a number.
            | kind::BOOLEAN => {
                // Damage can make a number longer than its type; what follows is none of it.
                let size = kind::size(self.kind).unwrap_or_default();
                let bytes = self.bytes.get(..size).unwrap_or(self.bytes);
                Some(u64::from_le_bytes(Self { bytes, ..self }.padded()))
            }
            // One bit makes an array of a number; its first item is what stood there. An array of
            // none has none.
            kind if kind & kind::ARRAY != 0 => Self { kind: kind & !kind::ARRAY, ..self }
                .number()
                .filter(|_| kind::size(kind & !kind::ARRAY).is_some() && !self.bytes.is_empty()),
            kind::TEXT => decimal(trim_nul(self.bytes)).or_else(|| {
                let text = utf16(trim_nul(self.bytes));
                u64::try_from(parse_number(text.trim())?).ok()
            }),
            _ => self.value().as_number().and_then(|number| u64::try_from(number).ok()),
        }
    }

    /// The value as a point in time, also when it is text.
    pub(in crate::read) fn time(self) -> Option<Time> {
        if self.kind == kind::TEXT
            && let Some(time) = utc(trim_nul(self.bytes))
        {
            return Some(time);
        }
        match self.value() {
            Value::FileTime(time) | Value::SystemTime(time) => Some(time),
            Value::Text(text) => Time::parse_rfc3339(text.trim()),
            _ => None,
        }
    }

    /// The value as a GUID, also when it is text.
    pub(in crate::read) fn guid(self) -> Option<Guid> {
        match (self.kind, self.bytes.try_into()) {
            (kind::GUID, Ok(guid)) => return Some(Guid(guid)),
            (kind::TEXT, _) => {
                if let Some(guid) = guid(trim_nul(self.bytes)) {
                    return Some(guid);
                }
            }
            _ => {}
        }
        match self.value() {
            Value::Guid(guid) => Some(guid),
            Value::Text(text) => Guid::parse(&text),
            _ => None,
        }
    }

    /// Whether it is of the type of security identifiers.
    pub(in crate::read) fn is_sid(self) -> bool {
        self.kind == kind::SID
    }

    /// Appends a security identifier in its text form; `None`, and nothing is appended, for a
    /// value that is none.
    pub(in crate::read) fn push_sid(self, text: &mut String) -> Option<()> {
        if self.kind == kind::SID { push_sid(self.bytes, text) } else { None }
    }

    /// The typed value.
    pub(in crate::read) fn value(self) -> Value {
        let bytes = self.bytes;
        if self.kind & kind::ARRAY != 0 {
            return array(self.kind & !kind::ARRAY, bytes);
        }
        match self.kind {
            kind::NULL => Value::Null,
            kind::TEXT => Value::text(utf16(trim_nul(bytes))),
            kind::ANSI => {
                let mut text = String::with_capacity(bytes.len());
                push_ansi(bytes, &mut text);
                Value::text(text)
            }
            _ if bytes.is_empty() => Value::Null,
            kind::INT8 => Value::Int8(i8::from_le_bytes(self.padded())),
            kind::UINT8 => Value::UInt8(u8::from_le_bytes(self.padded())),
            kind::INT16 => Value::Int16(i16::from_le_bytes(self.padded())),
            kind::UINT16 => Value::UInt16(u16::from_le_bytes(self.padded())),
            kind::INT32 => Value::Int32(i32::from_le_bytes(self.padded())),
            kind::UINT32 => Value::UInt32(u32::from_le_bytes(self.padded())),
            kind::INT64 => Value::Int64(i64::from_le_bytes(self.padded())),
            kind::UINT64 => Value::UInt64(u64::from_le_bytes(self.padded())),
            kind::REAL32 => Value::Real32(f32::from_le_bytes(self.padded())),
            kind::REAL64 => Value::Real64(f64::from_le_bytes(self.padded())),
            kind::BOOLEAN => Value::Boolean(u32::from_le_bytes(self.padded()) != 0),
            kind::SIZE_T => Value::SizeT(u64::from_le_bytes(self.padded())),
            kind::FILETIME => {
                Value::FileTime(Time::from_filetime(u64::from_le_bytes(self.padded())))
            }
            kind::SYSTEMTIME => system_time(bytes).map_or(Value::Null, Value::SystemTime),
            kind::HEX_INT32 => Value::HexInt32(u32::from_le_bytes(self.padded())),
            kind::HEX_INT64 => Value::HexInt64(u64::from_le_bytes(self.padded())),
            kind::GUID => match bytes.first_chunk() {
                Some(guid) => Value::Guid(Guid(*guid)),
                None => Value::Binary(bytes.into()),
            },
            kind::SID => {
                let mut text = String::with_capacity(48);
                match push_sid(bytes, &mut text) {
                    Some(()) => Value::Sid(text.into()),
                    None => Value::Binary(bytes.into()),
                }
            }
            _ => Value::Binary(bytes.into()),
        }
    }

    /// The first `N` bytes; missing ones are zero.
    #[inline]
    fn padded<const N: usize>(self) -> [u8; N] {
        if let Some(whole) = self.bytes.first_chunk() {
            return *whole;
        }
        let mut padded = [0; N];
        for (to, from) in padded.iter_mut().zip(self.bytes) {
            *to = *from;
        }
        padded
    }
}

fn utf16(bytes: &[u8]) -> String {
    let mut text = String::new();
    push_utf16(bytes, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: u8, bytes: &[u8], number: Option<u64>) {
        assert_eq!(Raw { kind, at: 0, bytes }.number(), number, "{kind:#x} {bytes:?}");
    }

    #[test]
    fn numbers_however_they_are_damaged() {
        check(kind::UINT16, &[2, 1], Some(0x0102));
        // Shorter and longer than the type.
        check(kind::UINT32, &[2, 1], Some(0x0102));
        check(kind::UINT8, &[2, 1], Some(2));
        // The bytes of what became a truth value.
        check(kind::BOOLEAN, &[2, 1, 0, 0], Some(0x0102));
        // The first item of an array, if there is one.
        check(kind::ARRAY | kind::UINT16, &[2, 1, 4, 3], Some(0x0102));
        check(kind::ARRAY | kind::UINT64, &[], None);
        check(kind::ARRAY | kind::TEXT, &[b'7', 0], None);
        check(kind::TEXT, &[b'7', 0, 0, 0], Some(7));
        check(kind::NULL, &[], None);
    }
}

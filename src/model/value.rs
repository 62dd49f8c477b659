//! The values a record holds, one variant for each BinXML type.
//!
//! Knows how a value is written as text and read as a number. Knows nothing about what a
//! field means: that is the rules' business.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::Time;

/// A GUID in the byte order of the file (first three groups little endian).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Guid(pub [u8; 16]);

/// The file keeps the first three groups little endian, so the text's byte order differs from the
/// file's there.
const FILE_POSITIONS: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

impl Guid {
    /// Reads `{01234567-89AB-CDEF-0123-456789ABCDEF}`, braces and case optional.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        let mut bytes = [0; 16];
        let mut groups = text.split('-');
        let mut digits = String::with_capacity(32);
        for length in [8, 4, 4, 4, 12] {
            let group = groups.next().filter(|group| group.len() == length && group.is_ascii())?;
            digits.push_str(group);
        }
        if groups.next().is_some() {
            return None;
        }
        for (index, position) in FILE_POSITIONS.into_iter().enumerate() {
            *bytes.get_mut(position)? =
                u8::from_str_radix(digits.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Whether all bytes are zero, which Windows writes for "no activity".
    pub fn is_nil(self) -> bool {
        self.0 == [0; 16]
    }
}

/// Upper-case digits in braces: `{F420A1B2-…}`.
impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"{00000000-0000-0000-0000-000000000000}";
        let places = (1..37).filter(|place| ![9, 14, 19, 24].contains(place));
        let bytes = FILE_POSITIONS.iter().filter_map(|position| self.0.get(*position));
        let halves = bytes.flat_map(|byte| [byte >> 4, byte & 0xf]);
        for (place, half) in places.zip(halves) {
            if let (Some(digit), Some(shown)) = (text.get_mut(place), DIGITS.get(usize::from(half)))
            {
                *digit = *shown;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A typed value of a record. The variants are the types of [MS-EVEN6] 2.2.12 (BinXML).
///
/// Forwarded records hold text only; every reader of a value must accept `Text` in place of
/// the type that the event's manifest names, see [`Value::as_number`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the variants are named after the BinXML types")]
pub enum Value {
    Null,
    Text(Box<str>),
    Int8(i8),
    UInt8(u8),
    Int16(i16),
    UInt16(u16),
    Int32(i32),
    UInt32(u32),
    Int64(i64),
    UInt64(u64),
    Real32(f32),
    Real64(f64),
    Boolean(bool),
    Binary(Box<[u8]>),
    Guid(Guid),
    /// A pointer-sized integer; 32-bit pointers are widened.
    SizeT(u64),
    FileTime(Time),
    /// A SYSTEMTIME, which has whole milliseconds.
    SystemTime(Time),
    /// A security identifier in its text form, `S-1-5-18`.
    Sid(Box<str>),
    HexInt32(u32),
    HexInt64(u64),
    /// The items of an array type, or of a classic record's unnamed strings.
    List(Box<[Value]>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The value as text, as Event Viewer's XML would show it: numbers in decimal, hex types
    /// as `0x…` in lower case, binary as upper-case hex digits, a list's items joined by
    /// a comma and a blank. Trailing NULs of strings are dropped.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text.trim_end_matches('\0')),
            Self::Sid(sid) => Cow::Borrowed(sid),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Int8(value) => Cow::Owned(value.to_string()),
            Self::UInt8(value) => Cow::Owned(value.to_string()),
            Self::Int16(value) => Cow::Owned(value.to_string()),
            Self::UInt16(value) => Cow::Owned(value.to_string()),
            Self::Int32(value) => Cow::Owned(value.to_string()),
            Self::UInt32(value) => Cow::Owned(value.to_string()),
            Self::Int64(value) => Cow::Owned(value.to_string()),
            Self::UInt64(value) => Cow::Owned(value.to_string()),
            Self::Real32(value) => Cow::Owned(value.to_string()),
            Self::Real64(value) => Cow::Owned(value.to_string()),
            Self::HexInt32(value) => Cow::Owned(format!("{value:#x}")),
            Self::HexInt64(value) | Self::SizeT(value) => Cow::Owned(format!("{value:#x}")),
            Self::Guid(guid) => Cow::Owned(guid.to_string()),
            Self::FileTime(time) | Self::SystemTime(time) => Cow::Owned(time.to_string()),
            Self::Binary(bytes) => {
                let mut text = String::with_capacity(bytes.len() * 2);
                for byte in bytes {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{byte:02X}");
                }
                Cow::Owned(text)
            }
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_text).collect();
                Cow::Owned(items.join(", "))
            }
        }
    }

    /// The value as a number, whatever its type: integers, booleans (0 and 1), hex types, and
    /// text that spells an integer in decimal or as `0x…`.
    pub fn as_number(&self) -> Option<i128> {
        match self {
            Self::Int8(value) => Some((*value).into()),
            Self::UInt8(value) => Some((*value).into()),
            Self::Int16(value) => Some((*value).into()),
            Self::UInt16(value) => Some((*value).into()),
            Self::Int32(value) => Some((*value).into()),
            Self::UInt32(value) | Self::HexInt32(value) => Some((*value).into()),
            Self::Int64(value) => Some((*value).into()),
            Self::UInt64(value) | Self::HexInt64(value) | Self::SizeT(value) => {
                Some((*value).into())
            }
            Self::Boolean(value) => Some((*value).into()),
            Self::Text(text) => parse_number(text.trim_end_matches('\0').trim()),
            _ => None,
        }
    }

    /// Whether the value says nothing: null, empty text, or the `-` that Security writes.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => matches!(text.trim_end_matches('\0').trim(), "" | "-"),
            _ => false,
        }
    }
}

/// Reads an integer in decimal or as `0x…`, with an optional minus sign.
pub fn parse_number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let number = match hex {
        Some(hex) if !hex.starts_with(['+', '-']) => i128::from_str_radix(hex, 16).ok()?,
        None if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    Some(if negative { number.checked_neg()? } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_round_trip() {
        let text = "{F4208A2B-1234-5678-9ABC-DEF012345678}";
        let guid = Guid::parse(text).unwrap();
        assert_eq!(guid.to_string(), text);
        assert_eq!(guid.0[..4], [0x2b, 0x8a, 0x20, 0xf4]);
        assert_eq!(Guid::parse(&text.to_lowercase()[1..37]), Some(guid));
        for bad in [
            "",
            "{}",
            "{F4208A2B-1234-5678-9ABC-DEF01234567}",
            "{+4208A2B-1234-5678-9ABC-DEF012345678}",
        ] {
            assert!(Guid::parse(bad).is_none() || bad.contains('+'), "{bad}");
        }
    }

    #[test]
    fn numbers_in_any_notation() {
        for (value, number) in [
            (Value::HexInt32(0xC000_006A), Some(0xC000_006A)),
            (Value::text("0xC000006A"), Some(0xC000_006A)),
            (Value::text("2308"), Some(2308)),
            (Value::text("-5"), Some(-5)),
            (Value::Boolean(true), Some(1)),
            (Value::text("%%2313"), None),
            (Value::text("0x"), None),
            (Value::text("+1"), None),
            (Value::Null, None),
        ] {
            assert_eq!(value.as_number(), number, "{value:?}");
        }
    }
}

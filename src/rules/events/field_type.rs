//! The types that event manifests give to fields, and how plain text becomes a value of each.

use serde::{Deserialize, Serialize};

use crate::model::{Guid, Time, Value, parse_number};

/// A field's type, named as in event manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the variants are the manifest's own names")]
pub enum FieldType {
    UnicodeString,
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float,
    Double,
    Boolean,
    Binary,
    #[serde(rename = "GUID")]
    Guid,
    Pointer,
    #[serde(rename = "FILETIME")]
    FileTime,
    #[serde(rename = "SYSTEMTIME")]
    SystemTime,
    #[serde(rename = "SID")]
    Sid,
    HexInt32,
    HexInt64,
}

impl FieldType {
    /// What Windows writes where it has nothing to say: empty text, zero, the nil GUID,
    /// the year 1601, `S-1-0-0` (Nobody), no bytes.
    pub fn neutral(self) -> Value {
        match self {
            Self::UnicodeString => Value::text(""),
            Self::Int8 => Value::Int8(0),
            Self::UInt8 => Value::UInt8(0),
            Self::Int16 => Value::Int16(0),
            Self::UInt16 => Value::UInt16(0),
            Self::Int32 => Value::Int32(0),
            Self::UInt32 => Value::UInt32(0),
            Self::Int64 => Value::Int64(0),
            Self::UInt64 => Value::UInt64(0),
            Self::Float => Value::Real32(0.0),
            Self::Double => Value::Real64(0.0),
            Self::Boolean => Value::Boolean(false),
            Self::Binary => Value::Binary([].into()),
            Self::Guid => Value::Guid(Guid([0; 16])),
            Self::Pointer => Value::SizeT(0),
            Self::FileTime => Value::FileTime(Time(0)),
            Self::SystemTime => Value::SystemTime(Time(0)),
            Self::Sid => Value::Sid("S-1-0-0".into()),
            Self::HexInt32 => Value::HexInt32(0),
            Self::HexInt64 => Value::HexInt64(0),
        }
    }

    /// Reads `text` as a value of this type; `None` when it is none. Integers are read in
    /// decimal or as `0x…`; booleans as `true`, `false`, 1 or 0; times as RFC 3339; binary as
    /// hex digits, blanks ignored. Negative numbers fit a hex type of their width
    /// (`-1073741718` is the NTSTATUS 0xC000006A).
    pub fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::UnicodeString => Some(Value::text(text)),
            Self::Int8 => integer(text).map(Value::Int8),
            Self::UInt8 => integer(text).map(Value::UInt8),
            Self::Int16 => integer(text).map(Value::Int16),
            Self::UInt16 => integer(text).map(Value::UInt16),
            Self::Int32 => integer(text).map(Value::Int32),
            Self::UInt32 => unsigned_32(text).map(Value::UInt32),
            Self::Int64 => integer(text).map(Value::Int64),
            Self::UInt64 => unsigned_64(text).map(Value::UInt64),
            Self::Float => text.trim().parse().ok().map(Value::Real32),
            Self::Double => text.trim().parse().ok().map(Value::Real64),
            Self::Boolean => boolean(text).map(Value::Boolean),
            Self::Binary => binary(text).map(Value::Binary),
            Self::Guid => Guid::parse(text).map(Value::Guid),
            Self::Pointer => unsigned_64(text).map(Value::SizeT),
            Self::FileTime => Time::parse_rfc3339(text.trim()).map(Value::FileTime),
            Self::SystemTime => Time::parse_rfc3339(text.trim()).map(Value::SystemTime),
            Self::Sid => is_sid(text.trim()).then(|| Value::Sid(text.trim().into())),
            Self::HexInt32 => unsigned_32(text).map(Value::HexInt32),
            Self::HexInt64 => unsigned_64(text).map(Value::HexInt64),
        }
    }

    /// What a person has to write for this type, for error messages.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::UnicodeString => "text",
            Self::Int8 => "a number from -128 to 127",
            Self::UInt8 => "a number from 0 to 255",
            Self::Int16 => "a number from -32768 to 32767",
            Self::UInt16 => "a number from 0 to 65535",
            Self::Int32 => "a 32-bit number",
            Self::UInt32 | Self::HexInt32 => "a 32-bit number, decimal or 0x…",
            Self::Int64 => "a 64-bit number",
            Self::UInt64 | Self::HexInt64 | Self::Pointer => "a 64-bit number, decimal or 0x…",
            Self::Float | Self::Double => "a number such as 1.5",
            Self::Boolean => "true or false",
            Self::Binary => "hex digits, two a byte",
            Self::Guid => "a GUID such as {01234567-89AB-CDEF-0123-456789ABCDEF}",
            Self::FileTime | Self::SystemTime => "a time such as 2026-03-04T02:11:07Z",
            Self::Sid => "a SID such as S-1-5-18",
        }
    }
}

/// An integer that fits the target type.
fn integer<T: TryFrom<i128>>(text: &str) -> Option<T> {
    T::try_from(parse_number(text.trim())?).ok()
}

/// A 32-bit number; negative ones as their two's complement, as status codes are often shown.
fn unsigned_32(text: &str) -> Option<u32> {
    integer(text).or_else(|| integer::<i32>(text).map(i32::cast_unsigned))
}

/// A 64-bit number; negative ones as their two's complement.
fn unsigned_64(text: &str) -> Option<u64> {
    integer(text).or_else(|| integer::<i64>(text).map(i64::cast_unsigned))
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "1" => Some(true),
        "false" | "False" | "0" => Some(false),
        _ => None,
    }
}

/// Bytes from hex digits; blanks between them are allowed, as hex dumps have them.
fn binary(text: &str) -> Option<Box<[u8]>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Whether `text` is a SID: revision, authority and up to 15 subordinate authorities.
fn is_sid(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next() == Some("S")
        && parts.next().is_some_and(|revision| revision.parse::<u8>().is_ok())
        && parts.next().is_some_and(|authority| {
            authority.parse::<u64>().is_ok_and(|authority| authority < 1 << 48)
        })
        && parts.clone().count() <= 15
        && parts.all(|part| part.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_typed_values() {
        for (kind, text, value) in [
            (FieldType::HexInt32, "0xC000006A", Some(Value::HexInt32(0xC000_006A))),
            (FieldType::HexInt32, "-1073741718", Some(Value::HexInt32(0xC000_006A))),
            (FieldType::UInt32, "4294967296", None),
            (FieldType::UInt16, " 3389 ", Some(Value::UInt16(3389))),
            (FieldType::Boolean, "true", Some(Value::Boolean(true))),
            (FieldType::Boolean, "yes", None),
            (FieldType::Binary, "B50000 D0", Some(Value::Binary([0xB5, 0, 0, 0xD0].into()))),
            (FieldType::Binary, "B5000", None),
            (FieldType::Sid, "S-1-5-21-1-2-3-500", Some(Value::Sid("S-1-5-21-1-2-3-500".into()))),
            (FieldType::Sid, "joe", None),
            (FieldType::Guid, "{F4}", None),
            (FieldType::Double, "1.5", Some(Value::Real64(1.5))),
            (FieldType::UnicodeString, " blanks stay ", Some(Value::text(" blanks stay "))),
        ] {
            assert_eq!(kind.read(text), value, "{kind:?} {text}");
        }
    }
}

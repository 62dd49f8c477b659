//! Values as BinXML bytes.
//!
//! Knows the type bytes and the width of each type. Knows nothing about records.

use jiff::tz::Offset;

use super::error::ValueProblem;
use crate::model::{Time, Value, parse_number};

/// BinXML type bytes that the writer names.
pub(super) mod kind {
    pub(in crate::forge) const NULL: u8 = 0x00;
    pub(in crate::forge) const STRING: u8 = 0x01;
    pub(in crate::forge) const UINT8: u8 = 0x04;
    pub(in crate::forge) const UINT16: u8 = 0x06;
    pub(in crate::forge) const UINT32: u8 = 0x08;
    pub(in crate::forge) const UINT64: u8 = 0x0a;
    pub(in crate::forge) const BINARY: u8 = 0x0e;
    pub(in crate::forge) const GUID: u8 = 0x0f;
    pub(in crate::forge) const FILETIME: u8 = 0x11;
    pub(in crate::forge) const SID: u8 = 0x13;
    pub(in crate::forge) const HEX64: u8 = 0x15;
    pub(in crate::forge) const BINXML: u8 = 0x21;
    /// Added to an item's type.
    pub(in crate::forge) const ARRAY: u8 = 0x80;
}

/// The type byte that goes with a stored value. 64-bit Windows stores pointers as hexadecimal
/// numbers, though their templates call them pointers.
pub(super) fn stored_kind(value: &Value) -> u8 {
    match value {
        Value::SizeT(_) => kind::HEX64,
        value => kind_of(value),
    }
}

/// The type byte of a value, as templates declare it. An empty list counts as one of strings, the only kind of list
/// that Windows leaves empty.
pub(super) fn kind_of(value: &Value) -> u8 {
    match value {
        Value::Null => kind::NULL,
        Value::Text(_) => kind::STRING,
        Value::Int8(_) => 0x03,
        Value::UInt8(_) => kind::UINT8,
        Value::Int16(_) => 0x05,
        Value::UInt16(_) => kind::UINT16,
        Value::Int32(_) => 0x07,
        Value::UInt32(_) => kind::UINT32,
        Value::Int64(_) => 0x09,
        Value::UInt64(_) => kind::UINT64,
        Value::Real32(_) => 0x0b,
        Value::Real64(_) => 0x0c,
        Value::Boolean(_) => 0x0d,
        Value::Binary(_) => kind::BINARY,
        Value::Guid(_) => kind::GUID,
        Value::SizeT(_) => 0x10,
        Value::FileTime(_) => kind::FILETIME,
        Value::SystemTime(_) => 0x12,
        Value::Sid(_) => kind::SID,
        Value::HexInt32(_) => 0x14,
        Value::HexInt64(_) => kind::HEX64,
        Value::List(items) => kind::ARRAY | items.first().map_or(kind::STRING, kind_of),
    }
}

/// How strings end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StringEnd {
    /// With their last character.
    Bare,
    /// With a NUL character, as the values of manifest events do in live logs.
    Nul,
}

/// Appends a value's bytes to `out`; returns how many.
pub(super) fn encode(
    out: &mut Vec<u8>,
    value: &Value,
    end: StringEnd,
) -> Result<u16, ValueProblem> {
    let start = out.len();
    match value {
        Value::List(items) => encode_items(out, items)?,
        value => encode_one(out, value, end)?,
    }
    let size = out.len() - start;
    u16::try_from(size).map_err(|_| ValueProblem::TooLarge(size))
}

fn encode_one(out: &mut Vec<u8>, value: &Value, end: StringEnd) -> Result<(), ValueProblem> {
    match value {
        Value::Null => {}
        Value::Text(text) => {
            encode_text(out, text);
            if end == StringEnd::Nul && !text.ends_with('\0') {
                out.extend([0, 0]);
            }
        }
        Value::Int8(value) => out.extend(value.to_le_bytes()),
        Value::UInt8(value) => out.push(*value),
        Value::Int16(value) => out.extend(value.to_le_bytes()),
        Value::UInt16(value) => out.extend(value.to_le_bytes()),
        Value::Int32(value) => out.extend(value.to_le_bytes()),
        Value::UInt32(value) | Value::HexInt32(value) => out.extend(value.to_le_bytes()),
        Value::Int64(value) => out.extend(value.to_le_bytes()),
        Value::UInt64(value) | Value::HexInt64(value) | Value::SizeT(value) => {
            out.extend(value.to_le_bytes());
        }
        Value::Real32(value) => out.extend(value.to_le_bytes()),
        Value::Real64(value) => out.extend(value.to_le_bytes()),
        Value::Boolean(value) => out.extend(u32::from(*value).to_le_bytes()),
        Value::Binary(bytes) => out.extend(bytes),
        Value::Guid(guid) => out.extend(guid.0),
        Value::FileTime(time) => out.extend(file_time(*time)?.to_le_bytes()),
        Value::SystemTime(time) => out.extend(system_time(*time)?),
        Value::Sid(sid) => encode_sid(out, sid)?,
        Value::List(_) => return Err(ValueProblem::Array),
    }
    Ok(())
}

/// The items of an array, which have no sizes of their own: strings end with NUL, SIDs count
/// their parts, everything else has a fixed width.
fn encode_items(out: &mut Vec<u8>, items: &[Value]) -> Result<(), ValueProblem> {
    let Some(first) = items.first() else { return Ok(()) };
    let has_no_array =
        matches!(first, Value::Null | Value::Binary(_) | Value::SizeT(_) | Value::List(_));
    if has_no_array || items.iter().any(|item| kind_of(item) != kind_of(first)) {
        return Err(ValueProblem::Array);
    }
    for item in items {
        if let Value::Text(text) = item {
            let text = text.strip_suffix('\0').unwrap_or(text);
            if text.contains('\0') {
                return Err(ValueProblem::NulInItem);
            }
            encode_text(out, text);
            out.extend([0, 0]);
        } else {
            encode_one(out, item, StringEnd::Bare)?;
        }
    }
    Ok(())
}

/// Appends text as UTF-16, little endian.
pub(super) fn encode_text(out: &mut Vec<u8>, text: &str) {
    for unit in text.encode_utf16() {
        out.extend(unit.to_le_bytes());
    }
}

/// The ticks of a FILETIME, which has no times before 1601.
pub(super) fn file_time(time: Time) -> Result<u64, ValueProblem> {
    u64::try_from(time.0).map_err(|_| ValueProblem::Time)
}

/// The eight 16-bit fields of a SYSTEMTIME. Ticks below a millisecond are cut.
fn system_time(time: Time) -> Result<[u8; 16], ValueProblem> {
    let timestamp = time.to_timestamp().ok_or(ValueProblem::Time)?;
    let civil = Offset::UTC.to_datetime(timestamp);
    let year = u16::try_from(civil.year()).map_err(|_| ValueProblem::Time)?;
    if year < 1601 {
        return Err(ValueProblem::Time);
    }
    let small = |number: i8| u16::from(number.unsigned_abs());
    let fields = [
        year,
        small(civil.month()),
        small(civil.weekday().to_sunday_zero_offset()),
        small(civil.day()),
        small(civil.hour()),
        small(civil.minute()),
        small(civil.second()),
        civil.millisecond().unsigned_abs(),
    ];
    let mut bytes = [0; 16];
    for (pair, field) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(fields) {
        *pair = field.to_le_bytes();
    }
    Ok(bytes)
}

/// Appends a SID in binary: revision, number of subordinate authorities, the authority in big
/// endian, the subordinate authorities in little endian.
fn encode_sid(out: &mut Vec<u8>, sid: &str) -> Result<(), ValueProblem> {
    let bad = || ValueProblem::Sid(sid.to_owned());
    let mut parts = sid.strip_prefix("S-").ok_or_else(bad)?.split('-');
    let mut number = || parts.next().and_then(parse_number);
    let revision = number().and_then(|n| u8::try_from(n).ok()).ok_or_else(bad)?;
    let authority = number()
        .and_then(|n| u64::try_from(n).ok())
        .filter(|authority| *authority < 1 << 48)
        .ok_or_else(bad)?;
    let subordinate: Vec<u32> = parts
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()
        .filter(|parts: &Vec<u32>| parts.len() <= 15)
        .ok_or_else(bad)?;
    let count = u8::try_from(subordinate.len()).map_err(|_| bad())?;
    let [_, _, authority @ ..] = authority.to_be_bytes();
    out.extend([revision, count]);
    out.extend(authority);
    out.extend(subordinate.iter().flat_map(|part| part.to_le_bytes()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_as_windows_writes_them() {
        let mut bytes = Vec::new();
        encode_sid(&mut bytes, "S-1-5-18").unwrap();
        assert_eq!(bytes, [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
        for bad in ["", "S", "S-1", "S-1-x", "S-1-5-4294967296", "S-1-5--1", "S-1-281474976710656"]
        {
            assert!(encode_sid(&mut Vec::new(), bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn system_times_have_a_weekday() {
        let time = Time::parse_rfc3339("2026-03-04T02:11:07.1239999Z").unwrap();
        let bytes = system_time(time).unwrap();
        let fields: Vec<_> =
            bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b)).collect();
        assert_eq!(fields, [2026, 3, 3, 4, 2, 11, 7, 123]);
        assert_eq!(system_time(Time(-1)), Err(ValueProblem::Time));
    }

    #[test]
    fn arrays_have_one_type() {
        for (items, result) in [
            (vec![Value::text("a"), Value::text("")], Ok(6)),
            (vec![Value::text("a\0b")], Err(ValueProblem::NulInItem)),
            (vec![Value::UInt8(1), Value::UInt16(1)], Err(ValueProblem::Array)),
            (vec![Value::Null], Err(ValueProblem::Array)),
            (vec![], Ok(0)),
        ] {
            let list = Value::List(items.into());
            assert_eq!(encode(&mut Vec::new(), &list, StringEnd::Bare), result, "{list:?}");
        }
    }
}

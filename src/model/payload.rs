//! A payload as it is kept: names shared, values packed.
//!
//! A case holds very many events, of which a report shows few. So a value takes its own bytes
//! and one or two more, and is decoded when somebody asks for it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::observed::Fields;
use super::{Field, Guid, PackedEvent, Time, Value};

/// The names of fields, in order.
pub type FieldNames = Arc<[Arc<str>]>;

/// The fields of a record in its order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payload {
    names: FieldNames,
    /// The values one after the other, each with its type before it.
    values: Box<[u8]>,
}

/// Packs the values of a payload.
#[derive(Debug, Default)]
pub struct Packer {
    values: Vec<u8>,
}

/// The types of packed values.
mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const TEXT: u8 = 1;
    pub(super) const INT8: u8 = 2;
    pub(super) const UINT8: u8 = 3;
    pub(super) const INT16: u8 = 4;
    pub(super) const UINT16: u8 = 5;
    pub(super) const INT32: u8 = 6;
    pub(super) const UINT32: u8 = 7;
    pub(super) const INT64: u8 = 8;
    pub(super) const UINT64: u8 = 9;
    pub(super) const REAL32: u8 = 10;
    pub(super) const REAL64: u8 = 11;
    pub(super) const FALSE: u8 = 12;
    pub(super) const TRUE: u8 = 13;
    pub(super) const BINARY: u8 = 14;
    pub(super) const GUID: u8 = 15;
    pub(super) const SIZE_T: u8 = 16;
    pub(super) const FILETIME: u8 = 17;
    pub(super) const SYSTEMTIME: u8 = 18;
    pub(super) const SID: u8 = 19;
    pub(super) const HEX_INT32: u8 = 20;
    pub(super) const HEX_INT64: u8 = 21;
    pub(super) const LIST: u8 = 22;
}

impl Packer {
    /// Begins another payload.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.counted(tag::TEXT, text.as_bytes());
    }

    /// Adds a security identifier in its text form.
    pub fn sid(&mut self, sid: &str) {
        self.counted(tag::SID, sid.as_bytes());
    }

    /// Adds a value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.values.push(tag::NULL),
            Value::Text(text) => self.text(text),
            Value::Int8(value) => self.fixed(tag::INT8, value.to_le_bytes()),
            Value::UInt8(value) => self.fixed(tag::UINT8, value.to_le_bytes()),
            Value::Int16(value) => self.fixed(tag::INT16, value.to_le_bytes()),
            Value::UInt16(value) => self.fixed(tag::UINT16, value.to_le_bytes()),
            Value::Int32(value) => self.fixed(tag::INT32, value.to_le_bytes()),
            Value::UInt32(value) => self.fixed(tag::UINT32, value.to_le_bytes()),
            Value::Int64(value) => self.fixed(tag::INT64, value.to_le_bytes()),
            Value::UInt64(value) => self.fixed(tag::UINT64, value.to_le_bytes()),
            Value::Real32(value) => self.fixed(tag::REAL32, value.to_le_bytes()),
            Value::Real64(value) => self.fixed(tag::REAL64, value.to_le_bytes()),
            Value::Boolean(value) => self.values.push(if *value { tag::TRUE } else { tag::FALSE }),
            Value::Binary(bytes) => self.counted(tag::BINARY, bytes),
            Value::Guid(guid) => self.fixed(tag::GUID, guid.0),
            Value::SizeT(value) => self.fixed(tag::SIZE_T, value.to_le_bytes()),
            Value::FileTime(time) => self.fixed(tag::FILETIME, time.0.to_le_bytes()),
            Value::SystemTime(time) => self.fixed(tag::SYSTEMTIME, time.0.to_le_bytes()),
            Value::Sid(sid) => self.counted(tag::SID, sid.as_bytes()),
            Value::HexInt32(value) => self.fixed(tag::HEX_INT32, value.to_le_bytes()),
            Value::HexInt64(value) => self.fixed(tag::HEX_INT64, value.to_le_bytes()),
            Value::List(items) => {
                self.values.push(tag::LIST);
                self.length(items.len());
                items.iter().for_each(|item| self.value(item));
            }
        }
    }

    /// The payload of the values that were added, one for each name.
    pub fn payload(&self, names: FieldNames) -> Payload {
        Payload { names, values: self.values.as_slice().into() }
    }

    fn fixed<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.values.push(tag);
        self.values.extend_from_slice(&bytes);
    }

    fn counted(&mut self, tag: u8, bytes: &[u8]) {
        self.values.push(tag);
        self.length(bytes.len());
        self.values.extend_from_slice(bytes);
    }

    /// A length by seven bits a byte, of which all but the last have the high bit set.
    #[inline]
    fn length(&mut self, mut length: usize) {
        while length > 0x7f {
            self.values.push(u8::try_from(length & 0x7f).unwrap_or_default() | 0x80);
            length >>= 7;
        }
        self.values.push(u8::try_from(length).unwrap_or_default());
    }
}

/// Reads packed values one after the other.
#[derive(Clone, Copy, Debug)]
struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn length(&mut self) -> Option<usize> {
        let (mut length, mut shift) = (0, 0);
        loop {
            let [byte] = self.fixed()?;
            length |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(length);
            }
            shift += 7;
        }
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    fn str(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.counted()?).ok()
    }

    fn text(&mut self) -> Option<Box<str>> {
        self.str().map(Into::into)
    }

    /// The next value, with a text where it stands.
    fn standing(&mut self) -> Option<Standing<'a>> {
        let mut ahead = *self;
        let standing = match ahead.fixed()? {
            [tag::TEXT] => Standing::Text(ahead.str()?.trim_end_matches('\0')),
            [tag::SID] => Standing::Text(ahead.str()?),
            _ => return self.value().map(Standing::Other),
        };
        *self = ahead;
        Some(standing)
    }

    /// Passes over the next value.
    fn pass_over(&mut self) -> Option<()> {
        let [tag] = self.fixed()?;
        let length = match tag {
            tag::NULL | tag::FALSE | tag::TRUE => 0,
            tag::INT8 | tag::UINT8 => 1,
            tag::INT16 | tag::UINT16 => 2,
            tag::INT32 | tag::UINT32 | tag::REAL32 | tag::HEX_INT32 => 4,
            tag::INT64
            | tag::UINT64
            | tag::REAL64
            | tag::SIZE_T
            | tag::FILETIME
            | tag::SYSTEMTIME
            | tag::HEX_INT64 => 8,
            tag::GUID => 16,
            tag::TEXT | tag::BINARY | tag::SID => self.length()?,
            tag::LIST => {
                let count = self.length()?;
                return (0..count).try_for_each(|_| self.pass_over());
            }
            _ => return None,
        };
        self.take(length).map(|_| ())
    }

    /// The next value.
    fn value(&mut self) -> Option<Value> {
        let [tag] = self.fixed()?;
        Some(match tag {
            tag::NULL => Value::Null,
            tag::TEXT => Value::Text(self.text()?),
            tag::INT8 => Value::Int8(i8::from_le_bytes(self.fixed()?)),
            tag::UINT8 => Value::UInt8(u8::from_le_bytes(self.fixed()?)),
            tag::INT16 => Value::Int16(i16::from_le_bytes(self.fixed()?)),
            tag::UINT16 => Value::UInt16(u16::from_le_bytes(self.fixed()?)),
            tag::INT32 => Value::Int32(i32::from_le_bytes(self.fixed()?)),
            tag::UINT32 => Value::UInt32(u32::from_le_bytes(self.fixed()?)),
            tag::INT64 => Value::Int64(i64::from_le_bytes(self.fixed()?)),
            tag::UINT64 => Value::UInt64(u64::from_le_bytes(self.fixed()?)),
            tag::REAL32 => Value::Real32(f32::from_le_bytes(self.fixed()?)),
            tag::REAL64 => Value::Real64(f64::from_le_bytes(self.fixed()?)),
            tag::FALSE => Value::Boolean(false),
            tag::TRUE => Value::Boolean(true),
            tag::BINARY => Value::Binary(self.counted()?.into()),
            tag::GUID => Value::Guid(Guid(self.fixed()?)),
            tag::SIZE_T => Value::SizeT(u64::from_le_bytes(self.fixed()?)),
            tag::FILETIME => Value::FileTime(Time(i64::from_le_bytes(self.fixed()?))),
            tag::SYSTEMTIME => Value::SystemTime(Time(i64::from_le_bytes(self.fixed()?))),
            tag::SID => Value::Sid(self.text()?),
            tag::HEX_INT32 => Value::HexInt32(u32::from_le_bytes(self.fixed()?)),
            tag::HEX_INT64 => Value::HexInt64(u64::from_le_bytes(self.fixed()?)),
            tag::LIST => {
                let count = self.length()?;
                let items: Option<Vec<Value>> = (0..count).map(|_| self.value()).collect();
                Value::List(items?.into())
            }
            _ => return None,
        })
    }
}

/// A value that is only shown, so that a text need not be copied.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'a> {
    /// The text of a text or security identifier; see [`Value::to_text`].
    Text(&'a str),
    /// Any other value.
    Other(Value),
}

impl Payload {
    /// The names of the fields.
    pub const fn names(&self) -> &FieldNames {
        &self.names
    }

    /// How many bytes the values take.
    pub const fn size(&self) -> usize {
        self.values.len()
    }

    /// The fields to show, one after the other: names and values.
    pub fn standing(&self) -> impl Iterator<Item = (&str, Standing<'_>)> {
        let mut values = Unpacker(&self.values);
        self.names.iter().map_while(move |name| Some((&**name, values.standing()?)))
    }

    /// The fields, decoded one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Field> {
        let mut values = Unpacker(&self.values);
        self.names
            .iter()
            .map_while(move |name| Some(Field { name: Arc::clone(name), value: values.value()? }))
    }

    /// The first field of that name; see [`super::Event::field`].
    pub fn field(&self, name: &str) -> Option<Value> {
        self.named(name).map(Cow::into_owned)
    }
}

impl PackedEvent {
    /// The first field of that name, decoded; see [`super::Event::field`].
    pub fn field(&self, name: &str) -> Option<Value> {
        self.data.field(name)
    }
}

impl From<&[Field]> for Payload {
    fn from(fields: &[Field]) -> Self {
        let mut packer = Packer::default();
        fields.iter().for_each(|field| packer.value(&field.value));
        packer.payload(fields.iter().map(|field| Arc::clone(&field.name)).collect())
    }
}

/// By its fields.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Fields for Payload {
    fn name(&self, position: usize) -> Option<&str> {
        self.names.get(position).map(|name| &**name)
    }

    fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
        let mut values = Unpacker(&self.values);
        (0..position).try_for_each(|_| values.pass_over())?;
        values.value().map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_types_come_back() {
        let long = "x".repeat(300);
        let values = [
            Value::Null,
            Value::text(""),
            Value::text("Müller\0"),
            Value::text(long.as_str()),
            Value::Int8(-1),
            Value::UInt8(200),
            Value::Int16(i16::MIN),
            Value::UInt16(u16::MAX),
            Value::Int32(i32::MIN),
            Value::UInt32(u32::MAX),
            Value::Int64(i64::MIN),
            Value::UInt64(u64::MAX),
            Value::Real32(0.1),
            Value::Real64(f64::INFINITY),
            Value::Boolean(true),
            Value::Boolean(false),
            Value::Binary(vec![7; 70_000].into()),
            Value::Guid(Guid([9; 16])),
            Value::SizeT(5),
            Value::FileTime(Time(-3)),
            Value::SystemTime(Time(4)),
            Value::Sid("S-1-5-18".into()),
            Value::HexInt32(0xC000_006A),
            Value::HexInt64(0x3e7),
            Value::List([Value::text("a"), Value::List([].into()), Value::Null].into()),
        ];
        let fields: Vec<Field> = (0..)
            .zip(values)
            .map(|(number, value): (u32, _)| Field { name: number.to_string().into(), value })
            .collect();
        let payload = Payload::from(fields.as_slice());
        assert_eq!(payload.iter().collect::<Vec<_>>(), fields);
        for ((name, standing), field) in payload.standing().zip(&fields) {
            let shown = match &standing {
                Standing::Text(text) => (*text).into(),
                Standing::Other(value) => value.to_text(),
            };
            assert_eq!((name, shown), (&*field.name, field.value.to_text()));
        }
        assert_eq!(payload.standing().count(), fields.len());
        for field in &fields {
            assert_eq!(payload.field(&field.name).as_ref(), Some(&field.value));
        }
        assert_eq!(payload.field("no such field"), None);
        assert_eq!(payload.value(fields.len()), None);
    }
}

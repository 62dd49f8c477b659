//! How values are written, each as `serde_json` writes it.

use std::fmt::{self, Display, Write as _};

use serde::Serialize;
use serde::ser::{self, Impossible, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use super::inside::Inside;
use super::{Failed, Shown};
use crate::report::json_v1::brief::Brief;

impl<'s, 'w> Serializer for &'s mut Shown<'w> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Inside<'s, 'w>;
    type SerializeTuple = Inside<'s, 'w>;
    type SerializeTupleStruct = Inside<'s, 'w>;
    type SerializeTupleVariant = Impossible<(), Failed>;
    type SerializeMap = Inside<'s, 'w>;
    type SerializeStruct = Inside<'s, 'w>;
    type SerializeStructVariant = Impossible<(), Failed>;

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        Ok(CompactFormatter.write_bool(&mut self.text, value)?)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Failed> {
        Ok(CompactFormatter.write_i64(&mut self.text, value)?)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Failed> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Failed> {
        Ok(CompactFormatter.write_u64(&mut self.text, value)?)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failed> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        Ok(CompactFormatter.write_f32(&mut self.text, value)?)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failed> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        Ok(CompactFormatter.write_f64(&mut self.text, value)?)
    }

    fn serialize_char(self, value: char) -> Result<(), Failed> {
        Ok(self.quote(value.encode_utf8(&mut [0; 4]))?)
    }

    fn serialize_str(self, value: &str) -> Result<(), Failed> {
        Ok(self.quote(value)?)
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), Failed> {
        let mut text = Brief::default();
        match write!(text, "{value}") {
            Ok(()) => Ok(self.quote(text.as_str())?),
            // Too long to be brief.
            Err(fmt::Error) => Ok(self.quote(&value.to_string())?),
        }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failed> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Failed> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failed> {
        self.text.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failed> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Failed> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        let mut map = self.serialize_map(Some(1))?;
        ser::SerializeMap::serialize_entry(&mut map, variant, value)?;
        ser::SerializeMap::end(map)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Failed> {
        Ok(Inside::open(self, b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Failed> {
        Ok(Inside::open(self, b'[', b']'))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Failed> {
        Ok(Inside::open(self, b'[', b']'))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failed> {
        Err(unknown(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Failed> {
        Ok(Inside::open(self, b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Failed> {
        Ok(Inside::open(self, b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Failed> {
        Err(unknown(variant))
    }
}

/// Enums with fields are no part of a format.
fn unknown(variant: &str) -> Failed {
    ser::Error::custom(format_args!("`{variant}` has no form in a report"))
}

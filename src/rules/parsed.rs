//! Reads documents that the build script parsed: the events of a YAML parser, written down.
//!
//! Knows how YAML's values are told apart. Knows no places: what is wrong with a document is
//! found by reading its text.
//!
//! A list is `[`, its items and `]`; a map is `{`, keys and values in turn and `}`. A scalar is
//! `p` when it is plain, else `q`, the length of its text in bytes, a colon and the text.

use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use crate::model::parse_number;

/// Reads a document.
///
/// # Errors
///
/// Where its values are not of that shape.
pub(super) fn read<T: DeserializeOwned>(parsed: &str) -> Result<T, Error> {
    let mut reader = Reader { rest: parsed };
    let document = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() { Ok(document) } else { Err(Error::custom("more than a document")) }
}

struct Reader<'de> {
    rest: &'de str,
}

/// The text of a scalar, and whether it is plain: a number in quotes is text.
struct Scalar<'de> {
    text: &'de str,
    is_plain: bool,
}

impl<'de> Reader<'de> {
    fn next(&mut self) -> Result<u8, Error> {
        let first = *self.rest.as_bytes().first().ok_or_else(ended)?;
        self.rest = self.rest.get(1..).ok_or_else(ended)?;
        Ok(first)
    }

    fn is_next(&self, mark: u8) -> bool {
        self.rest.as_bytes().first() == Some(&mark)
    }

    fn expect(&mut self, mark: u8) -> Result<(), Error> {
        if self.next()? == mark { Ok(()) } else { Err(Error::custom("another kind of value")) }
    }

    fn scalar(&mut self) -> Result<Scalar<'de>, Error> {
        let is_plain = match self.next()? {
            b'p' => true,
            b'q' => false,
            _ => return Err(Error::custom("no scalar")),
        };
        let (length, rest) = self.rest.split_once(':').ok_or_else(ended)?;
        let length = length.parse().map_err(Error::custom)?;
        let (text, rest) = rest.split_at_checked(length).ok_or_else(ended)?;
        self.rest = rest;
        Ok(Scalar { text, is_plain })
    }

    fn number(&mut self) -> Result<i128, Error> {
        let Scalar { text, .. } = self.scalar()?;
        parse_number(text).ok_or_else(|| Error::custom("no number"))
    }
}

impl Scalar<'_> {
    fn is_null(&self) -> bool {
        self.is_plain && matches!(self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

fn ended() -> Error {
    Error::custom("the document ends early")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A number with a fraction; what has none is a whole number or text.
fn real(text: &str) -> Option<f64> {
    text.contains(|c: char| c.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Numbers by the visitor's widest method: it checks the range.
macro_rules! numbers {
    ($visit:ident, $as:ty: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(<$as>::try_from(self.number()?).map_err(Error::custom)?)
        }
    )*};
}

/// By the text alone, whatever it looks like.
macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_borrowed_str(self.scalar()?.text)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_next(b'[') {
            return self.deserialize_seq(visitor);
        }
        if self.is_next(b'{') {
            return self.deserialize_map(visitor);
        }
        let scalar = self.scalar()?;
        let Scalar { text, is_plain } = scalar;
        if !is_plain {
            visitor.visit_borrowed_str(text)
        } else if scalar.is_null() {
            visitor.visit_unit()
        } else if let Some(value) = boolean(text) {
            visitor.visit_bool(value)
        } else if let Some(number) = parse_number(text) {
            match (i64::try_from(number), u64::try_from(number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => visitor.visit_i128(number),
            }
        } else if let Some(number) = real(text) {
            visitor.visit_f64(number)
        } else {
            visitor.visit_borrowed_str(text)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = boolean(self.scalar()?.text);
        visitor.visit_bool(value.ok_or_else(|| Error::custom("neither true nor false"))?)
    }

    numbers! { visit_i64, i64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }
    numbers! { visit_u64, u64: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }
    numbers! { visit_i128, i128: deserialize_i128 }
    numbers! { visit_u128, u128: deserialize_u128 }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = real(self.scalar()?.text);
        visitor.visit_f64(number.ok_or_else(|| Error::custom("no number"))?)
    }

    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }
    texts! { deserialize_bytes deserialize_byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let before = self.rest;
        if self.is_next(b'p') && self.scalar()?.is_null() {
            return visitor.visit_none();
        }
        self.rest = before;
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.expect(b'[')?;
        let value = visitor.visit_seq(Entries { reader: &mut *self, end: b']' })?;
        self.expect(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.expect(b'{')?;
        let value = visitor.visit_map(Entries { reader: &mut *self, end: b'}' })?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    /// A variant by its name, or a map of its name and its value.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if !self.is_next(b'{') {
            let name = self.scalar()?.text;
            return visitor.visit_enum(BorrowedStrDeserializer::new(name));
        }
        self.expect(b'{')?;
        let value = visitor.visit_enum(&mut *self)?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
}

/// What stands between the marks of a list or map.
struct Entries<'r, 'de> {
    reader: &'r mut Reader<'de>,
    end: u8,
}

impl<'de> SeqAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.reader.is_next(self.end) {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(&mut *self)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.scalar()?.is_null() { Ok(()) } else { Err(Error::custom("a value too much")) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }
}

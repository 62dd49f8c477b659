//! Indented JSON that is safe to print on a terminal.
//!
//! Knows lines, depths and texts. How numbers are written, and what JSON itself escapes,
//! `serde_json` knows.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::mem;

use serde::Serialize;
use serde::ser::{self, Impossible, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use super::brief::Brief;
use super::escape;

/// What ends a value, a line break and the blanks of most depths.
const BREAK: &[u8; 66] = b",\n                                                                ";
/// Blanks for each level.
const INDENT: usize = 2;
/// Bytes that are held before they are passed on.
const BLOCK: usize = 1 << 15;

/// Writes a value that stands so many levels deep behind a text.
pub(super) fn append(depth: usize, value: &impl Serialize, text: &mut Vec<u8>) -> io::Result<()> {
    let mut shown = Shown { text: mem::take(text), behind: None, depth };
    let written = value.serialize(&mut shown);
    *text = shown.text;
    Ok(written?)
}

/// Writes a value that stands so many levels deep, however long it is.
pub(super) fn write(depth: usize, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = Shown { text: Vec::new(), behind: Some(out), depth };
    value.serialize(&mut shown)?;
    shown.pass_on()
}

/// Pretty JSON, as `serde_json` writes it, in fewer and larger pieces: a report has texts and
/// keys by the million, and nearly all are written as they are. Texts are as [`escape`] leaves
/// them.
struct Shown<'w> {
    text: Vec<u8>,
    /// Where the text goes when it is long; nowhere while `None`.
    behind: Option<&'w mut dyn Write>,
    depth: usize,
}

/// What stands in brackets.
struct Inside<'s, 'w> {
    shown: &'s mut Shown<'w>,
    is_empty: bool,
    end: u8,
}

impl<'w> Shown<'w> {
    fn open(&mut self, begin: u8, end: u8) -> Result<Inside<'_, 'w>, Failed> {
        self.text.push(begin);
        self.depth += 1;
        Ok(Inside { shown: self, is_empty: true, end })
    }

    fn quote(&mut self, text: &str) -> io::Result<()> {
        if text.len() >= BLOCK && self.behind.is_some() {
            self.pass_on()?;
            if let Some(out) = &mut self.behind {
                return escape::write(text, out);
            }
        }
        if !escape::is_bare(text) {
            return escape::write(text, &mut self.text);
        }
        self.text.reserve(text.len() + 2);
        self.text.push(b'"');
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'"');
        Ok(())
    }

    /// Hands the text to what lies behind.
    fn pass_on(&mut self) -> io::Result<()> {
        if let Some(out) = &mut self.behind {
            out.write_all(&self.text)?;
            self.text.clear();
        }
        Ok(())
    }
}

impl Inside<'_, '_> {
    /// Begins the next value, or the next key.
    fn next(&mut self) -> io::Result<()> {
        if self.shown.text.len() >= BLOCK {
            self.shown.pass_on()?;
        }
        let first = mem::replace(&mut self.is_empty, false);
        break_behind(&mut self.shown.text, first, self.shown.depth);
        Ok(())
    }

    fn close(self) {
        self.shown.depth -= 1;
        if !self.is_empty {
            break_behind(&mut self.shown.text, true, self.shown.depth);
        }
        self.shown.text.push(self.end);
    }
}

/// Begins a line at a depth.
pub(super) fn break_line(out: &mut impl Write, depth: usize) -> io::Result<()> {
    let mut line = Vec::new();
    break_behind(&mut line, true, depth);
    out.write_all(&line)
}

/// Begins a line at a depth, behind a value unless it is the first.
pub(super) fn break_behind(text: &mut Vec<u8>, first: bool, depth: usize) {
    match BREAK.get(usize::from(first)..2 + depth * INDENT) {
        Some(line) => text.extend_from_slice(line),
        None => {
            text.extend_from_slice(if first { b"\n" } else { b",\n" });
            text.resize(text.len() + depth * INDENT, b' ');
        }
    }
}

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
        self.open(b'[', b']')
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Failed> {
        self.open(b'[', b']')
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Failed> {
        self.open(b'[', b']')
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
        self.open(b'{', b'}')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Failed> {
        self.open(b'{', b'}')
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

impl ser::SerializeSeq for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        self.next()?;
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTuple for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

/// Keys must be texts, as all of a report's are.
impl ser::SerializeMap for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Failed> {
        self.next()?;
        key.serialize(&mut *self.shown)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        self.shown.text.extend_from_slice(b": ");
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeStruct for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.next()?;
        let text = &mut self.shown.text;
        // A name in our code, so nothing in it needs an escape.
        text.push(b'"');
        text.extend_from_slice(key.as_bytes());
        text.extend_from_slice(b"\": ");
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

/// Why a document was not written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] io::Error);

impl ser::Error for Failed {
    fn custom<T: Display>(message: T) -> Self {
        Self(io::Error::other(message.to_string()))
    }
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> Self {
        failed.0
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::report::sanitize::is_deceptive;

    #[test]
    fn escapes_change_nothing_for_a_parser() {
        for text in ["plain", "a\u{9b}31m\u{202e}b", "\u{e0041}end", "\u{1b}\"\\", "\u{7f}", ""] {
            let mut bytes = Vec::new();
            append(0, &text, &mut bytes).unwrap();
            let json = String::from_utf8(bytes).unwrap();
            assert!(!json.contains(is_deceptive), "{json:?}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn values_are_written_as_the_library_writes_them() {
        #[derive(Serialize)]
        struct Unit;
        #[derive(Serialize)]
        struct Two(u8, &'static str);
        #[derive(Serialize)]
        enum Choice {
            Plain,
            One(u8),
        }
        fn check(value: &impl Serialize) {
            let mut bytes = Vec::new();
            append(0, value, &mut bytes).unwrap();
            let expected = serde_json::to_string_pretty(value).unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
        check(&(true, 'x', i64::MIN, u64::MAX, 1.5_f64, 0.1_f32, f64::NAN, f32::INFINITY));
        check(&(Unit, Two(1, "a"), Choice::Plain, Choice::One(2), (), None::<u8>, Some([0_i8; 0])));
        check(&std::collections::BTreeMap::from([("a\"b", vec![1_u16]), ("c", vec![])]));
    }

    #[test]
    fn what_is_long_comes_out_in_pieces() {
        let long = "é\"".repeat(BLOCK);
        let many: Vec<(usize, &str)> = (0..20_000).map(|number| (number, "text")).collect();
        let value = (&long, many, &long);
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        append(0, &value, &mut whole).unwrap();
        write(0, &value, &mut pieces).unwrap();
        assert!(whole == pieces);
        assert!(whole == serde_json::to_vec_pretty(&value).unwrap());
    }

    #[test]
    fn lines_stand_where_readers_expect_them() {
        let mut deep = serde_json::json!([[], {}, [1, {"a": []}], {"b": {"c": [null]}}]);
        for _ in 0..40 {
            deep = serde_json::json!([deep]);
        }
        let mut bytes = Vec::new();
        append(0, &deep, &mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string_pretty(&deep).unwrap());
    }
}

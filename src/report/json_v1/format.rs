//! Indented JSON that is safe to print on a terminal.

use std::io;

use serde_json::ser::{CompactFormatter, Formatter};

use crate::report::sanitize::{is_deceptive, is_plain};

/// A line break and the blanks of most depths.
const BREAK: &[u8; 65] = b"\n                                                                ";
/// Blanks for each level.
const INDENT: usize = 2;

/// Pretty JSON in which deceptive characters stand as `\uXXXX`. JSON itself asks for that
/// only below U+0020; without it a name with a C1 control or a direction override would act
/// on the terminal that the report is printed on. A parser sees no difference.
pub(in crate::report) struct Shown {
    depth: usize,
    /// Whether the list or object that is written has anything in it.
    has_value: bool,
}

impl Shown {
    /// For a value that stands so many levels deep in the document.
    pub(in crate::report) const fn at(depth: usize) -> Self {
        Self { depth, has_value: false }
    }

    fn open<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_value {
            break_line(out, self.depth)?;
        }
        out.write_all(bracket)
    }

    fn next<W: ?Sized + io::Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        break_line(out, self.depth)
    }
}

/// Begins a line at a depth.
pub(super) fn break_line<W: ?Sized + io::Write>(out: &mut W, depth: usize) -> io::Result<()> {
    match BREAK.get(..=depth * INDENT) {
        Some(line) => out.write_all(line),
        None => write!(out, "\n{:1$}", "", depth * INDENT),
    }
}

impl Formatter for Shown {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain = CompactFormatter;
        if is_plain(fragment) {
            return plain.write_string_fragment(out, fragment);
        }
        let mut rest = fragment;
        while let Some((before, c)) = rest
            .find(is_deceptive)
            .and_then(|at| Some((rest.get(..at)?, rest.get(at..)?.chars().next()?)))
        {
            plain.write_string_fragment(out, before)?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = rest.get(before.len() + c.len_utf8()..).unwrap_or_default();
        }
        plain.write_string_fragment(out, rest)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[test]
    fn escapes_change_nothing_for_a_parser() {
        for text in ["plain", "a\u{9b}31m\u{202e}b", "\u{e0041}end", "\u{1b}\"\\", "\u{7f}", ""] {
            let mut bytes = Vec::new();
            let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Shown::at(0));
            text.serialize(&mut serializer).unwrap();
            let json = String::from_utf8(bytes).unwrap();
            assert!(!json.contains(is_deceptive), "{json:?}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn lines_stand_where_readers_expect_them() {
        let mut deep = serde_json::json!([[], {}, [1, {"a": []}], {"b": {"c": [null]}}]);
        for _ in 0..40 {
            deep = serde_json::json!([deep]);
        }
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Shown::at(0));
        deep.serialize(&mut serializer).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string_pretty(&deep).unwrap());
    }
}

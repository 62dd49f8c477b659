//! Indented JSON that is safe to print on a terminal.
//!
//! Knows lines, depths and texts. How numbers are written, and what JSON itself escapes,
//! `serde_json` knows.

mod inside;
#[cfg(test)]
mod tests;
mod values;

use std::fmt::Display;
use std::io::{self, Write};
use std::mem;

use serde::{Serialize, ser};

use super::escape;

/// A line break and the blanks of most depths; and the same behind a value.
const FIRST: [u8; 32] = *b"\n                               ";
const BEHIND: [u8; 32] = *b",\n                              ";
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

impl Shown<'_> {
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

/// Begins a line at a depth.
pub(super) fn break_line(out: &mut impl Write, depth: usize) -> io::Result<()> {
    let mut line = Vec::new();
    break_behind(&mut line, true, depth);
    out.write_all(&line)
}

/// Begins a line at a depth, behind a value unless it is the first.
pub(super) fn break_behind(text: &mut Vec<u8>, first: bool, depth: usize) {
    let (begin, line) = if first { (1, FIRST) } else { (2, BEHIND) };
    let end = text.len() + begin + depth * INDENT;
    // To copy a fixed number of bytes and to take some off again is less than to copy so many.
    text.extend_from_slice(&line);
    text.resize(end, b' ');
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

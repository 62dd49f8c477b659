//! Texts in JSON, with what could act on a terminal written as an escape.
//!
//! JSON itself asks for that only below U+0020; without it a name with a C1 control or a
//! direction override would act on the terminal that the report is printed on. A parser sees no
//! difference.

use std::io::{self, Write};

use serde::Serializer as _;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::report::sanitize::{is_deceptive, is_plain};

/// Whether a text can stand between quotes as it is, as nearly all do.
pub(super) fn is_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    // The rest together with bytes before it, which are looked at twice; or with blanks.
    let last = bytes.last_chunk().copied().unwrap_or_else(|| {
        let mut last = [b' '; 8];
        last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        last
    });
    let found = words.iter().fold(marks(last), |found, word| found | marks(*word));
    found & each(0x80) == 0
}

/// Bytes of which one has its high bit where one of eight cannot stand as it is: below a blank,
/// above `~`, a quote or a backslash. What one byte borrows from the next, or carries over to it,
/// changes nothing, as then it has its own.
const fn marks(bytes: [u8; 8]) -> u64 {
    let word = u64::from_ne_bytes(bytes);
    let low = word.wrapping_sub(each(b' '));
    let high = word | word.wrapping_add(each(1));
    let quote = (word ^ each(b'"')).wrapping_sub(each(1));
    let backslash = (word ^ each(b'\\')).wrapping_sub(each(1));
    low | high | quote | backslash
}

/// A byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Writes a text with its quotes, and with all escapes that it needs.
pub(super) fn write(text: &str, out: impl Write) -> io::Result<()> {
    Ok(serde_json::Serializer::with_formatter(out, Escaping).serialize_str(text)?)
}

/// Writes deceptive characters as `\uXXXX`.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bare_needs_no_escape() {
        let plain = "abcdefghijklmnopqrstuvw";
        for byte in 0..=u8::MAX {
            let character = char::from(byte);
            let expected = matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
            for length in 0..plain.len() {
                for place in 0..=length {
                    let (before, behind) = plain[..length].split_at(place);
                    let text = format!("{before}{character}{behind}");
                    assert_eq!(is_bare(&text), expected, "{text:?}");
                }
            }
        }
        assert!(is_bare(""));
    }
}

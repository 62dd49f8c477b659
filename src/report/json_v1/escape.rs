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
    // Without a way out early many bytes are compared at a time.
    text.bytes().fold(true, |bare, byte| {
        bare & matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\')
    })
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

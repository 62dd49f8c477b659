//! Comparison of binary values: their bytes, or their hex digits where a record holds text.

use std::borrow::Cow;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::glob::Position;
use crate::model::Value;

/// Bytes to be found in a binary value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BytePattern {
    bytes: Vec<u8>,
    position: Position,
    cased: bool,
}

impl BytePattern {
    /// `cased` false folds ASCII letters, which in UTF-16 stand as single bytes as well.
    pub(super) fn new(mut bytes: Vec<u8>, position: Position, cased: bool) -> Self {
        if !cased {
            bytes.make_ascii_lowercase();
        }
        Self { bytes, position, cased }
    }

    /// Whether the value holds the bytes. NULs at the end do not count: writers of binary
    /// values disagree on whether a text's end belongs to it.
    pub(super) fn matches(&self, value: &Value) -> bool {
        let Some(bytes) = bytes_of(value) else { return false };
        let bytes = if self.cased { bytes } else { Cow::Owned(bytes.to_ascii_lowercase()) };
        let wanted = self.bytes.as_slice();
        match self.position {
            Position::Whole => without_nuls(&bytes) == without_nuls(wanted),
            Position::Start => bytes.starts_with(wanted),
            Position::End => without_nuls(&bytes).ends_with(without_nuls(wanted)),
            Position::Anywhere => memmem::find(&bytes, wanted).is_some(),
        }
    }
}

fn without_nuls(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

/// The bytes of a value. Forwarded records hold binary values as hex digits.
fn bytes_of(value: &Value) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Binary(bytes) => Some(Cow::Borrowed(bytes)),
        Value::Text(text) => Some(match from_hex(text.trim_end_matches('\0')) {
            Some(bytes) => Cow::Owned(bytes),
            None => Cow::Borrowed(text.as_bytes()),
        }),
        _ => None,
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
            _ => None,
        })
        .collect()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

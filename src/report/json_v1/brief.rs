//! Texts of few bytes, written without memory of their own. Knows nothing of JSON.

use std::fmt;

/// A text of few bytes, such as a time or an address, that needs no memory of its own.
pub(super) struct Brief {
    bytes: [u8; 64],
    length: usize,
}

impl Default for Brief {
    fn default() -> Self {
        Self { bytes: [0; 64], length: 0 }
    }
}

impl Brief {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Write for Brief {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

//! What stands in one attribute or element: nothing, one value, or pieces of text.

use std::sync::Arc;

use super::binxml::Raw;
use super::intern::Interner;
use crate::model::{Guid, Time, Value, parse_number};

/// The content that is one value.
impl<'c> From<Raw<'c>> for Content<'c> {
    fn from(raw: Raw<'c>) -> Self {
        Self { one: Some(raw), pieces: String::new() }
    }
}

/// The content of an attribute, or of an element apart from its children.
#[derive(Clone, Debug, Default)]
pub(super) struct Content<'c> {
    /// The value, as long as there is only one.
    one: Option<Raw<'c>>,
    /// Several values and references joined as text.
    pieces: String,
}

impl Content<'_> {
    /// Adds a character.
    pub(super) fn push_char(&mut self, character: char) {
        self.join();
        self.pieces.push(character);
    }

    fn join(&mut self) {
        if let Some(raw) = self.one.take() {
            self.pieces.push_str(&raw.value().to_text());
        }
    }

    /// Whether there is no value, or an empty one.
    pub(super) fn is_nothing(&self) -> bool {
        self.pieces.is_empty() && self.one.is_none_or(Raw::is_nothing)
    }

    /// Whether it would show as nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.is_nothing() || self.value().to_text().trim().is_empty()
    }

    /// Number of bytes it keeps.
    pub(super) fn size(&self) -> usize {
        self.pieces.len() + self.one.map_or(0, Raw::size)
    }

    /// The typed value.
    pub(super) fn value(&self) -> Value {
        if self.pieces.is_empty() {
            self.one.map_or(Value::Null, Raw::value)
        } else {
            Value::text(self.pieces.as_str())
        }
    }

    /// The content as a number, also when it is text.
    pub(super) fn number<T: TryFrom<u64>>(&self) -> Option<T> {
        let number = match self.one {
            Some(raw) => raw.number(),
            None => parse_number(self.pieces.trim()).and_then(|number| number.try_into().ok()),
        };
        number.and_then(|number| number.try_into().ok())
    }

    /// The content as a point in time, also when it is text.
    pub(super) fn time(&self) -> Option<Time> {
        match self.one {
            Some(raw) => raw.time(),
            None => Time::parse_rfc3339(self.pieces.trim()),
        }
    }

    /// The content as a GUID, also when it is text; the nil GUID means none.
    pub(super) fn guid(&self) -> Option<Guid> {
        let guid = match self.one {
            Some(raw) => raw.guid(),
            None => Guid::parse(&self.pieces),
        };
        guid.filter(|guid| !guid.is_nil())
    }

    /// The content as a shared text that is likely to be one of the last few.
    pub(super) fn recent(&self, interner: &mut Interner) -> Arc<str> {
        match self.one.and_then(Raw::utf16) {
            Some(bytes) => interner.recent(bytes),
            None => self.shared(interner),
        }
    }

    /// The content as a shared text.
    pub(super) fn shared(&self, interner: &mut Interner) -> Arc<str> {
        match self.one {
            Some(raw) => match raw.utf16() {
                Some(bytes) => interner.utf16(bytes),
                None => interner.recent_value(raw),
            },
            None => interner.text(&self.pieces),
        }
    }
}

impl<'c> Content<'c> {
    /// Adds a value.
    pub(super) fn push(&mut self, raw: Raw<'c>) {
        if self.is_nothing() {
            self.one = Some(raw);
        } else if !raw.is_nothing() {
            self.join();
            self.pieces.push_str(&raw.value().to_text());
        }
    }
}

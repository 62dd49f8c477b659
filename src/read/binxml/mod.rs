//! BinXML, the encoding of a record's content: from bytes to a flat sequence of items.
//!
//! - `bytes`: a cursor that cannot leave its range
//! - `names`: element and attribute names by offset
//! - `token`: one token of a stream
//! - `template`: definitions, parsed once for each chunk
//! - `form`: how records without a template are built
//! - `document`: a chunk, what of it was met so far, and the work that it may still cause
//! - `walk`: the items of a record, substitutions resolved
//! - `fit`: the values of a record in a damaged chunk, held against their template
//! - `raw`: a value as it stands in the chunk, and its typed form
//! - `text`: the two string encodings
//!
//! Knows nothing about events: `System` and `EventData` are names like others. Everything is
//! borrowed from the chunk, every access is checked, and the work for a chunk is limited by
//! a budget, because templates let few bytes describe much.

mod bytes;
mod document;
mod fit;
mod form;
mod names;
mod raw;
mod template;
mod text;
mod token;
mod walk;

pub(in crate::read) use document::Document;
pub(in crate::read) use form::{Fit, Form, Step, Symbols};
pub(in crate::read) use names::{Known, Name, NameId};
pub(in crate::read) use raw::{Raw, Standing};
pub(in crate::read) use text::{BLOCK, push_utf16, short_ascii, trim_nul};
pub(in crate::read) use token::Token;
pub(in crate::read) use walk::{Item, Walk};

/// Why a record's content cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::read) enum Malformed {
    /// A length or an offset leads out of the record or the chunk.
    #[error("content leads out of its bounds at byte {at} of the chunk")]
    OutOfBounds {
        /// Offset in the chunk.
        at: usize,
    },
    /// A byte that is no token where one is due.
    #[error("unknown token {token:#04x} at byte {at} of the chunk")]
    UnknownToken {
        /// The byte.
        token: u8,
        /// Offset in the chunk.
        at: usize,
    },
    /// Values that do not fit their types, their template or what they stand in.
    #[error("values do not fit at byte {at} of the chunk")]
    Misfit {
        /// Offset in the chunk.
        at: usize,
    },
    /// A name, or the template that it stands in, is not what is referred to.
    #[error("a name or template is damaged")]
    Misnamed,
    /// Id or time of the record are not between those of its neighbors.
    #[error("its number or time is out of sequence")]
    OutOfSequence,
    /// Elements end before they start, or never.
    #[error("elements are not balanced")]
    Unbalanced,
    /// Fragments in values, or elements in each other, deeper than any real record.
    #[error("content is nested too deeply")]
    TooDeep,
    /// The chunk describes more content than any real one.
    #[error("the chunk describes too much content")]
    OverBudget,
    /// Not an event: no `System` part, or no event ID in it.
    #[error("content is no event")]
    NoEvent,
}

impl Malformed {
    /// Whether damage makes records so, in part. No real record is so deep or describes so much,
    /// in whole or in part.
    pub(in crate::read) fn is_damage(self) -> bool {
        !matches!(self, Self::OverBudget | Self::TooDeep)
    }
}

/// Result of following a record's content.
pub(in crate::read) type Result<T> = std::result::Result<T, Malformed>;

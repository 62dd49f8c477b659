//! What can keep an event out of a log file.

use std::io;

use crate::model::Time;

/// Why a log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// The file could not be written.
    #[error("cannot write the log")]
    Io(#[from] io::Error),
    /// An event of a scenario cannot be written.
    #[error("cannot write event {event_id} of `{channel}` at {time}")]
    Event {
        /// The event's channel.
        channel: String,
        /// The event ID.
        event_id: u32,
        /// When it happens.
        time: Time,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// A value cannot be expressed in BinXML, or not with its type.
    #[error("cannot write `{field}`: {problem}")]
    Value {
        /// The field, or the part of `System`.
        field: String,
        /// What is wrong with the value.
        problem: ValueProblem,
    },
    /// An event ID above 65,535: records have 16 bits for it.
    #[error("event ID {0} is above 65535, the highest there is")]
    EventId(u32),
    /// A name of an element, attribute or field is longer than BinXML allows.
    #[error("the name `{0}…` is longer than 65,535 UTF-16 units")]
    Name(String),
    /// The path of a field in `UserData` is nested too deeply or has an empty step.
    #[error("`{0}` is no path of elements")]
    Path(String),
    /// A classic event's payload is unnamed strings and `Binary`, nothing else.
    #[error("a classic event cannot have a field named `{0}`")]
    NamedInClassic(String),
    /// The record alone is larger than a chunk.
    #[error("the record would have {0} bytes; a log's chunk holds 65,023")]
    RecordTooLarge(usize),
    /// The file header counts chunks in 16 bits.
    #[error("the log would have more than 65,535 chunks (4 GiB)")]
    FileTooLarge,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// Value sizes have 16 bits.
    #[error("it has {0} bytes; a value can have 65,535")]
    TooLarge(usize),
    /// Text in the record itself has a 16-bit length.
    #[error("it has {0} UTF-16 units; text outside of templates can have 65,535")]
    TextTooLong(usize),
    /// FILETIME begins in 1601, SYSTEMTIME ends in 30827.
    #[error("its time is outside of what the type can hold")]
    Time,
    /// The text is no security identifier.
    #[error("`{0}` is no SID")]
    Sid(String),
    /// A list of strings separates them by NUL characters.
    #[error("an item of a list of strings contains a NUL character")]
    NulInItem,
    /// BinXML arrays have one item type, and none for NULL, binary, pointer and list items.
    #[error("its items have no common type that arrays can have")]
    Array,
}

impl ForgeError {
    pub(super) fn value(field: &str, problem: ValueProblem) -> Self {
        Self::Value { field: field.to_owned(), problem }
    }
}

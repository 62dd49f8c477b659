//! Logs that were exported as text: the same records, without Windows' own types.
//!
//! - `cut`: a stream into blocks of whole records, by `xml_cut` and `json_cut`
//! - `xml`: a record in Windows' XML
//! - `json`: a record in the JSON of a tool, and which tool's it is
//! - `tree`, `beats`, `evtxecmd`, `rows`: the shapes of those tools
//! - `element`: what all but one of them describe: elements in elements
//! - `payload`: the elements of a payload as fields, named as `read::payload` names them
//! - `heading`: the `System` part
//! - `value`: text to typed values, as far as that is certain
//!
//! A bad record is counted and passed over. The work for a record is limited by its size.

mod beats;
mod cut;
mod element;
mod evtxecmd;
mod heading;
mod json;
mod json_cut;
mod payload;
mod rows;
mod tree;
mod value;
mod xml;
mod xml_cut;

pub(super) use cut::{Block, Cutter};
pub(super) use heading::Heading;

use super::intern::Interner;
use super::run::{Select, wanted};
use crate::model::{Field, LogForm, Source};

/// Why a record of an export cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    /// It ends too soon, or another begins in it.
    #[error("is cut short")]
    Cut,
    /// It is larger than any record can be.
    #[error("is too large for a record")]
    TooLong,
    /// Something that is no record stands in its place.
    #[error("is no record")]
    NoRecord,
    /// Its XML is not well-formed, or names entities that only a document type could define.
    #[error("is not well-formed XML")]
    BadXml,
    /// Its JSON is not well-formed.
    #[error("is not well-formed JSON")]
    BadJson,
    /// Elements in each other, deeper than in any real record.
    #[error("is nested too deeply")]
    TooDeep,
    /// The tool found it where its log keeps no records.
    #[error("stands in space that its log does not use")]
    Hidden,
    /// No `System` part, or no event ID or time in it.
    #[error("tells no event ID or no time")]
    NoEvent,
}

/// What a record of an export holds, or would hold.
pub(super) enum Found {
    /// Nobody wants it.
    Unwanted(Heading),
    /// The whole record.
    Wanted(Heading, Vec<Field>),
}

/// Reads a record, and its payload if `select` wants it.
pub(super) fn record<S: Select>(
    form: LogForm,
    text: &[u8],
    source: Source,
    select: &S,
    interner: &mut Interner,
) -> Result<Found, Flaw> {
    let text = String::from_utf8_lossy(text);
    let mut wants = |heading: &Heading| wanted(select, &heading.head(source)).is_some();
    if form == LogForm::Xml {
        xml::read(&text, interner, &mut wants)
    } else {
        json::read(&text, interner, &mut wants)
    }
}

//! The `evtx` crate's reading of a record, to compare ours with.
//!
//! - `tally`: what a comparison found
//! - `notation`: our values in the crate's notation
//! - `by_json`: a record against the crate's JSON, which `flat_json` makes into a list
//! - `by_xml`: a record against the crate's XML, which `xml` parses

pub(crate) mod by_json;
pub(crate) mod by_xml;
mod flat_json;
mod notation;
mod tally;
mod xml;

pub(crate) use tally::Tally;

//! The `evtx` crate's reading of a record, to compare ours with.
//!
//! - `tally`: what a comparison found
//! - `notation`: our values in the crate's notation
//! - `by_xml`: a record's fields against the crate's XML, which `xml` parses

pub(crate) mod by_xml;
mod notation;
mod tally;
mod xml;

pub(crate) use tally::Tally;

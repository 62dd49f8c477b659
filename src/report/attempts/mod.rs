//! Attempts as rows: a table for people, CSV for spreadsheets, JSON for programs.
//!
//! Knows layout only; which attempts are shown is decided in [`crate::attempts`].

mod csv;
mod json;
mod table;

pub use csv::write as write_csv;
pub use json::{SCHEMA, write as write_json};
pub use table::render as render_table;

use super::Zone;
use crate::attempts::Picked;
use crate::model::Report;

/// What is shown.
#[derive(Clone, Debug)]
pub struct Rows<'r> {
    /// The case.
    pub report: &'r Report,
    /// The attempts to show.
    pub attempts: &'r [Picked<'r>],
    /// How many were asked for, shown or not.
    pub total: usize,
    /// The zone of times in tables and CSV; JSON is always UTC.
    pub zone: &'r Zone,
}

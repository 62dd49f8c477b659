//! The stock of a case as a page for people and as JSON for programs.
//!
//! Knows layout only; what is missing is decided in [`crate::inventory`].

mod json;
mod page;

pub use json::{SCHEMA, write as write_json};
pub use page::render as render_page;

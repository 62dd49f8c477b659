//! A comparison as a page for people and as JSON for programs.
//!
//! Knows layout only; what changed is decided in [`crate::diff`].

mod json;
mod page;

pub use json::{SCHEMA, write as write_json};
pub use page::render as render_page;

//! Writes a finished [`crate::model::Report`] for people and for programs, a format each.
//!
//! Knows layout and formats. Knows nothing about how conclusions are drawn, and prints
//! nothing: each format returns text or writes to what it is given.

pub mod attempts;
pub mod diff;
mod grid;
pub mod inventory;
pub mod json_v1;
pub mod sanitize;
pub mod saved;
mod sheet;
pub mod terminal;
pub mod timeline;
mod zone;

pub use zone::{Zone, ZoneError};

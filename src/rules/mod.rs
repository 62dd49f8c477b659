//! The knowledge base: rule documents, checked and compiled.

pub mod catalogue;
mod cause;
mod embedded;
pub mod schema;

pub use cause::{Anchor, Cause, Item, ItemRole, Playbook, Position};
pub use embedded::embedded;

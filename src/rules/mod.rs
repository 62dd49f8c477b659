//! The knowledge base: rule documents, checked and compiled.

pub mod catalogue;
mod cause;
pub mod codes;
mod embedded;
pub mod schema;

pub use cause::{Anchor, Cause, Item, ItemRole, Playbook, Position};
pub use embedded::embedded;

//! The knowledge base: rule documents, checked and compiled.

mod cause;
pub mod schema;

pub use cause::{Anchor, Cause, Item, ItemRole, Playbook, Position};

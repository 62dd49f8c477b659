//! The knowledge base: rule documents, embedded and loaded.

mod embedded;
pub mod events;

pub use embedded::embedded;

//! The knowledge base: rule documents, embedded and loaded.

mod embedded;

pub use embedded::embedded;

//! The knowledge base: rule documents, embedded and loaded.

mod embedded;
pub mod events;
mod similar;

pub use embedded::embedded;
pub use similar::most_similar;

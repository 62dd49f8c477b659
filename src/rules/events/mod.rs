//! The layouts of events: which fields an event has, in which order and of which types, and
//! how it stands in a log. Knows nothing about what an event means.

mod catalogue;
mod document;
mod field_type;
mod layout;

pub use catalogue::{Catalogue, CatalogueError, LookupError, Source};
pub use field_type::FieldType;
pub use layout::{Container, Envelope, FieldLayout, Layout, SystemShape};

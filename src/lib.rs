//! Says why a Remote Desktop connection failed, from exported Windows event logs.

pub mod discover;
pub mod model;
pub mod read;

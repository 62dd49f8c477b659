//! Says why a Remote Desktop connection failed, from exported Windows event logs.

pub mod cli;
pub mod forge;
pub mod model;
pub mod rules;
pub mod scenario;

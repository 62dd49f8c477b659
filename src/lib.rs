//! Says why a Remote Desktop connection failed, from exported Windows event logs.

pub mod cli;
pub mod model;
pub mod options;
pub mod rules;

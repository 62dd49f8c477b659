//! Says why a Remote Desktop connection failed, from exported Windows event logs.

pub mod infer;
pub mod machines;
pub mod model;
pub mod options;
pub mod rank;
pub mod reconstruct;
pub mod rules;

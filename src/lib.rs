//! x
pub mod model;
pub mod options;
pub mod reconstruct;
pub mod rules;

//! The command line.

pub mod forge;

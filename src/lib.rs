//! Says why a Remote Desktop connection failed, from exported Windows event logs.

pub mod analyze;
mod archive;
pub mod attempts;
pub mod cases;
pub mod cli;
pub mod condense;
pub mod diff;
pub mod discover;
pub mod forge;
pub mod gaps;
pub mod gather;
pub mod infer;
pub mod inventory;
pub mod lint;
pub mod machines;
pub mod model;
pub mod options;
pub mod rank;
pub mod read;
pub mod reconstruct;
pub mod report;
pub mod rules;
pub mod scenario;
pub mod select;
pub mod settle;
pub mod timeline;
pub mod undecided;

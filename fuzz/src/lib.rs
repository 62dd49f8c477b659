//! What is fuzzed. The targets themselves are in one file, which a test of the stable build
//! includes, too.

pub mod targets;

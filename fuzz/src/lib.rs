//! What is fuzzed. The targets themselves are in one file, which a test of the stable build
//! includes, too.

/// The tests' own, so that there is one idea of a sound chunk.
#[allow(dead_code, reason = "only a part is needed here")]
#[path = "../../tests/support/log_writer.rs"]
mod log_writer;
pub mod targets;

//! Signals, compiled: which events carry them, and what they say.

mod answers;
mod correlation;
mod index;
mod rule;

pub use answers::Answers;
pub use correlation::{Correlation, GroupKey};
pub use index::{Found, SignalIndex};
pub use rule::{Binding, SignalRule};

#[cfg(test)]
mod tests;

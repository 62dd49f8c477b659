//! Signals, compiled: which events carry them, and what they say.

mod answers;
mod correlation;
mod index;
mod kind;
mod recent;
mod rule;
mod said;

pub use answers::{Answers, Gist, NoLayout, Who};
pub use correlation::{Correlation, GroupKey};
pub use index::SignalIndex;
pub use kind::Found;
pub use rule::{Binding, SignalRule};
pub use said::said;

#[cfg(test)]
mod tests;

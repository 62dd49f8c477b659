//! The knowledge base: rule documents, checked and compiled.

pub mod catalogue;
mod cause;
mod check;
pub mod codes;
mod describe;
mod detection;
mod documents;
mod error;
pub mod events;
mod load;
mod rule_set;
pub mod schema;
mod signals;
mod similar;
pub(crate) mod stored;
mod yaml;

pub use cause::{
    Anchor, Cause, Condition, Gate, Item, ItemRole, Pattern, Playbook, Position, Share, Turn,
    Without,
};
pub use describe::describe;
pub use error::{Place, RuleError, RulesError};
pub use load::{RuleText, rule_texts};
pub use rule_set::RuleSet;
pub use signals::{
    Answers, Binding, Correlation, Found, Gist, GroupKey, NoLayout, SignalIndex, SignalRule, Who,
    said,
};
pub use similar::most_similar;

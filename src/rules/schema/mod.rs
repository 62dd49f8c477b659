//! The shapes of rule documents, as authors write them. Unknown keys are errors.

mod cause;
mod item;
mod node;
mod playbook;
mod signal;
mod spanned;

pub use cause::{CauseDocument, EvidenceDocument, Requires, ScopeKind};
pub use item::{
    AnchorDocument, At, ConditionDocument, DistinctDocument, ItemDocument, ShareDocument, Side,
    TurnDocument, WithoutDocument,
};
pub use node::{Node, Texts};
pub use playbook::{PlaybookDocument, StepDocument, Target};
pub use signal::{
    AttemptPart, Correlation, CorrelationCondition, CorrelationDocument, CorrelationType,
    Detection, Entity, GroupName, LogSource, SignalDocument, SignalsDocument,
};
pub use spanned::Spanned;

//! The shapes of rule documents, as authors write them. Unknown keys are errors.

mod cause;
mod node;
mod playbook;
mod signal;

pub use cause::{
    AnchorDocument, CauseDocument, DistinctDocument, EvidenceDocument, ItemDocument, Requires,
    ScopeKind,
};
pub use node::{Node, Texts};
pub use playbook::{PlaybookDocument, StepDocument, Target};
pub use signal::{
    AttemptPart, Correlation, CorrelationCondition, CorrelationDocument, CorrelationType,
    Detection, Entity, LogSource, SignalDocument, SignalsDocument,
};

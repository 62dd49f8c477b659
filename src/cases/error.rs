//! What can be wrong with a file of cases.

use crate::rules::events::CatalogueError;
use crate::rules::{Place, RuleError};
use crate::scenario::ScenarioError;

/// Why cases cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file is no list of cases.
    #[error("cannot read the cases `{}`", .0.file)]
    Document(#[source] RuleError),
    /// A case's events cannot be understood.
    #[error("cannot run the case `{case}`")]
    Events {
        /// The case.
        case: String,
        /// What is wrong, with file, line and column.
        source: ScenarioError,
    },
    /// The layouts of events that are built in cannot be read.
    #[error("cannot read the built-in layouts of events")]
    Catalogue(#[source] CatalogueError),
}

impl CaseError {
    /// Where it is wrong.
    pub const fn place(&self) -> Option<Place> {
        match self {
            Self::Document(error) => error.place,
            Self::Events { source: ScenarioError::Entry { line, column, .. }, .. } => {
                Some(Place { line: *line, column: *column })
            }
            Self::Events { .. } | Self::Catalogue(_) => None,
        }
    }

    /// What is wrong, without its place, and what was probably meant.
    pub fn parts(&self) -> (String, Option<String>) {
        match self {
            Self::Document(error) => {
                let hint = error.suggestion.as_ref().map(|word| format!("did you mean `{word}`?"));
                (error.message.clone(), hint)
            }
            Self::Events { source: ScenarioError::Entry { problem, hint, .. }, .. } => {
                (problem.clone(), hint.clone())
            }
            other => (other.to_string(), None),
        }
    }
}

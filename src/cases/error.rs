//! What can be wrong with a file of cases.

use std::sync::Arc;

use crate::rules::events::CatalogueError;
use crate::scenario::ScenarioError;

/// Why cases cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file is no list of cases.
    #[error("cannot read the cases `{file}`")]
    Yaml {
        /// The file.
        file: Arc<str>,
        /// What is wrong, with line and column.
        source: Box<serde_saphyr::Error>,
    },
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

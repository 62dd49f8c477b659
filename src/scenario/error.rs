//! What can be wrong with a scenario, and where.

use serde_saphyr::Spanned;

use crate::rules::most_similar;

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The YAML is not what a scenario looks like.
    #[error("cannot read the scenario `{file}`")]
    Yaml {
        /// The document.
        file: String,
        /// What is wrong, with line and column.
        source: Box<serde_saphyr::Error>,
    },
    /// An entry says something impossible.
    #[error(
        "cannot use the scenario `{file}`: line {line}, column {column}: {problem}{}",
        hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"))
    )]
    Entry {
        /// The document.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column, counted from 1.
        column: u64,
        /// What is wrong.
        problem: String,
        /// What to write instead, if that can be guessed.
        hint: Option<String>,
    },
}

impl ScenarioError {
    /// What to write instead, if that can be guessed.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Entry { hint, .. } => hint.as_deref(),
            Self::Yaml { .. } => None,
        }
    }

    /// An error at the place of `node`.
    pub(super) fn at<T>(file: &str, node: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self::Entry {
            file: file.to_owned(),
            line: node.referenced.line(),
            column: node.referenced.column(),
            problem: problem.into(),
            hint: None,
        }
    }

    /// Adds a guess at what was meant.
    pub(super) fn with_hint(mut self, guess: Option<String>) -> Self {
        if let Self::Entry { hint, .. } = &mut self {
            *hint = guess;
        }
        self
    }
}

/// A question with the name most like `wanted`, if one is like it at all.
pub(super) fn did_you_mean(wanted: &str, names: &[&str]) -> Option<String> {
    most_similar(wanted, names).map(|name| format!("did you mean `{name}`?"))
}

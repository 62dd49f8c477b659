//! What is found in a knowledge base, and where.

use std::sync::Arc;

use serde::Serialize;

use crate::rules::{Place, RuleError};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The rule is wrong, or breaks what the knowledge base promises.
    Error,
    /// The rule works, and its reader or its user will miss something.
    Warning,
    /// Worth knowing; nothing has to be done.
    Note,
}

impl Level {
    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The document, as its author knows it.
    pub file: Arc<str>,
    /// Where; `None` when the file as a whole is meant.
    pub place: Option<Place>,
    /// How bad it is.
    pub level: Level,
    /// The check that found it, in kebab-case; never reused for another.
    pub check: &'static str,
    /// What was found, in lower case and without full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A document that cannot be loaded.
impl From<RuleError> for Finding {
    fn from(error: RuleError) -> Self {
        Self {
            file: error.file,
            place: error.place,
            level: Level::Error,
            check: "unloadable",
            message: error.message,
            hint: error.suggestion.map(|word| format!("did you mean `{word}`?")),
        }
    }
}

/// Takes down the findings of one document.
pub(super) struct Sheet<'a> {
    file: &'a Arc<str>,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Sheet<'a> {
    pub(super) const fn new(file: &'a Arc<str>, findings: &'a mut Vec<Finding>) -> Self {
        Self { file, findings }
    }

    /// Takes down a finding and what to do about it.
    pub(super) fn add(
        &mut self,
        level: Level,
        check: &'static str,
        place: impl Into<Option<Place>>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(Finding {
            file: Arc::clone(self.file),
            place: place.into(),
            level,
            check,
            message: message.into(),
            hint: Some(hint.into()),
        });
    }
}

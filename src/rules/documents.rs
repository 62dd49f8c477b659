//! Rule documents as texts: which kind each is, and which of two layers it belongs to.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::Faults;
use super::yaml;
use crate::built_in;

/// Where a document comes from. What a later layer defines replaces the same id of an earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// Built into the program.
    Embedded,
    /// Supplied by a user.
    Overlay,
}

/// A rule document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The path below `rules/`, with forward slashes.
    pub(super) path: String,
    /// The path as its author knows it, for messages.
    pub(super) shown: Arc<str>,
    pub(super) text: Cow<'static, str>,
    pub(super) layer: Layer,
}

/// What a document holds, which its path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentKind<'a> {
    Signals,
    Cause {
        /// The folder below `causes/`.
        stage: &'a str,
        /// The file's name without ending.
        name: &'a str,
    },
    Playbook {
        /// The file's name without ending.
        name: &'a str,
    },
    /// The list of all causes, with and without a rule.
    Catalogue,
    /// Read elsewhere: code tables, event layouts, cases of rules.
    Foreign,
    /// In no folder that is known.
    Misplaced,
}

impl Document {
    /// The documents that are built in.
    pub(super) fn built_in() -> impl Iterator<Item = Self> {
        built_in::TEXTS.iter().map(|(path, text)| Self::in_memory(path, *text))
    }

    /// A text in memory, as if it were built in.
    pub(super) fn in_memory(path: &str, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.to_owned(),
            shown: format!("rules/{path}").into(),
            text: text.into(),
            layer: Layer::Embedded,
        }
    }

    /// Reads the document; notes what is wrong with it.
    pub(super) fn read<T: DeserializeOwned>(&self, faults: &mut Faults) -> Option<T> {
        yaml::read(&self.text, faults)
    }

    /// What it holds.
    pub(super) fn kind(&self) -> DocumentKind<'_> {
        if self.path == "catalogue.yml" {
            return DocumentKind::Catalogue;
        }
        let parts: Vec<&str> = self.path.split('/').collect();
        let name = parts.last().copied().unwrap_or_default().trim_end_matches(".yml");
        match parts.as_slice() {
            _ if name.ends_with(".test") => DocumentKind::Foreign,
            ["codes" | "events", ..] => DocumentKind::Foreign,
            ["signals", _, ..] => DocumentKind::Signals,
            ["causes", stage, _] => DocumentKind::Cause { stage, name },
            ["playbooks", _] => DocumentKind::Playbook { name },
            _ => DocumentKind::Misplaced,
        }
    }
}

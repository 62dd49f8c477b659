//! The catalogue of root causes: the ids that rules, code tables and reports share.
//!
//! Knows what a cause is called and where it strikes. Knows nothing about evidence.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::stored;
use crate::built_in;
use crate::model::{Kind, Stage};

/// The file of the catalogue, relative to `rules/`.
const FILE: &str = "catalogue.yml";

/// All root causes that can be named, in the order of the stages.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    causes: Vec<CatalogueEntry>,
}

/// One root cause by name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Kebab-case, names the fault, never reused.
    pub id: String,
    /// Where an attempt dies of it; for benign entries, where it shows.
    pub stage: Stage,
    /// Fault, attack or benign.
    pub kind: Kind,
    /// One line for reports.
    pub title: String,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The text is no catalogue.
    #[error("cannot load rule `{FILE}`")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// Two entries share an id.
    #[error("cannot load rule `{FILE}`: `{0}` stands there twice")]
    Twice(String),
}

impl Catalogue {
    /// The catalogue inside the binary.
    ///
    /// # Errors
    /// When the embedded file is damaged, which a test rules out.
    pub fn embedded() -> Result<Self, CatalogueError> {
        stored::read(built_in::CATALOGUE)
            .map_or_else(|| Self::load(built_in::TEXTS.iter().copied()), Ok)
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// When the text is no YAML of this shape, or an id stands there twice.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self =
            serde_saphyr::from_str(text).map_err(|error| CatalogueError::Yaml(Box::new(error)))?;
        let mut seen = BTreeSet::new();
        for entry in &catalogue.causes {
            if !seen.insert(entry.id.as_str()) {
                return Err(CatalogueError::Twice(entry.id.clone()));
            }
        }
        Ok(catalogue)
    }

    /// Reads the one of the documents, given as (path, text), that is the catalogue.
    pub(crate) fn load<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        let text = documents.into_iter().find(|(path, _)| *path == FILE).map(|(_, text)| text);
        Self::parse(text.unwrap_or_default())
    }

    /// The entry of that id.
    pub fn get(&self, id: &str) -> Option<&CatalogueEntry> {
        self.causes.iter().find(|entry| entry.id == id)
    }

    /// All entries, in the order of the stages.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.causes.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_ordered_by_stage_and_speaks_kebab_case() {
        let catalogue = Catalogue::embedded().unwrap();
        assert!(catalogue.iter().count() >= 90);
        let stages: Vec<_> = catalogue.iter().map(|entry| entry.stage).collect();
        assert!(stages.is_sorted());
        for entry in catalogue.iter() {
            assert!(
                entry.id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                "{}",
                entry.id
            );
            assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{}", entry.id);
        }
        let probe = catalogue.get("client-probe").unwrap();
        assert_eq!((probe.stage, probe.kind), (Stage::Negotiate, Kind::Benign));
    }

    #[test]
    fn faulty_catalogues_are_refused() {
        let entry = "{ id: a, stage: tls, kind: fault, title: A }";
        let twice = format!("causes: [{entry}, {entry}]");
        assert!(matches!(Catalogue::parse(&twice), Err(CatalogueError::Twice(id)) if id == "a"));
        for text in ["", "causes: 3", "causes: []\nextra: 1", "causes: [{ id: a }]"] {
            assert!(matches!(Catalogue::parse(text), Err(CatalogueError::Yaml(_))), "{text}");
        }
    }
}

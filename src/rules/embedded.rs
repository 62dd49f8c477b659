//! The rule documents built into the program. Knows nothing about what they say.

use serde::de::DeserializeOwned;

use super::parsed;

/// A document, as text and, when it is built in, as values.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The path below `rules/`, with forward slashes on every platform:
    /// `signals/rdpcorets.yml`.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// What was parsed of it when the program was built: reading YAML takes many times as long.
    /// `None` for what is not built in, and for cases of rules.
    pub(super) parsed: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// A document of which only the text is known.
    pub(super) const fn of_text(path: &'a str, text: &'a str) -> Self {
        Self { path, text, parsed: None }
    }

    /// Reads the document.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Box<serde_saphyr::Error>> {
        match self.parsed.and_then(|parsed| parsed::read(parsed).ok()) {
            Some(document) => Ok(document),
            None => serde_saphyr::from_str(self.text).map_err(Box::new),
        }
    }
}

/// Every `rules/**/*.yml`, sorted by path.
pub fn embedded() -> &'static [Source<'static>] {
    include!(concat!(env!("OUT_DIR"), "/embedded_rules.rs"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::rules::codes::CodeBook;
    use crate::rules::schema::{CauseDocument, PlaybookDocument, SignalsDocument};
    use crate::rules::{RuleSet, catalogue, events};

    /// Holds what was parsed when the program was built against what texts say: a document must not say
    /// one thing when it is built in and another when a user supplies it.
    fn check<T: Debug>(what: &str, read: impl Fn(Vec<Source<'static>>) -> T) {
        let read = |change: fn(&Source<'static>) -> Source<'static>| {
            format!("{:#?}", read(embedded().iter().map(change).collect()))
        };
        let from_texts = read(|source| Source { parsed: None, ..*source });
        // Without texts, what was parsed has to do.
        let from_parsed = read(|source| Source { text: "", ..*source });
        let mut lines = from_texts.lines().zip(from_parsed.lines());
        let differs = lines.find(|(text, parsed)| text != parsed);
        assert_eq!(differs, None, "{what}");
        assert_eq!(from_texts.len(), from_parsed.len(), "{what}");
    }

    /// What was parsed of a folder's documents is of their shape.
    fn check_shape<T: DeserializeOwned>(folder: &str) {
        for source in embedded().iter().filter(|source| source.path.starts_with(folder)) {
            if let Some(parsed) = source.parsed {
                let problem = parsed::read::<T>(parsed).err();
                assert!(problem.is_none(), "{}: {}", source.path, problem.unwrap());
            }
        }
    }

    #[test]
    fn what_was_parsed_can_be_read() {
        check_shape::<CauseDocument>("causes/");
        check_shape::<PlaybookDocument>("playbooks/");
        check_shape::<SignalsDocument>("signals/");
    }

    #[test]
    fn what_was_parsed_says_what_texts_say() {
        check("rules", |sources| {
            let rules = RuleSet::from_sources(&sources).unwrap();
            let signals = format!("{:#?}", rules.signals.rules());
            // Not the fingerprint, which is that of the texts.
            (signals, rules.correlations, rules.causes, rules.playbooks, rules.count)
        });
        check("codes", |sources| CodeBook::read(sources).unwrap());
        check("events", |sources| events::Catalogue::read(&sources).unwrap());
        check("catalogue", |sources| catalogue::Catalogue::read(&sources).unwrap());
    }

    #[test]
    fn what_was_not_parsed_is_read_from_the_text() {
        let source = Source { path: "", text: "[12]", parsed: Some("[p2:12") };
        assert_eq!(source.read::<Vec<u8>>().unwrap(), [12]);
        let source = Source { path: "", text: "[12]", parsed: Some("[p2:13]") };
        assert_eq!(source.read::<Vec<u8>>().unwrap(), [13]);
    }
}

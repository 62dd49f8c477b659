//! How the build script stores what it loaded, so that a start of the program need not read, check
//! and compile the built-in documents again.

use serde::{Deserialize, Serialize};

use super::RuleSet;
use super::catalogue::Catalogue;
use super::codes::CodeBook;
use super::events;
use crate::model::text;

/// Reads a part that [`Stored::of`] wrote; `None` where nothing is built in.
pub(super) fn read<T: Deserialize<'static>>(part: &'static [u8]) -> Option<T> {
    postcard::from_bytes(part).ok()
}

/// What a program is built with.
#[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
pub(crate) struct Stored {
    /// Each part that is read by itself, and its name.
    pub(crate) parts: [(&'static str, Vec<u8>); 5],
    /// The texts that the parts refer to.
    pub(crate) texts: String,
}

impl Stored {
    /// Writes what was loaded.
    ///
    /// # Errors
    ///
    /// Where a value cannot be written.
    #[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
    pub(crate) fn of(
        rules: &RuleSet,
        codes: &CodeBook,
        events: &events::Catalogue,
        catalogue: &Catalogue,
    ) -> Result<Self, postcard::Error> {
        let (parts, texts) = text::store(|| {
            Ok([
                ("SIGNALS", write(&rules.signal_part())?),
                ("CAUSES", write(&rules.cause_part())?),
                ("CODES", write(codes)?),
                ("EVENTS", write(events)?),
                ("CATALOGUE", write(catalogue)?),
            ])
        });
        Ok(Self { parts: parts?, texts })
    }
}

#[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
fn write<T: Serialize>(loaded: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_allocvec(loaded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built_in;

    /// What is built in, in the order of [`Stored::parts`].
    fn built_in_parts() -> [&'static [u8]; 5] {
        use built_in::{CATALOGUE, CAUSES, CODES, EVENTS, SIGNALS};
        [SIGNALS, CAUSES, CODES, EVENTS, CATALOGUE]
    }

    /// Holds what the build script stored against these: a document must not say one thing when it
    /// is built in and another when a user supplies it.
    fn check(rules: &RuleSet, codes: &CodeBook, events: &events::Catalogue, catalogue: &Catalogue) {
        let Stored { parts, texts } = Stored::of(rules, codes, events, catalogue).unwrap();
        for ((name, part), stored) in parts.into_iter().zip(built_in_parts()) {
            assert_eq!(part, stored, "{name}");
        }
        assert_eq!(texts, built_in::STORED_TEXTS);
    }

    #[test]
    fn what_is_stored_says_what_texts_say() {
        let texts = || built_in::TEXTS.iter().copied();
        check(
            &RuleSet::from_documents(texts()).unwrap(),
            &CodeBook::load(texts()).unwrap(),
            &events::Catalogue::load(texts()).unwrap(),
            &Catalogue::load(texts()).unwrap(),
        );
        let [_, _, codes, events, catalogue] = built_in_parts();
        check(
            &RuleSet::stored().unwrap(),
            &read(codes).unwrap(),
            &read(events).unwrap(),
            &read(catalogue).unwrap(),
        );
    }

    #[test]
    fn nothing_is_read_of_what_is_not_stored() {
        assert!(read::<CodeBook>(&[]).is_none());
    }
}

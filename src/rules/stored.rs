//! How the build script stores what it loaded, so that a start of the program need not read, check
//! and compile the built-in documents again.

use serde::{Deserialize, Serialize};

/// Reads what [`write`] wrote; `None` where nothing is built in.
pub(super) fn read<T: Deserialize<'static>>(stored: &'static [u8]) -> Option<T> {
    postcard::from_bytes(stored).ok()
}

/// Writes what was loaded.
///
/// # Errors
///
/// Where a value cannot be written.
#[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
pub(crate) fn write<T: Serialize>(loaded: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_allocvec(loaded)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::built_in;
    use crate::rules::codes::CodeBook;
    use crate::rules::{Cause, Correlation, Playbook, RuleSet, SignalIndex, catalogue, events};

    /// Causes, playbooks, how many rules there are, and their fingerprint.
    type Causes = (Vec<Cause>, BTreeMap<Arc<str>, Playbook>, usize, String);

    /// Holds what the build script stored against what the texts say: a document must not say one
    /// thing when it is built in and another when a user supplies it.
    fn check<T: Serialize + Deserialize<'static>>(
        what: &str,
        stored: &'static [u8],
        loaded: &impl Serialize,
    ) {
        assert_eq!(write(loaded).unwrap(), stored, "{what}: as loaded");
        let read: T = read(stored).unwrap();
        assert_eq!(write(&read).unwrap(), stored, "{what}: as read");
    }

    #[test]
    fn what_is_stored_says_what_texts_say() {
        let texts = || built_in::TEXTS.iter().copied();
        let rules = RuleSet::from_documents(texts()).unwrap();
        check::<(SignalIndex, Vec<Correlation>)>(
            "signals",
            built_in::SIGNALS,
            &rules.signal_part(),
        );
        check::<Causes>("causes", built_in::CAUSES, &rules.cause_part());
        check::<CodeBook>("codes", built_in::CODES, &CodeBook::load(texts()).unwrap());
        check::<events::Catalogue>(
            "events",
            built_in::EVENTS,
            &events::Catalogue::load(texts()).unwrap(),
        );
        check::<catalogue::Catalogue>(
            "catalogue",
            built_in::CATALOGUE,
            &catalogue::Catalogue::load(texts()).unwrap(),
        );
    }

    #[test]
    fn nothing_is_read_of_what_is_not_stored() {
        assert!(read::<CodeBook>(&[]).is_none());
    }
}

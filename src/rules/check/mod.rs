//! Checks documents against each other and turns them into the knowledge base.
//!
//! First every document is read, which makes all names known; then every entry is compiled.
//! All mistakes of both passes are reported together.

mod causes;
mod correlations;
mod drafts;
mod facts;
mod items;
mod names;
mod playbooks;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use self::drafts::{Drafts, Fact};
use self::names::Names;
use super::RuleSet;
use super::documents::Document;
use super::error::{Faults, RuleError, RulesError};

/// Checks and compiles documents of all layers.
pub(super) fn rule_set(mut documents: Vec<Document>) -> Result<RuleSet, RulesError> {
    documents.sort_by(|left, right| (left.layer, &left.path).cmp(&(right.layer, &right.path)));
    let mut errors: Vec<RuleError> = Vec::new();
    let drafts = Drafts::read(&documents, &mut errors);
    let names = Names::of(&drafts);
    let in_force = in_force(&drafts, &documents);
    let count = drafts.facts.len() + drafts.causes.len() + drafts.playbooks.len();

    let mut rules = Vec::new();
    let mut correlations = Vec::new();
    for (id, draft) in drafts.facts {
        let mut faults = Faults::new(draft.file);
        match draft.body {
            Fact::Signal(signal) => rules.extend(facts::signal(&id, *signal, &mut faults)),
            Fact::Correlation(correlation) => {
                correlations.extend(correlations::correlation(
                    &id,
                    &correlation,
                    &names,
                    &mut faults,
                ));
            }
        }
        errors.extend(faults.into_errors());
    }
    let mut causes = Vec::new();
    for (id, draft) in drafts.causes {
        let mut faults = Faults::new(draft.file);
        causes.push(causes::cause(&id, draft.body, &names, &mut faults));
        errors.extend(faults.into_errors());
    }
    let mut playbooks = std::collections::BTreeMap::new();
    for (id, draft) in drafts.playbooks {
        let mut faults = Faults::new(draft.file);
        playbooks.insert(id.clone(), playbooks::playbook(&id, draft.body, &mut faults));
        errors.extend(faults.into_errors());
    }
    if !errors.is_empty() {
        errors.sort();
        // What is wrong with a file's `logsource` shows at each of its signals.
        errors.dedup();
        return Err(RulesError { errors });
    }
    let sha256 = fingerprint(&in_force);
    Ok(RuleSet { signals: rules.into(), correlations, causes, playbooks, count, sha256 })
}

/// The text with line feeds alone at the ends of its lines.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// The documents that define something no later layer replaces, ordered by path.
fn in_force<'a>(drafts: &Drafts, documents: &'a [Document]) -> Vec<&'a Document> {
    let facts = drafts.facts.values().map(|draft| draft.document);
    let causes = drafts.causes.values().map(|draft| draft.document);
    let playbooks = drafts.playbooks.values().map(|draft| draft.document);
    let numbers: BTreeSet<usize> = facts.chain(causes).chain(playbooks).collect();
    let mut documents: Vec<_> =
        numbers.into_iter().filter_map(|number| documents.get(number)).collect();
    documents.sort_by(|left, right| (&left.path, left.layer).cmp(&(&right.path, right.layer)));
    documents
}

fn fingerprint(documents: &[&Document]) -> String {
    let mut hash = Sha256::new();
    for document in documents {
        for part in [document.path.as_str(), &unix_lines(&document.text)] {
            // Lengths keep the end of one text apart from the beginning of the next.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;

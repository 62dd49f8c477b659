//! Documents, read but not yet checked against each other: the entries in force, by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Text;
use crate::rules::schema::Spanned;

use crate::rules::documents::{Document, DocumentKind, Layer};
use crate::rules::error::{Faults, Mistake, Place, RuleError};
use crate::rules::schema::{
    CauseDocument, CorrelationDocument, LogSource, Node, PlaybookDocument, SignalDocument,
    SignalsDocument,
};

/// The entries of all documents. What a later layer defines has replaced the earlier.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) facts: BTreeMap<Text, Draft<Fact>>,
    pub(super) causes: BTreeMap<Text, Draft<CauseDocument>>,
    pub(super) playbooks: BTreeMap<Text, Draft<PlaybookDocument>>,
    /// Ids of causes that the catalogue lists.
    pub(super) catalogue: Vec<Text>,
    /// Some document could not be read, so that names may be missing.
    pub(super) incomplete: bool,
}

/// An entry, and where it stands.
#[derive(Debug)]
pub(super) struct Draft<T> {
    pub(super) file: Arc<str>,
    /// Number of the document.
    pub(super) document: usize,
    layer: Layer,
    place: Place,
    pub(super) body: T,
}

/// What defines a signal.
#[derive(Debug)]
pub(super) enum Fact {
    Signal(Box<SignalDraft>),
    Correlation(Box<CorrelationDocument>),
}

/// A signal, and what its file says about the source of all its signals.
#[derive(Debug)]
pub(super) struct SignalDraft {
    pub(super) document: SignalDocument,
    pub(super) source: Option<LogSource>,
}

impl Drafts {
    /// Reads documents, which are ordered by layer.
    pub(super) fn read(documents: &[Document], errors: &mut Vec<RuleError>) -> Self {
        let mut drafts = Self::default();
        for (number, document) in documents.iter().enumerate() {
            let mut faults = Faults::new(Arc::clone(&document.shown));
            drafts.read_one(number, document, &mut faults);
            errors.extend(faults.into_errors());
        }
        drafts
    }

    fn read_one(&mut self, number: usize, document: &Document, faults: &mut Faults) {
        let read = match document.kind() {
            DocumentKind::Foreign => return,
            DocumentKind::Misplaced => {
                faults.add_anywhere(
                    None,
                    "rules stand as `signals/<name>.yml`, `causes/<stage>/<id>.yml` or \
                     `playbooks/<id>.yml`",
                );
                Some(())
            }
            DocumentKind::Catalogue => document
                .read::<Node>(faults)
                .map(|catalogue| collect_ids(&catalogue, &mut self.catalogue)),
            DocumentKind::Signals => document
                .read(faults)
                .map(|signals| self.add_signals(number, document, signals, faults)),
            DocumentKind::Cause { stage, name } => {
                document.read::<CauseDocument>(faults).map(|cause| {
                    check_file_name(&cause.id, name, faults);
                    if cause.stage.name() != stage {
                        faults.add(
                            &cause.id,
                            format!(
                                "stands in folder `{stage}` but its stage is `{}`",
                                cause.stage
                            ),
                        );
                    }
                    let id = cause.id.clone();
                    insert(&mut self.causes, &id, draft(number, document, &id, cause), faults);
                })
            }
            DocumentKind::Playbook { name } => {
                document.read::<PlaybookDocument>(faults).map(|playbook| {
                    check_file_name(&playbook.id, name, faults);
                    let id = playbook.id.clone();
                    let draft = draft(number, document, &id, playbook);
                    insert(&mut self.playbooks, &id, draft, faults);
                })
            }
        };
        self.incomplete |= read.is_none();
    }

    fn add_signals(
        &mut self,
        number: usize,
        document: &Document,
        signals: SignalsDocument,
        faults: &mut Faults,
    ) {
        for signal in signals.signals {
            let id = signal.id.clone();
            let source = signals.logsource.clone();
            let fact = Fact::Signal(Box::new(SignalDraft { document: signal, source }));
            insert(&mut self.facts, &id, draft(number, document, &id, fact), faults);
        }
        for correlation in signals.correlations {
            let id = correlation.id.clone();
            let fact = Fact::Correlation(Box::new(correlation));
            insert(&mut self.facts, &id, draft(number, document, &id, fact), faults);
        }
    }
}

fn draft<T>(document: usize, from: &Document, id: &Spanned<String>, body: T) -> Draft<T> {
    Draft { file: Arc::clone(&from.shown), document, layer: from.layer, place: id.into(), body }
}

/// Adds an entry, or puts it in the place of one of an earlier layer.
fn insert<T>(
    entries: &mut BTreeMap<Text, Draft<T>>,
    id: &Spanned<String>,
    draft: Draft<T>,
    faults: &mut Faults,
) {
    check_id(id, faults);
    match entries.get(id.value.as_str()) {
        Some(other) if other.layer == draft.layer => faults.add(
            id,
            format!(
                "id `{}` is taken already by `{}`, line {}",
                id.value, other.file, other.place.line
            ),
        ),
        _ => {
            entries.insert(id.value.as_str().into(), draft);
        }
    }
}

fn check_id(id: &Spanned<String>, faults: &mut Faults) {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !id.value.split('-').all(is_word) {
        let message =
            format!("`{}` is no id: use lower-case letters, digits and single hyphens", id.value);
        faults.add(id, message);
    }
}

fn check_file_name(id: &Spanned<String>, name: &str, faults: &mut Faults) {
    if id.value != name {
        let message = format!("id `{}` differs from the name of the file", id.value);
        faults.add(id, Mistake { message, suggestion: Some(name.to_owned()) });
    }
}

/// Gathers the values of all keys `id`: the catalogue's other keys are others' business.
fn collect_ids(node: &Node, ids: &mut Vec<Text>) {
    match node {
        Node::List(items) => items.iter().for_each(|item| collect_ids(&item.value, ids)),
        Node::Map(entries) => {
            for (key, value) in entries {
                match &value.value {
                    Node::Text(id) if key.value == "id" => ids.push(id.as_str().into()),
                    value => collect_ids(value, ids),
                }
            }
        }
        _ => {}
    }
}

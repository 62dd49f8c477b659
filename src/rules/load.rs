//! Gathers rule documents: those built in, and those of a user's folder over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use serde::de::DeserializeOwned;
use walkdir::{DirEntry, WalkDir};

use super::documents::{Document, Layer};
use super::error::{Faults, RuleError, RulesError};
use super::{Cause, Correlation, Playbook, RuleSet, SignalIndex, check, stored, yaml};
use crate::built_in;
use crate::model::Text;

/// A document larger than this is no rule.
const MAX_BYTES: u64 = 1 << 20;
/// More documents than this are no knowledge base.
const MAX_DOCUMENTS: usize = 10_000;
/// `causes/<stage>/<id>.yml` is the deepest path.
const MAX_DEPTH: usize = 3;

impl RuleSet {
    /// The rules that are built in.
    ///
    /// # Errors
    ///
    /// When one of them is wrong, which the tests of a release rule out.
    pub fn embedded() -> Result<Self, RulesError> {
        Self::stored().map_or_else(|| check::rule_set(Document::built_in().collect()), Ok)
    }

    /// What the build script stored. Its parts take about as long as each other, so they are read
    /// side by side.
    pub(super) fn stored() -> Option<Self> {
        thread::scope(|side| {
            let causes = side.spawn(|| stored::read(built_in::CAUSES));
            let (signals, correlations) = stored::read(built_in::SIGNALS)?;
            let (causes, playbooks, count, sha256) = causes.join().ok()??;
            Some(Self { signals, correlations, causes, playbooks, count, sha256 })
        })
    }

    /// What is stored of signals.
    #[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
    pub(crate) const fn signal_part(&self) -> (&SignalIndex, &Vec<Correlation>) {
        (&self.signals, &self.correlations)
    }

    /// What is stored of causes, and of all rules.
    #[cfg_attr(not(test), allow(dead_code, reason = "the build script writes"))]
    pub(crate) const fn cause_part(
        &self,
    ) -> (&Vec<Cause>, &BTreeMap<Text, Playbook>, usize, &String) {
        (&self.causes, &self.playbooks, self.count, &self.sha256)
    }

    /// The rules that are built in, and those of a folder of the same layout over them. What
    /// the folder defines replaces what is built in under the same id; all else is added.
    ///
    /// # Errors
    ///
    /// All mistakes in the folder's documents, or why it cannot be read.
    pub fn with_overlay(dir: &Path) -> Result<Self, RulesError> {
        check::rule_set(Document::built_in().chain(overlay(dir)?).collect())
    }

    /// A rule set from documents in memory: pairs of path below `rules/`, with forward
    /// slashes, and text.
    ///
    /// # Errors
    ///
    /// All mistakes in the documents.
    pub fn from_documents<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, RulesError> {
        let documents =
            documents.into_iter().map(|(path, text)| Document::in_memory(path, text.to_owned()));
        check::rule_set(documents.collect())
    }
}

/// A document's text, for those who read what is no rule, such as the cases beside rules, or
/// who need the place of every word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// The path below `rules/` or the user's folder, with forward slashes.
    pub path: String,
    /// The path as its author knows it, for messages.
    pub shown: Arc<str>,
    /// The whole text.
    pub text: Cow<'static, str>,
    /// Whether it comes with the program; what a user's folder defines goes before it.
    pub built_in: bool,
}

impl RuleText {
    /// A document in memory, as if it came with the program.
    pub fn built_in(path: &str, text: &str) -> Self {
        Document::in_memory(path, text.to_owned()).into()
    }

    /// Reads the document.
    ///
    /// # Errors
    ///
    /// Where the text is not what such a document looks like.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, RuleError> {
        let mut faults = Faults::new(Arc::clone(&self.shown));
        yaml::read(&self.text, &mut faults).ok_or_else(|| {
            let first = faults.into_errors().into_iter().next();
            first.unwrap_or_else(|| unusable(Path::new(&*self.shown), "cannot be read".to_owned()))
        })
    }
}

impl From<Document> for RuleText {
    fn from(document: Document) -> Self {
        let Document { path, shown, text, layer } = document;
        Self { path, shown, text, built_in: layer == Layer::Embedded }
    }
}

/// The texts of all documents, those of a user's folder in place of the same path built in.
///
/// # Errors
///
/// Why the folder cannot be read.
pub fn rule_texts(overlay_dir: Option<&Path>) -> Result<Vec<RuleText>, RulesError> {
    let mut texts: BTreeMap<String, Document> =
        Document::built_in().map(|document| (document.path.clone(), document)).collect();
    if let Some(dir) = overlay_dir {
        texts.extend(overlay(dir)?.into_iter().map(|document| (document.path.clone(), document)));
    }
    Ok(texts.into_values().map(RuleText::from).collect())
}

/// Reads the documents of a user's folder, ordered by path.
fn overlay(dir: &Path) -> Result<Vec<Document>, RulesError> {
    let mut documents = Vec::new();
    let mut errors = Vec::new();
    // Links are followed, as mounted configuration is often made of them; walkdir ends cycles.
    let files = WalkDir::new(dir)
        .follow_links(true)
        .max_depth(MAX_DEPTH)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
    for entry in files {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(dir).to_path_buf();
                errors.push(unusable(&path, format!("cannot be read: {}", reason(error))));
                continue;
            }
        };
        if !entry.file_type().is_file() {
            continue;
        }
        match read(dir, entry.path()) {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => {}
            Err(message) => errors.push(unusable(entry.path(), message)),
        }
        if documents.len() > MAX_DOCUMENTS {
            errors.push(unusable(dir, format!("holds more than {MAX_DOCUMENTS} documents")));
            break;
        }
    }
    if documents.is_empty() && errors.is_empty() {
        let message = "holds no rules: expected `.yml` files under `signals`, `causes/<stage>` or \
                       `playbooks`";
        errors.push(unusable(dir, message.to_owned()));
    }
    if errors.is_empty() { Ok(documents) } else { Err(RulesError { errors }) }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_str().is_some_and(|name| name.starts_with('.'))
}

fn unusable(path: &Path, message: String) -> RuleError {
    RuleError { file: path.display().to_string().into(), place: None, message, suggestion: None }
}

/// What went wrong, without the path, which the message names already.
fn reason(error: walkdir::Error) -> String {
    let shown = error.to_string();
    error.into_io_error().map_or(shown, |error| error.to_string())
}

/// Reads a file of the folder; `None` when its ending is not that of a rule.
fn read(dir: &Path, file: &Path) -> Result<Option<Document>, String> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "yml" => {}
        "yaml" => return Err("rule documents end in `.yml`".to_owned()),
        _ => return Ok(None),
    }
    let below = file.strip_prefix(dir).unwrap_or(file);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let path = parts.ok_or("the path is not UTF-8")?.join("/");
    let mut text = String::new();
    let opened = File::open(file).map_err(|error| format!("cannot be read: {error}"))?;
    opened
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > MAX_BYTES {
        return Err("is larger than 1 MiB, which no rule is".to_owned());
    }
    let shown: Arc<str> = file.display().to_string().into();
    Ok(Some(Document { path, shown, text: text.into(), layer: Layer::Overlay }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SIGNALS: &str = "\
logsource: { channel: Mine, provider: Mine }
signals:
  - { id: mine, title: mine, detection: { s: { EventID: 1 }, condition: s } }
";

    /// Loads a folder with these files; the error names the folder as `DIR`.
    fn load(files: &[(&str, &[u8])]) -> Result<RuleSet, String> {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let root = dir.path().display().to_string();
        RuleSet::with_overlay(dir.path())
            .map_err(|error| error.render().replace(&root, "DIR").replace('\\', "/"))
    }

    #[test]
    fn a_folder_is_laid_over_what_is_built_in() {
        let built_in = RuleSet::embedded().unwrap().count;
        let rules = load(&[
            ("signals/mine.yml", SIGNALS.as_bytes()),
            ("README.md", b"not a rule"),
            (".git/x.yml", b"- ["),
        ]);
        assert_eq!(rules.unwrap().count, built_in + 1);
    }

    #[test]
    fn mistakes_that_a_folder_makes_of_what_is_built_in_have_their_places() {
        let built_in = RuleSet::embedded().unwrap();
        let mut counted = built_in.correlations.iter().flat_map(|correlation| &correlation.rules);
        let signal = counted.find(|id| built_in.signals.get(id).is_some()).unwrap();
        let [drawn, ..] = crate::model::drawn::ALL;
        let text = format!(
            "correlations:\n  - {{ id: {signal}, title: x, correlation: {{ type: event_count, \
             rules: [{drawn}], timespan: 1m, condition: {{ gte: 2 }} }} }}\n"
        );
        let shown = load(&[("signals/mine.yml", text.as_bytes())]).unwrap_err();
        let (place, reason) = shown.split_once(": line ").unwrap();
        assert!(place.starts_with("error: cannot load rule `rules/signals/"), "{shown}");
        assert!(reason.contains(&format!("`{signal}` is a correlation")), "{shown}");
    }

    #[test]
    fn unusable_files_are_named() {
        let large = vec![b'#'; 2 << 20];
        for (files, expected) in [
            (&[] as &[(&str, &[u8])], "DIR`\n  caused by: holds no rules"),
            (&[("signals/a.yaml", b"")], "DIR/signals/a.yaml`\n  caused by: rule documents end"),
            (&[("signals/a.yml", b"\xff")], "DIR/signals/a.yml`\n  caused by: cannot be read"),
            (&[("signals/a.yml", &large)], "DIR/signals/a.yml`\n  caused by: is larger than"),
            (&[("signals/a.yml", b"signal: []")], "DIR/signals/a.yml`\n  caused by: line 1"),
        ] {
            let shown = load(files).unwrap_err();
            assert!(shown.contains(expected), "{shown}");
        }
        let missing = RuleSet::with_overlay(Path::new("no/such/folder")).unwrap_err().render();
        assert!(missing.contains("`no/such/folder`\n  caused by: cannot be read: "), "{missing}");
    }
}

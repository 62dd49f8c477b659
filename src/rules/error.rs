//! What is wrong with a rule, and where: every mistake of every document, not only the first.
//!
//! Knows files, lines and words. Knows nothing about what rules mean.

use std::fmt;
use std::sync::Arc;

use serde_saphyr::Location;

use super::schema::Spanned;

/// A place in a document, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

impl Place {
    /// The place of a location of the YAML parser; `None` where it knows none.
    pub(super) fn of(location: Location) -> Option<Self> {
        (location != Location::UNKNOWN)
            .then(|| Self { line: location.line(), column: location.column() })
    }
}

impl<T> From<&Spanned<T>> for Place {
    fn from(spanned: &Spanned<T>) -> Self {
        Self { line: spanned.referenced.line(), column: spanned.referenced.column() }
    }
}

/// One mistake in one document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleError {
    /// The document, as its author knows it: below `rules/` for those that are built in, the
    /// path as given for those of a user.
    pub file: Arc<str>,
    /// Where; `None` when the file as a whole is meant.
    pub place: Option<Place>,
    /// What is wrong, in lower case and without full stop.
    pub message: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
}

impl RuleError {
    /// The mistake in the layout of the command line: what failed, why, and a hint.
    pub fn render(&self) -> String {
        let mut text = format!("error: cannot load rule `{}`\n  caused by: ", self.file);
        if let Some(Place { line, column }) = self.place {
            text.push_str(&format!("line {line}, column {column}: "));
        }
        text.push_str(&self.message);
        if let Some(suggestion) = &self.suggestion {
            text.push_str(&format!("\nhint: did you mean `{suggestion}`?"));
        }
        text
    }
}

/// On one line: file, place, message and suggestion.
impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean `{suggestion}`?)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for RuleError {}

/// The knowledge base cannot be used. Holds at least one mistake, ordered by file and place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError {
    /// All that was found.
    pub errors: Vec<RuleError>,
}

impl RulesError {
    /// All mistakes in the layout of the command line, a blank line between them.
    pub fn render(&self) -> String {
        self.errors.iter().map(RuleError::render).collect::<Vec<_>>().join("\n\n")
    }
}

/// The first mistake and the number of the others.
impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot load rules: ")?;
        match self.errors.as_slice() {
            [] => f.write_str("no reason known"),
            [error] => write!(f, "{error}"),
            [first, others @ ..] => write!(f, "{first}, and {} more", others.len()),
        }
    }
}

impl std::error::Error for RulesError {}

/// A mistake without its place, for code that sees words and not documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

impl Mistake {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), suggestion: None }
    }

    /// A word that is not among the known ones; the nearest of them becomes the suggestion.
    pub(super) fn unknown(
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        Self { message: format!("unknown {what} `{word}`"), suggestion: nearest(word, known) }
    }
}

impl<T: Into<String>> From<T> for Mistake {
    fn from(message: T) -> Self {
        Self::new(message)
    }
}

/// Collects the mistakes of one document.
#[derive(Debug)]
pub(super) struct Faults {
    file: Arc<str>,
    errors: Vec<RuleError>,
}

impl Faults {
    pub(super) const fn new(file: Arc<str>) -> Self {
        Self { file, errors: Vec::new() }
    }

    /// Notes a mistake at a place.
    pub(super) fn add(&mut self, place: impl Into<Place>, mistake: impl Into<Mistake>) {
        self.add_anywhere(Some(place.into()), mistake);
    }

    /// Notes a mistake whose place may not be known.
    pub(super) fn add_anywhere(&mut self, place: Option<Place>, mistake: impl Into<Mistake>) {
        let Mistake { message, suggestion } = mistake.into();
        self.errors.push(RuleError { file: Arc::clone(&self.file), place, message, suggestion });
    }

    /// The value, or its mistake noted.
    pub(super) fn check<T>(
        &mut self,
        place: impl Into<Place>,
        result: Result<T, Mistake>,
    ) -> Option<T> {
        result.map_err(|mistake| self.add(place, mistake)).ok()
    }

    pub(super) fn into_errors(self) -> Vec<RuleError> {
        self.errors
    }
}

/// The known word that `word` was probably meant to be: at most a third of its letters differ.
/// Of equally near words the first in the alphabet.
fn nearest(word: &str, known: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    let limit = (word.chars().count() / 3).max(1);
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| {
            let known = known.as_ref();
            (strsim::damerau_levenshtein(&word, &known.to_lowercase()), known.to_owned())
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        for (word, suggestion) in [
            ("evidance", Some("evidence")),
            ("Evidence", Some("evidence")),
            ("stgae", Some("stage")),
            ("playbook", None),
            ("x", None),
        ] {
            assert_eq!(
                nearest(word, ["stage", "evidence", "scope"]).as_deref(),
                suggestion,
                "{word}"
            );
        }
    }

    #[test]
    fn shows_the_first_and_counts_the_others() {
        let mut faults = Faults::new("rules/a.yml".into());
        faults.add(Place { line: 3, column: 5 }, Mistake::unknown("field", "stgae", ["stage"]));
        faults.add_anywhere(None, "is too large");
        let errors = RulesError { errors: faults.into_errors() };
        assert_eq!(
            errors.to_string(),
            "cannot load rules: rules/a.yml:3:5: unknown field `stgae` (did you mean `stage`?), \
             and 1 more"
        );
        insta::assert_snapshot!(errors.render(), @"
        error: cannot load rule `rules/a.yml`
          caused by: line 3, column 5: unknown field `stgae`
        hint: did you mean `stage`?

        error: cannot load rule `rules/a.yml`
          caused by: is too large
        ");
    }
}

//! Reads YAML documents into the shapes of the schema.
//!
//! The only place that knows the YAML library's errors; they leave here as mistakes in the
//! words of rule authors.

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter};

use super::error::{Faults, Mistake, Place};

/// Documents nest about ten levels; hostile ones must not nest the stack away.
const MAX_DEPTH: usize = 32;

/// Reads one document; notes what is wrong with it.
pub(super) fn read<T: DeserializeOwned>(text: &str, faults: &mut Faults) -> Option<T> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_documents: 1 },
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(document) => Some(document),
        Err(error) => {
            let place = error.location().and_then(Place::of);
            if let Some(tab) = tab_before(text, place) {
                faults.add(tab, "a tab indents the line; indent with blanks");
            } else if let Some(words) = torn_text(text, place, &error) {
                faults.add_anywhere(
                    place,
                    format!(
                        "`{words}` is read as a field: put text with a comma inside braces in \
                             quotes"
                    ),
                );
            } else {
                faults.add_anywhere(place, mistake(&error));
            }
            None
        }
    }
}

/// The first tab that indents a line up to the place of the error. YAML forbids it, and the
/// errors that it leads to rarely say so.
fn tab_before(text: &str, place: Option<Place>) -> Option<Place> {
    let last = place?.line;
    (1..).zip(text.lines()).take_while(|(line, _)| *line <= last).find_map(|(line, content)| {
        let indent = content.chars().take_while(|c| c.is_whitespace());
        let column = (1..).zip(indent).find(|(_, c)| *c == '\t')?.0;
        Some(Place { line, column })
    })
}

/// What YAML took for an unknown field although no value follows: the rest of a text that has
/// a comma, inside braces.
fn torn_text<'a>(text: &str, place: Option<Place>, error: &'a Error) -> Option<&'a str> {
    let Error::SerdeUnknownField { field, .. } = error else { return None };
    let Place { line, column } = place?;
    let line = text.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
    let before = usize::try_from(column.checked_sub(1)?).ok()?;
    let (start, _) = line.char_indices().nth(before)?;
    let behind = line.get(start..)?.strip_prefix(field.as_str())?;
    behind.trim_start().starts_with([',', '}']).then_some(field)
}

/// Says in the words of authors what the library found.
fn mistake(error: &Error) -> Mistake {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => mistake(error),
        Error::SerdeUnknownField { field, expected, .. } => unknown("field", field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown("value", variant, expected),
        Error::SerdeMissingField { field, .. } => format!("field `{field}` is missing").into(),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("expected {expected}, found {unexpected}").into()
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("field `{key}` stands twice").into()
        }
        Error::Budget { .. } => "the document is too large or nested too deeply".into(),
        Error::Unexpected { expected, .. } => format!("expected {}", in_words(expected)).into(),
        Error::InvalidScalar { ty: "boolean", .. } => "expected `true` or `false`".into(),
        Error::InvalidScalar { ty: "floating point", .. } => "expected a number".into(),
        Error::InvalidScalar { .. } => "expected a whole number".into(),
        other => {
            let message = UserMessageFormatter.format_message(other);
            message.lines().next().unwrap_or_default().trim_end_matches('.').into()
        }
    }
}

/// What the parser expected, without its terms.
fn in_words(expected: &str) -> &str {
    match expected {
        "sequence start" => "a list",
        "mapping start" => "a map",
        "scalar" | "string scalar" => "text or a number",
        other => other,
    }
}

/// An unknown word; where none of the known ones is near, all are named.
fn unknown(what: &str, word: &str, expected: &[&'static str]) -> Mistake {
    let mut mistake = Mistake::unknown(what, word, expected.iter().copied());
    if mistake.suggestion.is_none() && !expected.is_empty() {
        mistake.message.push_str(&format!(", expected one of `{}`", expected.join("`, `")));
    }
    mistake
}

//! A regular expression. Of those that are built in most are never asked: they are compiled when
//! the first value comes.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::modifier::RegexFlags;
use crate::rules::error::Mistake;

/// A compiled expression may take so many bytes, which fits every honest one.
const MAX_BYTES: usize = 1 << 20;
/// Groups of an expression may nest so deep.
const MAX_NESTING: u32 = 64;

/// A regular expression, which was compiled once, be it when the program was built.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Expression {
    pattern: Box<str>,
    flags: RegexFlags,
    #[serde(skip)]
    compiled: OnceLock<Option<Form>>,
}

#[derive(Clone, Debug)]
enum Form {
    /// Any of these ASCII characters, a bit for each: rules ask in this way for addresses among
    /// names.
    AnyOf(u128),
    Regex(Regex),
}

/// By what it looks for.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.flags == other.flags
    }
}

impl Expression {
    /// Reads an expression.
    pub(super) fn new(pattern: &str, flags: RegexFlags) -> Result<Self, Mistake> {
        let regex = compile(pattern, flags).map_err(|error| {
            // The library draws the expression over several lines; the last one says what is
            // wrong.
            let shown = error.to_string();
            let reason = shown.lines().last().unwrap_or_default().trim();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason).trim_end_matches('.');
            Mistake::from(format!("`{pattern}` is no regular expression: {reason}"))
        })?;
        Ok(Self { pattern: pattern.into(), flags, compiled: OnceLock::from(Some(regex)) })
    }

    /// Whether it stands somewhere in the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self.compiled.get_or_init(|| compile(&self.pattern, self.flags).ok()) {
            Some(Form::AnyOf(set)) => {
                text.bytes().any(|byte| byte.is_ascii() && set & (1 << byte) != 0)
            }
            Some(Form::Regex(regex)) => regex.is_match(text),
            None => false,
        }
    }
}

fn compile(pattern: &str, flags: RegexFlags) -> Result<Form, regex::Error> {
    if let Some(set) = any_of(pattern).filter(|_| !flags.case_insensitive) {
        return Ok(Form::AnyOf(set));
    }
    regex(pattern, flags).map(Form::Regex)
}

/// The characters of a pattern that is one class of plain ones and ranges of them.
fn any_of(pattern: &str) -> Option<u128> {
    let class = pattern.strip_prefix('[')?.strip_suffix(']')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:_/@".contains(&byte);
    let (mut set, mut rest) = (0, class.as_bytes());
    while let [first, behind @ ..] = rest {
        let (last, behind) = match behind {
            [b'-', last, behind @ ..] => (last, behind),
            _ => (first, behind),
        };
        if !is_plain(*first) || !is_plain(*last) || first > last {
            return None;
        }
        set |= (*first..=*last).fold(0, |range, byte| range | 1_u128 << byte);
        rest = behind;
    }
    (set != 0).then_some(set)
}

fn regex(pattern: &str, flags: RegexFlags) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(flags.case_insensitive)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_matches_line_end)
        .size_limit(MAX_BYTES)
        .dfa_size_limit(MAX_BYTES)
        .nest_limit(MAX_NESTING)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_characters_finds_what_the_library_finds() {
        let texts = ["", "10.0.0.5:3389", "fe80::1", "LOCAL", "-", "srv_01", "ünïcode", "a/b", "]"];
        for (pattern, is_simple) in [
            ("[0-9]", true),
            ("[.:]", true),
            ("[a-fA-F0-9:]", true),
            ("[_]", true),
            ("[]", false),
            ("[^0-9]", false),
            ("[0-9]+[a]", false),
            ("[a-]", false),
            ("[9-0]", false),
            (r"[\d]", false),
            ("[[:alpha:]]", false),
            ("[a&&b]", false),
            ("x", false),
        ] {
            assert_eq!(any_of(pattern).is_some(), is_simple, "{pattern}");
            let (Ok(own), Ok(library)) =
                (Expression::new(pattern, RegexFlags::default()), Regex::new(pattern))
            else {
                continue;
            };
            for text in texts {
                assert_eq!(own.is_match(text), library.is_match(text), "{pattern} {text}");
            }
        }
    }
}

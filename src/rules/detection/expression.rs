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
    compiled: OnceLock<Option<Regex>>,
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
        let compiled = self.compiled.get_or_init(|| compile(&self.pattern, self.flags).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn compile(pattern: &str, flags: RegexFlags) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(flags.case_insensitive)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_matches_line_end)
        .size_limit(MAX_BYTES)
        .dfa_size_limit(MAX_BYTES)
        .nest_limit(MAX_NESTING)
        .build()
}

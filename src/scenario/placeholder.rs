//! What stands in braces in the texts of repeated entries: `{i}`, `{1..9}` and the names of
//! `vary`.

use serde_saphyr::Spanned;

use super::entry::Repeat;
use super::error::{ScenarioError, did_you_mean};

/// The repetitions that an entry stands in, the innermost last.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns<'a>(Vec<Turn<'a>>);

/// One pass of one repetition.
#[derive(Clone, Debug)]
struct Turn<'a> {
    /// Counted from 0.
    number: u32,
    repeat: &'a Repeat,
}

impl<'a> Turns<'a> {
    /// These and one more inside of them.
    pub(super) fn and(&self, number: u32, repeat: &'a Repeat) -> Self {
        let mut turns = self.clone();
        turns.0.push(Turn { number, repeat });
        turns
    }

    /// Fills in the placeholders of `text`. Outside of repetitions there are none. Braces
    /// around anything that is neither a number, a range nor a plain lower-case name, such as
    /// those of a GUID, stay as they are.
    pub(super) fn fill<T>(
        &self,
        text: &str,
        file: &str,
        place: &Spanned<T>,
    ) -> Result<String, ScenarioError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after_brace)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            match self.value(name) {
                Some(value) => {
                    filled.push_str(&value);
                    rest = after_brace;
                }
                None if !self.0.is_empty() && is_name(name) => {
                    let problem = format!("`{{{name}}}` stands for nothing here");
                    return Err(ScenarioError::at(file, place, problem)
                        .with_hint(did_you_mean(name, &self.names())));
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// What a placeholder stands for in this pass; inner names hide outer ones.
    fn value(&self, name: &str) -> Option<String> {
        let innermost = self.0.last()?;
        if name == "i" {
            return Some((innermost.number + 1).to_string());
        }
        if let Some((first, last)) = name.split_once("..") {
            return range(first.parse().ok()?, last.parse().ok()?, innermost.number);
        }
        self.0.iter().rev().find_map(|turn| {
            let (_, texts) = turn.repeat.vary.0.iter().find(|(own, _)| own.value == name)?;
            let number = usize::try_from(turn.number).ok()?;
            let text = texts.get(number.checked_rem(texts.len())?)?;
            Some(turn.fill_numbers(text))
        })
    }

    fn names(&self) -> Vec<&str> {
        let varied = self.0.iter().flat_map(|turn| &turn.repeat.vary.0);
        varied.map(|(name, _)| name.value.as_str()).chain(["i"]).collect()
    }
}

impl Turn<'_> {
    /// Fills in the placeholders that need no names, in the texts of `vary` themselves.
    fn fill_numbers(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let number = after.split_once('}').and_then(|(name, after_brace)| {
                let value = match name.split_once("..") {
                    Some((first, last)) => {
                        range(first.parse().ok()?, last.parse().ok()?, self.number)
                    }
                    None => (name == "i").then(|| (self.number + 1).to_string()),
                };
                Some((value?, after_brace))
            });
            match number {
                Some((value, after_brace)) => {
                    filled.push_str(&value);
                    rest = after_brace;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// The number of a range whose turn it is; after the last, the first again.
fn range(first: u32, last: u32, number: u32) -> Option<String> {
    let length = last.checked_sub(first)?.checked_add(1)?;
    Some((first + number % length).to_string())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

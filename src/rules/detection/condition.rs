//! Sigma's condition: `selection and not 1 of filter_*`.
//!
//! Binds as Sigma does: `not` before `and` before `or`. Knows the names of selections, and
//! nothing of what they select.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::glob::Glob;
use crate::rules::error::Mistake;

/// Parentheses and negations may nest so deep.
const MAX_DEPTH: usize = 32;

/// Words that cannot name a selection.
const RESERVED: [&str; 8] = ["and", "or", "not", "of", "them", "all", "any", "1"];

/// A condition over selections, which it names by their position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Condition {
    Selection(usize),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Condition {
    /// Whether it holds, given whether each selection does.
    pub(super) fn holds(&self, selected: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Selection(index) => selected(*index),
            Self::All(parts) => parts.iter().all(|part| part.holds(selected)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(selected)),
            Self::Not(part) => !part.holds(selected),
        }
    }

    /// Whether the selection has a part in it.
    pub(super) fn uses(&self, selection: usize) -> bool {
        match self {
            Self::Selection(index) => *index == selection,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.uses(selection)),
            Self::Not(part) => part.uses(selection),
        }
    }

    /// The event IDs without which it cannot hold, given those of each selection; `None` when
    /// it can hold for any. What is negated demands nothing.
    pub(super) fn pins<'a>(
        &self,
        pins: &impl Fn(usize) -> Option<&'a BTreeSet<u32>>,
    ) -> Option<BTreeSet<u32>> {
        match self {
            Self::Selection(index) => pins(*index).cloned(),
            Self::All(parts) => {
                parts.iter().filter_map(|part| part.pins(pins)).reduce(|left, right| &left & &right)
            }
            Self::Any(parts) => parts
                .iter()
                .map(|part| part.pins(pins))
                .try_fold(BTreeSet::new(), |all, ids| Some(&all | &ids?)),
            Self::Not(_) => None,
        }
    }
}

/// Checks the name of a selection.
pub(super) fn check_name(name: &str) -> Result<(), Mistake> {
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
        return Err(format!("`{name}` is a word of conditions and cannot name a selection").into());
    }
    if name.is_empty() || !name.chars().all(is_word) || name.contains('*') {
        return Err(format!(
            "`{name}` cannot name a selection: use letters, digits, `_`, `-` and `.`"
        )
        .into());
    }
    Ok(())
}

/// Reads a condition over the selections of these names.
pub(super) fn parse(text: &str, names: &[&str]) -> Result<Condition, Mistake> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, names };
    let condition = parser.any(0)?;
    match parser.tokens.first() {
        None => Ok(condition),
        Some(Token::Close) => Err("the condition has a `)` without `(`".into()),
        Some(Token::Open) => Err("`and` or `or` is missing before `(`".into()),
        Some(Token::Word(word)) => Err(format!("`and` or `or` is missing before `{word}`").into()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str),
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*')
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '(' | ')' => 1,
            '|' => {
                return Err("aggregations after `|` are not supported: write a correlation".into());
            }
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => return Err(format!("`{c}` has no meaning in a condition").into()),
        };
        let (word, tail) = rest.split_at(length);
        tokens.push(match c {
            '(' => Token::Open,
            ')' => Token::Close,
            _ => Token::Word(word),
        });
        rest = tail.trim_start();
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    names: &'a [&'a str],
}

impl Parser<'_> {
    /// Takes the next token if it is this keyword.
    fn take(&mut self, keyword: &str) -> bool {
        match self.tokens.split_first() {
            Some((Token::Word(word), rest)) if word.eq_ignore_ascii_case(keyword) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single(parts, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut parts = vec![self.factor(depth)?];
        while self.take("and") {
            parts.push(self.factor(depth)?);
        }
        Ok(single(parts, Condition::All))
    }

    fn factor(&mut self, depth: usize) -> Result<Condition, Mistake> {
        if depth > MAX_DEPTH {
            return Err(format!("the condition nests deeper than {MAX_DEPTH} levels").into());
        }
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.factor(depth + 1)?)));
        }
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("the condition ends where a selection is expected".into());
        };
        self.tokens = rest;
        match *token {
            Token::Open => {
                let inner = self.any(depth + 1)?;
                match self.tokens.split_first() {
                    Some((Token::Close, rest)) => self.tokens = rest,
                    _ => return Err("the condition has a `(` without `)`".into()),
                }
                Ok(inner)
            }
            Token::Close => Err("the condition has a `)` where a selection is expected".into()),
            Token::Word(word) => self.word(word),
        }
    }

    /// A selection's name, or a quantifier over names.
    fn word(&mut self, word: &str) -> Result<Condition, Mistake> {
        let join = match word.to_ascii_lowercase().as_str() {
            "1" | "any" => Condition::Any,
            "all" => Condition::All,
            _ => return self.selection(word),
        };
        if !self.take("of") {
            return Err(format!("`of` is missing after `{word}`: write `{word} of them`").into());
        }
        let Some((Token::Word(pattern), rest)) = self.tokens.split_first() else {
            return Err(format!("`{word} of` needs `them` or a pattern such as `filter_*`").into());
        };
        self.tokens = rest;
        Ok(join(self.matching(pattern)?))
    }

    fn selection(&self, name: &str) -> Result<Condition, Mistake> {
        if let Some(index) = self.names.iter().position(|known| *known == name) {
            return Ok(Condition::Selection(index));
        }
        if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
            return Err(format!("the condition has `{name}` where a selection is expected").into());
        }
        Err(Mistake::unknown("selection", name, self.names.iter().copied()))
    }

    /// The selections of a quantifier. `them` leaves out names that begin with `_`.
    fn matching(&self, pattern: &str) -> Result<Vec<Condition>, Mistake> {
        let them = pattern.eq_ignore_ascii_case("them");
        let glob = Glob::new(pattern, true);
        let selections: Vec<Condition> = (0..)
            .zip(self.names)
            .filter(|(_, name)| if them { !name.starts_with('_') } else { glob.matches(name) })
            .map(|(index, _)| Condition::Selection(index))
            .collect();
        if selections.is_empty() {
            return Err(Mistake::unknown("selection", pattern, self.names.iter().copied()));
        }
        Ok(selections)
    }
}

fn single(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 4] = ["selection", "filter_a", "filter_b", "_spare"];

    /// The condition, with `s`, `a`, `b`, `_` for the selections and all groups in brackets.
    fn shown(condition: &Condition) -> String {
        let join = |parts: &[Condition], word: &str| {
            format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(word))
        };
        match condition {
            Condition::Selection(index) => ["s", "a", "b", "_"][*index].to_owned(),
            Condition::All(parts) => join(parts, " & "),
            Condition::Any(parts) => join(parts, " | "),
            Condition::Not(part) => format!("!{}", shown(part)),
        }
    }

    #[test]
    fn binds_as_sigma_does() {
        for (text, expected) in [
            ("selection", "s"),
            ("selection and not filter_a", "(s & !a)"),
            ("selection or filter_a and filter_b", "(s | (a & b))"),
            ("(selection or filter_a) and filter_b", "((s | a) & b)"),
            ("not selection and filter_a", "(!s & a)"),
            ("not not selection", "!!s"),
            ("selection and not 1 of filter_*", "(s & !(a | b))"),
            ("all of filter*", "(a & b)"),
            ("any of them", "(s | a | b)"),
            ("all of them and _spare", "((s & a & b) & _)"),
            ("1 of filter_a", "(a)"),
            ("selection AND NOT filter_a", "(s & !a)"),
            ("((selection))", "s"),
        ] {
            assert_eq!(shown(&parse(text, &NAMES).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let deep = format!("{}selection{}", "(".repeat(40), ")".repeat(40));
        let negated = format!("{}selection", "not ".repeat(40));
        for (text, message) in [
            ("", "the condition ends where a selection is expected"),
            ("selection and", "the condition ends where a selection is expected"),
            ("selection filter_a", "`and` or `or` is missing before `filter_a`"),
            ("selection (filter_a)", "`and` or `or` is missing before `(`"),
            ("(selection", "the condition has a `(` without `)`"),
            ("selection)", "the condition has a `)` without `(`"),
            ("()", "the condition has a `)` where a selection is expected"),
            ("or selection", "the condition has `or` where a selection is expected"),
            ("1 selection", "`of` is missing after `1`: write `1 of them`"),
            ("all of", "`all of` needs `them` or a pattern such as `filter_*`"),
            ("1 of nothing*", "unknown selection `nothing*`"),
            ("selektion", "unknown selection `selektion`"),
            (
                "selection | count() > 5",
                "aggregations after `|` are not supported: write a \
                                         correlation",
            ),
            ("selection & filter_a", "`&` has no meaning in a condition"),
            (&deep, "the condition nests deeper than 32 levels"),
            (&negated, "the condition nests deeper than 32 levels"),
        ] {
            assert_eq!(parse(text, &NAMES).unwrap_err().message, message, "{text}");
        }
        assert_eq!(parse("filter_c", &NAMES).unwrap_err().suggestion.unwrap(), "filter_a");
    }

    #[test]
    fn derives_event_ids() {
        let ids = |ids: &[u32]| Some(ids.iter().copied().collect::<BTreeSet<_>>());
        let pins = [ids(&[1, 2]), ids(&[2, 3]), None, None];
        for (text, expected) in [
            ("selection", ids(&[1, 2])),
            ("selection or filter_a", ids(&[1, 2, 3])),
            ("selection and filter_a", ids(&[2])),
            ("selection and filter_b", ids(&[1, 2])),
            ("selection or filter_b", None),
            ("not selection", None),
            ("filter_a and not selection", ids(&[2, 3])),
            ("1 of filter*", None),
            ("all of filter*", ids(&[2, 3])),
            ("(selection and filter_b) or filter_a", ids(&[1, 2, 3])),
        ] {
            let condition = parse(text, &NAMES).unwrap();
            assert_eq!(condition.pins(&|index| pins[index].as_ref()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in r"((not|and|or|1|all|of|them|selection|filter_\*|\(|\)|\PC)[ ]?){0,60}") {
            if let Ok(condition) = parse(&text, &NAMES) {
                condition.holds(&|index| index % 2 == 0);
                condition.pins(&|_| None);
            }
        }
    }
}

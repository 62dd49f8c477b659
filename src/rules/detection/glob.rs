//! Text with `*` and `?`, as Sigma writes it.

use std::iter::Peekable;
use std::str::Chars;

use serde::{Deserialize, Serialize};

use crate::model;

/// Where a pattern must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Position {
    Whole,
    Start,
    End,
    Anywhere,
}

/// A pattern over texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Glob {
    form: Form,
    cased: bool,
}

/// In lower case, unless letters count as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    /// The whole text, without wildcards.
    Text(model::Text),
    Pieces(Vec<Piece>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Piece {
    Char(char),
    One,
    Many,
}

impl Glob {
    /// Reads a pattern. A backslash before `*`, `?` or a backslash takes its meaning away;
    /// before anything else it stands for itself.
    pub(super) fn new(text: &str, cased: bool) -> Self {
        let mut pieces = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' => pieces.push(Piece::Many),
                '?' => pieces.push(Piece::One),
                '\\' => push(&mut pieces, escaped(&mut chars).unwrap_or('\\'), cased),
                c => push(&mut pieces, c, cased),
            }
        }
        Self { form: Form::of(pieces), cased }
    }

    /// A pattern without wildcards.
    pub(super) fn literal(text: &str, cased: bool) -> Self {
        let text =
            if cased { text.into() } else { text.chars().flat_map(char::to_lowercase).collect() };
        Self { form: Form::Text(text), cased }
    }

    /// The same pattern at another place of the text.
    pub(super) fn at(self, position: Position) -> Self {
        let (begins, ends) = match position {
            Position::Whole => return self,
            Position::Start => (true, false),
            Position::End => (false, true),
            Position::Anywhere => (false, false),
        };
        let mut pieces = match self.form {
            Form::Text(text) => text.chars().map(Piece::Char).collect(),
            Form::Pieces(pieces) => pieces,
        };
        if !begins {
            pieces.insert(0, Piece::Many);
        }
        if !ends {
            pieces.push(Piece::Many);
        }
        Self { form: Form::Pieces(pieces), cased: self.cased }
    }

    /// The text that it stands for; `None` when it has wildcards.
    pub(super) fn plain(&self) -> Option<&str> {
        match &self.form {
            Form::Text(text) => Some(text),
            Form::Pieces(_) => None,
        }
    }

    /// Whether the whole text fits the pattern. Letters of ASCII, which nearly all are, are
    /// compared without a copy in lower case.
    pub(super) fn matches(&self, text: &str) -> bool {
        match &self.form {
            Form::Text(whole) if self.cased => **whole == *text,
            Form::Text(whole) if text.is_ascii() => whole.eq_ignore_ascii_case(text),
            Form::Text(whole) => **whole == text.to_lowercase(),
            Form::Pieces(pieces) if self.cased => are_in(pieces, text, |c| c),
            Form::Pieces(pieces) if text.is_ascii() => {
                are_in(pieces, text, |c| c.to_ascii_lowercase())
            }
            Form::Pieces(pieces) => are_in(pieces, &text.to_lowercase(), |c| c),
        }
    }
}

impl Form {
    fn of(pieces: Vec<Piece>) -> Self {
        let text = pieces.iter().map(|piece| match piece {
            Piece::Char(c) => Some(*c),
            Piece::One | Piece::Many => None,
        });
        match text.collect::<Option<String>>() {
            Some(text) => Self::Text(text.into()),
            None => Self::Pieces(pieces),
        }
    }
}

/// Adds a character, in lower case unless letters count as written.
fn push(pieces: &mut Vec<Piece>, c: char, cased: bool) {
    if cased {
        pieces.push(Piece::Char(c));
    } else {
        pieces.extend(c.to_lowercase().map(Piece::Char));
    }
}

/// Whether the whole text is what the pieces stand for.
fn are_in(mut pieces: &[Piece], text: &str, fold: impl Fn(char) -> char) -> bool {
    let mut rest = text.chars();
    // On a mismatch the last `*` takes one more character; earlier ones need no second
    // look, as nothing they could give up would help a later part.
    let mut retry: Option<(&[Piece], Chars<'_>)> = None;
    loop {
        match (pieces.split_first(), rest.clone().next()) {
            (None, None) => return true,
            (Some((Piece::Many, tail)), _) => {
                retry = Some((tail, rest.clone()));
                pieces = tail;
            }
            (Some((piece, tail)), Some(c)) if fits(*piece, fold(c)) => {
                pieces = tail;
                rest.next();
            }
            _ => {
                let Some((tail, from)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                pieces = tail;
                rest = from.clone();
            }
        }
    }
}

fn fits(piece: Piece, c: char) -> bool {
    match piece {
        Piece::Char(wanted) => wanted == c,
        Piece::One => true,
        Piece::Many => false,
    }
}

/// Takes the character that a backslash escapes.
fn escaped(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    chars.next_if(|c| matches!(c, '*' | '?' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let glob = Glob::new(pattern, false);
        for text in matching {
            assert!(glob.matches(text), "`{pattern}` matches `{text}`");
        }
        for text in other {
            assert!(!glob.matches(text), "`{pattern}` does not match `{text}`");
        }
    }

    #[test]
    fn wildcards_and_escapes() {
        check("NTLM", &["ntlm", "NTLM"], &["ntlm2", "xntlm", ""]);
        check("", &[""], &["x"]);
        check("a*", &["a", "ABC"], &["ba"]);
        check("*a", &["a", "bca"], &["ab"]);
        check("*a*b*", &["ab", "xaxbx", "aab"], &["ba"]);
        check("a?c", &["abc", "aüc"], &["ac", "abbc"]);
        check("*", &["", "x"], &[]);
        check(r"a\*c", &["a*c"], &["abc"]);
        check(r"a\?c", &["a?c"], &["abc"]);
        check(r"c:\windows", &[r"C:\Windows"], &["c:windows"]);
        check(r"\\srv", &[r"\srv"], &[r"\\srv"]);
        check(r"\\\\srv", &[r"\\srv"], &[]);
        check(r"c:\\*", &[r"c:\x"], &[r"c:*"]);
        check(r"c:\\\*", &[r"c:\*"], &[r"c:\x"]);
        check("ÄÖ", &["äö"], &["ao"]);
        check("x\\", &["x\\"], &["x"]);
    }

    #[test]
    fn case_and_position() {
        assert!(!Glob::new("Abc", true).matches("abc"));
        for (position, matching, other) in [
            (Position::Whole, "ab", "abc"),
            (Position::Start, "abc", "xab"),
            (Position::End, "xab", "abc"),
            (Position::Anywhere, "xabx", "axb"),
        ] {
            let glob = Glob::new("ab", false).at(position);
            assert!(glob.matches(matching) && !glob.matches(other), "{position:?}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let glob = Glob::new(&"a*".repeat(50), true);
        assert!(!glob.matches(&format!("{}b", "b".repeat(5000))));
        assert!(!Glob::new(&format!("{}c", "*a".repeat(50)), true).matches(&"a".repeat(5000)));
    }
}

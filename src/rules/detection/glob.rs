//! Text with `*` and `?`, as Sigma writes it.

use std::iter::Peekable;
use std::str::Chars;

/// Where a pattern must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Whole,
    Start,
    End,
    Anywhere,
}

/// A pattern over texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    pieces: Vec<Piece>,
    cased: bool,
    /// The whole text, where there are no wildcards.
    whole: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
                '\\' => pieces.push(Piece::Char(escaped(&mut chars).unwrap_or('\\'))),
                c => pieces.push(Piece::Char(c)),
            }
        }
        Self::of(pieces, cased)
    }

    /// A pattern without wildcards.
    pub(super) fn literal(text: &str, cased: bool) -> Self {
        Self::of(text.chars().map(Piece::Char).collect(), cased)
    }

    fn of(pieces: Vec<Piece>, cased: bool) -> Self {
        let fold = |piece| match piece {
            Piece::Char(c) if !cased => c.to_lowercase().map(Piece::Char).collect(),
            piece => vec![piece],
        };
        let pieces: Vec<Piece> = pieces.into_iter().flat_map(fold).collect();
        Self { whole: whole(&pieces).map(Into::into), pieces, cased }
    }

    /// The same pattern at another place of the text.
    pub(super) fn at(mut self, position: Position) -> Self {
        if matches!(position, Position::End | Position::Anywhere) {
            self.pieces.insert(0, Piece::Many);
        }
        if matches!(position, Position::Start | Position::Anywhere) {
            self.pieces.push(Piece::Many);
        }
        self.whole = whole(&self.pieces).map(Into::into);
        self
    }

    /// The text that it stands for; `None` when it has wildcards.
    pub(super) fn plain(&self) -> Option<String> {
        whole(&self.pieces)
    }

    /// Whether the whole text fits the pattern. Letters of ASCII, which nearly all are, are
    /// compared without a copy in lower case.
    pub(super) fn matches(&self, text: &str) -> bool {
        let is_ascii = text.is_ascii();
        match &self.whole {
            Some(whole) if self.cased => **whole == *text,
            Some(whole) if is_ascii => {
                whole.len() == text.len() && whole.eq_ignore_ascii_case(text)
            }
            _ if self.cased => self.fits(text, |c| c),
            _ if is_ascii => self.fits(text, |c| c.to_ascii_lowercase()),
            _ => self.fits(&text.to_lowercase(), |c| c),
        }
    }

    fn fits(&self, text: &str, fold: impl Fn(char) -> char) -> bool {
        let mut pieces = self.pieces.as_slice();
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
}

/// The text of pieces without wildcards.
fn whole(pieces: &[Piece]) -> Option<String> {
    let text = pieces.iter().map(|piece| match piece {
        Piece::Char(c) => Some(*c),
        Piece::One | Piece::Many => None,
    });
    text.collect()
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

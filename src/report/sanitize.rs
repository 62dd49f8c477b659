//! Makes text of unknown origin safe to show: nothing in it can move the cursor, change
//! colors, turn the reading direction or hide.
//!
//! Knows characters. Knows nothing about any format's own quoting.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character acts on its surroundings or cannot be seen: controls (C0, DEL, C1),
/// line and paragraph separators, changes of the reading direction, and characters without
/// width or ink that could make two names look alike.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'                    // soft hyphen
            | '\u{34f}'                 // combining grapheme joiner
            | '\u{61c}'                 // Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}'   // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'   // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}'   // zero width space and joiners, direction marks
            | '\u{2028}'..='\u{202e}'   // separators, direction embeddings and overrides
            | '\u{2060}'..='\u{206f}'   // word joiner, invisible operators, isolates
            | '\u{fe00}'..='\u{fe0f}'   // variation selectors
            | '\u{feff}'                // byte order mark
            | '\u{fff9}'..='\u{fffb}'   // interlinear annotation
            | '\u{1d173}'..='\u{1d17a}' // musical controls
            | '\u{e0000}'..='\u{e0fff}' // tags and further variation selectors
        )
}

/// Whether the text holds nothing but printable ASCII, as nearly all texts of logs do. Much
/// sooner known than for which of its characters [`is_deceptive`] holds, which is none.
pub fn is_plain(text: &str) -> bool {
    // Without a way out early many bytes are compared at a time.
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

/// The text with every deceptive character written out as `\u{1b}`. Line breaks count as
/// deceptive: a value must not begin a line of its own.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_deceptive(c) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Like [`line`], for running text of rule documents: line breaks, tabs and runs of blanks
/// become one blank, because YAML folds lines where it pleases.
pub fn paragraph(text: &str) -> String {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    line(&words.join(" ")).into_owned()
}

/// At most `limit` characters of the text, the last an ellipsis where something was cut.
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
            short.push('…');
            Cow::Owned(short)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        assert_eq!(line(text), shown);
        assert!(!line(text).contains(is_deceptive), "{text:?}");
    }

    #[test]
    fn plain_text_holds_nothing_deceptive() {
        let characters = (0..=0x2FF_u32).filter_map(char::from_u32).map(String::from);
        for text in characters {
            assert!(!is_plain(&text) || !text.contains(is_deceptive), "{text:?}");
        }
        assert!(is_plain(r"corp\joe ~") && !is_plain("Zoë") && !is_plain("a\n"));
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["", r"corp\joe", "Zoë Müller", "管理者", "مدير", "a  b", "C:\\logs\\x.evtx"]
        {
            check(text, text);
            assert!(matches!(line(text), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn what_acts_or_hides_is_written_out() {
        check("\u{1b}[2J", r"\u{1b}[2J");
        check("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}");
        check("\u{9b}31m", r"\u{9b}31m");
        check("a\r\nb\tc\0", r"a\u{d}\u{a}b\u{9}c\u{0}");
        check("\u{7f}", r"\u{7f}");
        check("exe.\u{202e}gpj", r"exe.\u{202e}gpj");
        check("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}");
        check("jo\u{200b}e", r"jo\u{200b}e");
        check("\u{feff}joe\u{e0041}", r"\u{feff}joe\u{e0041}");
        check("joe\u{fe0f}\u{3164}", r"joe\u{fe0f}\u{3164}");
    }

    #[test]
    fn paragraphs_fold_blanks_and_stay_safe() {
        assert_eq!(paragraph("  one\n   two\tthree\u{1b} "), r"one two three\u{1b}");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(shorten("Müller", 6), "Müller");
        assert_eq!(shorten("Müller", 4), "Mül…");
        assert_eq!(shorten("x", 0), "…");
    }
}

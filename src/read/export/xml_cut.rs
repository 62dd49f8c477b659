//! Where events begin and end in XML: at `<Event` and `</Event>`, whatever stands around them.
//!
//! A `<` in data is written `&lt;`, so these marks are certain outside comments and CDATA
//! sections, which are passed over.

use memchr::{memchr, memmem};

use super::Flaw;
use super::cut::Step;

const COMMENT: (&[u8], &[u8]) = (b"<!--", b"-->");
const CDATA: (&[u8], &[u8]) = (b"<![CDATA[", b"]]>");
const CLOSING: &[u8] = b"</Event";

/// The next event of the text.
pub(super) fn step(text: &[u8]) -> Step {
    let mut at = 0;
    let mut start = None;
    while let Some(mark) = tag(text, at) {
        let rest = text.get(mark..).unwrap_or_default();
        if rest.len() < CDATA.0.len() && !rest.contains(&b'>') {
            // Too little of it is at hand to tell what it is.
            return Step::More(start.unwrap_or(mark));
        }
        let quoted = [COMMENT, CDATA].into_iter().find(|(begin, _)| rest.starts_with(begin));
        if let Some((begin, end)) = quoted {
            match find(text, mark + begin.len(), end) {
                Some(found) => at = found + end.len(),
                None => return Step::More(start.unwrap_or(mark)),
            }
            continue;
        }
        match start {
            Some(start) if rest.starts_with(CLOSING) => {
                let behind = rest.get(CLOSING.len()..).unwrap_or_default();
                let blanks = behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                match behind.get(blanks) {
                    Some(b'>') => return Step::Record(start..mark + CLOSING.len() + blanks + 1),
                    Some(_) => {}
                    None => return Step::More(start),
                }
            }
            Some(start) if begins(rest) => {
                return Step::Torn { at: start, next: mark, flaw: Flaw::Cut };
            }
            None if begins(rest) => start = Some(mark),
            _ => {}
        }
        at = mark + 1;
    }
    Step::More(start.unwrap_or(text.len()))
}

/// Whether an event begins at the start of the text; not `<Events>`, not `<EventData>`.
pub(super) fn begins(text: &[u8]) -> bool {
    let behind = text.strip_prefix(b"<Event").and_then(<[u8]>::first);
    behind.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

fn tag(text: &[u8], from: usize) -> Option<usize> {
    Some(from + memchr(b'<', text.get(from..)?)?)
}

fn find(text: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    Some(from + memmem::find(text.get(from..)?, what)?)
}

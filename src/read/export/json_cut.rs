//! Where objects begin and end in JSON lines, in an array, or in objects one after the other.
//!
//! A string has no line breaks, and only an outermost object begins a line without a blank: by
//! these two the next object is found behind a torn one.

use memchr::memchr;

use super::Flaw;
use super::cut::Step;

/// The next object of the text.
pub(super) fn step(text: &[u8]) -> Step {
    let start = match begin(text) {
        Ok(start) => start,
        Err(step) => return step,
    };
    let mut depth = 0_u32;
    let mut is_text = false;
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match (is_text, byte) {
            (true, b'\\') => at += 1,
            (_, b'"') => is_text = !is_text,
            (true, b'\n') => return Step::Torn { at: start, next: at, flaw: Flaw::Cut },
            (false, b'{') if depth > 0 && text.get(at - 1) == Some(&b'\n') => {
                return Step::Torn { at: start, next: at, flaw: Flaw::Cut };
            }
            (false, b'{') => depth += 1,
            (false, b'}') => {
                depth -= 1;
                if depth == 0 {
                    return Step::Record(start..at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Step::More(start)
}

/// Where the next object begins. Brackets, commas and the lines `Record 1` may stand before it.
fn begin(text: &[u8]) -> Result<usize, Step> {
    let is_layout = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',');
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.iter().take_while(|byte| is_layout(byte)).count();
        let rest = text.get(at..).unwrap_or_default();
        if rest.first().is_none_or(|byte| *byte == b'{') {
            return if rest.is_empty() { Err(Step::More(at)) } else { Ok(at) };
        }
        let Some(line) = memchr(b'\n', rest).and_then(|end| rest.get(..end)) else {
            return Err(Step::More(at));
        };
        let number = line.strip_prefix(b"Record ").map(<[u8]>::trim_ascii);
        if !number.is_some_and(|number| number.iter().all(u8::is_ascii_digit)) {
            return Err(Step::Torn { at, next: at + line.len(), flaw: Flaw::NoRecord });
        }
        at += line.len();
    }
}

//! How a template's definition is built, for telling it in other chunks.

use super::binxml::{Document, Form, Raw, Step, Symbols, Token};

/// Bytes of a definition before its tokens: link, GUID, length.
pub(super) const DEFINITION_HEADER: usize = 24;
/// Bytes in the longest text of a definition: the name of a field, a namespace.
const LONGEST: usize = 1024;
/// What an element's start has that depends on no value.
const NO_DEPENDENCY: u16 = 0xffff;

/// A definition's id, and where its tokens stand in the chunk.
pub(super) fn place(chunk: &[u8], definition: u32) -> Option<([u8; 16], (usize, usize))> {
    let at = usize::try_from(definition).ok()?;
    let (header, _) = chunk.get(at..)?.split_first_chunk::<DEFINITION_HEADER>()?;
    let [_, _, _, _, id @ .., a, b, c, d] = *header;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
    let start = at + DEFINITION_HEADER;
    Some((id, (start, start.checked_add(length)?)))
}

/// The form of a definition with these tokens; `None` where it has none, or too long a text. The
/// texts that `is_open` says may be others.
pub(super) fn form(
    tokens: &[Token<'_>],
    symbols: &mut Symbols,
    document: &Document<'_>,
    is_open: impl Fn(Raw<'_>) -> bool,
) -> Option<Form> {
    let mut form = Form::default();
    for token in tokens {
        let mut symbol = |name| symbols.of(&document.name(name).ok()?.text);
        form.push(match *token {
            Token::Nothing => Step::Header,
            Token::Open { name, dependency } => {
                Step::Depending(symbol(name)?, dependency.unwrap_or(NO_DEPENDENCY))
            }
            Token::Attribute(name) => Step::Attribute(symbol(name)?),
            Token::Content => Step::Content,
            Token::Close => Step::Close,
            Token::Substitution(index) => Step::Place(index),
            Token::Value(raw) if is_open(raw) => Step::Slot,
            Token::Value(raw) => {
                let text = raw.utf16().filter(|text| text.len() == raw.size())?;
                (text.len() <= LONGEST).then(|| form.push_fixed(text))??;
                continue;
            }
            _ => return None,
        });
    }
    Some(form)
}

//! One token of a BinXML stream.

use super::bytes::Cursor;
use super::names::{NameId, Names};
use super::raw::kind;
use super::{Malformed, Raw, Result};

/// What kind of stream a token stands in. They differ in one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// A record's own stream, or one in a value.
    Fragment,
    /// A template's definition: element starts name the value they depend on.
    Definition,
}

/// A token with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) enum Token<'c> {
    /// An element starts. In a definition it may depend on a value: without that value the
    /// element is left out.
    Open { name: NameId, dependency: Option<u16> },
    /// An attribute of the element starts; its value follows.
    Attribute(NameId),
    /// The element's attributes end, its content follows.
    Content,
    /// The element ends.
    Close,
    /// A literal value.
    Value(Raw<'c>),
    /// A character reference.
    Character(u16),
    /// A reference to an entity.
    Entity(NameId),
    /// The place of a value of the instance.
    Substitution(u16),
    /// An instance of the template with that id, defined at that offset; the cursor stands before
    /// its values.
    Instance { id: [u8; 4], definition: u32 },
    /// What follows of a definition is lost.
    Torn(Malformed),
    /// A fragment header or a processing instruction, which say nothing about an event.
    Nothing,
}

/// The element start's "depends on nothing".
const NO_DEPENDENCY: u16 = 0xFFFF;
/// Bytes of a definition before its stream: link, GUID, length.
pub(super) const DEFINITION_HEADER: usize = 24;

/// Reads the next token; `None` at the end of the stream, marked or not.
pub(super) fn next<'c>(
    cursor: &mut Cursor<'c>,
    names: &mut Names<'c>,
    grammar: Grammar,
) -> Result<Option<Token<'c>>> {
    put_next(cursor, names, grammar, |token| token)
}

/// Reads the next token and puts it where it belongs: a token is several words, and moving it
/// there costs as much as reading it. `None` at the end of the stream, marked or not.
#[inline(always)]
pub(super) fn put_next<'c, T>(
    cursor: &mut Cursor<'c>,
    names: &mut Names<'c>,
    grammar: Grammar,
    put: impl FnOnce(Token<'c>) -> T,
) -> Result<Option<T>> {
    if cursor.left() == 0 {
        return Ok(None);
    }
    let at = cursor.at();
    Ok(Some(match cursor.u8()? {
        0x00 => return Ok(None),
        token @ (0x01 | 0x41) => {
            let (name, dependency) = open(cursor, names, grammar, token == 0x41)?;
            put(Token::Open { name, dependency })
        }
        0x02 => put(Token::Content),
        0x03 | 0x04 => put(Token::Close),
        0x05 | 0x45 => put(Token::Value(literal(cursor)?)),
        0x06 | 0x46 => put(Token::Attribute(names.read(cursor)?)),
        0x07 | 0x47 => put(Token::Value(counted(cursor, kind::TEXT, 2)?)),
        0x08 | 0x48 => put(Token::Character(cursor.u16()?)),
        0x09 | 0x49 => put(Token::Entity(names.read(cursor)?)),
        0x0a => {
            names.read(cursor)?;
            put(Token::Nothing)
        }
        0x0b => {
            counted(cursor, kind::TEXT, 2)?;
            put(Token::Nothing)
        }
        0x0c => {
            let (id, definition) = instance(cursor)?;
            put(Token::Instance { id, definition })
        }
        0x0d | 0x0e => {
            let index = cursor.u16()?;
            // The type the definition expects; the instance's own type is what counts.
            cursor.take(1)?;
            put(Token::Substitution(index))
        }
        0x0f => {
            // Version and flags of a fragment.
            cursor.take(3)?;
            put(Token::Nothing)
        }
        token => return Err(Malformed::UnknownToken { token, at }),
    }))
}

/// The name of an element that starts, and the value on which it depends.
#[inline]
fn open<'c>(
    cursor: &mut Cursor<'c>,
    names: &mut Names<'c>,
    grammar: Grammar,
    has_attributes: bool,
) -> Result<(NameId, Option<u16>)> {
    let dependency = match grammar {
        Grammar::Definition => Some(cursor.u16()?).filter(|index| *index != NO_DEPENDENCY),
        Grammar::Fragment => None,
    };
    // The element's length; its end is told by a token.
    cursor.take(4)?;
    let name = names.read(cursor)?;
    if has_attributes {
        // The attributes' length.
        cursor.take(4)?;
    }
    Ok((name, dependency))
}

/// A value in the stream itself: strings count their units, other types have one size.
#[inline]
fn literal<'c>(cursor: &mut Cursor<'c>) -> Result<Raw<'c>> {
    let at = cursor.at();
    match cursor.u8()? {
        kind::TEXT => counted(cursor, kind::TEXT, 2),
        kind::FRAGMENT => counted(cursor, kind::FRAGMENT, 1),
        kind => {
            let size = kind::size(kind).ok_or(Malformed::UnknownToken { token: kind, at })?;
            Raw::read(cursor, kind, size)
        }
    }
}

/// A value with a 16-bit count of its units before it.
#[inline]
fn counted<'c>(cursor: &mut Cursor<'c>, kind: u8, unit: usize) -> Result<Raw<'c>> {
    let units = cursor.u16()?;
    Raw::read(cursor, kind, usize::from(units) * unit)
}

/// The template's id and the offset of its definition, which stands here where it is used first.
fn instance(cursor: &mut Cursor<'_>) -> Result<([u8; 4], u32)> {
    // A version byte, and the template's id, which its definition repeats.
    cursor.take(1)?;
    let id = cursor.u32()?.to_le_bytes();
    let definition = cursor.u32()?;
    if usize::try_from(definition) == Ok(cursor.at()) {
        cursor.take(DEFINITION_HEADER - 4)?;
        let length = cursor.length()?;
        cursor.take(length)?;
    }
    Ok((id, definition))
}

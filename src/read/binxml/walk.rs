//! The items of a record: the tokens of its stream with templates and values put in place.

use std::ops::Range;
use std::sync::Arc;

use super::bytes::Cursor;
use super::document::{Budget, Document};
use super::fit::{self, Around};
use super::names::{Name, NameId};
use super::raw::kind;
use super::template::Templates;
use super::token::{self, Grammar, Token};
use super::{Malformed, Raw, Result};
use crate::read::intern::Interner;

/// Streams in values of streams; real records have two.
const MOST_STREAMS: usize = 32;

/// A stream that is being read, and where it stands.
#[derive(Clone, Debug)]
pub(super) enum Stream<'c> {
    Fragment(Cursor<'c>),
    Template { tokens: Range<usize>, root: usize, values: Range<usize> },
}

/// A part of a record's content, in document order.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) enum Item<'c> {
    /// An element starts.
    Open(NameId),
    /// An attribute of the element starts; what follows belongs to it.
    Attribute(NameId),
    /// The attributes end; what follows is the element's content.
    Content,
    /// The element ends.
    Close,
    /// A value, or a piece of one.
    Value(Raw<'c>),
    /// A character given by a reference.
    Character(char),
}

/// The items of one record, one after the other.
#[derive(Debug)]
pub(in crate::read) struct Walk<'w, 'c> {
    document: &'w mut Document<'c>,
}

impl<'w, 'c> Walk<'w, 'c> {
    /// A walk over the streams that the document has begun.
    pub(super) fn of(document: &'w mut Document<'c>) -> Self {
        Self { document }
    }

    /// Passes over contents in values from now on. No value of `System` has any, so what is left
    /// of a damaged record is its `System`.
    pub(in crate::read) fn skip_fragments(&mut self) {
        self.document.skips_fragments = true;
    }

    /// The first sign of damage in what was read so far of the record. Only looked for in chunks
    /// that are known to be damaged.
    pub(in crate::read) fn flaw(&self) -> Option<Malformed> {
        self.document.flaw
    }

    /// Notes damage where a name is not what it was.
    fn check(&mut self, name: NameId) {
        let document = &mut *self.document;
        if document.is_damaged && document.names.get(name).is_ok_and(|name| name.is_damaged) {
            document.flaw.get_or_insert(Malformed::Misnamed);
        }
    }

    /// The next item; `None` at the end of the record's content.
    pub(in crate::read) fn next(&mut self) -> Result<Option<Item<'c>>> {
        while let Some(token) = self.token()? {
            let item = match token {
                Token::Open { name, .. } => {
                    self.check(name);
                    Item::Open(name)
                }
                Token::Attribute(name) => {
                    self.check(name);
                    Item::Attribute(name)
                }
                Token::Content => Item::Content,
                Token::Close => Item::Close,
                Token::Character(unit) => Item::Character(
                    char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
                ),
                Token::Entity(name) => Item::Character(entity(&self.name(name)?.text)),
                Token::Torn(error) => return Err(error),
                Token::Value(value) if value.kind == kind::FRAGMENT => {
                    if self.document.skips_fragments {
                        continue;
                    }
                    let chunk = self.document.chunk;
                    let (length, limit) = (value.bytes.len(), self.document.limit);
                    let cursor = Cursor::within(chunk, value.at(), length, limit);
                    self.enter(Stream::Fragment(cursor))?;
                    continue;
                }
                Token::Value(value) => Item::Value(value),
                Token::Substitution(_) | Token::Instance { .. } | Token::Nothing => continue,
            };
            return Ok(Some(item));
        }
        Ok(None)
    }

    /// Goes into the template that the stream, still at its start, is an instance of. Returns
    /// the definition's offset in the chunk; `None`, and nothing is passed over, where the
    /// stream has no template.
    pub(in crate::read) fn enter_instance(&mut self) -> Result<Option<u32>> {
        let Document { names, streams, .. } = &mut *self.document;
        let Some(Stream::Fragment(cursor)) = streams.last_mut() else { return Ok(None) };
        let mut ahead = *cursor;
        let (id, definition) = loop {
            match token::next(&mut ahead, names, Grammar::Fragment)? {
                Some(Token::Nothing) => {}
                Some(Token::Instance { id, definition }) => break (id, definition),
                _ => return Ok(None),
            }
        };
        *cursor = ahead;
        self.enter_template(id, definition)?;
        Ok(Some(definition))
    }

    /// The tokens left of the innermost template, before values are put in their places.
    pub(in crate::read) fn definition(&self) -> &[Token<'c>] {
        match self.document.streams.last() {
            Some(Stream::Template { tokens, .. }) => self.document.templates.tokens(tokens.clone()),
            _ => &[],
        }
    }

    /// A value of the innermost template's instance.
    pub(in crate::read) fn value(&self, index: u16) -> Option<Raw<'c>> {
        match self.document.streams.last() {
            Some(Stream::Template { values, .. }) => {
                let own = self.document.values.get(values.clone())?;
                own.get(usize::from(index)).copied()
            }
            _ => None,
        }
    }

    /// Passes over tokens of the innermost template.
    pub(in crate::read) fn pass_over(&mut self, count: usize) {
        if let Some(Stream::Template { tokens, .. }) = self.document.streams.last_mut() {
            tokens.start = tokens.start.saturating_add(count).min(tokens.end);
        }
    }

    /// The name of an element or attribute.
    pub(in crate::read) fn name(&self, id: NameId) -> Result<&Name> {
        self.document.names.get(id)
    }

    /// The chunk's bytes.
    pub(in crate::read) fn chunk(&self) -> &'c [u8] {
        self.document.chunk
    }

    /// The shared copies of repeated texts.
    pub(in crate::read) fn interner(&mut self) -> &mut Interner {
        self.document.names.interner
    }

    /// The shared copy of a name.
    pub(in crate::read) fn name_text(&self, id: NameId) -> Result<Arc<str>> {
        self.name(id).map(|name| Arc::clone(&name.text))
    }

    /// Charges for `bytes` that are collected. Templates let a chunk describe much more than
    /// it holds.
    pub(in crate::read) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.document.budget.charge(bytes)
    }

    /// The next token of the innermost stream, with substitutions replaced by their values.
    // As for [`token::put_next`]: what is asked of a token is mostly settled where it is read.
    #[inline(always)]
    fn token(&mut self) -> Result<Option<Token<'c>>> {
        let Document { templates, names, budget, streams, values, .. } = &mut *self.document;
        loop {
            let Some(stream) = streams.last_mut() else { return Ok(None) };
            budget.spend(1)?;
            let token = match stream {
                Stream::Fragment(cursor) => {
                    token::put_next(cursor, names, Grammar::Fragment, |token| token)?
                }
                Stream::Template { tokens, root, values: own } => {
                    let own = values.get(own.clone()).unwrap_or_default();
                    next_of_template(templates, tokens, *root, own, budget)?
                }
            };
            match token {
                Some(Token::Instance { id, definition }) => {
                    self.enter_template(id, definition)?;
                    return Ok(Some(Token::Nothing));
                }
                Some(token) => return Ok(Some(token)),
                None => {
                    if let Some(Stream::Template { values: own, .. }) = streams.pop() {
                        values.truncate(own.start);
                    }
                }
            }
        }
    }

    /// Goes into a template; its values follow in the stream that uses it.
    fn enter_template(&mut self, id: [u8; 4], definition: u32) -> Result<()> {
        if self.document.is_damaged {
            return self.enter_doubtful(id, definition);
        }
        let Document { chunk, templates, names, budget, streams, values, .. } = &mut *self.document;
        let Some(Stream::Fragment(cursor)) = streams.last_mut() else {
            return Err(Malformed::Unbalanced);
        };
        let start = values.len();
        read_values(cursor, values, budget)?;
        let tokens = templates.definition(chunk, definition, names, budget)?;
        let own = start..values.len();
        self.enter(Stream::Template { root: tokens.start, tokens, values: own })
    }

    /// Goes into a template of a damaged chunk.
    fn enter_doubtful(&mut self, id: [u8; 4], definition: u32) -> Result<()> {
        let Document { chunk, templates, names, budget, streams, values, content, flaw, .. } =
            &mut *self.document;
        let around = if streams.len() == 1 { Around::Record(*content) } else { Around::Value };
        let Some(Stream::Fragment(cursor)) = streams.last_mut() else {
            return Err(Malformed::Unbalanced);
        };
        if !Templates::is_of(chunk, definition, id) {
            flaw.get_or_insert(Malformed::Misnamed);
        }
        let tokens = templates.definition(chunk, definition, names, budget)?;
        let (due, start) = (templates.due(definition), values.len());
        let misfit = fit::read_values(cursor, due, around, values, budget)?;
        *flaw = flaw.or(misfit);
        let own = start..values.len();
        self.enter(Stream::Template { root: tokens.start, tokens, values: own })
    }

    fn enter(&mut self, stream: Stream<'c>) -> Result<()> {
        if self.document.streams.len() >= MOST_STREAMS {
            return Err(Malformed::TooDeep);
        }
        self.document.streams.push(stream);
        Ok(())
    }
}

/// The next token of a template. Elements that depend on a missing value are passed over.
#[inline]
fn next_of_template<'c>(
    templates: &Templates<'c>,
    tokens: &mut Range<usize>,
    root: usize,
    values: &[Raw<'c>],
    budget: &mut Budget,
) -> Result<Option<Token<'c>>> {
    // How many elements deep the part stands that is left out.
    let mut left_out = 0_u32;
    for position in tokens.by_ref() {
        let Some(token) = templates.token(position) else { return Ok(None) };
        let is_missing = |index: u16| {
            values.get(usize::from(index)).is_some_and(|value| value.kind == kind::NULL)
        };
        match token {
            Token::Open { .. } if left_out > 0 => left_out += 1,
            // The root has no parent to be left out of.
            Token::Open { dependency: Some(index), .. }
                if position != root && is_missing(index) =>
            {
                left_out = 1;
            }
            Token::Close if left_out > 0 => left_out -= 1,
            _ if left_out > 0 => {}
            Token::Substitution(index) => {
                // An index beyond the values stands for nothing.
                let value = values.get(usize::from(index)).copied();
                return Ok(Some(value.map_or(Token::Nothing, Token::Value)));
            }
            token => return Ok(Some(token)),
        }
        budget.spend(1)?;
    }
    Ok(None)
}

/// Reads the values of an instance: their count, the size and type of each, then the bytes.
fn read_values<'c>(
    cursor: &mut Cursor<'c>,
    values: &mut Vec<Raw<'c>>,
    budget: &mut Budget,
) -> Result<()> {
    let count = cursor.u32()?;
    // Only then is it charged for: a count that lies costs the record, not the chunk.
    let sizes = cursor.take(usize::try_from(count).map_or(usize::MAX, |n| n.saturating_mul(4)))?;
    budget.spend(count)?;
    let (sizes, _) = sizes.as_chunks::<4>();
    for [low, high, kind, _] in sizes {
        let size = u16::from_le_bytes([*low, *high]);
        values.push(Raw::read_up_to(cursor, *kind, size.into())?);
    }
    Ok(())
}

/// The character of a predefined entity; no other entity has a meaning in a record.
fn entity(name: &str) -> char {
    match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

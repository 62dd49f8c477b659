//! The items of a record: the tokens of its stream with templates and values put in place.

use std::ops::Range;
use std::sync::Arc;

use super::bytes::Cursor;
use super::fit::{self, Around};
use super::names::{Name, NameId, Names};
use super::raw::kind;
use super::template::Templates;
use super::token::{self, Grammar, Token};
use super::{Malformed, Raw, Result};
use crate::read::intern::Interner;

/// Tokens that reading a chunk may take; of a thousand real logs, none has a chunk that takes
/// more than an eighth of that.
const MOST_TOKENS: u32 = 1 << 18;
/// Bytes that what is collected from a chunk may take; real ones need up to a fifth of that.
const MOST_BYTES: usize = 1 << 21;
/// Streams in values of streams; real records have two.
const MOST_STREAMS: usize = 32;

/// What is left of the work that a chunk may cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    tokens: u32,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: MOST_TOKENS, bytes: MOST_BYTES }
    }
}

impl Budget {
    /// Takes `tokens` off what is left.
    pub(super) fn spend(&mut self, tokens: u32) -> Result<()> {
        self.tokens = self.tokens.checked_sub(tokens).ok_or(Malformed::OverBudget)?;
        Ok(())
    }
}

/// A chunk as a document: its bytes, and the names and templates met so far.
#[derive(Debug)]
pub(in crate::read) struct Document<'c> {
    chunk: &'c [u8],
    names: Names<'c>,
    templates: Templates<'c>,
    budget: Budget,
    /// Where the content of the record at hand begins.
    content: usize,
    /// Where the record at hand must end.
    limit: usize,
    /// Whether contents in values are passed over.
    skips_fragments: bool,
    /// Whether the chunk is damaged, so that everything is checked.
    is_damaged: bool,
    /// The first sign of damage in the record at hand.
    flaw: Option<Malformed>,
    // Kept between records to spare allocations.
    streams: Vec<Stream<'c>>,
    values: Vec<Raw<'c>>,
}

impl<'c> Document<'c> {
    /// The document of one chunk.
    pub(in crate::read) fn new(chunk: &'c [u8], interner: &'c mut Interner) -> Self {
        Self {
            chunk,
            names: Names::new(chunk, interner),
            templates: Templates::default(),
            budget: Budget::default(),
            content: 0,
            limit: 0,
            skips_fragments: false,
            is_damaged: false,
            flaw: None,
            streams: Vec::new(),
            values: Vec::new(),
        }
    }

    /// The document of a chunk that is damaged somewhere: values are held against their template
    /// and names against their hashes, and what shows damage is noted record by record.
    pub(in crate::read) fn damaged(chunk: &'c [u8], interner: &'c mut Interner) -> Self {
        let mut document = Self { is_damaged: true, ..Self::new(chunk, interner) };
        document.names.check();
        document.templates.keep_due();
        document
    }

    /// The chunk's bytes.
    pub(in crate::read) fn chunk(&self) -> &'c [u8] {
        self.chunk
    }

    /// The shared copies of repeated texts.
    pub(in crate::read) fn interner(&mut self) -> &mut Interner {
        self.names.interner
    }

    /// Steps taken so far.
    pub(in crate::read) fn spent(&self) -> u32 {
        MOST_TOKENS - self.budget.tokens
    }

    /// Takes the work for `tokens` and `bytes` off the budget, as a walk does. Takes nothing
    /// and returns `false` where it does not allow both.
    #[inline]
    pub(in crate::read) fn take(&mut self, tokens: usize, bytes: usize) -> bool {
        let Budget { tokens: tokens_left, bytes: bytes_left } = &mut self.budget;
        let tokens = u32::try_from(tokens).ok().and_then(|tokens| tokens_left.checked_sub(tokens));
        let (Some(tokens), Some(bytes)) = (tokens, bytes_left.checked_sub(bytes)) else {
            return false;
        };
        (*tokens_left, *bytes_left) = (tokens, bytes);
        true
    }

    /// How often the budget allows the work for so many tokens and bytes.
    pub(in crate::read) fn room_for(&self, (tokens, bytes): (usize, usize)) -> u64 {
        let by_tokens = u64::from(self.budget.tokens).checked_div(tokens as u64);
        let by_bytes = (self.budget.bytes as u64).checked_div(bytes as u64);
        by_tokens.unwrap_or(u64::MAX).min(by_bytes.unwrap_or(u64::MAX))
    }

    /// Parses the definition at `offset` if no walk has used it yet, at the price that a walk
    /// pays. `false`, and nothing is taken, where it cannot be parsed: a walk says why.
    pub(in crate::read) fn define(&mut self, offset: u32) -> bool {
        let Self { chunk, names, templates, budget, .. } = self;
        let before = *budget;
        let is_defined = templates.definition(chunk, offset, names, budget).is_ok();
        if !is_defined {
            *budget = before;
        }
        is_defined
    }

    /// Takes the price of parsing the definition at `offset`, which is parsed for nothing once
    /// somebody asks for it. `false`, and nothing is taken, where the budget does not allow it.
    pub(in crate::read) fn define_for(&mut self, offset: u32, price: u32) -> bool {
        let is_paid = self.budget.spend(price).is_ok();
        if is_paid {
            self.templates.pay(offset);
        }
        is_paid
    }

    /// What parsing the definition at `offset` took, if it was parsed.
    pub(in crate::read) fn price(&self, offset: u32) -> Option<u32> {
        self.templates.price(offset)
    }

    /// Whether the definition at `offset` was parsed, and nothing outside its own bytes had a part
    /// in that.
    pub(in crate::read) fn stands_alone(&self, offset: u32) -> bool {
        self.templates.stands_alone(offset, &self.names)
    }

    /// Whether the budget has so many tokens left.
    pub(in crate::read) fn allows(&self, tokens: usize) -> bool {
        u32::try_from(tokens).is_ok_and(|tokens| tokens <= self.budget.tokens)
    }

    /// The tokens of the template that is defined there, if a walk has used it.
    pub(in crate::read) fn definition(&self, offset: u32) -> Option<&[Token<'c>]> {
        self.templates.known(offset)
    }

    /// The tokens of a record from offset `at` on, up to its end or the first that has none; no
    /// more than `most`, as they are not charged for.
    pub(in crate::read) fn tokens(&mut self, place: (usize, usize), most: usize) -> Vec<Token<'c>> {
        self.tokens_of(place, most, Grammar::Fragment)
    }

    /// The same for the tokens of a definition.
    pub(in crate::read) fn tokens_of_definition(
        &mut self,
        place: (usize, usize),
        most: usize,
    ) -> Vec<Token<'c>> {
        self.tokens_of(place, most, Grammar::Definition)
    }

    fn tokens_of(
        &mut self,
        (at, end): (usize, usize),
        most: usize,
        grammar: Grammar,
    ) -> Vec<Token<'c>> {
        let mut cursor = Cursor::new(self.chunk, at, end.saturating_sub(at));
        let next = || token::next(&mut cursor, &mut self.names, grammar).ok().flatten();
        std::iter::from_fn(next).take(most).collect()
    }

    /// The name of an element or attribute.
    pub(in crate::read) fn name(&self, id: NameId) -> Result<&Name> {
        self.names.get(id)
    }

    /// What is left of the budget: tokens and bytes.
    #[cfg(test)]
    pub(in crate::read) fn left(&self) -> (u32, usize) {
        (self.budget.tokens, self.budget.bytes)
    }

    /// Starts on the stream of `length` bytes at offset `at` of the chunk; what begins in it
    /// may reach up to `limit`.
    pub(in crate::read) fn walk(&mut self, at: usize, length: usize, limit: usize) -> Walk<'_, 'c> {
        self.streams.clear();
        self.values.clear();
        (self.content, self.limit) = (at, limit);
        self.skips_fragments = false;
        self.flaw = None;
        self.streams.push(Stream::Fragment(Cursor::within(self.chunk, at, length, limit)));
        Walk { document: self }
    }
}

/// A stream that is being read, and where it stands.
#[derive(Clone, Debug)]
enum Stream<'c> {
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

impl<'c> Walk<'_, 'c> {
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
        let budget = &mut self.document.budget;
        budget.bytes = budget.bytes.checked_sub(bytes).ok_or(Malformed::OverBudget)?;
        Ok(())
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

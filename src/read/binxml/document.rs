//! A chunk as a document: what of it was met so far, and the work that it may still cause.

use super::bytes::Cursor;
use super::names::{Name, NameId, Names};
use super::template::Templates;
use super::token::{self, Grammar, Token};
use super::walk::{Stream, Walk};
use super::{Malformed, Raw, Result};
use crate::read::intern::Interner;

/// Tokens that reading a chunk may take; of a thousand real logs, none has a chunk that takes
/// more than an eighth of that.
const MOST_TOKENS: u32 = 1 << 18;
/// Bytes that what is collected from a chunk may take; real ones need up to a fifth of that.
const MOST_BYTES: usize = 1 << 21;

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

    /// Takes `bytes` that are collected off what is left.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Malformed::OverBudget)?;
        Ok(())
    }
}

/// A chunk as a document: its bytes, and the names and templates met so far.
#[derive(Debug)]
pub(in crate::read) struct Document<'c> {
    pub(super) chunk: &'c [u8],
    pub(super) names: Names<'c>,
    pub(super) templates: Templates<'c>,
    pub(super) budget: Budget,
    /// Where the content of the record at hand begins.
    pub(super) content: usize,
    /// Where the record at hand must end.
    pub(super) limit: usize,
    /// Whether contents in values are passed over.
    pub(super) skips_fragments: bool,
    /// Whether the chunk is damaged, so that everything is checked.
    pub(super) is_damaged: bool,
    /// The first sign of damage in the record at hand.
    pub(super) flaw: Option<Malformed>,
    // Kept between records to spare allocations.
    pub(super) streams: Vec<Stream<'c>>,
    pub(super) values: Vec<Raw<'c>>,
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
        Walk::of(self)
    }
}

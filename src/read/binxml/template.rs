//! Template definitions, each parsed once for its chunk.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::bytes::Cursor;
use super::document::Budget;
use super::names::Names;
use super::token::{self, DEFINITION_HEADER, Grammar, Token};
use super::{Malformed, Result};

/// Tokens for which there is room at once; most chunks have fewer.
const USUAL: usize = 192;

/// The definitions of one chunk that were used so far, as tokens in one list.
#[derive(Debug, Default)]
pub(super) struct Templates<'c> {
    tokens: Vec<Token<'c>>,
    by_offset: HashMap<u32, Definition, RandomState>,
    /// Definitions that are paid for and were not parsed when they were.
    paid: Vec<u32>,
    /// The types of the values that each definition asks for; kept where that is asked for.
    due: Option<HashMap<u32, Vec<Option<u8>>, RandomState>>,
}

/// A definition that was parsed.
#[derive(Clone, Debug)]
struct Definition {
    tokens: Range<usize>,
    /// Its bytes in the chunk, as far as its header says.
    place: Range<usize>,
    /// Where the last token ends.
    end: usize,
    /// What parsing it took of the budget.
    price: u32,
}

/// Where a definition has its GUID, with which the id in its instances begins.
const GUID: usize = 4;
/// Values that a definition may ask for where the types are kept; real ones ask for fewer than
/// 100.
const MOST_DUE: usize = 1024;

impl<'c> Templates<'c> {
    /// Keeps the types of the values that definitions ask for from now on.
    pub(super) fn keep_due(&mut self) {
        self.due.get_or_insert_default();
    }

    /// The types of the values that a definition asks for, as far as it names them; nothing where
    /// they are not kept.
    pub(super) fn due(&self, offset: u32) -> &[Option<u8>] {
        self.due.as_ref().and_then(|due| due.get(&offset)).map_or(&[], Vec::as_slice)
    }

    /// Whether the definition at `offset` is that of the template with that id.
    pub(super) fn is_of(chunk: &[u8], offset: u32, id: [u8; 4]) -> bool {
        let guid = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(GUID));
        let guid = guid.and_then(|guid| chunk.get(guid..)).and_then(<[u8]>::first_chunk);
        guid == Some(&id)
    }

    /// The tokens of the definition at `offset`.
    pub(super) fn definition(
        &mut self,
        chunk: &'c [u8],
        offset: u32,
        names: &mut Names<'c>,
        budget: &mut Budget,
    ) -> Result<Range<usize>> {
        if let Some(known) = self.by_offset.get(&offset) {
            return Ok(known.tokens.clone());
        }
        let (mut free, is_paid) = (Budget::default(), self.paid.contains(&offset));
        let budget = if is_paid { &mut free } else { budget };
        let at = usize::try_from(offset).map_err(|_| Malformed::OutOfBounds { at: 0 })?;
        let mut header = Cursor::new(chunk, at, DEFINITION_HEADER);
        header.take(DEFINITION_HEADER - 4)?;
        let length = header.length()?;
        let mut cursor = Cursor::within(chunk, header.at(), length, chunk.len());
        let place = at..cursor.end();
        if self.tokens.is_empty() {
            self.tokens.reserve(USUAL);
        }
        let (start, mut price) = (self.tokens.len(), 0);
        let mut due = Vec::new();
        loop {
            let tokens = &mut self.tokens;
            let put = |token| tokens.push(token);
            match token::put_next(&mut cursor, names, Grammar::Definition, put) {
                Ok(Some(())) => {}
                Ok(None) => break,
                // What stands in front of the damage is used, mostly all of `System`.
                Err(error) => self.tokens.push(Token::Torn(error)),
            }
            budget.spend(1)?;
            price += 1;
            match self.tokens.last_mut() {
                // A definition that uses another one has no meaning; none exists.
                Some(token @ Token::Instance { .. }) => {
                    *token = Token::Torn(Malformed::UnknownToken { token: 0x0c, at: cursor.at() });
                    break;
                }
                Some(Token::Torn(_)) => break,
                Some(Token::Nothing) => drop(self.tokens.pop()),
                Some(Token::Substitution(index)) if self.due.is_some() => {
                    ask(&mut due, *index, cursor.before());
                }
                _ => {}
            }
        }
        if let Some(known) = &mut self.due {
            known.insert(offset, due);
        }
        let tokens = start..self.tokens.len();
        let definition = Definition { tokens: tokens.clone(), place, end: cursor.at(), price };
        self.by_offset.insert(offset, definition);
        Ok(tokens)
    }

    /// The tokens of a definition that was used before.
    pub(super) fn known(&self, offset: u32) -> Option<&[Token<'c>]> {
        self.tokens.get(self.by_offset.get(&offset)?.tokens.clone())
    }

    /// The definition at `offset` takes nothing of the budget from now on.
    pub(super) fn pay(&mut self, offset: u32) {
        self.paid.push(offset);
    }

    /// What parsing the definition at `offset` took of the budget, if it was parsed.
    pub(super) fn price(&self, offset: u32) -> Option<u32> {
        self.by_offset.get(&offset).map(|definition| definition.price)
    }

    /// Whether the definition at `offset` was parsed, and nothing but its own bytes had a part in
    /// that: all of its tokens, and all names they refer to, stand within it.
    pub(super) fn stands_alone(&self, offset: u32, names: &Names<'_>) -> bool {
        let Some(Definition { tokens, place, end, .. }) = self.by_offset.get(&offset) else {
            return false;
        };
        let is_own = |token: &Token<'_>| match token {
            Token::Open { name, .. } | Token::Attribute(name) | Token::Entity(name) => names
                .place(*name)
                .is_some_and(|name| name.start >= place.start && name.end <= place.end),
            Token::Torn(_) => false,
            _ => true,
        };
        *end <= place.end && self.tokens(tokens.clone()).iter().all(is_own)
    }

    /// The tokens in a range of a definition's.
    pub(super) fn tokens(&self, range: Range<usize>) -> &[Token<'c>] {
        self.tokens.get(range).unwrap_or_default()
    }

    /// The token at a position inside a definition's range.
    pub(super) fn token(&self, position: usize) -> Option<Token<'c>> {
        self.tokens.get(position).copied()
    }
}

/// Notes that a definition asks for a value of that type at that position.
fn ask(due: &mut Vec<Option<u8>>, index: u16, kind: Option<u8>) {
    let index = usize::from(index);
    if index >= MOST_DUE {
        return;
    }
    if due.len() <= index {
        due.resize(index + 1, None);
    }
    if let Some(due) = due.get_mut(index) {
        *due = due.or(kind);
    }
}

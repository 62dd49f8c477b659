//! Template definitions, each parsed once for its chunk.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::bytes::Cursor;
use super::names::Names;
use super::token::{self, DEFINITION_HEADER, Grammar, Token};
use super::walk::Budget;
use super::{Malformed, Result};

/// The definitions of one chunk that were used so far, as tokens in one list.
#[derive(Debug, Default)]
pub(super) struct Templates<'c> {
    tokens: Vec<Token<'c>>,
    by_offset: HashMap<u32, Range<usize>, RandomState>,
}

impl<'c> Templates<'c> {
    /// The tokens of the definition at `offset`.
    pub(super) fn definition(
        &mut self,
        chunk: &'c [u8],
        offset: u32,
        names: &mut Names<'c>,
        budget: &mut Budget,
    ) -> Result<Range<usize>> {
        if let Some(known) = self.by_offset.get(&offset) {
            return Ok(known.clone());
        }
        let at = usize::try_from(offset).map_err(|_| Malformed::OutOfBounds { at: 0 })?;
        let mut header = Cursor::new(chunk, at, DEFINITION_HEADER);
        header.take(DEFINITION_HEADER - 4)?;
        let length = header.length()?;
        let mut cursor = Cursor::within(chunk, header.at(), length, chunk.len());
        let start = self.tokens.len();
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
            match self.tokens.last_mut() {
                // A definition that uses another one has no meaning; none exists.
                Some(token @ Token::Instance { .. }) => {
                    *token = Token::Torn(Malformed::UnknownToken { token: 0x0c, at: cursor.at() });
                    break;
                }
                Some(Token::Torn(_)) => break,
                Some(Token::Nothing) => drop(self.tokens.pop()),
                _ => {}
            }
        }
        let range = start..self.tokens.len();
        self.by_offset.insert(offset, range.clone());
        Ok(range)
    }

    /// The tokens of a definition that was used before.
    pub(super) fn known(&self, offset: u32) -> Option<&[Token<'c>]> {
        self.tokens.get(self.by_offset.get(&offset)?.clone())
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

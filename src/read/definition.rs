//! Definitions of templates, told from chunk to chunk by how they are built.
//!
//! A log repeats its templates in chunk after chunk, each time with its names at other places. Of a
//! definition that is built like one before it, token by token and name by name, the same holds,
//! and it needs not be parsed again. Its id says only with which to compare it. Knows nothing of
//! what is found out about definitions.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::binxml::{Document, Form, Raw, Step, Symbols, Token};
use super::values::Slots;

/// Bytes of a definition before its tokens: link, GUID, length.
pub(super) const DEFINITION_HEADER: usize = 24;
/// Bytes that definitions take before all are forgotten. Those of all real logs take half of that.
const MOST_BYTES: usize = 1 << 20;
/// Definitions with one id.
const MOST_ALIKE: usize = 4;
/// Tokens of a definition. Real ones have up to three hundred.
const MOST_TOKENS: usize = 1024;
/// Bytes in the longest text of a definition: the name of a field, a namespace.
const LONGEST: usize = 1024;
/// Tokens that may be looked at in vain in one chunk: of definitions that are not known.
const PATIENCE: usize = 1 << 15;
/// What an element's start has that depends on no value.
const NO_DEPENDENCY: u16 = 0xffff;

/// What one worker found out about the definitions that it met.
#[derive(Debug)]
pub(super) struct Definitions<T> {
    symbols: Symbols,
    known: HashMap<[u8; 16], Vec<(Form, T)>, RandomState>,
    /// Bytes that they take.
    size: usize,
    /// What is left of [`PATIENCE`].
    patience: usize,
    /// Where the definition at hand has the texts that are not the same in all of its form.
    texts: Slots,
}

impl<T> Default for Definitions<T> {
    fn default() -> Self {
        let (symbols, known, texts) = Default::default();
        Self { symbols, known, size: 0, patience: PATIENCE, texts }
    }
}

impl<T> Definitions<T> {
    /// Begins another chunk.
    pub(super) fn begin(&mut self) {
        if self.size + self.symbols.size() > MOST_BYTES {
            *self = Self::default();
        }
        self.symbols.begin();
        self.patience = PATIENCE;
    }

    /// What `of` makes of what is known about a definition that is built alike, and of the texts
    /// that this one has where they may differ; and the number of its tokens.
    pub(super) fn find<R>(
        &mut self,
        definition: u32,
        chunk: &[u8],
        of: impl Fn(&T, &Slots) -> Option<R>,
    ) -> Option<(R, u32)> {
        let (id, tokens) = place(chunk, definition)?;
        let Self { symbols, known, patience, texts, .. } = self;
        for (form, known) in known.get(&id)? {
            if *patience == 0 {
                return None;
            }
            let fit = form.fit(chunk, tokens, symbols, texts);
            if fit.ends(chunk, tokens.1)
                && let Some(made) = of(known, texts)
            {
                return Some((made, u32::try_from(fit.tokens).ok()?));
            }
            *patience = patience.saturating_sub(fit.tokens + 1);
        }
        None
    }

    /// Remembers what was found out about a definition, which takes so many bytes. The texts that
    /// `may_differ` says are no part of how it is built.
    pub(super) fn learn(
        &mut self,
        definition: u32,
        document: &mut Document<'_>,
        may_differ: impl Fn(Raw<'_>) -> bool,
        (found_out, size): (T, usize),
    ) -> Option<()> {
        let (id, tokens) = place(document.chunk(), definition)?;
        let alike = self.known.get(&id).map_or(0, Vec::len);
        let is_full = self.size + self.symbols.size() > MOST_BYTES;
        if is_full || alike >= MOST_ALIKE || self.patience == 0 {
            return None;
        }
        let parsed = document.tokens_of_definition(tokens, MOST_TOKENS);
        self.patience = self.patience.saturating_sub(parsed.len());
        let form = form(&parsed, &mut self.symbols, document, may_differ)?;
        // What its tokens do not show, such as damage behind them, is none of a form.
        let fit = form.fit(document.chunk(), tokens, &mut self.symbols, &mut self.texts);
        if fit.ends(document.chunk(), tokens.1) {
            self.size += form.size() + size;
            self.known.entry(id).or_default().push((form, found_out));
        }
        Some(())
    }
}

/// A definition's id, and where its tokens stand in the chunk.
fn place(chunk: &[u8], definition: u32) -> Option<([u8; 16], (usize, usize))> {
    let at = usize::try_from(definition).ok()?;
    let (header, _) = chunk.get(at..)?.split_first_chunk::<DEFINITION_HEADER>()?;
    let [_, _, _, _, id @ .., a, b, c, d] = *header;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
    let start = at + DEFINITION_HEADER;
    Some((id, (start, start.checked_add(length)?)))
}

/// The form of a definition with these tokens; `None` where it has none, or too long a text.
fn form(
    tokens: &[Token<'_>],
    symbols: &mut Symbols,
    document: &Document<'_>,
    may_differ: impl Fn(Raw<'_>) -> bool,
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
            Token::Value(raw) if may_differ(raw) => Step::Slot,
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

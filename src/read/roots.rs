//! The definitions of records' templates that other chunks had, and their layouts.
//!
//! A chunk has more definitions than the one it begins with, each with its names at other places
//! than in the chunk before. One that is built like one before it, token by token and name by
//! name, has its parts of `System` in the same values or in texts of its own, and what is behind
//! `System` is the same as well. Its id says only with which to compare it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::binxml::{Document, Form, Raw, Symbols};
use super::definition::{form, place};
use super::layout::{Found, Layout, Placed};
use super::values::Slots;

/// Bytes that forms take before all are forgotten. Those of all real logs take half of that.
const MOST_BYTES: usize = 1 << 20;
/// Definitions with one id.
const MOST_ALIKE: usize = 4;
/// Tokens of a definition. Real ones have up to three hundred.
const MOST_TOKENS: usize = 1024;
/// Tokens that may be looked at in vain in one chunk: of definitions that are not known.
const PATIENCE: usize = 1 << 15;

/// The definitions that one worker has met.
#[derive(Debug, Default)]
pub(super) struct Roots {
    symbols: Symbols,
    known: HashMap<[u8; 16], Vec<Root>, RandomState>,
    /// Bytes that they take, about.
    size: usize,
    /// What is left of [`PATIENCE`].
    patience: usize,
    /// Where the definition at hand has the texts that are parts of `System`.
    texts: Slots,
}

/// A definition that was met.
#[derive(Debug)]
struct Root {
    form: Form,
    /// Its layout where it was met. Its literals are the texts that the form leaves open, in their
    /// order.
    layout: Layout,
}

impl Roots {
    /// Begins another chunk.
    pub(super) fn begin(&mut self) {
        if self.size + self.symbols.size() > MOST_BYTES {
            *self = Self::default();
        }
        self.symbols.begin();
        self.patience = PATIENCE;
    }

    /// The layout of a definition, and the number of its tokens, if one that is built alike is
    /// known.
    pub(super) fn find(&mut self, definition: u32, chunk: &[u8]) -> Option<(Layout, u32)> {
        let (id, tokens) = place(chunk, definition)?;
        let Self { symbols, known, patience, texts, .. } = self;
        for root in known.get(&id)? {
            if *patience == 0 {
                return None;
            }
            let fit = root.form.fit(chunk, tokens, symbols, texts);
            if fit.ends(chunk, tokens.1) {
                return Some((root.layout(chunk, texts)?, u32::try_from(fit.tokens).ok()?));
            }
            *patience = patience.saturating_sub(fit.tokens + 1);
        }
        None
    }

    /// Learns how a definition with that layout is built.
    pub(super) fn learn(
        &mut self,
        definition: u32,
        layout: &Layout,
        document: &mut Document<'_>,
    ) -> Option<()> {
        let (id, tokens) = place(document.chunk(), definition)?;
        let alike = self.known.get(&id).map_or(0, Vec::len);
        let is_full = self.size + self.symbols.size() > MOST_BYTES;
        if is_full || alike >= MOST_ALIKE || self.patience == 0 {
            return None;
        }
        let parsed = document.tokens_of_definition(tokens, MOST_TOKENS);
        self.patience = self.patience.saturating_sub(parsed.len());
        let is_part = |raw: Raw<'_>| {
            let is_it = |placed: &Placed| matches!(placed.found, Found::Literal(text) if text.at() == raw.at());
            layout.places().iter().any(is_it)
        };
        let built = form(&parsed, &mut self.symbols, document, is_part)?;
        let root = Root { form: built, layout: layout.clone() };
        // What its tokens do not show, such as damage behind them, is none of a form.
        let chunk = document.chunk();
        let fit = root.form.fit(chunk, tokens, &mut self.symbols, &mut self.texts);
        if fit.ends(chunk, tokens.1) && root.layout(chunk, &self.texts).is_some() {
            self.size += root.form.size() + size_of::<Root>() + size_of_val(layout.places());
            self.known.entry(id).or_default().push(root);
        }
        Some(())
    }
}

impl Root {
    /// The layout of a definition of this form that has its open texts there.
    fn layout(&self, chunk: &[u8], texts: &Slots) -> Option<Layout> {
        let mut open = 0..;
        let places = self.layout.places().iter().map(|placed| {
            let found = match placed.found {
                Found::Literal(_) => Found::Literal(texts.raw(chunk, open.next()?)?.place()),
                value @ Found::Value(_) => value,
            };
            Some(Placed { found, ..*placed })
        });
        Some(self.layout.with_places(places.collect::<Option<_>>()?))
    }
}

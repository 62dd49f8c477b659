//! The definitions of payloads that chunks had, and their plans.
//!
//! A log repeats its templates in chunk after chunk, each time with its names at other places. A
//! definition that is built like one before it, token by token and name by name, has the same
//! plan, and is neither parsed nor compiled again. Its id says only with which to compare it.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::super::binxml::{Document, Form, Symbols};
use super::super::definition::{form, place};
use super::super::values::Slots;
use super::{Around, FreePlan};

/// Bytes that definitions take before all are forgotten. Those of all real logs take half of that.
const MOST_BYTES: usize = 1 << 20;
/// Definitions with one id.
const MOST_ALIKE: usize = 4;
/// Tokens of a definition. Real ones have up to three hundred.
const MOST_TOKENS: usize = 1024;
/// Tokens that may be looked at in vain in one chunk: of definitions that are not known.
const PATIENCE: usize = 1 << 15;

/// The definitions of payloads that one worker has met.
#[derive(Debug, Default)]
pub(in crate::read) struct Definitions {
    symbols: Symbols,
    known: HashMap<[u8; 16], Vec<Known>, RandomState>,
    /// Bytes that they take.
    size: usize,
    /// What is left of [`PATIENCE`].
    patience: usize,
    /// Definitions have no texts that differ.
    slots: Slots,
}

/// A definition that was met.
#[derive(Debug)]
struct Known {
    form: Form,
    around: Around,
    plan: Arc<FreePlan>,
}

impl Definitions {
    /// Begins another chunk.
    pub(super) fn begin(&mut self) {
        if self.size + self.symbols.size() > MOST_BYTES {
            *self = Self::default();
        }
        self.symbols.begin();
        self.patience = PATIENCE;
    }

    /// The plan for a definition, and the number of its tokens, if one that is built alike is
    /// known.
    pub(super) fn find(
        &mut self,
        definition: u32,
        around: Around,
        chunk: &[u8],
    ) -> Option<(Arc<FreePlan>, u32)> {
        let (id, tokens) = place(chunk, definition)?;
        let Self { symbols, known, patience, slots, .. } = self;
        for known in known.get(&id)?.iter().filter(|known| known.around == around) {
            if *patience == 0 {
                return None;
            }
            let fit = known.form.fit(chunk, tokens, symbols, slots);
            if fit.ends(chunk, tokens.1) {
                return Some((Arc::clone(&known.plan), u32::try_from(fit.tokens).ok()?));
            }
            *patience = patience.saturating_sub(fit.tokens + 1);
        }
        None
    }

    /// Learns how a definition with that plan is built.
    pub(super) fn learn(
        &mut self,
        definition: u32,
        around: Around,
        plan: &Arc<FreePlan>,
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
        let form = form(&parsed, &mut self.symbols, document, |_| false)?;
        // What its tokens do not show, such as damage behind them, is none of a form.
        let fit = form.fit(document.chunk(), tokens, &mut self.symbols, &mut self.slots);
        if fit.ends(document.chunk(), tokens.1) {
            self.size += form.size() + plan.size() + size_of::<Known>();
            let known = Known { form, around, plan: Arc::clone(plan) };
            self.known.entry(id).or_default().push(known);
        }
        Some(())
    }
}

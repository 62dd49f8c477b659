//! How records without a template are built, and where their texts stand; and how definitions of
//! templates are built.
//!
//! Such a record spells out its elements, and those of one source do so alike: the same names in
//! the same order around other texts. A form is that order. A record of a known form is gone
//! through once, by comparing its names and noting its texts; one that is built in any other way
//! is no record of the form. Names are compared by where the chunk has them, once they were met.
//! A definition is the same from chunk to chunk, but for the places of its names.

mod reader;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use reader::{CLOSE, CLOSE_EMPTY, CONTENT, END, HEADER, Reader, TEXT_HEAD};

use crate::read::values::Slots;

/// Bytes of a name in front of its units: link, hash, count of units.
const NAME_HEADER: usize = 8;
/// The NUL behind a name's units.
const NAME_END: usize = 2;
/// Where a name stands that no chunk has shown yet: no chunk has that number.
const NOWHERE: Place = Place { chunk: u32::MAX, offset: 0 };

/// A name that forms have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) struct Symbol(u16);

/// A part of a form.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) enum Step {
    /// The version and flags that a stream begins with.
    Header,
    /// An element starts.
    Open(Symbol),
    /// An element of a definition starts, which depends on the value with that number.
    Depending(Symbol, u16),
    /// The place of the value with that number, in a definition.
    Place(u16),
    /// An attribute starts; its text follows.
    Attribute(Symbol),
    /// A text of which it is noted where it stands.
    Slot,
    /// A text that is the same in all records of the form: bytes among the form's own.
    Fixed { from: u32, to: u32 },
    /// The attributes end.
    Content,
    /// The element ends.
    Close,
    /// The element has no children and ends. Its text, of which there may be none, is noted.
    Leaf,
    /// An element without children, of that name and without attributes: `Open` and `Leaf`.
    Field(Symbol),
    /// An element without children that has one attribute, a text that is the same in all records:
    /// `Open`, `Attribute`, `Fixed` and `Leaf`.
    Named { element: Symbol, attribute: Symbol, from: u32, to: u32 },
    /// What the element holds does not matter, and it ends.
    PassOver,
}

/// The order in which records of one source have their names and texts.
#[derive(Debug, Default)]
pub(in crate::read) struct Form {
    steps: Vec<Step>,
    fixed: Vec<u8>,
}

impl Form {
    /// Adds a step.
    pub(in crate::read) fn push(&mut self, step: Step) {
        // Most of a record are elements without children, each of which becomes one step.
        let (taken, step) = match (self.steps.as_slice(), step) {
            (
                [.., Step::Open(element), Step::Attribute(attribute), Step::Fixed { from, to }],
                Step::Leaf,
            ) => {
                let (element, attribute, from, to) = (*element, *attribute, *from, *to);
                (3, Step::Named { element, attribute, from, to })
            }
            ([.., Step::Open(name)], Step::Leaf) => (1, Step::Field(*name)),
            (_, step) => (0, step),
        };
        self.steps.truncate(self.steps.len() - taken);
        self.steps.push(step);
    }

    /// Adds a text, UTF-16LE, that records of the form have there; `None` where it has too many.
    pub(in crate::read) fn push_fixed(&mut self, text: &[u8]) -> Option<()> {
        let from = u32::try_from(self.fixed.len()).ok()?;
        self.fixed.extend_from_slice(text);
        self.steps.push(Step::Fixed { from, to: u32::try_from(self.fixed.len()).ok()? });
        Some(())
    }

    /// Bytes that it takes.
    pub(in crate::read) fn size(&self) -> usize {
        size_of::<Self>() + self.steps.len() * size_of::<Step>() + self.fixed.len()
    }
}

/// The names of all forms, and where the chunk at hand has them.
#[derive(Debug, Default)]
pub(in crate::read) struct Symbols {
    /// As UTF-16LE.
    names: Vec<Box<[u8]>>,
    by_name: HashMap<Box<[u8]>, Symbol, RandomState>,
    /// Where the last chunk that has it has each.
    places: Vec<Place>,
    /// Number of the chunk at hand, so that none of the places has to be forgotten for it.
    chunk: u32,
    /// Bytes that all of that takes, about.
    size: usize,
}

/// An offset in the chunk of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    chunk: u32,
    offset: u32,
}

impl Symbols {
    /// Begins another chunk: where names stood before tells nothing.
    pub(in crate::read) fn begin(&mut self) {
        self.chunk += 1;
        if self.chunk == NOWHERE.chunk {
            self.places.fill(NOWHERE);
            self.chunk = 0;
        }
    }

    /// The symbol of a name; `None` where there are too many.
    pub(in crate::read) fn of(&mut self, name: &str) -> Option<Symbol> {
        let units: Box<[u8]> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if let Some(symbol) = self.by_name.get(&units) {
            return Some(*symbol);
        }
        let symbol = Symbol(u16::try_from(self.names.len()).ok()?);
        self.names.push(units.clone());
        self.places.push(NOWHERE);
        self.size += 2 * units.len() + 64;
        self.by_name.insert(units, symbol);
        Some(symbol)
    }

    /// Bytes that the names take, about.
    pub(in crate::read) const fn size(&self) -> usize {
        self.size
    }

    /// Whether the name is known to stand at that offset of the chunk.
    #[inline]
    fn has_at(&self, Symbol(symbol): Symbol, offset: u32) -> bool {
        self.places.get(usize::from(symbol)) == Some(&Place { chunk: self.chunk, offset })
    }

    /// Whether the name at an offset of the chunk is that one. Notes it if it is.
    #[cold]
    fn meets(&mut self, Symbol(symbol): Symbol, chunk: &[u8], offset: u32) -> Option<()> {
        let symbol = usize::from(symbol);
        let name = self.names.get(symbol)?;
        let at = usize::try_from(offset).ok()?;
        let (head, rest) = chunk.get(at..)?.split_first_chunk::<NAME_HEADER>()?;
        let [.., low, high] = *head;
        let length = usize::from(u16::from_le_bytes([low, high])) * 2;
        let is_it = length == name.len() && rest.starts_with(name);
        if !is_it || rest.len() < length + NAME_END {
            return None;
        }
        *self.places.get_mut(symbol)? = Place { chunk: self.chunk, offset };
        Some(())
    }
}

/// What a record shows that is held against a form.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Fit {
    /// Offset in the chunk behind the last token that fits.
    pub(in crate::read) behind: usize,
    /// Number of tokens up to there.
    pub(in crate::read) tokens: usize,
    /// Whether all steps fit.
    pub(in crate::read) is_whole: bool,
}

impl Fit {
    /// Whether a stream that ends at `end` of the chunk has nothing behind the last token.
    pub(in crate::read) fn ends(&self, chunk: &[u8], end: usize) -> bool {
        self.is_whole && (self.behind == end || chunk.get(self.behind) == Some(&END))
    }
}

impl Form {
    /// Holds what stands from `at` up to `end` of the chunk against the form. Where its texts
    /// stand is noted in `slots`.
    pub(in crate::read) fn fit(
        &self,
        chunk: &[u8],
        (at, end): (usize, usize),
        symbols: &mut Symbols,
        slots: &mut Slots,
    ) -> Fit {
        slots.clear();
        let rest = chunk.get(at..end).unwrap_or_default();
        let mut reader = Reader { chunk, rest, end, symbols, tokens: 0 };
        let is_whole = self.steps.iter().all(|step| self.step(*step, &mut reader, slots).is_some());
        Fit { behind: end - reader.rest.len(), tokens: reader.tokens, is_whole }
    }

    #[inline]
    fn step(&self, step: Step, reader: &mut Reader<'_, '_>, slots: &mut Slots) -> Option<()> {
        match step {
            Step::Field(symbol) => reader.field(symbol, slots),
            Step::Named { element, attribute, from, to } => {
                reader.open(element)?;
                reader.attribute(attribute)?;
                self.fixed(from, to, reader)?;
                reader.leaf(slots)
            }
            Step::Open(symbol) => reader.open(symbol),
            Step::Depending(symbol, dependency) => reader.depending(symbol, dependency),
            Step::Place(index) => reader.place(index),
            Step::Attribute(symbol) => reader.attribute(symbol),
            Step::Leaf => reader.leaf(slots),
            Step::Fixed { from, to } => self.fixed(from, to, reader),
            Step::Slot => {
                let (at, text) = (reader.at() + TEXT_HEAD, reader.text()?);
                slots.text(at, text.len())
            }
            Step::Content => reader.one_of([CONTENT, CONTENT]),
            Step::Close => reader.one_of([CLOSE, CLOSE_EMPTY]),
            Step::Header => {
                reader.one_of([HEADER, HEADER])?;
                reader.skip(3)
            }
            Step::PassOver => reader.pass_over(),
        }
    }

    #[inline]
    fn fixed(&self, from: u32, to: u32, reader: &mut Reader<'_, '_>) -> Option<()> {
        let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
        let text = self.fixed.get(range)?;
        (reader.text()? == text).then_some(())
    }
}

//! How records without a template are built, and where their texts stand; and how definitions of
//! templates are built.
//!
//! Such a record spells out its elements, and those of one source do so alike: the same names in
//! the same order around other texts. A form is that order. A record of a known form is gone
//! through once, by comparing its names and noting its texts; one that is built in any other way
//! is no record of the form. Names are compared by where the chunk has them, once they were met.
//! A definition is the same from chunk to chunk, but for the places of its names.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::raw::kind;
use crate::read::values::Slots;

/// Bytes of a name in front of its units: link, hash, count of units.
const NAME_HEADER: usize = 8;
/// The NUL behind a name's units.
const NAME_END: usize = 2;
/// The offset of a name that the chunk at hand has not shown yet; offsets have 32 bits.
const UNMET: u64 = u64::MAX;

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
    /// Where the chunk at hand has each.
    offsets: Vec<u64>,
    /// Bytes that all of that takes, about.
    size: usize,
}

impl Symbols {
    /// Forgets where names stand, as another chunk begins.
    pub(in crate::read) fn begin(&mut self) {
        self.offsets.fill(UNMET);
    }

    /// The symbol of a name; `None` where there are too many.
    pub(in crate::read) fn of(&mut self, name: &str) -> Option<Symbol> {
        let units: Box<[u8]> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if let Some(symbol) = self.by_name.get(&units) {
            return Some(*symbol);
        }
        let symbol = Symbol(u16::try_from(self.names.len()).ok()?);
        self.names.push(units.clone());
        self.offsets.push(UNMET);
        self.size += 2 * units.len() + 64;
        self.by_name.insert(units, symbol);
        Some(symbol)
    }

    /// Bytes that the names take, about.
    pub(in crate::read) const fn size(&self) -> usize {
        self.size
    }

    /// Whether the name at an offset of the chunk is that one. Notes it if it is.
    #[cold]
    fn meets(&mut self, symbol: usize, chunk: &[u8], offset: u32) -> Option<()> {
        let name = self.names.get(symbol)?;
        let at = usize::try_from(offset).ok()?;
        let (head, rest) = chunk.get(at..)?.split_first_chunk::<NAME_HEADER>()?;
        let [.., low, high] = *head;
        let length = usize::from(u16::from_le_bytes([low, high])) * 2;
        let is_it = length == name.len() && rest.starts_with(name);
        if !is_it || rest.len() < length + NAME_END {
            return None;
        }
        *self.offsets.get_mut(symbol)? = offset.into();
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
            Step::Field(symbol) => {
                reader.open(symbol)?;
                reader.leaf(slots)
            }
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

/// The tokens that records without a template consist of; `MORE` is added where others follow.
const END: u8 = 0x00;
const OPEN: u8 = 0x01;
const CONTENT: u8 = 0x02;
const CLOSE_EMPTY: u8 = 0x03;
const CLOSE: u8 = 0x04;
const VALUE: u8 = 0x05;
const ATTRIBUTE: u8 = 0x06;
const CHARACTER: u8 = 0x08;
const ENTITY: u8 = 0x09;
/// The place of a value, which may be missing in the second.
const PLACES: [u8; 2] = [0x0d, 0x0e];
const HEADER: u8 = 0x0f;
const MORE: u8 = 0x40;
/// Bytes of a text in front of its units: token, type, count of units.
const TEXT_HEAD: usize = 4;
/// The start of an element that has attributes.
const OPEN_WITH: u8 = OPEN | MORE;

/// Goes through a record token by token.
struct Reader<'r, 'c> {
    chunk: &'c [u8],
    /// What is left of the record.
    rest: &'c [u8],
    /// Offset of its end in the chunk.
    end: usize,
    symbols: &'r mut Symbols,
    tokens: usize,
}

impl<'c> Reader<'_, 'c> {
    /// Offset in the chunk of what comes next.
    fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.rest = self.rest.get(length..)?;
        Some(())
    }

    fn one_of(&mut self, tokens: [u8; 2]) -> Option<()> {
        let (token, rest) = self.rest.split_first()?;
        if !tokens.contains(token) {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        Some(())
    }

    #[inline]
    fn open(&mut self, symbol: Symbol) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<9>()?;
        let [token, _, _, _, _, name @ ..] = *head;
        if token != OPEN_WITH && token != OPEN {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        self.name(symbol, u32::from_le_bytes(name))?;
        // The length of the attributes.
        if token == OPEN_WITH { self.skip(4) } else { Some(()) }
    }

    #[inline]
    fn depending(&mut self, symbol: Symbol, dependency: u16) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<11>()?;
        let [token, low, high, _, _, _, _, name @ ..] = *head;
        if token & !MORE != OPEN || u16::from_le_bytes([low, high]) != dependency {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        self.name(symbol, u32::from_le_bytes(name))?;
        if token == OPEN_WITH { self.skip(4) } else { Some(()) }
    }

    #[inline]
    fn place(&mut self, index: u16) -> Option<()> {
        // The type that the definition expects says nothing.
        let (head, rest) = self.rest.split_first_chunk::<4>()?;
        let [token, low, high, _] = *head;
        if !PLACES.contains(&token) || u16::from_le_bytes([low, high]) != index {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        Some(())
    }

    #[inline]
    fn attribute(&mut self, symbol: Symbol) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<5>()?;
        let [token, name @ ..] = *head;
        if token & !MORE != ATTRIBUTE {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        self.name(symbol, u32::from_le_bytes(name))
    }

    /// Compares the name that is referred to. Where it is used first it stands here, and is
    /// passed over.
    #[inline]
    fn name(&mut self, Symbol(symbol): Symbol, offset: u32) -> Option<()> {
        let symbol = usize::from(symbol);
        if self.symbols.offsets.get(symbol) != Some(&u64::from(offset)) {
            self.symbols.meets(symbol, self.chunk, offset)?;
        }
        if usize::try_from(offset) == Ok(self.at()) { self.pass_name() } else { Some(()) }
    }

    #[cold]
    fn pass_name(&mut self) -> Option<()> {
        let [_, _, _, _, _, _, low, high] = *self.rest.first_chunk::<NAME_HEADER>()?;
        let length = usize::from(u16::from_le_bytes([low, high])) * 2;
        self.skip(NAME_HEADER + length + NAME_END)
    }

    /// The next token, which must be a text.
    #[inline]
    fn text(&mut self) -> Option<&'c [u8]> {
        let (head, rest) = self.rest.split_first_chunk::<TEXT_HEAD>()?;
        let [token, kind, low, high] = *head;
        if token & !MORE != VALUE || kind != kind::TEXT {
            return None;
        }
        let (text, rest) =
            rest.split_at_checked(usize::from(u16::from_le_bytes([low, high])) * 2)?;
        self.rest = rest;
        self.tokens += 1;
        Some(text)
    }

    /// Ends an element without children.
    #[inline]
    fn leaf(&mut self, slots: &mut Slots) -> Option<()> {
        let rest = match *self.rest {
            [CONTENT, VALUE, kind::TEXT, low, high, ref rest @ ..] => {
                let length = usize::from(u16::from_le_bytes([low, high])) * 2;
                slots.text(self.end - rest.len(), length)?;
                self.tokens += 2;
                rest.get(length..)?
            }
            [CONTENT, ref rest @ ..] => {
                slots.none()?;
                self.tokens += 1;
                rest
            }
            _ => {
                slots.none()?;
                self.rest
            }
        };
        let [CLOSE | CLOSE_EMPTY, rest @ ..] = rest else { return None };
        self.rest = rest;
        self.tokens += 1;
        Some(())
    }

    /// Passes over the rest of an element whose start was read.
    fn pass_over(&mut self) -> Option<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            let token = *self.rest.first()?;
            match token & !MORE {
                OPEN => {
                    self.skip(5)?;
                    self.any_name()?;
                    if token == OPEN_WITH {
                        self.skip(4)?;
                    }
                    depth += 1;
                }
                ATTRIBUTE | ENTITY => {
                    self.skip(1)?;
                    self.any_name()?;
                }
                VALUE => {
                    self.text()?;
                    continue;
                }
                CHARACTER => self.skip(3)?,
                CONTENT if token == CONTENT => self.skip(1)?,
                CLOSE | CLOSE_EMPTY if token & MORE == 0 => {
                    self.skip(1)?;
                    depth -= 1;
                }
                _ => return None,
            }
            self.tokens += 1;
        }
        Some(())
    }

    fn any_name(&mut self) -> Option<()> {
        let (offset, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        let is_here = usize::try_from(u32::from_le_bytes(*offset)) == Ok(self.at());
        if is_here { self.pass_name() } else { Some(()) }
    }
}

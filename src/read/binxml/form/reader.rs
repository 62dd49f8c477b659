//! Goes through a record or a definition token by token, as its form says.

use super::super::raw::kind;
use super::{NAME_END, NAME_HEADER, Symbol, Symbols};
use crate::read::values::Slots;

/// The tokens that records without a template consist of; `MORE` is added where others follow.
pub(super) const END: u8 = 0x00;
const OPEN: u8 = 0x01;
pub(super) const CONTENT: u8 = 0x02;
pub(super) const CLOSE_EMPTY: u8 = 0x03;
pub(super) const CLOSE: u8 = 0x04;
const VALUE: u8 = 0x05;
const ATTRIBUTE: u8 = 0x06;
const CHARACTER: u8 = 0x08;
const ENTITY: u8 = 0x09;
/// The place of a value, which may be missing in the second.
const PLACES: [u8; 2] = [0x0d, 0x0e];
pub(super) const HEADER: u8 = 0x0f;
const MORE: u8 = 0x40;
/// Bytes of a text in front of its units: token, type, count of units.
pub(super) const TEXT_HEAD: usize = 4;
/// Bytes of the start of an element that has none.
const OPEN_HEAD: usize = 9;
/// The same up to the units of its text.
const FIELD_HEAD: usize = OPEN_HEAD + 1 + TEXT_HEAD;
/// The start of an element that has attributes.
const OPEN_WITH: u8 = OPEN | MORE;

/// What is gone through.
pub(super) struct Reader<'r, 'c> {
    pub(super) chunk: &'c [u8],
    /// What is left of it.
    pub(super) rest: &'c [u8],
    /// Offset of its end in the chunk.
    pub(super) end: usize,
    pub(super) symbols: &'r mut Symbols,
    /// Number of tokens that were passed.
    pub(super) tokens: usize,
}

impl<'c> Reader<'_, 'c> {
    /// Offset in the chunk of what comes next.
    pub(super) fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    pub(super) fn skip(&mut self, length: usize) -> Option<()> {
        self.rest = self.rest.get(length..)?;
        Some(())
    }

    pub(super) fn one_of(&mut self, tokens: [u8; 2]) -> Option<()> {
        let (token, rest) = self.rest.split_first()?;
        if !tokens.contains(token) {
            return None;
        }
        self.rest = rest;
        self.tokens += 1;
        Some(())
    }

    #[inline]
    pub(super) fn open(&mut self, symbol: Symbol) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<OPEN_HEAD>()?;
        let [token, _, _, _, _, name @ ..] = *head;
        if token != OPEN_WITH && token != OPEN {
            return None;
        }
        self.element(symbol, (token, name), rest)
    }

    #[inline]
    pub(super) fn depending(&mut self, symbol: Symbol, dependency: u16) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<11>()?;
        let [token, low, high, _, _, _, _, name @ ..] = *head;
        if token & !MORE != OPEN || u16::from_le_bytes([low, high]) != dependency {
            return None;
        }
        self.element(symbol, (token, name), rest)
    }

    /// Goes on behind the start of an element of that token and name, which ends where `rest`
    /// begins.
    #[inline(always)]
    fn element(
        &mut self,
        symbol: Symbol,
        (token, name): (u8, [u8; 4]),
        rest: &'c [u8],
    ) -> Option<()> {
        self.rest = rest;
        self.tokens += 1;
        self.name(symbol, u32::from_le_bytes(name))?;
        // The length of the attributes.
        if token == OPEN_WITH { self.skip(4) } else { Some(()) }
    }

    #[inline]
    pub(super) fn place(&mut self, index: u16) -> Option<()> {
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
    pub(super) fn attribute(&mut self, symbol: Symbol) -> Option<()> {
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
    fn name(&mut self, symbol: Symbol, offset: u32) -> Option<()> {
        if !self.symbols.has_at(symbol, offset) {
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
    pub(super) fn text(&mut self) -> Option<&'c [u8]> {
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

    /// An element that has nothing but a text, or not even that.
    #[inline]
    pub(super) fn field(&mut self, symbol: Symbol, slots: &mut Slots) -> Option<()> {
        // Mostly it has a text, and a name that was met: all in front of the text is at once told.
        if let Some((head, rest)) = self.rest.split_first_chunk::<FIELD_HEAD>()
            && let [OPEN, _, _, _, _, name @ .., CONTENT, VALUE, kind::TEXT, low, high] = *head
            && self.symbols.has_at(symbol, u32::from_le_bytes(name))
            && usize::try_from(u32::from_le_bytes(name)) != Ok(self.at() + OPEN_HEAD)
        {
            let length = usize::from(u16::from_le_bytes([low, high])) * 2;
            slots.text(self.end - rest.len(), length)?;
            let [CLOSE | CLOSE_EMPTY, rest @ ..] = rest.get(length..)? else { return None };
            self.rest = rest;
            self.tokens += 4;
            return Some(());
        }
        self.open(symbol)?;
        self.leaf(slots)
    }

    /// Ends an element without children.
    #[inline]
    pub(super) fn leaf(&mut self, slots: &mut Slots) -> Option<()> {
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
    pub(super) fn pass_over(&mut self) -> Option<()> {
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

//! Element and attribute names, which BinXML refers to by their offset in the chunk.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bytes::Cursor;
use super::{Malformed, Result};
use crate::read::intern::Interner;

/// Names for which there is room at once; most chunks have fewer.
const USUAL: usize = 56;
/// Units in the longest name that is accepted; real ones have fewer than 60.
const LONGEST: usize = 256;

/// Number of a name in the chunk's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) struct NameId(u32);

/// A name of an element or attribute.
#[derive(Clone, Debug)]
pub(in crate::read) struct Name {
    /// As written.
    pub(in crate::read) text: Arc<str>,
    /// Which of the names is it that mean something to the reader.
    pub(in crate::read) known: Known,
    /// Whether it is lost, or not the name whose hash stands beside it. Known only where names
    /// are checked.
    pub(super) is_damaged: bool,
}

/// The names that mean something to the reader, and `Other` for all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Known {
    Event,
    System,
    Provider,
    EventId,
    Version,
    Level,
    TimeCreated,
    EventRecordId,
    Correlation,
    Execution,
    Channel,
    Computer,
    Security,
    Name,
    Qualifiers,
    SystemTime,
    ActivityId,
    ProcessId,
    ThreadId,
    UserId,
    EventData,
    UserData,
    RenderingInfo,
    Data,
    /// `xmlns` and `xmlns:…`.
    Namespace,
    Other,
}

impl Known {
    fn of(name: &str) -> Self {
        match name {
            "Event" => Self::Event,
            "System" => Self::System,
            "Provider" => Self::Provider,
            "EventID" => Self::EventId,
            "Version" => Self::Version,
            "Level" => Self::Level,
            "TimeCreated" => Self::TimeCreated,
            "EventRecordID" => Self::EventRecordId,
            "Correlation" => Self::Correlation,
            "Execution" => Self::Execution,
            "Channel" => Self::Channel,
            "Computer" => Self::Computer,
            "Security" => Self::Security,
            "Name" => Self::Name,
            "Qualifiers" => Self::Qualifiers,
            "SystemTime" => Self::SystemTime,
            "ActivityID" => Self::ActivityId,
            "ProcessID" => Self::ProcessId,
            "ThreadID" => Self::ThreadId,
            "UserID" => Self::UserId,
            "EventData" => Self::EventData,
            "UserData" => Self::UserData,
            "RenderingInfo" => Self::RenderingInfo,
            "Data" => Self::Data,
            _ if name == "xmlns" || name.starts_with("xmlns:") => Self::Namespace,
            _ => Self::Other,
        }
    }
}

/// The names of one chunk that were met so far.
#[derive(Debug)]
pub(super) struct Names<'c> {
    chunk: &'c [u8],
    pub(super) interner: &'c mut Interner,
    by_offset: HashMap<u32, NameId, RandomState>,
    names: Vec<Name>,
    /// Where each of them stands.
    offsets: Vec<u32>,
    /// Whether names are held against their hashes.
    are_checked: bool,
}

impl<'c> Names<'c> {
    /// No names yet of the chunk.
    pub(super) fn new(chunk: &'c [u8], interner: &'c mut Interner) -> Self {
        let by_offset = HashMap::default();
        let (names, offsets) = (Vec::new(), Vec::new());
        Self { chunk, interner, by_offset, names, offsets, are_checked: false }
    }

    /// Holds names against their hashes from now on.
    pub(super) fn check(&mut self) {
        self.are_checked = true;
    }

    /// The name that the next four bytes refer to. Where it is used first, the name itself
    /// follows and is passed over.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<NameId> {
        let offset = cursor.u32()?;
        if usize::try_from(offset) == Ok(cursor.at()) {
            self.take(cursor)?;
        }
        if let Some(known) = self.by_offset.get(&offset) {
            return Ok(*known);
        }
        if self.names.is_empty() {
            self.by_offset.reserve(USUAL);
            self.names.reserve(USUAL);
        }
        let id = NameId(u32::try_from(self.names.len()).map_err(|_| Malformed::OverBudget)?);
        // A name that is lost costs what it names, not the record.
        let name = self.name_at(offset).unwrap_or_else(|_| self.nameless());
        self.names.push(name);
        self.offsets.push(offset);
        self.by_offset.insert(offset, id);
        Ok(id)
    }

    /// The name with that number.
    pub(super) fn get(&self, id: NameId) -> Result<&Name> {
        let name = usize::try_from(id.0).ok().and_then(|index| self.names.get(index));
        name.ok_or(Malformed::OutOfBounds { at: 0 })
    }

    /// Where the name with that number stands, if all of it does.
    pub(super) fn place(&self, id: NameId) -> Option<Range<usize>> {
        let offset = *self.offsets.get(usize::try_from(id.0).ok()?)?;
        let start = usize::try_from(offset).ok()?;
        let mut cursor = Cursor::new(self.chunk, start, self.chunk.len());
        pass_over(&mut cursor).ok()?;
        Some(start..cursor.at())
    }

    /// Passes over a name and returns its units: as many as are stated, unless names are held
    /// against their hashes and it is the one up to the first NUL that has its hash.
    fn take<'n>(&self, cursor: &mut Cursor<'n>) -> Result<&'n [u8]> {
        let (whole, rest) = (*cursor, cursor.rest());
        let stated = pass_over(cursor);
        if !self.are_checked {
            return stated;
        }
        let due = rest.get(LINK..).and_then(<[u8]>::first_chunk::<2>).copied();
        let has_hash = |bytes: &[u8]| due == Some(hash(bytes));
        if stated.is_ok_and(has_hash) {
            return stated;
        }
        let Some(ended) = rest.get(HEAD..).and_then(up_to_nul).filter(|bytes| has_hash(bytes))
        else {
            return stated;
        };
        *cursor = whole;
        cursor.take(HEAD + ended.len() + 2)?;
        Ok(ended)
    }

    fn nameless(&mut self) -> Name {
        Name { known: Known::Other, text: self.interner.text(""), is_damaged: true }
    }

    fn name_at(&mut self, offset: u32) -> Result<Name> {
        let at = usize::try_from(offset).map_err(|_| Malformed::OutOfBounds { at: 0 })?;
        let mut cursor = Cursor::new(self.chunk, at, self.chunk.len());
        let stated = cursor.rest().get(LINK..).and_then(<[u8]>::first_chunk::<2>).copied();
        let bytes = self.take(&mut cursor)?;
        if bytes.len() > LONGEST * 2 {
            return Err(Malformed::OutOfBounds { at });
        }
        let name = self.interner.name(bytes, |text| {
            let known = Known::of(&text);
            Name { text, known, is_damaged: false }
        });
        let is_damaged = self.are_checked && stated != Some(hash(bytes));
        Ok(Name { is_damaged, ..name })
    }
}

/// Bytes of a name in front of its hash, and in front of its units.
const LINK: usize = 4;
const HEAD: usize = 8;

/// The units in front of the first NUL, if there are any and no name is longer.
fn up_to_nul(bytes: &[u8]) -> Option<&[u8]> {
    let (units, _) = bytes.as_chunks::<2>();
    let count = units.iter().take(LONGEST + 1).position(|unit| *unit == [0, 0])?;
    bytes.get(..count * 2).filter(|name| !name.is_empty())
}

/// The hash that stands beside a name of these units.
fn hash(bytes: &[u8]) -> [u8; 2] {
    let (units, _) = bytes.as_chunks::<2>();
    let hash = units.iter().fold(0_u16, |hash, unit| {
        // By 65,599, of which the lower 16 bits are left.
        hash.wrapping_mul(63).wrapping_add(u16::from_le_bytes(*unit))
    });
    hash.to_le_bytes()
}

/// Passes over a name (link, hash, count of units, units, NUL) and returns its units.
fn pass_over<'c>(cursor: &mut Cursor<'c>) -> Result<&'c [u8]> {
    cursor.take(6)?;
    let units = cursor.u16()?;
    let bytes = cursor.take(usize::from(units) * 2)?;
    cursor.take(2)?;
    Ok(bytes)
}

//! The values of an instance in a chunk that is damaged: number, sizes and types are held against
//! the template, and where they do not fit, they are read in the one way that does.
//!
//! A log as Windows writes it leaves no choice: an instance has as many values as its template
//! asks for, each of the type that is named there or null, a number has the size of its type, and
//! all together fill what they stand in but for an end mark and, in a record, padding. Where one
//! of these statements lies, the others tell which.
//!
//! Knows nothing of sound chunks, whose values are taken as they are described.

use super::bytes::Cursor;
use super::document::Budget;
use super::raw::kind;
use super::{Malformed, Raw, Result};

/// Values that are held against a template; real instances have fewer than 100.
const MOST: usize = 1024;
/// Most bytes behind the values of a record: the end mark, and padding to a multiple of eight.
const PADDING: usize = 8;
/// Offset of a record's content in the record, and the size of the copy of its size.
const RECORD_HEADER: usize = 24;
const SIZE_COPY: usize = 4;
const RECORD_MAGIC: &[u8] = b"**\0\0";
/// What may follow the values: the end of the stream, or one more instance.
const END: u8 = 0;
const INSTANCE: u8 = 0x0c;

/// What the values stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// The record whose content begins at that offset.
    Record(usize),
    /// A value that is a stream of its own.
    Value,
}

/// What the values' sizes are taken from, where the two disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// What is stated in front of the values.
    Statement,
    /// The type that is stated there.
    Type,
    /// The type that the template asks for.
    Template,
    /// The larger of what is stated and what the stated type has, so that nothing is cut off.
    Larger,
}

/// Reads the values of an instance of a template that asks for values of the types `due`.
/// Returns the first sign of damage.
pub(super) fn read_values<'c>(
    cursor: &mut Cursor<'c>,
    due: &[Option<u8>],
    around: Around,
    values: &mut Vec<Raw<'c>>,
    budget: &mut Budget,
) -> Result<Option<Malformed>> {
    let at = cursor.at();
    let stated = usize::try_from(cursor.u32()?).unwrap_or(usize::MAX);
    let mut readings = Vec::with_capacity(6);
    readings.extend([By::Statement, By::Type, By::Template].map(|by| (stated, by)));
    if due.len() != stated {
        readings.extend([By::Statement, By::Type, By::Template].map(|by| (due.len(), by)));
    }
    for (position, (count, by)) in readings.into_iter().enumerate() {
        let Some(reading) = Reading::of(*cursor, count, by, due) else { continue };
        budget.spend(u32::try_from(count).unwrap_or(u32::MAX))?;
        if reading.fits(around) {
            let flaw = reading.take(cursor, values);
            let is_as_stated = position == 0;
            return Ok(if is_as_stated { flaw } else { Some(Malformed::Misfit { at }) });
        }
    }
    let reading = Reading::of(*cursor, stated, By::Larger, due);
    let reading = reading.ok_or(Malformed::OutOfBounds { at: cursor.at() })?;
    budget.spend(u32::try_from(stated).unwrap_or(u32::MAX))?;
    reading.take(cursor, values);
    Ok(Some(Malformed::Misfit { at }))
}

/// One way to read the values.
#[derive(Clone, Copy, Debug)]
struct Reading<'c, 'd> {
    /// Size, type and padding of each.
    described: &'c [[u8; 4]],
    /// Stands at the first value.
    first: Cursor<'c>,
    by: By,
    due: &'d [Option<u8>],
}

impl<'c, 'd> Reading<'c, 'd> {
    /// The way to read `count` values that are described where the cursor stands; `None` for more
    /// than there is room for.
    fn of(mut cursor: Cursor<'c>, count: usize, by: By, due: &'d [Option<u8>]) -> Option<Self> {
        let described = cursor.take(count.checked_mul(4)?).ok()?;
        let (described, _) = described.as_chunks::<4>();
        Some(Self { described, first: cursor, by, due })
    }

    /// Whether each value has a size that its type can have, and they fill what they stand in.
    fn fits(&self, around: Around) -> bool {
        let mut cursor = self.first;
        if self.described.len() > MOST {
            return false;
        }
        for index in 0..self.described.len() {
            let Some((kind, size)) = self.value(index, &cursor) else { return false };
            let is_own = own_size(kind, &cursor).is_none_or(|own| own == size);
            if !is_own || !is_known(kind) || cursor.take(size).is_err() {
                return false;
            }
        }
        match around {
            Around::Value => {
                let is_followed = cursor.rest().first() == Some(&INSTANCE) && cursor.left() > 1;
                is_followed || cursor.left() == 1 && cursor.rest().first() == Some(&END)
            }
            Around::Record(content) => ends(&cursor, content),
        }
    }

    /// The type and the size of the value at a position, where the cursor stands.
    fn value(&self, index: usize, cursor: &Cursor<'c>) -> Option<(u8, usize)> {
        let [low, high, kind, _] = *self.described.get(index)?;
        let stated = usize::from(u16::from_le_bytes([low, high]));
        let due = self.due.get(index).copied().flatten();
        // The bytes of a null are none of a value, however many there are.
        let size = match self.by {
            _ if kind == kind::NULL && self.by != By::Template => stated,
            By::Statement => stated,
            By::Type => own_size(kind, cursor).unwrap_or(stated),
            By::Larger => own_size(kind, cursor).unwrap_or_default().max(stated),
            By::Template if kind == kind::NULL && stated == 0 => stated,
            By::Template => due.and_then(|due| own_size(due, cursor)).unwrap_or(stated),
        };
        let fits =
            |kind: u8| is_known(kind) && own_size(kind, cursor).is_none_or(|own| own == size);
        Some(match due {
            Some(due) if !fits(kind) && fits(due) => (due, size),
            _ => (kind, size),
        })
    }

    /// Takes the values. Returns the first sign of damage in one.
    fn take(&self, cursor: &mut Cursor<'c>, values: &mut Vec<Raw<'c>>) -> Option<Malformed> {
        *cursor = self.first;
        let mut flaw = None;
        for (index, [_, _, stated, padding]) in self.described.iter().enumerate() {
            let (kind, size) = self.value(index, cursor)?;
            let at = cursor.at();
            let Ok(mut raw) = Raw::read_up_to(cursor, kind, size) else { break };
            if kind != *stated || *padding != 0 || !is_sensible(raw) {
                flaw = flaw.or(Some(Malformed::Misfit { at }));
                raw.bytes = in_front_of_nul(raw);
            }
            values.push(raw);
        }
        flaw
    }
}

/// Whether a record ends behind the cursor: where its size says, where that is repeated, or in
/// front of the next record.
fn ends(cursor: &Cursor<'_>, content: usize) -> bool {
    let (rest, at) = (cursor.ahead(), cursor.at());
    let is_end = |padding: usize| {
        let behind = rest.get(padding..).and_then(|rest| rest.split_first_chunk::<SIZE_COPY>());
        let size = (at + padding + SIZE_COPY + RECORD_HEADER).checked_sub(content);
        padding == cursor.left()
            || behind.is_some_and(|(copy, next)| {
                let is_followed = next.starts_with(RECORD_MAGIC);
                let copy = usize::try_from(u32::from_le_bytes(*copy)).ok();
                size.is_some_and(|size| copy == Some(size) || is_followed && size.is_multiple_of(8))
            })
    };
    rest.first() == Some(&END) && (1..=PADDING).any(is_end)
}

/// Whether Windows has a type of that number.
fn is_known(kind: u8) -> bool {
    matches!(kind & !kind::ARRAY, kind::NULL..=kind::HEX_INT64 | kind::FRAGMENT)
}

/// The size of a value where the cursor stands, if its type tells.
fn own_size(kind: u8, cursor: &Cursor<'_>) -> Option<usize> {
    match (kind, cursor.rest()) {
        (kind::NULL, _) => None,
        (kind::SID, [1, count @ 0..=15, ..]) => Some(8 + 4 * usize::from(*count)),
        _ => kind::size(kind),
    }
}

/// Whether it is as Windows writes values of its type. That damage leaves it so proves nothing.
fn is_sensible(raw: Raw<'_>) -> bool {
    let size = raw.bytes.len();
    match raw.kind {
        kind::TEXT => is_text(raw.bytes),
        kind::SIZE_T => matches!(size, 0 | 4 | 8),
        kind::SID => matches!(raw.bytes, [] | [1, ..]),
        kind if kind & kind::ARRAY != 0 => {
            kind::size(kind & !kind::ARRAY).is_none_or(|item| item > 0 && size.is_multiple_of(item))
        }
        _ => true,
    }
}

/// The bytes of a text up to its first NUL, behind which stands what a size that lies adds; all
/// bytes of other values.
fn in_front_of_nul(raw: Raw<'_>) -> &[u8] {
    let (units, _) = raw.bytes.as_chunks::<2>();
    let nul = units.iter().position(|unit| *unit == [0; 2]).filter(|_| raw.kind == kind::TEXT);
    nul.and_then(|units| raw.bytes.get(..units * 2)).unwrap_or(raw.bytes)
}

/// Whether it is UTF-16 without characters that texts do not have.
fn is_text(bytes: &[u8]) -> bool {
    let bytes = super::text::trim_nul(bytes);
    let (units, odd) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    odd.is_empty()
        && char::decode_utf16(units).all(|character| {
            character.is_ok_and(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
        })
}

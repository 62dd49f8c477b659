//! How a record begins that is an instance of a template, as nearly all are.

use super::definition::DEFINITION_HEADER;
use super::values::{Described, split, total};

/// What such a record begins with: fragment header, instance token.
const FRAGMENT_HEADER: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// Bytes of these and of the instance's own head, before the count of the values.
pub(super) const HEAD: usize = 14;

/// A record that is an instance of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance<'c> {
    pub(super) head: &'c [u8; HEAD],
    /// Offset of the template's definition in the chunk.
    pub(super) definition: u32,
    /// The definition, where the record bears it because it is the first one to use it.
    pub(super) borne: Option<&'c [u8]>,
    /// What follows: the count of the values, their descriptions, and the values.
    pub(super) rest: &'c [u8],
}

impl<'c> Instance<'c> {
    /// The instance that is the record of these bytes, which stands at `at`.
    pub(super) fn of(record: &'c [u8], at: usize) -> Option<Self> {
        let (head, rest) = record.split_first_chunk::<HEAD>()?;
        let [FRAGMENT_HEADER, _, _, _, INSTANCE, _, _, _, _, _, offset @ ..] = *head else {
            return None;
        };
        let definition = u32::from_le_bytes(offset);
        let is_borne = usize::try_from(definition) == Ok(at + HEAD);
        let (borne, rest) = if is_borne {
            let length = rest.get(DEFINITION_HEADER - 4..)?.first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (definition, rest) =
                rest.split_at_checked(length.checked_add(DEFINITION_HEADER)?)?;
            (Some(definition), rest)
        } else {
            (None, rest)
        };
        Some(Self { head, definition, borne, rest })
    }

    /// How the values are described; `None` for more values than payloads of interest have.
    pub(super) fn described(&self) -> Option<Described<'c>> {
        Some(split(self.rest)?.0)
    }

    /// The bytes that begin with the first value; `None` where the values take more.
    pub(super) fn values(&self) -> Option<&'c [u8]> {
        let (described, values) = split(self.rest)?;
        (total(described) <= values.len()).then_some(values)
    }
}

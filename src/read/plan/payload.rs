//! The payload of one record, read where it stands as its plan says.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::binxml::{BLOCK, Raw, push_utf16, short_ascii};
use super::super::layout::Found;
use super::super::values::Values;
use super::{FreePlan, Plan, Planned, Present};
use crate::model::normal::host;
use crate::model::{self, Field, FieldNames, Fields, Packer, RawType, Value};

/// The payload of one record.
#[derive(Debug)]
pub(in crate::read) struct Payload<'r> {
    pub(super) plan: &'r Plan<'r>,
    /// The same, where it holds in any chunk.
    pub(in crate::read) free: Option<&'r Arc<FreePlan>>,
    /// Where its values stand in its chunk, from their count on, if they stand one behind the other.
    pub(in crate::read) stands: Option<(usize, usize)>,
    pub(super) present: &'r Present,
    pub(super) values: Values<'r>,
}

/// What packing keeps from one payload to the next.
#[derive(Debug, Default)]
pub(in crate::read) struct Scratch {
    packer: Packer,
    text: String,
    sids: Sids,
}

/// The last security identifiers, by their bytes: those of one record are mostly those of others.
#[derive(Debug, Default)]
struct Sids {
    recent: [Option<Sid>; SIDS],
    /// The place that is given up next.
    oldest: usize,
}

/// A security identifier.
#[derive(Debug, Default)]
struct Sid {
    bytes: Vec<u8>,
    text: String,
}

/// So many of them are remembered.
const SIDS: usize = 4;

impl<'r> Payload<'r> {
    fn field(&self, position: usize) -> Option<&'r Planned<'r>> {
        let Present { fields, is_whole } = self.present;
        let place = if *is_whole { position } else { usize::from(*fields.get(position)?) };
        self.plan.fields.get(place)
    }

    /// The field at a place of the plan, if the record has it.
    #[inline]
    fn placed(&self, place: usize) -> Option<&'r Planned<'r>> {
        let Present { fields, is_whole } = self.present;
        let is_present =
            || u16::try_from(place).is_ok_and(|place| fields.binary_search(&place).is_ok());
        self.plan.fields.get(place).filter(|_| *is_whole || is_present())
    }

    /// The fields that the record has, in order.
    fn fields(&self) -> impl Iterator<Item = &'r Planned<'r>> {
        let Self { plan, present, .. } = *self;
        let (all, some) = if present.is_whole {
            (plan.fields.as_slice(), [].as_slice())
        } else {
            ([].as_slice(), present.fields.as_slice())
        };
        all.iter().chain(some.iter().filter_map(|at| plan.fields.get(usize::from(*at))))
    }

    /// All fields, decoded.
    pub(in crate::read) fn decode(&self) -> Vec<Field> {
        let named = |field: &Planned<'_>| Field {
            name: Arc::clone(&field.name),
            value: field.value(&self.values),
        };
        self.fields().map(named).collect()
    }

    /// All fields, packed.
    pub(in crate::read) fn pack(&self, scratch: &mut Scratch) -> model::Payload {
        scratch.packer.clear();
        for field in self.fields() {
            scratch.pack(field.raw(&self.values));
        }
        let names = if self.present.is_whole {
            Arc::clone(&self.plan.names)
        } else {
            self.fields().map(|field| Arc::clone(&field.name)).collect()
        };
        scratch.packer.payload(names)
    }
}

impl Scratch {
    /// Packs what stands in a field.
    fn pack(&mut self, raw: Option<Raw<'_>>) {
        let Self { packer, text, sids } = self;
        let Some(raw) = raw else {
            packer.value(&Value::Null);
            return;
        };
        if let Some(utf16) = raw.utf16() {
            if let Some(text) = short_ascii(utf16, &mut [0; BLOCK]) {
                packer.text(text);
            } else {
                text.clear();
                push_utf16(utf16, text);
                packer.text(text);
            }
            return;
        }
        match sids.text(raw) {
            Some(sid) => packer.sid(sid),
            None => packer.value(&raw.value()),
        }
    }
}

impl Sids {
    /// The text of a security identifier; `None` for any other value.
    fn text(&mut self, raw: Raw<'_>) -> Option<&str> {
        let Self { recent, oldest } = self;
        if !raw.is_sid() {
            return None;
        }
        let is_known = |sid: &Option<Sid>| sid.as_ref().is_some_and(|sid| sid.bytes == raw.bytes());
        let place = match recent.iter().position(is_known) {
            Some(place) => place,
            None => {
                let place = recent.get_mut(*oldest)?;
                // Nothing but what is a security identifier may stand for one.
                let Sid { mut bytes, mut text } = place.take().unwrap_or_default();
                text.clear();
                raw.push_sid(&mut text)?;
                bytes.clear();
                bytes.extend_from_slice(raw.bytes());
                *place = Some(Sid { bytes, text });
                let filled = *oldest;
                *oldest = (filled + 1) % SIDS;
                filled
            }
        };
        recent.get(place)?.as_ref().map(|sid| sid.text.as_str())
    }
}

impl Fields for Payload<'_> {
    fn name(&self, position: usize) -> Option<&str> {
        self.field(position).map(|field| &*field.name)
    }

    fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
        self.field(position).map(|field| Cow::Owned(field.value(&self.values)))
    }

    fn layout(&self) -> Option<&FieldNames> {
        Some(&self.plan.names)
    }

    fn at(&self, place: usize) -> Option<Cow<'_, Value>> {
        self.placed(place).map(|field| Cow::Owned(field.value(&self.values)))
    }

    fn raw(&self, place: usize) -> (RawType, &[u8]) {
        let Some(field) = self.placed(place) else { return (RawType::LACKING, &[]) };
        let found = match field.found {
            Some(Found::Value(index)) => self.values.bytes(index),
            Some(Found::Literal(raw)) => Some((raw.kind(), raw.bytes())),
            None => None,
        };
        found.map_or((RawType::EMPTY, &[]), |(kind, bytes)| (RawType::of(kind), bytes))
    }

    fn raw_address(&self, place: usize) -> (RawType, &[u8]) {
        let (kind, bytes) = self.raw(place);
        let host = (kind == RawType::of(Raw::TEXT)).then(|| host(bytes)).flatten();
        host.map_or((kind, bytes), |host| (RawType::HOST, host))
    }

    fn push_text(&self, place: usize, text: &mut String) -> bool {
        let raw = self.placed(place).and_then(|field| field.raw(&self.values));
        let Some(utf16) = raw.and_then(Raw::utf16) else { return false };
        let before = text.len();
        push_utf16(utf16, text);
        let length = text.get(before..).map_or(0, |own| own.trim_end_matches('\0').len());
        text.truncate(before + length);
        true
    }
}

impl<'c> Planned<'c> {
    /// What stands in the field; `None` for an element without content.
    fn raw(&self, values: &Values<'c>) -> Option<Raw<'c>> {
        match self.found? {
            Found::Literal(raw) => Some(raw),
            Found::Value(index) => values.value(index),
        }
    }

    fn value(&self, values: &Values<'c>) -> Value {
        self.raw(values).map_or(Value::Null, Raw::value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A security identifier's type.
    const SID: u8 = 0x13;

    #[test]
    fn what_is_packed_is_what_stands_there_whatever_came_before() {
        let system: &[u8] = &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        let users: &[u8] = &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0];
        let values = [system, &[], users, &system[..11], &[], system];
        let name: FieldNames = ["MemberSid"].map(Arc::from).into();
        let mut scratch = Scratch::default();
        for (place, bytes) in values.into_iter().cycle().take(30).enumerate() {
            let raw = Raw::standing(bytes, SID, 0, bytes.len()).unwrap();
            scratch.packer.clear();
            scratch.pack(Some(raw));
            let packed = scratch.packer.payload(Arc::clone(&name));
            assert_eq!(packed.field("MemberSid"), Some(raw.value()), "{place}: {bytes:?}");
        }
    }
}

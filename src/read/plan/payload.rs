//! The payload of one record, read where it stands as its plan says.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::binxml::{Raw, ascii, push_utf16};
use super::super::layout::Found;
use super::super::values::Values;
use super::{Plan, Planned};
use crate::model::{self, Field, FieldNames, Fields, Packer, Value};

/// What stands for the type of a field that a record lacks, and for one without content: no value
/// has a type with such a number.
const LACKING: u8 = 0xff;
const EMPTY: u8 = 0xfe;

/// The payload of one record.
#[derive(Debug)]
pub(in crate::read) struct Payload<'r> {
    pub(super) plan: &'r Plan<'r>,
    pub(super) present: &'r [u16],
    pub(super) values: &'r Values<'r>,
}

/// What packing keeps from one payload to the next.
#[derive(Debug, Default)]
pub(in crate::read) struct Scratch {
    packer: Packer,
    text: String,
}

impl Payload<'_> {
    fn field(&self, position: usize) -> Option<&Planned<'_>> {
        self.plan.fields.get(usize::from(*self.present.get(position)?))
    }

    /// The field at a place of the plan, if the record has it.
    fn placed(&self, place: usize) -> Option<&Planned<'_>> {
        let is_whole = self.present.len() == self.plan.fields.len();
        let is_present =
            || u16::try_from(place).is_ok_and(|place| self.present.binary_search(&place).is_ok());
        self.plan.fields.get(place).filter(|_| is_whole || is_present())
    }

    /// All fields, decoded.
    pub(in crate::read) fn decode(&self) -> Vec<Field> {
        let fields = self.present.iter().filter_map(|position| {
            let field = self.plan.fields.get(usize::from(*position))?;
            Some(Field { name: Arc::clone(&field.name), value: field.value(self.values) })
        });
        let mut data = Vec::with_capacity(self.present.len());
        data.extend(fields);
        data
    }

    /// All fields, packed.
    pub(in crate::read) fn pack(&self, scratch: &mut Scratch) -> model::Payload {
        let Scratch { packer, text } = scratch;
        packer.clear();
        let fields = &self.plan.fields;
        for field in self.present.iter().filter_map(|at| fields.get(usize::from(*at))) {
            match field.raw(self.values).map(|raw| (raw, raw.utf16())) {
                Some((_, Some(utf16))) => {
                    if let Some(ascii) = ascii(utf16) {
                        packer.ascii(ascii);
                        continue;
                    }
                    text.clear();
                    push_utf16(utf16, text);
                    packer.text(text);
                }
                Some((raw, None)) => {
                    text.clear();
                    match raw.push_sid(text) {
                        Some(()) => packer.sid(text),
                        None => packer.value(&raw.value()),
                    }
                }
                None => packer.value(&Value::Null),
            }
        }
        let names = if self.present.len() == fields.len() {
            Arc::clone(&self.plan.names)
        } else {
            let present = self.present.iter().filter_map(|at| fields.get(usize::from(*at)));
            present.map(|field| Arc::clone(&field.name)).collect()
        };
        packer.payload(names)
    }
}

impl Fields for Payload<'_> {
    fn name(&self, position: usize) -> Option<&str> {
        self.field(position).map(|field| &*field.name)
    }

    fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
        self.field(position).map(|field| Cow::Owned(field.value(self.values)))
    }

    fn layout(&self) -> Option<&FieldNames> {
        Some(&self.plan.names)
    }

    fn at(&self, place: usize) -> Option<Cow<'_, Value>> {
        self.placed(place).map(|field| Cow::Owned(field.value(self.values)))
    }

    fn raw(&self, place: usize) -> (u8, &[u8]) {
        match self.placed(place).map(|field| field.raw(self.values)) {
            None => (LACKING, &[]),
            Some(None) => (EMPTY, &[]),
            Some(Some(raw)) => (raw.kind(), raw.bytes()),
        }
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

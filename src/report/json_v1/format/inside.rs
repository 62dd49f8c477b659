//! What stands in brackets: lines, keys and values one after the other.

use std::io;
use std::mem;

use serde::Serialize;
use serde::ser;

use super::{BLOCK, Failed, Shown, break_behind};

/// What stands in brackets.
pub(super) struct Inside<'s, 'w> {
    shown: &'s mut Shown<'w>,
    is_empty: bool,
    end: u8,
}

impl<'s, 'w> Inside<'s, 'w> {
    pub(super) fn open(shown: &'s mut Shown<'w>, begin: u8, end: u8) -> Self {
        shown.text.push(begin);
        shown.depth += 1;
        Self { shown, is_empty: true, end }
    }

    /// Begins the next value, or the next key.
    fn next(&mut self) -> io::Result<()> {
        if self.shown.text.len() >= BLOCK {
            self.shown.pass_on()?;
        }
        let first = mem::replace(&mut self.is_empty, false);
        break_behind(&mut self.shown.text, first, self.shown.depth);
        Ok(())
    }

    fn close(self) {
        self.shown.depth -= 1;
        if !self.is_empty {
            break_behind(&mut self.shown.text, true, self.shown.depth);
        }
        self.shown.text.push(self.end);
    }
}

impl ser::SerializeSeq for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        self.next()?;
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTuple for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

/// Keys must be texts, as all of a report's are.
impl ser::SerializeMap for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Failed> {
        self.next()?;
        key.serialize(&mut *self.shown)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        self.shown.text.extend_from_slice(b": ");
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeStruct for Inside<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.next()?;
        let text = &mut self.shown.text;
        // A name in our code, so nothing in it needs an escape.
        text.push(b'"');
        text.extend_from_slice(key.as_bytes());
        text.extend_from_slice(b"\": ");
        value.serialize(&mut *self.shown)
    }

    fn end(self) -> Result<(), Failed> {
        self.close();
        Ok(())
    }
}

//! A record as rules see it, whether it was decoded whole or still stands in its log.

use std::borrow::Cow;

use super::event::same_name;
use super::{Event, Field, FieldNames, Guid, Value};

/// The values of a record's frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame<'a> {
    /// `System/Computer`.
    pub machine: &'a str,
    /// `System/Channel`.
    pub channel: &'a str,
    /// `System/Provider/@Name`.
    pub provider: &'a str,
    /// `System/EventID`, without qualifiers.
    pub event_id: u32,
    /// `System/EventID/@Qualifiers`.
    pub qualifiers: Option<u16>,
    /// `System/Version`.
    pub version: Option<u8>,
    /// `System/Level`.
    pub level: Option<u8>,
    /// `System/EventRecordID`.
    pub record_id: u64,
    /// `System/Correlation/@ActivityID`; `None` when absent or nil.
    pub activity_id: Option<Guid>,
    /// `System/Execution/@ProcessID`.
    pub process_id: Option<u32>,
    /// `System/Execution/@ThreadID`.
    pub thread_id: Option<u32>,
    /// `System/Security/@UserID`.
    pub user_sid: Option<Cow<'a, str>>,
}

/// What has a frame, which is read when it is asked for: few rules ask.
pub trait Framed {
    /// The frame.
    fn frame(&self) -> Frame<'_>;
}

impl Framed for Frame<'_> {
    fn frame(&self) -> Frame<'_> {
        self.clone()
    }
}

/// A record as rules see it.
#[derive(Clone, Copy)]
pub struct Observed<'a> {
    /// Its frame.
    pub frame: &'a dyn Framed,
    /// Its payload.
    pub fields: &'a dyn Fields,
}

/// The fields of a record in its order, each decoded when it is asked for.
pub trait Fields {
    /// The name of the field at a position, counted from 0; `None` behind the last.
    fn name(&self, position: usize) -> Option<&str>;

    /// The value of the field at a position.
    fn value(&self, position: usize) -> Option<Cow<'_, Value>>;

    /// The names of all fields that a payload of this form can have, of which this one may lack
    /// some: one list for all payloads of the form. `None` where no form is known.
    fn layout(&self) -> Option<&FieldNames> {
        None
    }

    /// The value at a place of the layout; `None` where the payload lacks it, and where no form
    /// is known.
    fn at(&self, _place: usize) -> Option<Cow<'_, Value>> {
        None
    }

    /// The type and the bytes of the value at a place of the layout as they stand in the log,
    /// which together tell the value, or its lack, from every other.
    fn raw(&self, _place: usize) -> (RawType, &[u8]) {
        (RawType::LACKING, &[])
    }

    /// The same for whoever asks for nothing but the address that the value names: one for values
    /// that name the same address with different ports, as far as that shows.
    fn raw_address(&self, place: usize) -> (RawType, &[u8]) {
        self.raw(place)
    }

    /// Appends the value at a place of the layout, if it is a text; see [`Value::to_text`]. `false`,
    /// and nothing is appended, where it is none or the payload lacks it.
    fn push_text(&self, _place: usize, _text: &mut String) -> bool {
        false
    }

    /// The first field of that name; see [`Event::field`].
    fn named(&self, name: &str) -> Option<Cow<'_, Value>> {
        let mut positions = (0..).map_while(|position| Some((position, self.name(position)?)));
        let (position, _) = positions.find(|(_, own)| same_name(own, name))?;
        self.value(position)
    }

    /// The unnamed value at a place, counted from 1; see [`Event::unnamed`].
    fn unnamed(&self, place: usize) -> Option<Cow<'_, Value>> {
        let mut left = place.checked_sub(1)?;
        let positions = (0..).map_while(|position| Some((position, self.name(position)?)));
        let mut unnamed = positions.filter(|(_, name)| name.is_empty()).peekable();
        if unnamed.peek().is_none() {
            return self.named(&format!("param{place}"));
        }
        for (position, _) in unnamed {
            let value = self.value(position)?;
            let Value::List(items) = &*value else {
                match left.checked_sub(1) {
                    Some(fewer) => left = fewer,
                    None => return Some(value),
                }
                continue;
            };
            if let Some(item) = items.get(left) {
                return Some(match &value {
                    Cow::Owned(_) => Cow::Owned(item.clone()),
                    Cow::Borrowed(Value::List(items)) => Cow::Borrowed(items.get(left)?),
                    Cow::Borrowed(_) => return None,
                });
            }
            left -= items.len();
        }
        None
    }
}

impl Fields for Vec<Field> {
    fn name(&self, position: usize) -> Option<&str> {
        self.get(position).map(|field| &*field.name)
    }

    fn value(&self, position: usize) -> Option<Cow<'_, Value>> {
        self.get(position).map(|field| Cow::Borrowed(&field.value))
    }
}

impl<D: Fields> Event<D> {
    /// The event as rules see it.
    pub fn observed(&self) -> Observed<'_> {
        Observed { frame: self, fields: &self.data }
    }
}

impl<D> Framed for Event<D> {
    fn frame(&self) -> Frame<'_> {
        Frame {
            machine: &self.machine,
            channel: &self.channel,
            provider: &self.provider,
            event_id: self.event_id,
            qualifiers: self.qualifiers,
            version: self.version,
            level: self.level,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid: self.user_sid.as_deref().map(Cow::Borrowed),
        }
    }
}

/// The type of a value as it stands in a log, or what stands for the type where no value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawType(u16);

impl RawType {
    /// A field that the record lacks.
    pub const LACKING: Self = Self(0x100);
    /// A field without content.
    pub const EMPTY: Self = Self(0x101);
    /// A text that ends in a port, without that.
    pub const HOST: Self = Self(0x102);

    /// The type with that number. A log may state any, so those above are none of them.
    pub const fn of(number: u8) -> Self {
        Self(number as u16)
    }

    /// A number of its own.
    pub const fn number(self) -> u16 {
        self.0
    }
}

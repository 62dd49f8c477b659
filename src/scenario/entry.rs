//! One entry of a list of events: an event, or a group of them.
//!
//! Reads maps whose keys are partly fixed and partly the event's own field names, and keeps
//! the place of everything that can turn out wrong later.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_saphyr::Spanned;

/// A value as it was written; `None` for `~`.
pub(super) type Text = Spanned<Option<String>>;

/// An event or a group of events.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `channel/id`; `None` for a group.
    pub(super) event: Option<Spanned<String>>,
    /// The place of the first key, for problems of the entry as a whole.
    pub(super) place: Spanned<String>,
    pub(super) at: Option<Spanned<String>>,
    pub(super) machine: Option<Spanned<String>>,
    pub(super) activity: Option<Spanned<String>>,
    pub(super) provider: Option<Spanned<String>>,
    pub(super) layout: Option<Spanned<String>>,
    pub(super) user_sid: Option<Spanned<String>>,
    pub(super) message: Option<Spanned<String>>,
    pub(super) binary: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<u8>>,
    pub(super) level: Option<u8>,
    pub(super) qualifiers: Option<u16>,
    pub(super) pid: Option<u32>,
    pub(super) tid: Option<u32>,
    pub(super) record_id: Option<u64>,
    pub(super) strict: Option<bool>,
    pub(super) data: Option<Spanned<Vec<Text>>>,
    /// Everything else: the event's fields.
    pub(super) fields: Vec<(Spanned<String>, Text)>,
    pub(super) repeat: Option<Spanned<Repeat>>,
    /// The events of a group.
    pub(super) events: Option<Vec<Self>>,
}

/// How often an entry happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub(super) times: u32,
    pub(super) every: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) vary: Vary,
}

/// Names and the texts they stand for, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Vary(pub(super) Vec<(Spanned<String>, Vec<String>)>);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event such as `{ event: RdpCoreTS/131, ConnType: TCP }`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let first = map.next_key::<Spanned<String>>()?;
        let first = first.ok_or_else(|| A::Error::custom("an entry needs `event` or `events`"))?;
        let mut entry = Entry::at(first.clone());
        entry.read(first, &mut map)?;
        while let Some(key) = map.next_key()? {
            entry.read(key, &mut map)?;
        }
        Ok(entry)
    }
}

/// The fixed keys of an entry.
pub(super) const KEYS: [&str; 20] = [
    "event",
    "at",
    "machine",
    "activity",
    "provider",
    "layout",
    "user_sid",
    "message",
    "binary",
    "version",
    "level",
    "qualifiers",
    "pid",
    "tid",
    "record_id",
    "strict",
    "data",
    "repeat",
    "events",
    "fields",
];

impl Entry {
    fn at(place: Spanned<String>) -> Self {
        Self {
            event: None,
            place,
            at: None,
            machine: None,
            activity: None,
            provider: None,
            layout: None,
            user_sid: None,
            message: None,
            binary: None,
            version: None,
            level: None,
            qualifiers: None,
            pid: None,
            tid: None,
            record_id: None,
            strict: None,
            data: None,
            fields: Vec::new(),
            repeat: None,
            events: None,
        }
    }

    /// Reads the value of one key. The fixed keys are in lower case; the fields of events
    /// begin with a capital, but for a few, which `fields` takes.
    fn read<'de, A: MapAccess<'de>>(
        &mut self,
        key: Spanned<String>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key.value.as_str() {
            "event" => self.event = Some(map.next_value()?),
            "at" => self.at = Some(map.next_value()?),
            "machine" => self.machine = Some(map.next_value()?),
            "activity" => self.activity = Some(map.next_value()?),
            "provider" => self.provider = Some(map.next_value()?),
            "layout" => self.layout = Some(map.next_value()?),
            "user_sid" => self.user_sid = Some(map.next_value()?),
            "message" => self.message = Some(map.next_value()?),
            "binary" => self.binary = Some(map.next_value()?),
            "version" => self.version = Some(map.next_value()?),
            "level" => self.level = Some(map.next_value()?),
            "qualifiers" => self.qualifiers = Some(map.next_value()?),
            "pid" => self.pid = Some(map.next_value()?),
            "tid" => self.tid = Some(map.next_value()?),
            "record_id" => self.record_id = Some(map.next_value()?),
            "strict" => self.strict = Some(map.next_value()?),
            "data" => self.data = Some(map.next_value()?),
            "repeat" => self.repeat = Some(map.next_value()?),
            "events" => self.events = Some(map.next_value()?),
            "fields" => self.fields.extend(map.next_value::<Fields>()?.0),
            _ => self.fields.push((key, map.next_value()?)),
        }
        Ok(())
    }
}

/// The fields of an event whose names are also fixed keys.
struct Fields(Vec<(Spanned<String>, Text)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor("fields and their values", PhantomData)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Vary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(PairsVisitor("names and lists of texts", PhantomData))
            .map(Self)
    }
}

/// Reads a map in the order it was written.
struct PairsVisitor<V>(&'static str, PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Vec<(Spanned<String>, V)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

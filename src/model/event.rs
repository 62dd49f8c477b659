//! A record of an event log in normal form: the same for exports, live logs, classic sources
//! and forwarded records.

use std::sync::Arc;

use super::{Guid, Payload, Time, Value};

/// Number of a log file among the inputs of one run, in discovery order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Where an event was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The log file.
    pub file: FileId,
    /// Byte offset of the record's header in that file.
    pub offset: u64,
    /// Whether it is no longer one of the log's records: it was found in space that the log
    /// does not use, so it says nothing about what the log covers.
    pub recovered: bool,
    /// Whether no checksum vouches for its chunk, because they disagree or there are none: nothing
    /// of it shows damage, but what damage leaves plausible cannot be told from what was written.
    pub damaged: bool,
}

/// One value of a record's payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name: the `Name` attribute of a `Data` element; the element's name elsewhere; in a
    /// nested `UserData`, the path below its outermost element (`Certificate/@subjectName`).
    /// Empty for the unnamed `Data` of classic sources, which count by position.
    pub name: Arc<str>,
    /// The value with its type.
    pub value: Value,
}

/// A record of an event log, with its payload in full or packed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event<D = Vec<Field>> {
    /// `System/Computer` as written: the machine that logged the event.
    pub machine: Arc<str>,
    /// `System/Channel`.
    pub channel: Arc<str>,
    /// `System/Provider/@Name`.
    pub provider: Arc<str>,
    /// `System/EventID`, without qualifiers.
    pub event_id: u32,
    /// `System/EventID/@Qualifiers`, which classic sources have.
    pub qualifiers: Option<u16>,
    /// `System/Version`; classic sources have none.
    pub version: Option<u8>,
    /// `System/Level`. Informative only: levels differ between builds.
    pub level: Option<u8>,
    /// `System/TimeCreated`, not the time in the record's header.
    pub time: Time,
    /// `System/EventRecordID`, which survives an export; the header's id does not.
    pub record_id: u64,
    /// `System/Correlation/@ActivityID`; `None` when absent or nil.
    pub activity_id: Option<Guid>,
    /// `System/Execution/@ProcessID`.
    pub process_id: Option<u32>,
    /// `System/Execution/@ThreadID`.
    pub thread_id: Option<u32>,
    /// `System/Security/@UserID`.
    pub user_sid: Option<Arc<str>>,
    /// The payload in record order: `EventData` or `UserData`, never rendered text.
    pub data: D,
    /// Where the record stands.
    pub source: Source,
}

/// An event as a case keeps it.
pub type PackedEvent = Event<Payload>;

impl<D> Event<D> {
    /// The event with another payload.
    pub fn with<E>(self, data: E) -> Event<E> {
        Event {
            machine: self.machine,
            channel: self.channel,
            provider: self.provider,
            event_id: self.event_id,
            qualifiers: self.qualifiers,
            version: self.version,
            level: self.level,
            time: self.time,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid: self.user_sid,
            data,
            source: self.source,
        }
    }
}

impl Event {
    /// The event as a case keeps it.
    pub fn packed(self) -> PackedEvent {
        let data = Payload::from(self.data.as_slice());
        self.with(data)
    }

    /// The first field of that name. Blanks in names do not count: the client's event 226
    /// has a field `Error Code` where its manifest says `ErrorCode`.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.data.iter().find(|field| same_name(&field.name, name)).map(|field| &field.value)
    }

    /// The unnamed `Data` at `position`, counted from 1. The items of one list value count
    /// each: classic records keep all their strings in one. Where all have names, `param2` is
    /// the second: so does Winlogbeat name those that have none.
    pub fn unnamed(&self, position: usize) -> Option<&Value> {
        let index = position.checked_sub(1)?;
        let mut unnamed = self.data.iter().filter(|field| field.name.is_empty()).peekable();
        if unnamed.peek().is_none() {
            return self.field(&format!("param{position}"));
        }
        unnamed
            .flat_map(|field| match &field.value {
                Value::List(items) => items.iter(),
                value => std::slice::from_ref(value).iter(),
            })
            .nth(index)
    }
}

/// Compares field names without blanks, ASCII case ignored.
pub fn same_name(left: &str, right: &str) -> bool {
    if left.len() == right.len() && left.eq_ignore_ascii_case(right) {
        return true;
    }
    // Most names differ in their first letter, and few have blanks.
    if let ([first, ..], [other, ..]) = (left.as_bytes(), right.as_bytes())
        && !first.eq_ignore_ascii_case(other)
        && *first != b' '
        && *other != b' '
    {
        return false;
    }
    if !left.contains(' ') && !right.contains(' ') {
        return false;
    }
    let left = left.bytes().filter(|byte| *byte != b' ');
    let right = right.bytes().filter(|byte| *byte != b' ');
    left.map(|byte| byte.to_ascii_lowercase()).eq(right.map(|byte| byte.to_ascii_lowercase()))
}

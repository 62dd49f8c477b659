//! The events of a case.

use super::{Entities, PackedEvent};

/// Events in an order. Each stays where it was read: as they are put in order none is moved, so
/// that none is there twice.
#[derive(Clone, Debug, Default)]
pub struct Events(#[expect(clippy::vec_box, reason = "see above")] Vec<Box<PackedEvent>>);

impl Events {
    /// No events, and room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The event at an index.
    pub fn get(&self, index: usize) -> Option<&PackedEvent> {
        self.0.get(index).map(|event| &**event)
    }

    /// All, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &PackedEvent> + Clone {
        self.0.iter().map(|event| &**event)
    }

    /// Adds an event behind the last.
    pub fn push(&mut self, event: impl Into<Box<PackedEvent>>) {
        self.0.push(event.into());
    }
}

impl FromIterator<PackedEvent> for Events {
    fn from_iter<I: IntoIterator<Item = PackedEvent>>(events: I) -> Self {
        Self(events.into_iter().map(Box::new).collect())
    }
}

/// Names of fields with more bytes than this are taken for a record's own: those of any layout
/// have fewer, and are shared by its records.
const SHARED_NAMES: usize = 4096;

impl PackedEvent {
    /// How many bytes of memory it takes at most, but for names of fields that many records
    /// share.
    pub fn bytes(&self) -> usize {
        let texts = [&self.machine, &self.channel, &self.provider].map(|text| text.len());
        let texts = texts.iter().sum::<usize>() + self.user_sid.as_ref().map_or(0, |sid| sid.len());
        let names = self.data.names().iter().map(|name| size_of_val(name) + name.len());
        let names: usize = names.sum();
        let own_names = if names > SHARED_NAMES { names } else { 0 };
        size_of::<Self>() + self.data.size() + texts + own_names
    }
}

impl Entities {
    /// How many bytes of memory they take at most.
    pub fn bytes(&self) -> usize {
        let Self { client_name, user, domain, target, connection, .. } = self;
        let texts = [client_name, user, domain, target, connection];
        size_of::<Self>() + texts.into_iter().flatten().map(|text| text.len()).sum::<usize>()
    }
}

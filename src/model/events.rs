//! The events of a case.

use super::PackedEvent;

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

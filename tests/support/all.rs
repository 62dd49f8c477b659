//! A selection that keeps every event.

use rdpwhy::model::Event;
use rdpwhy::read::Select;

/// Keeps all events.
pub(crate) struct All {
    /// Also those that are no longer live.
    pub(crate) recovers: bool,
}

impl Select for All {
    type Kept = Event;
    type Memory = ();

    fn recovers(&self) -> bool {
        self.recovers
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

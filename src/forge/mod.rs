//! Writes EVTX logs as Windows does: for scenarios of rule authors, and for tests.
//!
//! Knows the file format (3.1) down to the shapes that Windows gives records. Knows nothing
//! about what events mean. Layers, each unaware of those after it: values, elements and tokens
//! (`value`, `element`, `binxml`), chunks (`chunk`), records (`system`, `payload`), files
//! (`writer`), scenarios (`scenario_log`).

mod binxml;
mod chunk;
mod element;
mod error;
mod file_header;
mod payload;
mod scenario_log;
mod system;
mod text;
mod user_data;
mod value;
mod writer;

use crate::model::{Event, Time};
use crate::rules::events::Envelope;

pub use error::{ForgeError, ValueProblem};
pub use payload::Rendering;
pub use scenario_log::write_log;
pub use writer::{Form, Options, RecordForm, Writer};

/// An event with all that its record needs.
#[derive(Clone, Copy, Debug)]
pub struct ForgedEvent<'a> {
    /// The event. Its `source` is ignored.
    pub event: &'a Event,
    /// How it stands in the log.
    pub envelope: &'a Envelope,
    /// When the log service wrote the record; `None` for shortly after the event's own time.
    pub written: Option<Time>,
    /// The rendered text that forwarded records may carry; other records never do.
    pub rendering: Option<&'a Rendering>,
}

impl<'a> ForgedEvent<'a> {
    /// An event that is written shortly after it happened, without rendered text.
    pub fn new(event: &'a Event, envelope: &'a Envelope) -> Self {
        Self { event, envelope, written: None, rendering: None }
    }
}

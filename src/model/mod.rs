//! Plain data that the steps hand to each other. Imports no step.

mod event;
mod stage;
mod time;
mod value;

pub use event::{Event, Field, FileId, Source, same_name};
pub use stage::Stage;
pub use time::{Span, SpanError, Time};
pub use value::{Guid, Value, parse_number};

//! Plain data that the steps hand to each other. Imports no step.

mod coverage;
mod event;
mod input;
mod stage;
mod time;
mod value;

pub use coverage::{ChannelCoverage, FileCoverage};
pub use event::{Event, Field, FileId, Source};
pub use input::{Input, InputKind, LogFile, Problem, ProblemKind};
pub use stage::Stage;
pub use time::{Span, SpanError, Time};
pub use value::{Guid, Value, parse_number};

//! Plain data that the steps hand to each other. Imports no step.

mod arrange;
mod attempt;
pub mod channel;
mod clock;
mod coverage;
mod diagnosis;
mod event;
mod events;
mod fact;
mod facts;
mod flood;
mod hours;
mod input;
pub mod normal;
mod observed;
mod payload;
mod proof;
mod records;
mod report;
mod signal;
mod stage;
pub(crate) mod text;
mod time;
mod value;

pub use arrange::arrange;
pub use attempt::{Attempt, AttemptKind, Joined, JoinedBy, Milestone, Outcome, Side, View};
pub use clock::ClockOffset;
pub use coverage::{ChannelCoverage, FileCoverage, Gap, GapKind, MachineCoverage, Recovery, Run};
pub use diagnosis::{
    Candidate, Confidence, Covered, Episode, Evidence, Hidden, Kind, NotTested, Role, Scope,
    WouldTell,
};
pub use event::{Event, Field, FileId, PackedEvent, Source, same_name};
pub use events::Events;
pub use fact::FactKind;
pub use facts::Facts;
pub use flood::{COUNTED_APART, Flood};
pub use hours::WholeHours;
pub use input::{Input, InputKind, LogFile, LogForm, LogSource, Pack, Problem, ProblemKind};
pub use observed::{Fields, Frame, Framed, Observed, RawType};
pub use payload::{FieldNames, Packer, Payload, Standing};
pub use proof::{Proof, ProofPart, ProofStep, Ruling, StepResult};
pub use records::Records;
pub use report::{
    CodeNote, Collect, Considered, Diagnosis, Fix, LeftOut, Machine, MachineRole, NearMiss, Report,
    RuleStamp, SeparateFrom, Stats, Undecided,
};
pub use signal::{Effect, Entities, SessionChange, Signal, SignalId, drawn};
pub use stage::Stage;
pub use text::Text;
pub use time::{Span, SpanError, Time, TimeText};
pub use value::{Guid, Value, parse_number};

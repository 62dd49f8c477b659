//! From log files to normalized events.
//!
//! - `run`: spans of files to workers, what is kept to a sink
//! - `order`: jobs on many threads, results in order
//! - `file`: a span slot by slot
//! - `ends`: logs of which both ends show that nobody wants what lies between
//! - `lanes`: archives that are read beside the work on their logs
//! - `stream`: a log out of an archive, piece by piece
//! - `export`: a log that was exported as text, record by record
//! - `chunk`: a slot's header and checksums, and what makes bytes in it a record
//! - `records`: its live records, one behind the other
//! - `binxml`: a record's content as a sequence of items
//! - `instance`: how a record begins that has a template
//! - `familiar`: the definitions that chunks begin with, found out about once
//! - `glance`: passes over records by a few bytes, where their template is known
//! - `alike`: passes over records by fewer, where they are like one before
//! - `bare`: reads records without a template where they stand
//! - `system`: its `System` part, which decides whether the rest is wanted
//! - `layout`: where a template has the parts of `System`
//! - `definition`: what was found out about definitions in other chunks, told by how they are built
//! - `shape`: records whose values have the same sizes and types
//! - `spots`: where the parts of `System` stand in these
//! - `doubt`: numbers and times that the neighbors of a record belie, in damaged chunks
//! - `part`: the records of a chunk or block, each as far as somebody asks
//! - `recover`: records that are no longer live
//! - `payload`: its `EventData` or `UserData` as fields
//! - `plan`: where a template has those fields
//! - `values`: the values of an instance, where they stand
//! - `record`: a record of interest, decoded as far as somebody asks
//! - `aside`: one that is decoded later, or never
//! - `batch`: what was kept of a span
//! - `content`: what stands in one attribute or element
//! - `tally`: what was read and lost
//! - `intern`: one copy of each repeated text
//!
//! Expects damage and malice: every access is checked, and the work for a chunk is limited
//! whatever it holds.

mod alike;
mod aside;
mod bare;
mod batch;
mod binxml;
mod chunk;
mod content;
mod definition;
mod doubt;
mod ends;
mod export;
mod familiar;
mod file;
mod glance;
mod instance;
mod intern;
mod lanes;
mod layout;
mod order;
mod part;
mod payload;
mod plan;
mod record;
mod records;
mod recover;
mod run;
mod shape;
mod spots;
mod stream;
mod system;
mod tally;
mod unread;
mod values;

pub use aside::{Aside, Bench, Shelf};
pub use batch::{Batch, List};
pub use record::Record;
pub use run::{Progress, ReadStats, Readout, Select, read, read_all};
pub use system::Head;

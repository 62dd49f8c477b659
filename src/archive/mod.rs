//! Looks into archives without unpacking them: their members are streams, archives inside
//! archives are streams of streams, and nothing is ever written.
//!
//! - `format`: what a file is, by its first bytes
//! - `blob`: bytes at random access, in a file or in memory
//! - `budget`: how much may be unpacked before an archive counts as a bomb
//! - `decode`: one compressed stream
//! - `walk`: the files in an archive that can only be read from front to back
//! - `tar`: archives of files one after the other
//! - `zip`, `seven`, `cab`: archives with a directory
//! - `pack`: the same files again, for the step that reads them
//!
//! Knows nothing of logs. Trusts no size, name or checksum that an archive declares.

mod blob;
mod budget;
mod cab;
mod decode;
mod format;
mod pack;
mod seven;
mod tar;
mod walk;
mod zip;

pub(crate) use blob::Blob;
pub(crate) use budget::{Budget, LimitReached};
pub(crate) use format::Format;
pub(crate) use pack::{Origin, Solid};
pub(crate) use walk::{Found, PassedOver, Visit, head, solid};
pub(crate) use zip::Zip;

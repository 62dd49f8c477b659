//! What was given to a run, which logs it held, and what was wrong with it.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::FileId;

/// A log file found by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its number; equal to its position in the list of logs.
    pub id: FileId,
    /// Where it is, as found below the given path. For a log in an archive, the archive's path,
    /// `!`, and the name in it: `case.zip!inner.zip!Security.evtx`.
    pub path: PathBuf,
    /// Its size when it was found.
    pub bytes: u64,
    /// How it is written.
    pub form: LogForm,
    /// How its bytes are had.
    pub source: LogSource,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// As Windows keeps it.
    Evtx {
        /// Byte offset of its first chunk: 4096 behind a file header, 0 where that is lost.
        first_chunk: u64,
    },
    /// Exported as XML: one `Event` element after the other.
    Xml,
    /// Exported as JSON: one object for each event.
    Json,
}

/// How the bytes of a log are had.
#[derive(Clone, Debug)]
pub enum LogSource {
    /// It is the file at its path.
    File,
    /// It stands in an archive.
    Packed {
        /// What it is packed in. Logs that share it are best read together.
        pack: Arc<dyn Pack>,
        /// Its number there.
        number: u32,
    },
}

/// Files that can be read only from front to back, one after the other, as archives keep them.
pub trait Pack: fmt::Debug + Send + Sync {
    /// Hands the wanted files to `each`, by number and as streams, in the order in which they
    /// are stored. `wanted` are their numbers in order. A file that cannot be reached is not handed over; the error says why.
    fn read(&self, wanted: &[u32], each: &mut dyn FnMut(u32, &mut dyn Read)) -> io::Result<()>;
}

/// The same file of the same archive.
impl PartialEq for LogSource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File, Self::File) => true,
            (
                Self::Packed { pack, number },
                Self::Packed { pack: other_pack, number: other_number },
            ) => Arc::ptr_eq(pack, other_pack) && number == other_number,
            _ => false,
        }
    }
}

impl Eq for LogSource {}

/// One path the user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as given.
    pub path: PathBuf,
    /// What stands there.
    pub kind: InputKind,
    /// Total size of the logs in it.
    pub bytes: u64,
    /// Number of logs in it, including those that another input already gave.
    pub logs: u64,
}

/// What a given path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A regular file.
    File,
    /// A folder, searched with all folders below it.
    Folder,
    /// An archive, searched with all archives in it.
    Archive,
    /// Standard input, given as `-`.
    Stdin,
}

/// Something that kept input from being read as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder concerned.
    pub path: PathBuf,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// One sentence for people, lower case, without the path and without a full stop.
    pub detail: String,
    /// How many records were lost, where that can be told.
    pub lost_records: Option<u64>,
}

/// The kinds of problems with input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Nothing stands at the path.
    NotFound,
    /// The operating system refused to list, open or read it.
    Unreadable,
    /// A pipe, socket or device, which is never opened.
    SpecialFile,
    /// A link inside a folder, which is never followed.
    LinkNotFollowed,
    /// A file of zero bytes.
    EmptyFile,
    /// A file that does not hold an event log.
    NotALog,
    /// An archive that is damaged, or that holds nothing to read.
    BadArchive,
    /// A file in an archive that no password opens.
    Encrypted,
    /// An archive reached a limit; the rest of it was not read.
    LimitReached,
    /// A name in an archive that leads out of the archive. Nothing is unpacked, so it does no
    /// harm.
    NameEscapes,
    /// A file beside the logs that tells settings of a machine, but not of which for certain, or
    /// that tells settings or events in a way that is not read.
    FactsUnused,
    /// The log's file header is lost; its chunks are read.
    NoFileHeader,
    /// The file ends inside its header or inside a chunk.
    Truncated,
    /// 64 KiB slots that are neither chunks nor empty.
    BadChunk,
    /// Chunks whose checksum disagrees; what is readable in them was read.
    BadChecksum,
    /// Records that are torn or cannot be decoded.
    LostRecords,
    /// A fault of the program ended the reading of this input, or of a part of it.
    InternalError,
}

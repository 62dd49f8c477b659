//! What was given to a run, which logs it held, and what was wrong with it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::FileId;

/// A log file found by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its number; equal to its position in the list of logs.
    pub id: FileId,
    /// Where it is, as found below the given path.
    pub path: PathBuf,
    /// Its size when it was found.
    pub bytes: u64,
    /// Byte offset of its first chunk: 4096 behind a file header, 0 where that is lost.
    pub first_chunk: u64,
}

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
}

//! The logs that are damaged, and where their parts are.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const FILE_HEADER: usize = 4096;
pub(crate) const CHUNK: usize = 65_536;
pub(crate) const CHUNK_HEADER: usize = 512;
/// Chunks taken of each log.
const CHUNKS: usize = 3;
/// Logs taken at most; of more, each n-th.
const LOGS: usize = 240;

/// A log before it is damaged.
#[derive(Debug)]
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Offset of each chunk.
    pub(crate) chunks: Vec<usize>,
    /// Offset and size of each record.
    pub(crate) records: Vec<(usize, usize)>,
}

/// The logs in the folders and below, in a fixed order.
pub(crate) fn load(folders: &[PathBuf]) -> Vec<Seed> {
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    paths.sort();
    let seeds: Vec<Seed> = paths.iter().filter_map(|path| Seed::read(path)).collect();
    let step = seeds.len().div_ceil(LOGS).max(1);
    let seeds: Vec<Seed> = seeds.into_iter().step_by(step).collect();
    assert!(!seeds.is_empty(), "no logs in {folders:?}");
    seeds
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

impl Seed {
    /// The first chunks of a log; `None` where it is none, or has no records.
    fn read(path: &Path) -> Option<Self> {
        let mut bytes = fs::read(path).unwrap();
        if !bytes.starts_with(b"ElfFile\0") {
            return None;
        }
        bytes.truncate(FILE_HEADER + CHUNKS * CHUNK);
        let starts = (FILE_HEADER..bytes.len()).step_by(CHUNK);
        let chunks: Vec<usize> =
            starts.filter(|at| bytes[*at..].starts_with(b"ElfChnk\0")).collect();
        let records: Vec<_> = chunks.iter().flat_map(|chunk| records(&bytes, *chunk)).collect();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (!records.is_empty()).then_some(Self { name, bytes, chunks, records })
    }
}

/// The live records of a chunk.
fn records(bytes: &[u8], chunk: usize) -> Vec<(usize, usize)> {
    let end = bytes.len().min(chunk + (u32_at(bytes, chunk + 48) as usize).min(CHUNK));
    let mut at = chunk + CHUNK_HEADER;
    let mut records = Vec::new();
    while at + 28 <= end && bytes[at..].starts_with(b"**\0\0") {
        let size = u32_at(bytes, at + 4) as usize;
        if size < 28 || at + size > end {
            break;
        }
        records.push((at, size));
        at += size;
    }
    records
}

/// The number at an offset; 0 behind the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().unwrap()))
}

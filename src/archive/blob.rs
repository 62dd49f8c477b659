//! Bytes at random access: a file, a range of one, or a buffer in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes read from the file at once.
const BUFFER: usize = 64 * 1024;

/// Bytes that can be read from any place, any number of times.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    bytes: Bytes,
    start: u64,
    len: u64,
}

#[derive(Clone, Debug)]
enum Bytes {
    File(Arc<PathBuf>),
    Memory(Arc<Vec<u8>>),
}

impl Blob {
    /// A whole file of that size.
    pub(crate) fn file(path: &Path, len: u64) -> Self {
        Self { bytes: Bytes::File(Arc::new(path.to_owned())), start: 0, len }
    }

    /// A buffer.
    pub(crate) fn memory(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self { bytes: Bytes::Memory(Arc::new(bytes)), start: 0, len }
    }

    /// A range of these bytes; `None` where it does not lie within them.
    pub(crate) fn part(&self, start: u64, len: u64) -> Option<Self> {
        let end = start.checked_add(len)?;
        let start = self.start.checked_add(start)?;
        (end <= self.len).then(|| Self { bytes: self.bytes.clone(), start, len })
    }

    /// Number of bytes.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// How much memory it holds that nothing else holds.
    pub(crate) fn only_holder_of(&self) -> u64 {
        match &self.bytes {
            Bytes::Memory(bytes) if Arc::strong_count(bytes) == 1 => bytes.len() as u64,
            _ => 0,
        }
    }

    /// A reader at its start.
    pub(crate) fn reader(&self) -> BlobReader {
        BlobReader { blob: self.clone(), at: 0, file: None, buffer: Vec::new(), from: 0 }
    }
}

/// Reads a blob. Clones begin at the same place, and read the file on their own.
#[derive(Debug)]
pub(crate) struct BlobReader {
    blob: Blob,
    at: u64,
    file: Option<File>,
    /// Bytes of the file, from this place of the blob on.
    buffer: Vec<u8>,
    from: u64,
}

impl Clone for BlobReader {
    fn clone(&self) -> Self {
        Self { at: self.at, ..self.blob.reader() }
    }
}

impl BlobReader {
    /// What is at hand from the current place on; empty at the end.
    fn at_hand(&mut self) -> io::Result<&[u8]> {
        let left = self.blob.len.saturating_sub(self.at);
        let offset = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let path = match &self.blob.bytes {
            Bytes::Memory(bytes) => {
                let start = offset(self.blob.start + self.at);
                let rest = bytes.get(start..).unwrap_or_default();
                return Ok(rest.get(..offset(left)).unwrap_or(rest));
            }
            Bytes::File(path) => path,
        };
        let place = self.at.checked_sub(self.from).map(offset);
        if place.is_none_or(|place| place >= self.buffer.len()) {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(File::open(path.as_path())?),
            };
            file.seek(SeekFrom::Start(self.blob.start + self.at))?;
            self.buffer.clear();
            file.take(left.min(BUFFER as u64)).read_to_end(&mut self.buffer)?;
            self.from = self.at;
        }
        Ok(self.buffer.get(offset(self.at - self.from)..).unwrap_or_default())
    }
}

impl Read for BlobReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.at_hand()?.read(into)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.blob.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_buffer_read_alike() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, &bytes).unwrap();
        let len = bytes.len() as u64;
        for blob in [Blob::file(&path, len), Blob::memory(bytes.clone())] {
            let part = blob.part(100, 500_000).unwrap().part(50, 400_000).unwrap();
            assert!(blob.part(len, 1).is_none() && part.part(u64::MAX, 2).is_none());
            let mut reader = part.reader();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert!(read == bytes[150..400_150]);
            for at in [399_990_u64, 0, 65_530, 12, 70_000] {
                reader.seek(SeekFrom::Start(at)).unwrap();
                let mut ten = [0; 10];
                reader.read_exact(&mut ten).unwrap();
                let from = 150 + usize::try_from(at).unwrap();
                assert_eq!(ten, bytes[from..from + 10]);
            }
            assert_eq!(reader.seek(SeekFrom::End(5)).unwrap(), 400_005);
            assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
            assert!(reader.seek(SeekFrom::Current(-500_000)).is_err());
        }
    }
}

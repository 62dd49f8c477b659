//! Zip archives: by their directory, or from front to back where that is lost.

use std::fmt;
use std::io::{self, Read};

use memchr::memmem;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::blob::BlobReader;
use super::budget::{Budget, Count, Unpacked};
use super::pack::Each;
use super::walk::{PassedOver, Walk, escapes, member_name};
use super::{Blob, head};
use crate::isolate::Isolated;

/// Bytes at the end in which the directory's end record stands.
const TAIL: u64 = 66 * 1024;
/// Bytes of the record that ends the archive, without its comment, whose length stands last.
const END_RECORD: usize = 22;

/// An open zip archive. Clones share its directory.
#[derive(Clone)]
pub(crate) struct Zip {
    archive: ZipArchive<BlobReader>,
    blob: Blob,
    /// Members that cannot be reached, because later ones have their names.
    hidden: u64,
}

impl fmt::Debug for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zip").field("members", &self.archive.len()).finish_non_exhaustive()
    }
}

/// A member of a zip archive, as its directory describes it.
#[derive(Debug)]
pub(crate) struct Member {
    /// The archive's name, `!`, and the name in it.
    pub(crate) name: String,
    /// Its unpacked size, as declared. More is never given.
    pub(crate) size: u64,
    /// Its packed size, as declared.
    pub(crate) packed: u64,
    /// Why it cannot be looked at, or what is odd about it.
    pub(crate) passed_over: Option<PassedOver>,
    /// Whether it can be looked at.
    pub(crate) is_file: bool,
    /// Its bytes, where they stand in the archive as they are.
    pub(crate) stored: Option<Blob>,
    /// The password that opens it.
    pub(crate) password: Option<usize>,
}

impl Zip {
    /// Reads the directory.
    pub(crate) fn open(blob: &Blob, budget: &Budget) -> io::Result<Self> {
        let tail = tail(blob)?;
        budget.members(promised_members(&tail))?;
        let archive = ZipArchive::new(blob.reader()).map_err(io::Error::other)?;
        let hidden = stated_members(&tail).unwrap_or_default();
        let hidden = hidden.saturating_sub(archive.len() as u64);
        Ok(Self { archive, blob: blob.clone(), hidden })
    }

    /// Number of members that cannot be reached, because others have the same names.
    pub(crate) const fn hidden(&self) -> u64 {
        self.hidden
    }

    /// Number of members.
    pub(crate) fn len(&self) -> usize {
        self.archive.len()
    }

    /// Looks at a member.
    pub(crate) fn member(&mut self, index: usize, archive: &str, passwords: &[Vec<u8>]) -> Member {
        let mut member = Member {
            name: format!("{archive}!#{index}"),
            size: 0,
            packed: 0,
            passed_over: None,
            is_file: true,
            stored: None,
            password: None,
        };
        if let Err(error) = self.describe(&mut member, index, archive, passwords) {
            member.is_file = false;
            member.passed_over = Some(match error {
                ZipError::InvalidPassword
                | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                    PassedOver::Encrypted
                }
                error => PassedOver::Failed(io::Error::other(error)),
            });
        }
        member
    }

    fn describe(
        &mut self,
        member: &mut Member,
        index: usize,
        archive: &str,
        passwords: &[Vec<u8>],
    ) -> Result<(), ZipError> {
        let is_encrypted = {
            let file = self.archive.by_index_raw(index)?;
            let name = match file.name() {
                Ok(name) => name.into_owned(),
                Err(_) => String::from_utf8_lossy(file.name_raw()).into_owned(),
            };
            member.name = member_name(archive, &name);
            (member.size, member.packed) = (file.size(), file.compressed_size());
            if file.is_symlink() {
                member.passed_over = Some(PassedOver::Link);
            }
            // Archives made on Windows may name folders with a backslash.
            member.is_file = !file.is_symlink() && !file.is_dir() && !name.ends_with('\\');
            if member.is_file && escapes(&member.name, archive) {
                member.passed_over = Some(PassedOver::NameEscapes);
            }
            if !file.encrypted() && file.compression() == CompressionMethod::Stored {
                let start = file.data_start();
                member.stored = start.and_then(|start| self.blob.part(start, member.packed));
            }
            file.encrypted()
        };
        if is_encrypted && member.is_file {
            member.password = Some(self.password(index, passwords)?);
        }
        Ok(())
    }

    /// The first password with which the member's beginning can be read: the format's own
    /// check lets one wrong password in 256 pass.
    fn password(&mut self, index: usize, passwords: &[Vec<u8>]) -> Result<usize, ZipError> {
        let fits = |password: &Vec<u8>| {
            let Ok(mut file) = self.archive.by_index_decrypt(index, password) else { return false };
            head(&mut file).is_ok()
        };
        passwords.iter().position(fits).ok_or(ZipError::InvalidPassword)
    }

    /// Hands a member's bytes to `each`: as many as declared at most, watched by the budget.
    pub(super) fn read(
        &self,
        index: usize,
        password: Option<&Vec<u8>>,
        each: Each<'_>,
    ) -> io::Result<()> {
        let mut archive = self.archive.clone();
        let file = match password {
            Some(password) => archive.by_index_decrypt(index, password),
            None => archive.by_index(index),
        };
        let mut file = file.map_err(io::Error::other)?;
        each(&mut Declared::new(&mut file))
    }
}

/// A member that must have the size that it declares.
struct Declared<'f, 'z> {
    file: Isolated<&'f mut ZipFile<'z, BlobReader>>,
    left: u64,
}

impl<'f, 'z> Declared<'f, 'z> {
    fn new(file: &'f mut ZipFile<'z, BlobReader>) -> Self {
        Self { left: file.size(), file: Isolated::new(file) }
    }
}

impl Read for Declared<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "it is larger than the archive declares")
        })?;
        if count == 0 && !into.is_empty() && self.left > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it is smaller than the archive declares",
            ));
        }
        Ok(count)
    }
}

/// How many members the directory promises: looked up before it is read, because a hundred
/// bytes of memory are spent on each.
fn promised_members(tail: &[u8]) -> u64 {
    let short = memmem::find_iter(tail, b"PK\x05\x06")
        .filter_map(|at| tail.get(at + 10..at + 12)?.first_chunk().copied())
        .map(|count| u64::from(u16::from_le_bytes(count)))
        .filter(|count| *count != u64::from(u16::MAX));
    let long = memmem::find_iter(tail, b"PK\x06\x06")
        .filter_map(|at| tail.get(at + 32..at + 40)?.first_chunk().copied())
        .map(u64::from_le_bytes);
    short.chain(long).max().unwrap_or_default()
}

/// How many members the directory has by the record that ends the archive; `None` where that does
/// not say.
fn stated_members(tail: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u16::from_le_bytes(*tail.get(at..)?.first_chunk()?));
    let ends = |at: &usize| {
        let comment = number(*at + END_RECORD - 2).map(usize::from);
        comment.is_some_and(|comment| *at + END_RECORD + comment == tail.len())
    };
    let at = memmem::find_iter(tail, b"PK\x05\x06").find(ends)?;
    number(at + 10).filter(|count| *count != u16::MAX).map(u64::from)
}

/// The bytes at the end.
fn tail(blob: &Blob) -> io::Result<Vec<u8>> {
    let size = blob.len().min(TAIL);
    let mut tail = Vec::new();
    if let Some(part) = blob.part(blob.len() - size, size) {
        part.reader().read_to_end(&mut tail)?;
    }
    Ok(tail)
}

/// Reads a zip whose directory is lost, as in a copy that was cut short: each member says its
/// name and size in front of its bytes.
pub(super) fn salvage(
    walk: &mut Walk<'_>,
    blob: &Blob,
    archive: &str,
    depth: u32,
) -> io::Result<()> {
    let mut reader = blob.reader();
    while let Some(mut file) = read_zipfile_from_stream(&mut reader).map_err(io::Error::other)? {
        walk.budget.members(1)?;
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        let packed = file.compressed_size();
        if !file.is_dir() {
            let mut content = Unpacked::new(&mut file, walk.budget.clone(), Count::at(packed));
            walk.member((archive, depth), &name, &mut content);
        }
    }
    Ok(())
}

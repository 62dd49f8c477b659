//! 7z archives: blocks of files that are packed as one.

use std::io::{self, Read};

use sevenz_rust2::{Archive, BlockDecoder, Error, Password};

use super::Blob;
use super::blob::BlobReader;
use super::budget::{Count, Unpacked};
use super::decode::MEMORY_KIB;
use super::head;
use super::walk::{PassedOver, Walk};

/// A decoder's memory, in KiB.
const MEMORY: usize = MEMORY_KIB as usize;

/// Walks the archive block by block. A damaged block costs its own files only.
pub(super) fn walk(walk: &mut Walk<'_>, blob: &Blob, name: &str, depth: u32) -> io::Result<()> {
    let mut source = blob.reader();
    let Some((archive, password)) = open(&mut source, &walk.budget.options().passwords)? else {
        walk.visit.passed_over(name, PassedOver::Encrypted);
        return Ok(());
    };
    walk.budget.members(archive.files.len() as u64)?;
    let (taken, given) = (Count::at(blob.len()), Count::default());
    for index in 0..archive.blocks.len() {
        let block =
            BlockDecoder::new_with_memory_limit(1, MEMORY, index, &archive, &password, &mut source);
        let outcome = block.for_each_entries(&mut |entry, content| {
            if entry.is_directory() || entry.is_anti_item() {
                return Ok(true);
            }
            let (taken, given) = (taken.clone(), given.clone());
            let mut content = Unpacked::after(content, walk.budget.clone(), taken, given);
            walk.member((name, depth), entry.name(), &mut content);
            Ok(true)
        });
        if let Err(error) = outcome {
            walk.failed(name, failure(error));
        }
    }
    Ok(())
}

/// The archive, and the password that opens it; `None` where none does.
fn open(source: &mut BlobReader, passwords: &[Vec<u8>]) -> io::Result<Option<(Archive, Password)>> {
    let given = passwords.iter().map(|bytes| String::from_utf8_lossy(bytes));
    let candidates = given.map(|text| Password::from(text.as_ref()));
    for password in std::iter::once(Password::empty()).chain(candidates) {
        let archive = match Archive::read_with_memory_limit(source, &password, MEMORY) {
            Ok(archive) => archive,
            Err(Error::PasswordRequired | Error::MaybeBadPassword(_)) => continue,
            // With a wrong password the directory is nonsense.
            Err(_) if !password.is_empty() => continue,
            Err(error) => return Err(failure(error)),
        };
        if fits(&archive, &password, source) {
            return Ok(Some((archive, password)));
        }
    }
    Ok(None)
}

/// Whether the password opens what is encrypted in the archive: the beginning of the first
/// such file can be read.
fn fits(archive: &Archive, password: &Password, source: &mut BlobReader) -> bool {
    let is_encrypted = |index: &usize| archive.is_file_encrypted(*index);
    let Some(first) = (0..archive.files.len()).find(is_encrypted) else { return true };
    let block = archive.stream_map.file_block_index.get(first).copied().flatten();
    let Some(block) = block else { return true };
    let block = BlockDecoder::new_with_memory_limit(1, MEMORY, block, archive, password, source);
    let mut is_readable = false;
    let outcome = block.for_each_entries(&mut |_, content: &mut dyn Read| {
        is_readable = head(content).is_ok();
        Ok(false)
    });
    is_readable && outcome.is_ok()
}

fn failure(error: Error) -> io::Error {
    match error {
        Error::Io(error, _) => error,
        error => io::Error::other(error.to_string()),
    }
}

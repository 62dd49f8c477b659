//! Cabinets, as Windows' own tools pack them.

use std::collections::BTreeSet;
use std::io;

use cab::Cabinet;

use super::Blob;
use super::budget::{Count, Packed, Unpacked};
use super::walk::Walk;

/// How often a cabinet may be read over: for each file in a folder its packed bytes are read
/// from the folder's start, and a cabinet can declare 65,535 files.
const MOST_PASSES: u64 = 256;

/// Walks the files of a cabinet.
pub(super) fn walk(walk: &mut Walk<'_>, blob: &Blob, name: &str, depth: u32) -> io::Result<()> {
    let (source, taken) = Packed::new(blob.reader());
    let mut cabinet = Cabinet::new(source)?;
    // Two files of one name cannot be told apart; the first is meant.
    let mut known = BTreeSet::new();
    let files: Vec<String> = cabinet
        .folder_entries()
        .flat_map(|folder| folder.file_entries())
        .filter(|file| known.insert(file.name()))
        .map(|file| file.name().to_owned())
        .collect();
    walk.budget.members(files.len() as u64)?;
    let given = Count::default();
    for file in files {
        if taken.get() / MOST_PASSES > blob.len() {
            return Err(io::Error::other("the rest would take too long to unpack"));
        }
        match cabinet.read_file(&file) {
            Ok(content) => {
                let (packed, given) = (Count::at(blob.len()), given.clone());
                let mut content = Unpacked::after(content, walk.budget.clone(), packed, given);
                walk.member((name, depth), &file, &mut content);
            }
            Err(error) => walk.failed(&super::walk::member_name(name, &file), error),
        }
    }
    Ok(())
}

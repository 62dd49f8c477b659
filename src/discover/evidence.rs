//! Whether a file is what a search would read, and so nothing to write over.
//!
//! Knows files by what they are, not by their names: a link, another spelling and a second name
//! of one file are the same file.

use std::fs;
use std::path::{Path, PathBuf};

use same_file::Handle;
use walkdir::{DirEntry, WalkDir};

use super::{has_log_name, inspect_file};
use crate::model::ProblemKind;

/// Whether a regular file is the one that an input leads to; `-` is standard input. What cannot be
/// opened is no file that is read.
pub fn is_same_file(input: &Path, file: &Path) -> bool {
    let opened = || match input == Path::new("-") {
        true => Handle::stdin().ok(),
        // Opening a pipe would wait for whoever writes to it.
        false => input.is_file().then(|| Handle::from_path(input).ok()).flatten(),
    };
    Handle::from_path(file).is_ok_and(|file| opened().is_some_and(|opened| opened == file))
}

/// The path in a folder, searched as `walk` does, that leads to the same regular file as `target`.
pub fn same_below(walk: WalkDir, target: &Path) -> Option<PathBuf> {
    let bytes = fs::metadata(target).ok()?.len();
    let target = Handle::from_path(target).ok()?;
    walk.into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        // Only what is as long needs to be opened.
        .filter(|entry| entry.metadata().is_ok_and(|metadata| metadata.len() == bytes))
        .find(|entry| Handle::from_path(entry.path()).is_ok_and(|file| file == target))
        .map(DirEntry::into_path)
}

/// Whether a search that comes upon a file reads it, or misses a log in it: a log, an archive,
/// what tells facts, and what bears the name of a log, be it damaged.
pub fn is_evidence(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    match inspect_file(path, metadata.file_type()) {
        Ok(_) => true,
        Err((kind, _)) => kind == ProblemKind::FactsUnused || has_log_name(path),
    }
}

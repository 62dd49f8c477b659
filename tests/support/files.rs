//! Folders and documents, and the fixtures.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// What a folder holds, in order.
pub(crate) fn files_in(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The folders of the fixtures, in order.
pub(crate) fn fixtures() -> Vec<PathBuf> {
    let mut folders = files_in("fixtures");
    folders.retain(|path| path.is_dir());
    assert!(folders.len() >= 13, "twelve causes and a healthy host");
    folders
}

/// Reads a YAML document.
pub(crate) fn read_yaml<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

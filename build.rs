//! Lists the rule documents under `rules/` and embeds their text, so that adding a rule is
//! adding a file. Knows nothing about what the documents say.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = directory("CARGO_MANIFEST_DIR")?.join("rules");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");

    let mut documents = Vec::new();
    collect(&root, &mut documents)?;
    let mut names = Vec::with_capacity(documents.len());
    for path in &documents {
        names.push(name_of(path, &root)?);
    }
    // Sorted by name, not by path, so that the order is the same on every platform.
    names.sort_unstable();

    let mut code = String::from("&[\n");
    for name in &names {
        // Writing to a String cannot fail.
        let _ = writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/rules/\", {name:?}))),"
        );
    }
    code.push_str("]\n");
    fs::write(directory("OUT_DIR")?.join("embedded_rules.rs"), code)
}

/// A folder that Cargo names in the environment.
fn directory(variable: &str) -> io::Result<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other(format!("{variable} is not set")))
}

/// All `*.yml` files at or below `folder`.
fn collect(folder: &Path, documents: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, documents)?;
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            documents.push(path);
        }
    }
    Ok(())
}

/// The path below `root`, with forward slashes on every platform.
fn name_of(path: &Path, root: &Path) -> io::Result<String> {
    let relative = path.strip_prefix(root).map_err(io::Error::other)?;
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Ok(parts.join("/"))
}

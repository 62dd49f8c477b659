//! Builds the rules in: lists the documents under `rules/`, so that adding a rule is adding a file,
//! loads them as the program itself would, and stores what it loaded. A rule with a mistake ends the
//! build; a start of the program, which had to read, check and compile them, would take many times as
//! long.

#![allow(
    dead_code,
    unfulfilled_lint_expectations,
    unreachable_pub,
    unused_imports,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "only what loads rules is used of the modules that the program has as well"
)]

#[path = "src/model/mod.rs"]
mod model;
#[path = "src/rules/mod.rs"]
mod rules;

/// What is built into the build script: nothing.
mod built_in {
    pub(crate) static TEXTS: &[(&str, &str)] = &[];
    pub(crate) static STORED_TEXTS: &str = "";
    pub(crate) static SIGNALS: &[u8] = &[];
    pub(crate) static CAUSES: &[u8] = &[];
    pub(crate) static CODES: &[u8] = &[];
    pub(crate) static EVENTS: &[u8] = &[];
    pub(crate) static CATALOGUE: &[u8] = &[];
}

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use walkdir::WalkDir;

use crate::rules::codes::CodeBook;
use crate::rules::stored::Stored;
use crate::rules::{RuleSet, catalogue, events};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=rules");
    let Err(error) = build_in() else { return ExitCode::SUCCESS };
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    eprintln!("{}", causes.join(": "));
    ExitCode::FAILURE
}

fn build_in() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no folder")?);
    let documents = documents(&root.join("rules"))?;
    let texts = || documents.iter().map(|document| (&*document.path, &*document.text));
    let rules = RuleSet::from_documents(texts()).map_err(|error| error.render())?;

    // Statics: each unit of the program's code that uses a constant has a copy of its own.
    let mut code = String::from("pub(crate) static TEXTS: &[(&str, &str)] = &[\n");
    for Document { path, file, .. } in &documents {
        writeln!(code, "    ({path:?}, include_str!({file:?})),")?;
    }
    code.push_str("];\n");
    let codes = CodeBook::load(texts())?;
    let events = events::Catalogue::load(texts())?;
    let catalogue = catalogue::Catalogue::load(texts())?;
    let Stored { parts, texts } = Stored::of(&rules, &codes, &events, &catalogue)?;
    for (name, part) in parts {
        let file = out.join(name);
        fs::write(&file, part)?;
        writeln!(code, "pub(crate) static {name}: &[u8] = include_bytes!({file:?});")?;
    }
    let file = out.join("STORED_TEXTS");
    fs::write(&file, texts)?;
    writeln!(code, "pub(crate) static STORED_TEXTS: &str = include_str!({file:?});")?;
    fs::write(out.join("built_in.rs"), code)?;
    Ok(())
}

/// A document under `rules/`.
struct Document {
    /// Below `rules/`, with forward slashes on every platform.
    path: String,
    file: PathBuf,
    text: String,
}

/// Every document, ordered by path.
fn documents(rules: &Path) -> Result<Vec<Document>, Box<dyn Error>> {
    let mut documents = Vec::new();
    for entry in WalkDir::new(rules) {
        let file = entry?.into_path();
        if file.extension().is_some_and(|extension| extension == "yml") {
            let below = file.strip_prefix(rules)?;
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            let text = fs::read_to_string(&file)?;
            documents.push(Document { path: parts.join("/"), file, text });
        }
    }
    documents.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(documents)
}

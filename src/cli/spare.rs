//! Keeps results from being written over what a run reads.
//!
//! Evidence is often the only copy. Files are told apart by what they are, not by name: links are
//! followed, and so are other spellings.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use super::Failure;
use crate::discover::{has_log_name, is_evidence, is_same_file, same_below};

/// Refuses to write to `output` where that is one of the `inputs`, is read from a folder among
/// them, is one of the `documents` that are read besides, or a document in the folder of `rules`,
/// or is named like a log. A file that does not exist yet is never refused, and neither is one
/// that no run reads, such as an earlier report in the folder of the logs.
pub(super) fn spare(
    output: Option<&Path>,
    inputs: &[&Path],
    documents: &[&Path],
    rules: Option<&Path>,
) -> Result<(), Failure> {
    let Some((output, metadata)) = output.and_then(|path| Some((path, fs::metadata(path).ok()?)))
    else {
        return Ok(());
    };
    if metadata.is_dir() {
        return Err(Failure::usage(format!("--output {} is a folder", output.display())));
    }
    // A pipe or device holds nothing that could be lost, and may block whoever opens it.
    if !metadata.is_file() {
        return Ok(());
    }
    let refused = |what: &str| {
        let message = format!("--output {} would overwrite {what}", output.display());
        Err(Failure::usage(message).hint("give the result a name of its own"))
    };
    let is_output = |path: &&Path| is_same_file(path, output);
    if let Some(input) = inputs.iter().copied().find(is_output) {
        return refused(&format!("`{}`, which is read", input.display()));
    }
    if let Some(document) = documents.iter().copied().find(is_output) {
        return refused(&format!("`{}`, which is read", document.display()));
    }
    let true_path = fs::canonicalize(output);
    if has_log_name(output) || true_path.is_ok_and(|path| has_log_name(&path)) {
        return refused("a log");
    }
    let searched = |folder: &&Path| same_below(WalkDir::new(folder), output);
    if is_evidence(output)
        && let Some(log) = inputs.iter().filter(|path| path.is_dir()).find_map(searched)
    {
        return refused(&format!("`{}`, which is read", log.display()));
    }
    // Of rules, unlike logs, links are followed.
    let rule = rules.and_then(|folder| same_below(WalkDir::new(folder).follow_links(true), output));
    match rule.filter(|path| path.extension().is_some_and(|ending| ending == "yml")) {
        Some(rule) => refused(&format!("the rule `{}`", rule.display())),
        None => Ok(()),
    }
}

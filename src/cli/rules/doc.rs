//! `rdpwhy rules doc`: a page for each cause.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::Source;
use crate::cli::{Console, Exit, Failure, knowledge, output};
use crate::handbook::{index, page};

/// Writes a page in Markdown for each cause, and an index
#[derive(Debug, Args)]
pub(super) struct DocArgs {
    #[command(flatten)]
    source: Source,
    /// The folder for the pages; made where it is missing
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &DocArgs, console: &Console) -> Result<Exit, Failure> {
    let rules = knowledge::rules(args.source.rules.as_deref(), console)?;
    let pages = rules.causes.iter().map(|cause| (format!("{}.md", cause.id), page(rules, cause)));
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder `{}`", args.out.display()))?;
    for (name, text) in pages.chain([("index.md".to_owned(), index(rules))]) {
        output::to_file(&args.out.join(name), console.unfinished(), |out| {
            out.write_all(text.as_bytes())
        })?;
    }
    Ok(Exit::Done)
}

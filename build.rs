//! Lists the documents under `rules/`, so that adding a rule is adding a file, and parses them:
//! a start of the program that had to read YAML would take many times as long.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use granit_parser::{Event, Parser, ScalarStyle};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no folder")?);
    let rules = root.join("rules");
    let mut files = Vec::new();
    if rules.is_dir() {
        collect(&rules, &mut files)?;
    }
    let mut listing: Vec<(String, PathBuf)> = Vec::new();
    for file in files {
        let path = file.strip_prefix(&rules)?;
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        listing.push((parts.join("/"), file));
    }
    listing.sort();

    let mut code = String::from("&[\n");
    for (number, (path, file)) in listing.into_iter().enumerate() {
        // Cases of rules are for `rules test` alone, which wants the place of every word.
        let parsed = if path.ends_with(".test.yml") {
            "None".to_owned()
        } else {
            let parsed = out.join(format!("rule-{number}"));
            let text = fs::read_to_string(&file)?;
            fs::write(&parsed, parse(&text).map_err(|error| format!("rules/{path}: {error}"))?)?;
            format!("Some(include_str!({parsed:?}))")
        };
        writeln!(
            code,
            "    Source {{ path: {path:?}, text: include_str!({file:?}), parsed: {parsed} }},"
        )?;
    }
    code.push_str("]\n");
    fs::write(out.join("embedded_rules.rs"), code)?;
    Ok(())
}

/// Writes the parser's events down, in the form that `src/rules/parsed.rs` reads. What an alias
/// stands for is written where the alias stands.
fn parse(text: &str) -> Result<String, Box<dyn Error>> {
    let mut parsed = String::new();
    // Lists and maps that are open: their ends, anchors and beginnings.
    let mut open: Vec<(char, usize, usize)> = Vec::new();
    let mut anchored: BTreeMap<usize, Range<usize>> = BTreeMap::new();
    for next in Parser::new_from_str(text) {
        let begin = parsed.len();
        match next?.0 {
            Event::SequenceStart(_, anchor, None) => {
                parsed.push('[');
                open.push((']', anchor, begin));
            }
            Event::MappingStart(_, anchor, None) => {
                parsed.push('{');
                open.push(('}', anchor, begin));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (end, anchor, begin) = open.pop().ok_or("an end without a beginning")?;
                parsed.push(end);
                anchored.insert(anchor, begin..parsed.len());
            }
            Event::Scalar(text, style, anchor, None) => {
                let kind = if style == ScalarStyle::Plain { 'p' } else { 'q' };
                write!(parsed, "{kind}{}:{text}", text.len())?;
                anchored.insert(anchor, begin..parsed.len());
            }
            Event::Alias(anchor) => {
                let range = anchored.get(&anchor).ok_or("an alias of what holds it")?;
                parsed.extend_from_within(range.clone());
            }
            node if node.is_node() => return Err("tags are not for rules".into()),
            _ => {}
        }
    }
    Ok(parsed)
}

/// Gathers all `.yml` files below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

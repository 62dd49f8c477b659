//! Files beside logs that tell what a machine was set to: registry exports and `netstat`.
//!
//! - `registry`: `.reg` files, as far as Remote Desktop is concerned
//! - `netstat`: which ports somebody listens on
//! - `systeminfo`: the name of the machine that a folder is of
//! - `lines`: text line by line
//! - `assign`: whose they are, and the facts that follow
//!
//! What they say held when it was collected, which is after the last record. They are known by
//! content and by what is the same in every language; what is written in words is left alone.

mod assign;
mod lines;
mod netstat;
mod registry;
mod systeminfo;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::model::{FactKind, Value};
use crate::text;

pub(crate) use assign::facts;

/// Facts of one file; real ones have a few hundred.
const MOST_FACTS: usize = 5000;

/// A file that tells facts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    /// Where it is, written as a log's path is.
    pub(crate) path: PathBuf,
    /// The path that was given and led to it.
    pub(crate) root: PathBuf,
    pub(crate) statement: Statement,
}

/// What a file tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    /// Settings, and the machine's name where the file has it.
    Settings { host: Option<String>, facts: Vec<Fact> },
    /// The TCP ports on which somebody listens, with their lines.
    Ports(BTreeMap<u16, u64>),
    /// The machine's name.
    Host(String),
}

/// A fact of a machine yet to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) kind: FactKind,
    pub(crate) line: u64,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// The kinds of files that tell facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteKind {
    Registry,
    Netstat,
    SystemInfo,
}

impl NoteKind {
    /// The kind of what begins with these bytes.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.is_empty() || head.iter().all(|byte| *byte == 0) {
            return None;
        }
        let text = text::start(head);
        if registry::is_export(&text) {
            Some(Self::Registry)
        } else if netstat::is_listing(&text) {
            Some(Self::Netstat)
        } else {
            systeminfo::host(&text).map(|_| Self::SystemInfo)
        }
    }

    /// Reads such a file; `None` where it turns out to tell nothing.
    pub(crate) fn read(self, content: &mut dyn Read) -> io::Result<Option<Statement>> {
        match self {
            Self::Registry => registry::read(content),
            Self::Netstat => netstat::read(content).map(Some),
            Self::SystemInfo => {
                let mut head = Vec::new();
                content.take(4096).read_to_end(&mut head)?;
                Ok(systeminfo::host(&text::start(&head)).map(Statement::Host))
            }
        }
    }
}

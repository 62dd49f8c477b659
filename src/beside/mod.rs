//! Files beside logs that tell what a machine was set to, had installed and listened on.
//!
//! - `registry`: `.reg` files, as far as Remote Desktop is concerned
//! - `certutil`: the certificates of a store
//! - `cmdlets`: certificates, rules of the firewall and updates, out of PowerShell
//! - `hotfix`: tables of updates
//! - `netstat`: which ports somebody listens on
//! - `systeminfo`: the name of the machine that a folder is of, and its updates
//! - `objects`, `lines`, `dates`: objects, lines and dates as tools write them
//! - `assign`: whose they are
//! - `derive`, `certificate`: the facts that follow from several files together
//!
//! What they say held when it was collected, which is after the last record. They are known by
//! content and by what is the same in every language; what is written in words is left alone. So
//! are the rules of the firewall as `netsh` lists them: whether one is on, and whether it admits
//! or blocks, stands there in words.

mod assign;
mod certificate;
mod certutil;
mod cmdlets;
mod dates;
mod derive;
mod hotfix;
mod lines;
mod netstat;
mod objects;
mod registry;
mod systeminfo;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::model::{FactKind, Time, Value};
use crate::text;

pub(crate) use assign::facts;
use certificate::Certificate;

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
    /// Facts, and the machine's name where the file has it.
    Settings { host: Option<String>, facts: Vec<Fact> },
    /// The TCP ports on which somebody listens, with their lines.
    Ports(BTreeMap<u16, u64>),
    /// The certificates of some stores.
    Certificates(Vec<Certificate>),
}

/// A fact of a machine yet to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    pub(crate) kind: FactKind,
    pub(crate) line: u64,
    /// Since when it holds, if that is known; else it is known to hold at the collection.
    pub(crate) since: Option<Time>,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// A value of a fact by its name.
fn value_of<'f>(fact: &'f Fact, name: &str) -> Option<&'f Value> {
    fact.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The kinds of files that tell facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteKind {
    Registry,
    Netstat,
    SystemInfo,
    Certutil,
    Hotfixes,
    Objects(cmdlets::Kind, objects::Shape),
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
        } else if certutil::is_listing(&text) {
            Some(Self::Certutil)
        } else if hotfix::is_table(&text) {
            Some(Self::Hotfixes)
        } else if systeminfo::host(&text).is_some() {
            Some(Self::SystemInfo)
        } else {
            cmdlets::kind(&text).map(|(kind, shape)| Self::Objects(kind, shape))
        }
    }

    /// Reads such a file; `None` where it turns out to tell nothing.
    pub(crate) fn read(self, content: &mut dyn Read) -> io::Result<Option<Statement>> {
        match self {
            Self::Registry => registry::read(content),
            Self::Netstat => netstat::read(content).map(Some),
            Self::SystemInfo => systeminfo::read(content),
            Self::Certutil => certutil::read(content).map(|all| Some(Statement::Certificates(all))),
            Self::Hotfixes => {
                let facts = hotfix::read(content)?;
                Ok(Some(Statement::Settings { host: None, facts }))
            }
            Self::Objects(kind, shape) => cmdlets::read(kind, shape, content).map(Some),
        }
    }
}

//! Finds the event logs among files, folders and archives, by content and never by name.
//!
//! - `inspect`: what a file is, by its first bytes
//! - `export`: whether a text is an exported log
//! - `bundle`: the logs in an archive and in the archives in it
//! - `evidence`: whether a file is what a search would read
//!
//! Knows nothing of a log's records. Opens nothing but regular files, so a pipe or a device in
//! a folder cannot hold it up.

mod bundle;
mod evidence;
mod export;
mod inspect;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, FileType};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::archive::{Blob, Budget, Format, head};
use crate::beside::{Note, NoteKind};
use crate::model::{FileId, Input, InputKind, LogFile, LogSource, Problem, ProblemKind};
use crate::options::ArchiveOptions;
use bundle::Bundle;
pub use evidence::{is_evidence, is_same_file, same_below};
pub use inspect::has_log_name;
use inspect::{Marks, guess, marks};

/// What the given paths hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovered {
    /// The logs, each once, in the order of the paths and by name within a folder or archive.
    pub logs: Vec<LogFile>,
    /// The given paths that could be looked at, in their order.
    pub inputs: Vec<Input>,
    /// What tells facts of the machines, in the order of the logs.
    pub(crate) notes: Vec<Note>,
    /// What was given and cannot be read as a log. Files in folders and archives that are
    /// neither logs nor named like one are no problem and not mentioned.
    pub problems: Vec<Problem>,
}

/// Looks for logs at each of the paths; folders are searched with all folders below them, and
/// archives with all archives in them. `-` is standard input.
///
/// Links inside folders are not followed. A log that two paths lead to is taken once.
pub fn discover(paths: &[PathBuf], archives: &ArchiveOptions) -> Discovered {
    let mut search = Search {
        found: Discovered::default(),
        known: HashSet::new(),
        unpacked: HashMap::new(),
        budget: Budget::new(archives),
        root: PathBuf::new(),
    };
    for path in paths {
        search.input(path);
    }
    search.found
}

struct Search {
    found: Discovered,
    /// The true paths of the logs.
    known: HashSet<PathBuf>,
    /// The archives, by their true paths.
    unpacked: HashMap<PathBuf, Unpacked>,
    /// What may still be unpacked.
    budget: Budget,
    /// The path that is searched.
    root: PathBuf,
}

/// What is left of an archive once it was searched.
struct Unpacked {
    /// The sizes of its logs.
    logs: Vec<u64>,
    is_without_logs: bool,
}

/// A reason against a file, and what to say about it.
type Objection = (ProblemKind, String);

/// A regular file that is worth a closer look.
enum Candidate {
    Log { bytes: u64, marks: Marks },
    Archive { format: Format, bytes: u64 },
    Note(NoteKind),
}

impl Search {
    fn input(&mut self, path: &Path) {
        let mut logs = Vec::new();
        path.clone_into(&mut self.root);
        let kind = if path == Path::new("-") {
            self.stdin(&mut logs);
            InputKind::Stdin
        } else {
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    self.folder(path, &mut logs);
                    InputKind::Folder
                }
                Ok(metadata) => self.file(path, metadata.file_type(), true, &mut logs),
                Err(error) => return self.problem(path, unreadable(&error)),
            }
        };
        let (bytes, logs) = (logs.iter().sum(), logs.len() as u64);
        self.found.inputs.push(Input { path: path.to_owned(), kind, bytes, logs });
    }

    /// Looks through a folder and all below it, and adds the sizes of the logs.
    fn folder(&mut self, folder: &Path, logs: &mut Vec<u64>) {
        for entry in WalkDir::new(folder).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    self.file(entry.path(), entry.file_type(), false, logs);
                }
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let error = error.into_io_error().unwrap_or(io::ErrorKind::Other.into());
                    self.problem(&path, unreadable(&error));
                }
            }
        }
    }

    /// Takes a file if it is a log or an archive, and adds the sizes of its logs. If not, and
    /// a log was expected because the file `is_given` or is named like one, says what it is.
    fn file(
        &mut self,
        path: &Path,
        file_type: FileType,
        is_given: bool,
        logs: &mut Vec<u64>,
    ) -> InputKind {
        match inspect_file(path, file_type) {
            Ok(Candidate::Log { bytes, marks }) => {
                logs.push(bytes);
                if self.is_new(path) {
                    self.log(path.to_owned(), bytes, &marks, LogSource::File);
                }
            }
            Ok(Candidate::Archive { format, bytes }) => {
                self.archive(path, format, bytes, is_given, logs);
                return InputKind::Archive;
            }
            Ok(Candidate::Note(kind)) => {
                if self.is_new(path) {
                    self.note(path, kind);
                }
            }
            Err(objection) => {
                let is_telling = objection.0 == ProblemKind::FactsUnused;
                if is_given || is_telling || has_log_name(path) {
                    self.problem(path, objection);
                }
            }
        }
        InputKind::File
    }

    /// Reads a file that tells facts. One that turns out to tell none is no problem.
    fn note(&mut self, path: &Path, kind: NoteKind) {
        match File::open(path).and_then(|mut file| kind.read(&mut file)) {
            Ok(Some(statement)) => {
                let (path, root) = (path.to_owned(), self.root.clone());
                self.found.notes.push(Note { path, root, statement });
            }
            Ok(None) => {}
            Err(error) => self.problem(path, unreadable(&error)),
        }
    }

    fn archive(
        &mut self,
        path: &Path,
        format: Format,
        bytes: u64,
        is_given: bool,
        logs: &mut Vec<u64>,
    ) {
        let place = true_path(path);
        let unpacked = self.unpacked.remove(&place).unwrap_or_else(|| {
            let mut bundle = Bundle::new(&self.budget);
            bundle.file(path, Blob::file(path, bytes), format);
            self.bundle(bundle)
        });
        if unpacked.is_without_logs && is_given {
            let detail = format!("is a {} that holds no event log", format.name());
            self.problem(path, (ProblemKind::NotALog, detail));
        }
        logs.extend(&unpacked.logs);
        self.unpacked.insert(place, unpacked);
    }

    fn stdin(&mut self, logs: &mut Vec<u64>) {
        let path = Path::new("-");
        if self.known.insert(path.to_owned()) {
            let mut bundle = Bundle::new(&self.budget);
            bundle.stdin(path, &mut io::stdin().lock());
            logs.extend(self.bundle(bundle).logs);
        }
    }

    /// Takes what an archive holds.
    fn bundle(&mut self, bundle: Bundle) -> Unpacked {
        let is_without_logs = bundle.is_without_logs();
        let (packed, notes, problems) = bundle.into_parts();
        let logs = packed.iter().map(|log| log.bytes).collect();
        self.found.problems.extend(problems);
        let root = &self.root;
        let notes = notes.into_iter();
        self.found.notes.extend(notes.map(|(path, statement)| Note {
            path,
            root: root.clone(),
            statement,
        }));
        for log in packed {
            self.log(log.path, log.bytes, &log.marks, log.source);
        }
        Unpacked { logs, is_without_logs }
    }

    /// Whether no path led to the file before.
    fn is_new(&mut self, path: &Path) -> bool {
        self.known.insert(true_path(path))
    }

    fn log(&mut self, path: PathBuf, bytes: u64, marks: &Marks, source: LogSource) {
        if let Some((kind, detail)) = marks.flaw(bytes) {
            self.problem(&path, (kind, detail.to_owned()));
        }
        let id = FileId(u32::try_from(self.found.logs.len()).unwrap_or(u32::MAX));
        self.found.logs.push(LogFile { id, path, bytes, form: marks.form, source });
    }

    fn problem(&mut self, path: &Path, (kind, detail): Objection) {
        let path = path.to_owned();
        self.found.problems.push(Problem { path, kind, detail, lost_records: None });
    }
}

/// A file's true path; where it has none, the given one has to do.
fn true_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Looks at the first bytes of a file.
fn inspect_file(path: &Path, file_type: FileType) -> Result<Candidate, Objection> {
    if file_type.is_symlink() {
        let detail = "is a link, and links inside folders are not followed".to_owned();
        return Err((ProblemKind::LinkNotFollowed, detail));
    }
    if !file_type.is_file() {
        let detail = "is a pipe, socket or device".to_owned();
        return Err((ProblemKind::SpecialFile, detail));
    }
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let bytes = file.metadata().map_err(|error| unreadable(&error))?.len();
    let head = head(&mut file).map_err(|error| unreadable(&error))?;
    if let Some(marks) = marks(&head) {
        return Ok(Candidate::Log { bytes, marks });
    }
    match Format::of(&head) {
        Some(format) => Ok(Candidate::Archive { format, bytes }),
        None => NoteKind::of(&head).map(Candidate::Note).ok_or_else(|| guess(&head)),
    }
}

fn unreadable(error: &io::Error) -> Objection {
    match error.kind() {
        io::ErrorKind::NotFound => (ProblemKind::NotFound, "does not exist".to_owned()),
        _ => (ProblemKind::Unreadable, format!("cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests;

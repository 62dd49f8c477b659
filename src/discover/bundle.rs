//! The logs in one archive and in the archives in it.
//!
//! Each log is found with the way to read it later. What needs random access and stands
//! compressed in another archive is held in memory, as far as the limit allows.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::inspect::{Marks, guess, has_log_name, left_alone, marks};
use crate::archive::{
    Blob, Budget, Format, Found, LimitReached, Origin, PassedOver, Solid, Visit, Zip, head, solid,
};
use crate::beside::{NoteKind, Statement};
use crate::isolate::{Panicked, isolated, isolated_io};
use crate::model::{LogSource, Pack, Problem, ProblemKind};
use crate::options::ArchiveOptions;

/// Problems of one kind that are told one by one.
const MOST_ALIKE: u64 = 20;

/// A log in an archive.
#[derive(Debug)]
pub(super) struct PackedLog {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) marks: Marks,
    pub(super) source: LogSource,
}

/// A search through one archive.
pub(super) struct Bundle {
    budget: Budget,
    options: Arc<ArchiveOptions>,
    /// The archive that was given or found in a folder.
    root: PathBuf,
    logs: Vec<PackedLog>,
    notes: Vec<(PathBuf, Statement)>,
    problems: Vec<Problem>,
    /// How many problems there are of each kind, told or not.
    alike: BTreeMap<ProblemKind, u64>,
}

impl Bundle {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            options: Arc::new(budget.options().clone()),
            root: PathBuf::new(),
            logs: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
            alike: BTreeMap::new(),
        }
    }

    /// Searches an archive that is a file.
    pub(super) fn file(&mut self, path: &Path, blob: Blob, format: Format) {
        path.clone_into(&mut self.root);
        self.archive(Origin::Blob(blob), format, &path.to_string_lossy(), 1);
    }

    /// Takes whatever comes from standard input: a log or an archive.
    pub(super) fn stdin(&mut self, path: &Path, content: &mut dyn Read) {
        path.clone_into(&mut self.root);
        let name = path.to_string_lossy();
        match self.budget.buffer(content) {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                let problems = self.problems.len();
                self.origin(Origin::Blob(Blob::memory(bytes)), (&name, 1), size, size);
                if self.is_without_logs() && self.problems.len() == problems {
                    let detail = "holds no event log".to_owned();
                    self.problem(&name, ProblemKind::NotALog, detail);
                }
            }
            Err(error) => self.failed(&name, &error),
        }
    }

    pub(super) fn is_without_logs(&self) -> bool {
        self.logs.is_empty() && self.notes.is_empty() && self.problems.is_empty()
    }

    /// The logs and notes by name, and what was wrong.
    pub(super) fn into_parts(
        mut self,
    ) -> (Vec<PackedLog>, Vec<(PathBuf, Statement)>, Vec<Problem>) {
        // By name as in a folder, so that it does not matter how a case was packed.
        let steps = |path: &Path| {
            let name = path.to_string_lossy().into_owned();
            name.split(['/', '!']).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        self.logs.sort_by_cached_key(|log| steps(&log.path));
        self.notes.sort_by_cached_key(|(path, _)| steps(path));
        for (kind, count) in self.alike {
            if let Some(more @ 1..) = count.checked_sub(MOST_ALIKE) {
                let detail = format!("{more} more files in it have the same problem as the last");
                let path = self.root.clone();
                self.problems.push(Problem { path, kind, detail, lost_records: None });
            }
        }
        (self.logs, self.notes, self.problems)
    }

    /// Takes what may be a log or an archive; an archive would be one at `depth`.
    fn origin(&mut self, origin: Origin, (name, depth): (&str, u32), size: u64, packed: u64) {
        let mut first = Vec::new();
        let outcome = isolated_io(|| {
            origin.open(&mut |content| {
                first = head(content)?;
                Ok(())
            })
        });
        if let Err(error) = outcome {
            return self.failed(name, &error);
        }
        let marks = marks(&first);
        if let (None, Some(format)) = (marks, Format::of(&first)) {
            return self.archive(origin, format, name, depth);
        }
        let note = NoteKind::of(&first).filter(|_| marks.is_none());
        if marks.is_none() && note.is_none() {
            return self.no_log(name, &first);
        }
        let within = self.budget.ratio(packed, size).and_then(|()| self.budget.unpacked(size));
        let outcome = within.and_then(|()| match note {
            Some(kind) => origin.open(&mut |content| {
                self.note(name, kind.read(content)?);
                Ok(())
            }),
            None => Ok(()),
        });
        let Some(marks) = marks else {
            return outcome.unwrap_or_else(|error| self.failed(name, &error));
        };
        match outcome {
            Ok(()) => self.log(name, size, marks, Arc::new(origin), 0),
            Err(error) => self.failed(name, &error),
        }
    }

    /// Searches an archive. A panic of its decoder costs what of it was not looked at yet.
    fn archive(&mut self, origin: Origin, format: Format, name: &str, depth: u32) {
        if let Err(panicked) = isolated(|| self.decoded(origin, format, name, depth)) {
            self.failed(name, &io::Error::other(panicked));
        }
    }

    fn decoded(&mut self, origin: Origin, format: Format, name: &str, depth: u32) {
        if let Err(error) = self.budget.depth(depth) {
            return self.failed(name, &error);
        }
        if !format.needs_random_access() {
            return self.solid(origin, format, name, depth);
        }
        let blob = match origin {
            Origin::Blob(blob) => blob,
            Origin::ZipMember { .. } => match self.buffer(&origin) {
                Ok(blob) => blob,
                Err(error) => return self.failed(name, &error),
            },
        };
        if format == Format::Zip {
            self.zip(&blob, name, depth);
        } else {
            self.solid(Origin::Blob(blob.clone()), format, name, depth);
        }
        self.budget.release(blob.only_holder_of());
    }

    fn buffer(&self, origin: &Origin) -> io::Result<Blob> {
        let mut blob = None;
        origin.open(&mut |content| {
            blob = Some(Blob::memory(self.budget.buffer(content)?));
            Ok(())
        })?;
        blob.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn zip(&mut self, blob: &Blob, name: &str, depth: u32) {
        let mut zip = match Zip::open(blob, &self.budget) {
            Ok(zip) => zip,
            Err(error) if self.reached(&error).is_some() => return self.failed(name, &error),
            Err(_) => {
                let detail = "its directory is lost, as when a copy was cut short; what stands \
                              before that is read";
                self.problem(name, ProblemKind::BadArchive, detail.to_owned());
                let origin = Origin::Blob(blob.clone());
                return self.solid(origin, Format::Zip, name, depth);
            }
        };
        if zip.hidden() > 0 {
            let hidden = zip.hidden();
            let what = if hidden == 1 { "member has" } else { "members have" };
            let detail = format!(
                "{hidden} {what} the name of a later one and cannot be reached; unpack it, each \
                 to a name of its own"
            );
            self.problem(name, ProblemKind::BadArchive, detail);
        }
        let passwords: Vec<Arc<Vec<u8>>> =
            self.options.passwords.iter().map(|password| Arc::new(password.clone())).collect();
        let shared = Arc::new(zip.clone());
        let mut encrypted = 0;
        for index in 0..zip.len() {
            let member = zip.member(index, name, &self.options.passwords);
            match member.passed_over {
                Some(PassedOver::Encrypted) => encrypted += 1,
                Some(what) => self.passed_over(&member.name, &what),
                None => {}
            }
            if !member.is_file {
                continue;
            }
            let at = (member.name.as_str(), depth + 1);
            match member.stored {
                Some(stored) => {
                    let size = stored.len();
                    self.origin(Origin::Blob(stored), at, size, size);
                }
                None => {
                    let password = member.password.and_then(|index| passwords.get(index)).cloned();
                    let origin = Origin::ZipMember { zip: Arc::clone(&shared), index, password };
                    self.origin(origin, at, member.size, member.packed);
                }
            }
        }
        if encrypted > 0 {
            self.encrypted(name, encrypted);
        }
    }

    /// Searches what must be read from front to back.
    fn solid(&mut self, origin: Origin, format: Format, name: &str, depth: u32) {
        let options = Arc::clone(&self.options);
        let pack = Arc::new(Solid { origin, format, depth, options });
        let budget = self.budget.clone();
        let mut visit = InSolid { bundle: self, pack: Arc::clone(&pack) };
        if let Err(error) = solid(&pack.origin, format, (name, depth), &budget, &mut visit) {
            self.failed(name, &error);
        }
    }

    fn log(&mut self, name: &str, bytes: u64, marks: Marks, pack: Arc<dyn Pack>, number: u32) {
        let source = LogSource::Packed { pack, number };
        self.logs.push(PackedLog { path: PathBuf::from(name), bytes, marks, source });
    }

    /// Takes what a file beside the logs tells.
    fn note(&mut self, name: &str, statement: Option<Statement>) {
        self.notes.extend(statement.map(|statement| (PathBuf::from(name), statement)));
    }

    /// Says what a file is that is no log, if a log was expected or it tells of events or settings
    /// in a way that is not read.
    fn no_log(&mut self, name: &str, head: &[u8]) {
        let left_alone = left_alone(head);
        if left_alone.is_some() || has_log_name(Path::new(name)) {
            let (kind, detail) = left_alone.unwrap_or_else(|| guess(head));
            self.problem(name, kind, detail);
        }
    }

    fn passed_over(&mut self, name: &str, what: &PassedOver) {
        match what {
            PassedOver::Link if has_log_name(Path::new(name)) => {
                let detail = "is a link, and links in archives are not followed";
                self.problem(name, ProblemKind::LinkNotFollowed, detail.to_owned());
            }
            PassedOver::Link => {}
            PassedOver::Special => {
                let detail = "is a pipe or device in an archive";
                self.problem(name, ProblemKind::SpecialFile, detail.to_owned());
            }
            PassedOver::Failed(error) => self.failed(name, error),
            PassedOver::Encrypted => self.encrypted(name, 1),
            PassedOver::NameEscapes => {
                let detail = "its name leads out of the archive; it is read in place, and \
                              nothing is unpacked";
                self.problem(name, ProblemKind::NameEscapes, detail.to_owned());
            }
        }
    }

    fn encrypted(&mut self, name: &str, files: u64) {
        let what = if files == 1 {
            "is encrypted".to_owned()
        } else {
            format!("{files} files in it are encrypted")
        };
        let way = if self.options.passwords.is_empty() {
            "give the password with --password-file"
        } else {
            "no password of --password-file fits"
        };
        self.problem(name, ProblemKind::Encrypted, format!("{what}; {way}"));
    }

    /// The limit behind an error.
    fn reached(&self, error: &io::Error) -> Option<LimitReached> {
        // Libraries wrap errors or drop them, so the budget is asked as well.
        let reached = self.budget.take_reached();
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitReached>());
        inner.cloned().or(reached)
    }

    fn failed(&mut self, name: &str, error: &io::Error) {
        if let Some(limit) = self.reached(error) {
            return self.limit(name, &limit);
        }
        let kind = match Panicked::kind_of(error) {
            ProblemKind::Unreadable => ProblemKind::BadArchive,
            kind => kind,
        };
        self.problem(name, kind, format!("cannot be read: {error}"));
    }

    fn limit(&mut self, name: &str, limit: &LimitReached) {
        self.problem(name, ProblemKind::LimitReached, limit.to_string());
    }

    fn problem(&mut self, name: &str, kind: ProblemKind, detail: String) {
        let count = self.alike.entry(kind).or_default();
        *count += 1;
        if *count <= MOST_ALIKE {
            let path = PathBuf::from(name);
            self.problems.push(Problem { path, kind, detail, lost_records: None });
        }
    }
}

/// Takes what a walk through a solid archive finds.
struct InSolid<'s> {
    bundle: &'s mut Bundle,
    pack: Arc<Solid>,
}

impl Visit for InSolid<'_> {
    fn file(&mut self, found: Found<'_>) {
        let Some(marks) = marks(found.head) else {
            let Some(kind) = NoteKind::of(found.head) else {
                return self.bundle.no_log(found.name, found.head);
            };
            return match kind.read(found.content) {
                Ok(statement) => self.bundle.note(found.name, statement),
                Err(error) => self.bundle.failed(found.name, &error),
            };
        };
        let (bytes, error) = count(found.content);
        // Other errors are told by the step that reads the log: it reads what is before them.
        if let Some(limit) = error.and_then(|error| self.bundle.reached(&error)) {
            return self.bundle.limit(found.name, &limit);
        }
        let pack = Arc::clone(&self.pack);
        self.bundle.log(found.name, bytes, marks, pack, found.number);
    }

    fn nested(&mut self, name: &str, depth: u32, content: &mut dyn Read) {
        match self.bundle.budget.buffer(content) {
            Ok(bytes) => {
                let blob = Blob::memory(bytes);
                let size = blob.len();
                self.bundle.origin(Origin::Blob(blob.clone()), (name, depth), size, size);
                self.bundle.budget.release(blob.only_holder_of());
            }
            Err(error) => self.bundle.failed(name, &error),
        }
    }

    fn passed_over(&mut self, name: &str, what: PassedOver) {
        self.bundle.passed_over(name, &what);
    }
}

/// The number of bytes up to the end, or up to an error.
fn count(content: &mut dyn Read) -> (u64, Option<io::Error>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return (count, None),
            Ok(more) => count += more as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (count, Some(error)),
        }
    }
}

//! Finds the event logs among files and folders, by content and never by name.
//!
//! Knows the first bytes of a log. Knows nothing of its records. Opens nothing but regular
//! files, so a pipe or a device in a folder cannot hold it up.

use std::collections::HashSet;
use std::fs::{self, File, FileType};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::model::{FileId, Input, InputKind, LogFile, Problem, ProblemKind};

const FILE_MAGIC: &[u8] = b"ElfFile\0";
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// Size of the file header, behind which the first chunk starts.
const FILE_HEADER: u64 = 4096;

/// What the given paths hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// The logs, each once, in the order of the paths and by name within a folder.
    pub logs: Vec<LogFile>,
    /// The given paths that could be looked at, in their order.
    pub inputs: Vec<Input>,
    /// What was given and cannot be read as a log. Files in folders that are neither logs nor
    /// named like one are no problem and not mentioned.
    pub problems: Vec<Problem>,
}

/// Looks for logs at each of the paths; folders are searched with all folders below them.
/// Links inside folders are not followed. A log that two paths lead to is taken once.
pub fn discover(paths: &[PathBuf]) -> Discovered {
    let mut search = Search::default();
    for path in paths {
        search.input(path);
    }
    search.found
}

#[derive(Debug, Default)]
struct Search {
    found: Discovered,
    /// The true paths of the logs.
    known: HashSet<PathBuf>,
}

/// A reason against a file, and what to say about it.
type Objection = (ProblemKind, String);

impl Search {
    fn input(&mut self, path: &Path) {
        let (kind, logs) = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => (InputKind::Folder, self.folder(path)),
            Ok(metadata) => {
                let log = self.file(path, metadata.file_type(), true);
                (InputKind::File, log.into_iter().collect())
            }
            Err(error) => return self.problem(path, unreadable(&error)),
        };
        let (bytes, logs) = (logs.iter().sum(), logs.len() as u64);
        self.found.inputs.push(Input { path: path.to_owned(), kind, bytes, logs });
    }

    /// The sizes of the logs in a folder and below.
    fn folder(&mut self, folder: &Path) -> Vec<u64> {
        let mut logs = Vec::new();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let is_expected = has_log_name(entry.path());
                    logs.extend(self.file(entry.path(), entry.file_type(), is_expected));
                }
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let error = error.into_io_error().unwrap_or(io::ErrorKind::Other.into());
                    self.problem(&path, unreadable(&error));
                }
            }
        }
        logs
    }

    /// Takes a file if it is a log, and returns its size. If not, and a log was expected, says
    /// what it is.
    fn file(&mut self, path: &Path, file_type: FileType, is_expected: bool) -> Option<u64> {
        match inspect(path, file_type) {
            Ok(log) => {
                self.log(path, &log);
                Some(log.bytes)
            }
            Err(objection) => {
                if is_expected {
                    self.problem(path, objection);
                }
                None
            }
        }
    }

    fn log(&mut self, path: &Path, log: &Inspected) {
        // Without a true path the given one has to do.
        let true_path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !self.known.insert(true_path) {
            return;
        }
        if let Some((kind, detail)) = log.flaw {
            self.problem(path, (kind, detail.to_owned()));
        }
        self.found.logs.push(LogFile {
            id: FileId(u32::try_from(self.found.logs.len()).unwrap_or(u32::MAX)),
            path: path.to_owned(),
            bytes: log.bytes,
            first_chunk: log.first_chunk,
        });
    }

    fn problem(&mut self, path: &Path, (kind, detail): Objection) {
        let path = path.to_owned();
        self.found.problems.push(Problem { path, kind, detail, lost_records: None });
    }
}

/// A file that is a log.
#[derive(Debug)]
struct Inspected {
    bytes: u64,
    first_chunk: u64,
    flaw: Option<(ProblemKind, &'static str)>,
}

/// Looks at the first bytes of a file.
fn inspect(path: &Path, file_type: FileType) -> Result<Inspected, Objection> {
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
    let mut start_at = |offset| start(&mut file, offset).map_err(|error| unreadable(&error));
    let head = start_at(0)?;
    let log = |first_chunk, flaw| Ok(Inspected { bytes, first_chunk, flaw });
    if head.is_empty() {
        return Err((ProblemKind::EmptyFile, "is empty".to_owned()));
    }
    if head.starts_with(FILE_MAGIC) {
        let is_cut = bytes < FILE_HEADER;
        let flaw = (ProblemKind::Truncated, "the file ends inside its header");
        return log(FILE_HEADER, is_cut.then_some(flaw));
    }
    let flaw = (ProblemKind::NoFileHeader, "the file header is lost; the chunks are read");
    for first_chunk in [0, FILE_HEADER] {
        if start_at(first_chunk)?.starts_with(CHUNK_MAGIC) {
            return log(first_chunk, Some(flaw));
        }
    }
    Err((ProblemKind::NotALog, format!("is no event log but {}", guess(&head))))
}

/// The first bytes of a file from an offset, as far as it has them.
fn start(file: &mut File, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a file without a log's marks seems to be.
fn guess(head: &[u8]) -> &'static str {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    match head {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a ZIP archive",
        [0x1f, 0x8b, ..] => "gzip data",
        [b'7', b'z', 0xbc, 0xaf, ..] => "a 7z archive",
        [_, _, _, _, b'L', b'f', b'L', b'e', ..] => "a log of Windows XP or older (EVT)",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "text",
        _ if text.starts_with(b"<") => "XML text",
        _ if text.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) => {
            "text"
        }
        _ if head.iter().all(|byte| *byte == 0) => "zeros at its start",
        _ => "data of an unknown kind",
    }
}

fn unreadable(error: &io::Error) -> Objection {
    match error.kind() {
        io::ErrorKind::NotFound => (ProblemKind::NotFound, "does not exist".to_owned()),
        _ => (ProblemKind::Unreadable, format!("cannot be read: {error}")),
    }
}

/// Whether a log is expected behind the name.
fn has_log_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("evtx"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of files with the given starts; each file is padded to `size` bytes.
    fn folder(files: &[(&str, &[u8], usize)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, start, size) in files {
            let mut bytes = start.to_vec();
            bytes.resize((*size).max(start.len()), 0);
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn names(found: &Discovered) -> Vec<(String, u64)> {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        found.logs.iter().map(|log| (name(&log.path), log.first_chunk)).collect()
    }

    fn kinds(found: &Discovered) -> Vec<(ProblemKind, &str)> {
        found.problems.iter().map(|problem| (problem.kind, problem.detail.as_str())).collect()
    }

    #[test]
    fn logs_are_found_by_content_in_order() {
        let mut late = vec![0xAA; 4096];
        late.extend(CHUNK_MAGIC);
        let folder = folder(&[
            ("b/renamed.bin", FILE_MAGIC, 69_632),
            ("a.evtx", FILE_MAGIC, 69_632),
            ("chunk.evtx", CHUNK_MAGIC, 65_536),
            ("headless.evtx", &late, 69_632),
            ("readme.txt", b"no log", 0),
            ("empty.txt", b"", 0),
        ]);
        let found = discover(&[folder.path().to_owned()]);
        let expected =
            [("a.evtx", 4096), ("renamed.bin", 4096), ("chunk.evtx", 0), ("headless.evtx", 4096)];
        assert_eq!(names(&found), expected.map(|(name, chunk)| (name.to_owned(), chunk)));
        assert_eq!(found.logs.iter().map(|log| log.id.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let lost = "the file header is lost; the chunks are read";
        assert_eq!(kinds(&found), [(ProblemKind::NoFileHeader, lost); 2]);
        let input = &found.inputs[0];
        assert_eq!((input.kind, input.logs, input.bytes), (InputKind::Folder, 4, 274_432));
    }

    #[test]
    fn what_is_named_like_a_log_must_be_one() {
        let folder = folder(&[
            ("1.evtx", b"", 0),
            ("2.EVTX", b"Level,Date and Time", 0),
            ("3.evtx", b"PK\x03\x04", 100),
            ("4.evtx", b"\x30\0\0\0LfLe\x01\0\0\0", 100),
            ("5.evtx", b"\xEF\xBB\xBF<Events>", 0),
            ("6.evtx", b"", 70_000),
            ("7.evtx", FILE_MAGIC, 128),
            ("8.evtx", b"\x01\x02", 0),
        ]);
        assert_eq!(
            kinds(&discover(&[folder.path().to_owned()])),
            [
                (ProblemKind::EmptyFile, "is empty"),
                (ProblemKind::NotALog, "is no event log but text"),
                (ProblemKind::NotALog, "is no event log but a ZIP archive"),
                (ProblemKind::NotALog, "is no event log but a log of Windows XP or older (EVT)"),
                (ProblemKind::NotALog, "is no event log but XML text"),
                (ProblemKind::NotALog, "is no event log but zeros at its start"),
                (ProblemKind::Truncated, "the file ends inside its header"),
                (ProblemKind::NotALog, "is no event log but data of an unknown kind"),
            ]
        );
    }

    #[test]
    fn a_given_file_must_be_a_log_whatever_its_name() {
        let folder = folder(&[("notes.txt", b"hello", 0)]);
        let found = discover(&[folder.path().join("notes.txt"), folder.path().join("missing")]);
        assert_eq!(
            kinds(&found),
            [
                (ProblemKind::NotALog, "is no event log but text"),
                (ProblemKind::NotFound, "does not exist"),
            ]
        );
        assert_eq!(found.inputs.len(), 1);
        assert_eq!((found.inputs[0].kind, found.inputs[0].logs), (InputKind::File, 0));
    }

    #[test]
    fn a_log_given_twice_is_taken_once() {
        let folder = folder(&[("a.evtx", FILE_MAGIC, 4096), ("b/c.evtx", CHUNK_MAGIC, 4096)]);
        let detour = folder.path().join("b/../a.evtx");
        let found = discover(&[detour, folder.path().to_owned(), folder.path().join("b")]);
        assert_eq!(found.logs.len(), 2);
        assert_eq!(found.inputs.iter().map(|input| input.logs).collect::<Vec<_>>(), [1, 2, 1]);
        assert_eq!(found.problems.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn special_files_and_links_are_refused() {
        let folder = folder(&[("a.evtx", FILE_MAGIC, 4096)]);
        std::os::unix::fs::symlink("a.evtx", folder.path().join("link.evtx")).unwrap();
        std::os::unix::fs::symlink("..", folder.path().join("loop")).unwrap();
        let socket = folder.path().join("socket.evtx");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let found = discover(&[folder.path().to_owned(), "/dev/zero".into()]);
        let link = "is a link, and links inside folders are not followed";
        assert_eq!(
            kinds(&found),
            [
                (ProblemKind::LinkNotFollowed, link),
                (ProblemKind::SpecialFile, "is a pipe, socket or device"),
                (ProblemKind::SpecialFile, "is a pipe, socket or device"),
            ]
        );
        // A link that the user names is meant.
        let found = discover(&[folder.path().join("link.evtx")]);
        assert_eq!(found.logs.len(), 1);
    }
}

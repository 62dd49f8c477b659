use super::*;
use crate::model::LogForm;
use inspect::{CHUNK_MAGIC, FILE_MAGIC};

fn find(paths: &[PathBuf]) -> Discovered {
    discover(paths, &ArchiveOptions::default())
}

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
    let first_chunk = |form| match form {
        LogForm::Evtx { first_chunk } => first_chunk,
        LogForm::Xml | LogForm::Json => u64::MAX,
    };
    found.logs.iter().map(|log| (name(&log.path), first_chunk(log.form))).collect()
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
    let found = find(&[folder.path().to_owned()]);
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
        kinds(&find(&[folder.path().to_owned()])),
        [
            (ProblemKind::EmptyFile, "is empty"),
            (ProblemKind::NotALog, "is no event log but text"),
            (
                ProblemKind::BadArchive,
                "its directory is lost, as when a copy was cut short; what stands before that \
                 is read"
            ),
            (
                ProblemKind::BadArchive,
                "cannot be read: invalid Zip archive: Invalid local file header"
            ),
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
    let found = find(&[folder.path().join("notes.txt"), folder.path().join("missing")]);
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
    let found = find(&[detour, folder.path().to_owned(), folder.path().join("b")]);
    assert_eq!(found.logs.len(), 2);
    assert_eq!(found.inputs.iter().map(|input| input.logs).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(found.problems.len(), 1);
}

/// What it holds is neither unpacked nor counted again.
#[test]
fn an_archive_given_twice_is_unpacked_once() {
    let mut log = FILE_MAGIC.to_vec();
    log.resize(70_000, 0);
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.start_file("a.evtx", zip::write::SimpleFileOptions::default()).unwrap();
    io::Write::write_all(&mut zip, &log).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let folder = folder(&[("a.zip", &zip, 0), ("empty.zip", b"PK\x05\x06", 22)]);
    let options = ArchiveOptions { max_unpacked: 100_000, ..ArchiveOptions::default() };
    let paths = ["", "a.zip", "empty.zip", "empty.zip"].map(|name| folder.path().join(name));
    let found = discover(&paths, &options);
    assert_eq!(found.logs.len(), 1);
    assert_eq!(found.inputs.iter().map(|input| input.logs).collect::<Vec<_>>(), [1, 1, 0, 0]);
    let empty = (ProblemKind::NotALog, "is a zip archive that holds no event log");
    assert_eq!(kinds(&found), [empty; 2]);
}

#[cfg(unix)]
#[test]
fn special_files_and_links_are_refused() {
    let folder = folder(&[("a.evtx", FILE_MAGIC, 4096)]);
    std::os::unix::fs::symlink("a.evtx", folder.path().join("link.evtx")).unwrap();
    std::os::unix::fs::symlink("..", folder.path().join("loop")).unwrap();
    let socket = folder.path().join("socket.evtx");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let found = find(&[folder.path().to_owned(), "/dev/zero".into()]);
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
    let found = find(&[folder.path().join("link.evtx")]);
    assert_eq!(found.logs.len(), 1);
}

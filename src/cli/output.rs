//! Where results go: to stdout, or to a file that appears whole or not at all.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context as _;
use clap::Args;
use tempfile::NamedTempFile;

use super::{Console, Exit, Failure};
use crate::report::Zone;

/// Where the result of a command goes.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Write to a file, which appears whole or not at all; `-` is standard output
    ///
    /// What is read is never written over: neither logs, archives and what lies beside them, nor
    /// passwords and rules.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// The file; none for stdout.
    pub(super) fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// Lets `write` fill it with a table so many columns wide, or with rows of another form.
    ///
    /// # Errors
    /// Those of `write`, of the file system and of stdout.
    pub(super) fn table(
        &self,
        console: &Console,
        write: impl FnOnce(&mut dyn Write, usize) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let width = console.width(self.file().is_some());
        // None of them bears colors, and what looks like one in JSON or CSV must not be touched.
        emit(self.file(), console, ColorChoice::AlwaysAnsi, |out| write(out, width))
    }
}

/// In which zone people read times.
#[derive(Debug, Args)]
pub(super) struct ZoneArgs {
    /// Show times of tables and of CSV in this zone: UTC, +02:00 or Europe/Berlin
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "UTC",
        allow_hyphen_values = true,
        help_heading = "Output"
    )]
    pub(super) time_zone: Zone,
}

/// The output file in the making, which an interrupt must not leave behind.
#[derive(Clone, Debug, Default)]
pub struct Unfinished(Arc<Mutex<Option<PathBuf>>>);

impl Unfinished {
    /// From now on Ctrl-C (or a request to terminate) removes the unfinished file and ends
    /// the process with 130.
    pub(super) fn clean_up_on_interrupt(&self) -> Result<(), Failure> {
        let unfinished = self.clone();
        let clean_up = move || {
            let path = unfinished.lock().take();
            // The file may be gone already; there is nobody to tell.
            path.map(fs::remove_file).map(drop).unwrap_or_default();
            std::process::exit(Exit::Interrupted.code().into());
        };
        ctrlc::set_handler(clean_up).context("cannot watch for interrupts").map_err(Failure::from)
    }

    fn lock(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets `write` fill the file at `path`, or stdout where there is none. What bears no color
/// codes, such as JSON, asks for [`ColorChoice::AlwaysAnsi`]: what looks like a code in it
/// must not be touched.
///
/// # Errors
/// Those of `write`, of the file system and of stdout.
pub(super) fn emit(
    path: Option<&Path>,
    console: &Console,
    color: ColorChoice,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    if let Some(path) = path {
        return to_file(path, console.unfinished(), write);
    }
    to_stdout(color, |out| Ok(write(out)?))?;
    Ok(())
}

/// Lets `write` fill stdout, which shows, strips or passes on color codes as `color` says. A
/// reader that has seen enough and closes the pipe is no error; then there is no value.
///
/// # Errors
/// Those of `write` and of stdout.
pub(super) fn to_stdout<T>(
    color: ColorChoice,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>,
) -> anyhow::Result<Option<T>> {
    let mut stdout = BufWriter::new(AutoStream::new(io::stdout().lock(), color));
    let result = write(&mut stdout).and_then(|value| {
        stdout.flush()?;
        Ok(value)
    });
    // What is written is made in memory: an error of a stream is that of stdout.
    let result = result.map_err(|error| match error.is::<io::Error>() {
        true => error.context("cannot write to stdout"),
        false => error,
    });
    match result {
        Err(error) if error.chain().any(is_closed_pipe) => {
            // What is still buffered must not be tried again on the way out.
            drop(stdout.into_parts());
            Ok(None)
        }
        result => result.map(Some),
    }
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let of_stream = error.downcast_ref::<io::Error>().map(io::Error::kind);
    // That of JSON does not show the stream's among its sources.
    let of_json = || error.downcast_ref::<serde_json::Error>()?.io_error_kind();
    of_stream.or_else(of_json) == Some(io::ErrorKind::BrokenPipe)
}

/// Lets `write` fill the file at `path`: first beside it under another name, then renamed, so
/// that a run that ends early leaves the old content or none. A link is followed; a device or
/// pipe is written to directly.
///
/// # Errors
/// Those of `write` and of the file system, naming the file.
pub(super) fn to_file(
    path: &Path,
    unfinished: &Unfinished,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let result = match fs::metadata(path) {
        Ok(existing) if !existing.is_file() && !existing.is_dir() => {
            File::options().write(true).open(path).and_then(|file| fill(file, write).map(drop))
        }
        Ok(existing) => fs::canonicalize(path)
            .and_then(|target| replace(&target, Some(existing.permissions()), unfinished, write)),
        Err(_) => replace(path, None, unfinished, write),
    };
    result.with_context(|| format!("cannot write `{}`", path.display()))
}

fn replace(
    target: &Path,
    permissions: Option<fs::Permissions>,
    unfinished: &Unfinished,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = create_beside(folder)?;
    *unfinished.lock() = Some(file.path().to_owned());
    let filled = fill(file, write).and_then(|file| {
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        Ok(file)
    });
    // An interrupt waits here until the file bears its name.
    let mut name = unfinished.lock();
    *name = None;
    filled?.persist(target)?;
    Ok(())
}

fn create_beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rdpwhy-").suffix(".tmp");
    // Like any new file: readable as the umask allows, not private as temporary files are.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn fill<F: Write>(file: F, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<F> {
    let mut buffered = BufWriter::new(file);
    write(&mut buffered)?;
    buffered.into_inner().map_err(io::IntoInnerError::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let unfinished = Unfinished::default();
        to_file(&path, &unfinished, |out| out.write_all(b"old")).unwrap();
        let failed = to_file(&path, &unfinished, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("torn"))
        });
        assert!(failed.unwrap_err().to_string().contains("report.json"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["report.json"]);
        to_file(&path, &unfinished, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(*unfinished.lock(), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_stay_devices() {
        use std::os::unix::fs::FileTypeExt as _;

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        to_file(&link, &Unfinished::default(), |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let null = Path::new("/dev/null");
        to_file(null, &Unfinished::default(), |out| out.write_all(b"x")).unwrap();
        assert!(fs::metadata(null).unwrap().file_type().is_char_device());
    }
}

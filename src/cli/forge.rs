//! `rdpwhy forge`: writes EVTX logs from a scenario.

mod logs;

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use tempfile::NamedTempFile;

use crate::forge::write_log;
use crate::rules::events::Catalogue;
use crate::scenario::{Scenario, ScenarioEvent};
use logs::Plan;

/// Writes real EVTX logs from a scenario
///
/// A scenario is a YAML file that lists events. The logs are real ones: Event Viewer and any
/// other reader of EVTX opens them. See docs/scenarios.md for the notation.
#[derive(Clone, Debug, Args)]
pub struct ForgeArgs {
    /// The scenario
    #[arg(value_name = "SCENARIO.yml")]
    scenario: PathBuf,

    /// Where to write: one log with all events, or a folder for one log a channel
    ///
    /// A path that ends in `.evtx` is a log; anything else is a folder, made when missing.
    /// In a folder, logs are named as Windows names them, below a folder of each machine
    /// where there are several; unless the scenario says otherwise under `files`.
    #[arg(short, long, value_name = "FILE.evtx|DIR", help_heading = "Output")]
    output: PathBuf,
}

/// Writes the logs of a scenario, all of them or none, and lists them on stdout.
///
/// # Errors
/// When the scenario cannot be read or says something impossible; when an event cannot be
/// written as a record; when a file cannot be written.
pub fn run(args: &ForgeArgs) -> anyhow::Result<()> {
    let name = args.scenario.display().to_string();
    let text = fs::read_to_string(&args.scenario)
        .with_context(|| format!("cannot read the scenario `{name}`"))?;
    let catalogue = Catalogue::embedded()?;
    let scenario = Scenario::parse(&text, &name)?;
    let events = scenario.events(&catalogue)?;

    let mut finished = Vec::new();
    for plan in logs::plan(&args.output, &scenario, &events, &catalogue)? {
        let file = write(&plan, &scenario)
            .with_context(|| format!("cannot write `{}`", plan.path.display()))?;
        finished.push((file, plan));
    }
    let mut stdout = io::stdout().lock();
    for (file, plan) in finished {
        file.persist(&plan.path)
            .with_context(|| format!("cannot write `{}`", plan.path.display()))?;
        let count = plan.events.len();
        let plural = if count == 1 { "" } else { "s" };
        let line = writeln!(stdout, "{}  {count} record{plural}", plan.path.display());
        match line {
            // Whoever closed the pipe has seen enough; the files are there all the same.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Writes a log beside its final place, where nothing sees it until it is whole.
fn write(plan: &Plan<'_>, scenario: &Scenario) -> anyhow::Result<NamedTempFile> {
    let folder = match plan.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    if plan.path.is_dir() {
        bail!("it is a folder");
    }
    let mut file = new_file(folder)?;
    let events = plan.events.iter().copied();
    write_log(BufWriter::with_capacity(1 << 17, file.as_file_mut()), events, scenario.log())?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(file)
}

/// A temporary file that others may read once it has its name, as the umask allows.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rdpwhy-").suffix(".evtx.part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

//! `rdpwhy forge`: writes EVTX logs from a scenario.

mod logs;

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use tempfile::NamedTempFile;

use super::Failure;
use crate::discover::is_same_file;
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
    /// Replace logs that are there already
    #[arg(long, help_heading = "Output")]
    force: bool,
}

/// Writes the logs of a scenario, all of them or none, and lists them on stdout.
///
/// # Errors
/// When the scenario cannot be read or says something impossible; when an event cannot be
/// written as a record; when a file cannot be written, or is there already and may be evidence.
pub fn run(args: &ForgeArgs) -> Result<(), Failure> {
    let name = args.scenario.display().to_string();
    let text = fs::read_to_string(&args.scenario)
        .with_context(|| format!("cannot read the scenario `{name}`"))?;
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let scenario = Scenario::parse(&text, &name).map_err(anyhow::Error::from)?;
    let events = scenario.events(&catalogue).map_err(anyhow::Error::from)?;

    let plans = logs::plan(&args.output, &scenario, &events, &catalogue)?;
    if plans.is_empty() {
        return Err(
            anyhow!("the scenario `{name}` lists no events, so there is no log to write").into()
        );
    }
    spare_what_is_there(args, &plans)?;
    let mut finished = Vec::new();
    for plan in plans {
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
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let error = anyhow::Error::from(error).context("cannot write to stdout");
                return Err(error.into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses to write over the scenario, and over logs unless that is asked for: they may be real.
fn spare_what_is_there(args: &ForgeArgs, plans: &[Plan<'_>]) -> Result<(), Failure> {
    let refused = |path: &Path, hint: &str| {
        let message = format!("--output would overwrite `{}`", path.display());
        Err(Failure::usage(message).hint(hint))
    };
    for Plan { path, .. } in plans.iter().filter(|plan| plan.path.is_file()) {
        if is_same_file(&args.scenario, path) {
            return refused(path, "that is the scenario; give the log a name of its own");
        }
        if !args.force {
            return refused(path, "name another place, or replace what is there with --force");
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

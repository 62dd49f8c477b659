//! Which events go to which log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::bail;

use super::ScenarioEvent;
use crate::rules::events::Catalogue;
use crate::scenario::{LogFile, LogForm, Scenario};

/// A log to write.
pub(super) struct Plan<'a> {
    pub(super) path: PathBuf,
    pub(super) events: Vec<&'a ScenarioEvent>,
}

/// Divides the events among logs; every log keeps their order.
pub(super) fn plan<'a>(
    output: &Path,
    scenario: &Scenario,
    events: &'a [ScenarioEvent],
    catalogue: &Catalogue,
) -> anyhow::Result<Vec<Plan<'a>>> {
    let is_log = output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("evtx"));
    if is_log && !output.is_dir() {
        return Ok(vec![Plan { path: output.to_owned(), events: events.iter().collect() }]);
    }
    if scenario.files().is_empty() && scenario.log().form == LogForm::Forwarded {
        let path = output.join("ForwardedEvents.evtx");
        return Ok(vec![Plan { path, events: events.iter().collect() }]);
    }
    let plans = match scenario.files() {
        [] => one_a_channel(output, events),
        files => wanted(output, files, events, catalogue)?,
    };
    let mut paths = BTreeSet::new();
    match plans.iter().find(|plan| !paths.insert(&plan.path)) {
        Some(plan) => bail!("two logs would be called `{}`", plan.path.display()),
        None => Ok(plans),
    }
}

/// The logs that the scenario names.
fn wanted<'a>(
    output: &Path,
    files: &[LogFile],
    events: &'a [ScenarioEvent],
    catalogue: &Catalogue,
) -> anyhow::Result<Vec<Plan<'a>>> {
    let mut plans = Vec::with_capacity(files.len());
    for file in files {
        let name = Path::new(&file.name);
        let below = name.components().all(|part| matches!(part, Component::Normal(_)));
        if !below || file.name.is_empty() {
            bail!("`{}` under `files` is no path below the output folder", file.name);
        }
        plans.push(Plan { path: output.join(name), events: Vec::new() });
    }
    for forged in events {
        let takes = |file: &LogFile| takes(file, forged, catalogue);
        let Some(plan) = files.iter().position(takes).and_then(|position| plans.get_mut(position))
        else {
            bail!(
                "no log under `files` takes `{}` of {}",
                forged.event.channel,
                forged.event.machine
            );
        };
        plan.events.push(forged);
    }
    Ok(plans)
}

/// Whether a log takes an event; where several do, the first gets it.
fn takes(file: &LogFile, forged: &ScenarioEvent, catalogue: &Catalogue) -> bool {
    let event = &forged.event;
    let is_channel = |name: &str| {
        name.eq_ignore_ascii_case(&event.channel)
            || catalogue.sources().iter().any(|source| {
                source.channel == event.channel
                    && source.provider == event.provider
                    && source.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
            })
    };
    let machine = file.machines.is_empty()
        || file.machines.iter().any(|name| name.eq_ignore_ascii_case(&event.machine));
    machine && (file.channels.is_empty() || file.channels.iter().any(|name| is_channel(name)))
}

/// A log for each channel of each machine, named as Windows names them.
fn one_a_channel<'a>(output: &Path, events: &'a [ScenarioEvent]) -> Vec<Plan<'a>> {
    let mut logs: BTreeMap<(&str, &str), Vec<&ScenarioEvent>> = BTreeMap::new();
    for forged in events {
        let key = (&*forged.event.machine, &*forged.event.channel);
        logs.entry(key).or_default().push(forged);
    }
    let first = events.first().map(|forged| &forged.event.machine);
    let one_machine = events.iter().all(|forged| Some(&forged.event.machine) == first);
    logs.into_iter()
        .map(|((machine, channel), events)| {
            let folder =
                if one_machine { output.to_owned() } else { output.join(file_name(machine)) };
            Plan { path: folder.join(format!("{}.evtx", file_name(channel))), events }
        })
        .collect()
}

/// A name as part of a path: `/` becomes `%4`, as in the files of the log service; what no
/// file system takes becomes `_`.
fn file_name(name: &str) -> String {
    let mut safe = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        match letter {
            '/' => safe.push_str("%4"),
            '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => safe.push('_'),
            letter if letter.is_control() => safe.push('_'),
            letter => safe.push(letter),
        }
    }
    if safe.chars().all(|letter| letter == '.') { "_".to_owned() } else { safe }
}

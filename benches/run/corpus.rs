//! What is measured: logs forged from the scenarios in `benches/corpora`, the same on every
//! machine, and the real logs listed there, where they were supplied.
//!
//! Knows where logs come from. Knows nothing about what is measured on them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use rdpwhy::forge::write_log;
use rdpwhy::rules::events::Catalogue;
use rdpwhy::scenario::{LogForm, Scenario, ScenarioEvent};

use crate::real_logs;

/// Logs that are read together.
#[derive(Clone, Debug)]
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) logs: Vec<PathBuf>,
}

/// The forged corpora, written below `folder`, then the real ones.
pub(crate) fn all(folder: &Path) -> Vec<Corpus> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/corpora");
    let mut scenarios: Vec<PathBuf> =
        fs::read_dir(&sources).unwrap().map(|entry| entry.unwrap().path()).collect();
    scenarios.retain(|path| path.extension().is_some_and(|ending| ending == "yml"));
    scenarios.sort();
    let catalogue = Catalogue::embedded().unwrap();
    let forged = scenarios.iter().map(|scenario| forged(scenario, folder, &catalogue));
    let real = real_logs::folder().map(|folder| real(&sources.join("real.txt"), &folder));
    forged.chain(real.into_iter().flatten()).collect()
}

/// Writes the events of a scenario: a log for each channel, or one for all that an event
/// collector stores.
fn forged(path: &Path, folder: &Path, catalogue: &Catalogue) -> Corpus {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let scenario = Scenario::parse(&fs::read_to_string(path).unwrap(), &name).unwrap();
    let events = scenario.events(catalogue).unwrap();
    let is_collected = scenario.log().form == LogForm::Forwarded;
    let mut channels: BTreeMap<&str, Vec<&ScenarioEvent>> = BTreeMap::new();
    for event in &events {
        let channel = if is_collected { "ForwardedEvents" } else { &*event.event.channel };
        channels.entry(channel).or_default().push(event);
    }
    let folder = folder.join(&name);
    fs::create_dir(&folder).unwrap();
    let write = |(channel, events): (&str, Vec<&ScenarioEvent>)| {
        let path = folder.join(format!("{}.evtx", channel.replace('/', "%4")));
        let file = BufWriter::new(File::create(&path).unwrap());
        write_log(file, events, scenario.log()).unwrap();
        path
    };
    Corpus { logs: channels.into_iter().map(write).collect(), name }
}

/// The corpora of a list whose lines name a corpus and a file in `folder`.
fn real(list: &Path, folder: &Path) -> Vec<Corpus> {
    let list = fs::read_to_string(list).unwrap();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut corpora: Vec<Corpus> = Vec::new();
    for (name, file) in lines.filter_map(|line| line.split_once(' ')) {
        let log = folder.join(file);
        match corpora.iter_mut().find(|corpus| corpus.name == name) {
            Some(corpus) => corpus.logs.push(log),
            None => corpora.push(Corpus { name: name.to_owned(), logs: vec![log] }),
        }
    }
    corpora
}

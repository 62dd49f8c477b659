//! What each step takes and gives for a corpus, so that a step can be measured alone.

use std::path::PathBuf;

use rayon::prelude::*;
use rdpwhy::analyze::analyze;
use rdpwhy::discover::discover;
use rdpwhy::gather::gather;
use rdpwhy::model::{ChannelCoverage, Event, Facts, LogFile, Report, Time};
use rdpwhy::options::ArchiveOptions;
use rdpwhy::options::Options;
use rdpwhy::read::{Select, read_all};
use rdpwhy::rules::RuleSet;
use rdpwhy::select::{Selected, Selection};

use crate::corpus::Corpus;

/// A corpus and what lies between the steps when it is analyzed.
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) paths: Vec<PathBuf>,
    /// Bytes of its chunks, empty ones included.
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// The events that the embedded rules ask for.
    pub(crate) wanted: Vec<Event>,
    /// Those that carry a signal.
    pub(crate) selected: Vec<Selected>,
    pub(crate) coverage: Vec<ChannelCoverage>,
    pub(crate) facts: Facts,
    pub(crate) report: Report,
    logs: Vec<LogFile>,
}

impl Measured {
    #[expect(clippy::print_stderr, reason = "figures mean little without the shape of the input")]
    pub(crate) fn new(corpus: Corpus, rules: &RuleSet) -> Self {
        let Corpus { name, logs: paths } = corpus;
        let logs = discover(&paths, &ArchiveOptions::default()).logs;
        let selection = Selection { rules, options: &Options::default() };
        let (wanted, _) = read_all(&logs, &Asked(selection), &|_| {});
        let (selected, readout) = read_all(&logs, &selection, &|_| {});
        let (bytes, records) = (readout.stats.bytes, readout.stats.records);
        let [decoded, kept] = [wanted.len(), selected.len()];
        eprintln!("{name}: {bytes} bytes, {records} records, {decoded} decoded, {kept} kept");
        // What `dense` is there for.
        assert!(name != "dense" || kept as u64 == records, "a record of it carries no signal");
        let facts = gather(selected.clone(), readout.coverage.clone());
        let report = analyze(&paths, rules, &Options::default(), &|_| {});
        Self {
            name,
            paths,
            bytes,
            records,
            wanted,
            selected,
            coverage: readout.coverage,
            facts,
            report,
            logs,
        }
    }

    pub(crate) fn read(&self, wanted: Wanted) -> Vec<Event> {
        read_all(&self.logs, &wanted, &|_| {}).0
    }
}

/// Draws the signals from events, on all threads, as reading does.
pub(crate) fn select(events: Vec<Event>, rules: &RuleSet) -> Vec<Selected> {
    let selection = Selection { rules, options: &Options::default() };
    events.into_par_iter().filter_map(|event| selection.keep(event)).collect()
}

/// The ends between which reading lies: to decide about each record, and to decode them all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    Nothing,
    Everything,
}

impl Select for Wanted {
    type Kept = Event;
    type Memory = ();

    fn wants_id(&self, _: u32) -> bool {
        matches!(self, Self::Everything)
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

/// Keeps the events that a selection asks for, whether or not they carry a signal.
struct Asked<'a>(Selection<'a>);

impl Select for Asked<'_> {
    type Kept = Event;
    type Memory = ();

    fn wants_id(&self, event_id: u32) -> bool {
        self.0.wants_id(event_id)
    }

    fn kind(&self, channel: &str, provider: &str, event_id: u32) -> Option<usize> {
        self.0.kind(channel, provider, event_id)
    }

    fn wants_machine(&self, machine: &str) -> bool {
        self.0.wants_machine(machine)
    }

    fn wants_time(&self, time: Time) -> bool {
        self.0.wants_time(time)
    }

    fn keep(&self, event: Event) -> Option<Event> {
        Some(event)
    }
}

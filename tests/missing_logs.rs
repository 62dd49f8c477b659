//! What a bundle that lacks one log may still say: silence proves nothing, so nothing may be
//! called likely that the whole bundle does not call likely, unless it leaves the cause open and
//! asks for the log. The bundles are the cases beside causes and those of `tests/judgement`, each
//! as often as it has logs, with one of them left out, and again with that one cleared since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rdpwhy::analyze::conclude;
use rdpwhy::gather::gather;
use rdpwhy::model::channel::short;
use rdpwhy::model::{
    ChannelCoverage, Confidence, Event, FactKind, Gap, GapKind, Kind, Span, Text, Time,
};
use rdpwhy::options::Options;
use rdpwhy::read::Select as _;
use rdpwhy::scenario::{Context, Entry, events};
use rdpwhy::select::Selection;
use serde::Deserialize;

use crate::support::built_in::{CATALOGUE, RULES};
use crate::support::files::{files_in, read_yaml};

/// Why a log tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    NotSupplied,
    /// It begins after all that happened.
    Cleared,
}

/// The log of a machine: machine and channel.
type LogName = (Arc<str>, Arc<str>);

/// The cases beside a cause; what they expect, the tests of rules look at.
#[derive(Deserialize)]
struct Cases {
    fires: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    events: Vec<Entry>,
    #[serde(default)]
    supplied: Vec<String>,
}

/// The files of cases, in order.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = files_in("rules/causes").into_iter().flat_map(files_in).collect();
    files.retain(|file| file.to_str().unwrap().ends_with(".test.yml"));
    files
}

/// A bundle of `tests/judgement`; what is expected of it, another test looks at.
#[derive(Deserialize)]
struct Judged {
    around: Vec<String>,
    events: Vec<Entry>,
}

/// What a bundle holds: events, and the logs that were supplied.
struct Bundle {
    events: Vec<Event>,
    logs: BTreeSet<LogName>,
}

impl Bundle {
    /// What is written down, and silent logs of the channels in `supplied`.
    fn of(entries: &[Entry], supplied: &[String]) -> Self {
        let written = events(entries, &Context::new("case"), &CATALOGUE).unwrap();
        let events: Vec<Event> = written.into_iter().map(|event| event.event).collect();
        let mut logs: BTreeSet<LogName> = events
            .iter()
            .filter(|event| FactKind::of(&event.channel).is_none())
            .map(|event| (event.machine.clone(), event.channel.clone()))
            .collect();
        let machines: BTreeSet<Arc<str>> =
            events.iter().map(|event| event.machine.clone()).collect();
        for machine in machines {
            let silent = supplied.iter();
            logs.extend(silent.map(|channel| (machine.clone(), Arc::from(channel.as_str()))));
        }
        Self { events, logs }
    }

    /// The faults and attacks that are at least likely where a log is silent, with their bands and
    /// what they cannot be told from for want of logs.
    fn strong(&self, silent: Option<(&LogName, Silence)>) -> BTreeMap<Text, Strong> {
        let without = silent.map(|(log, _)| log);
        let is_there = |log: &LogName| Some(log) != without;
        let is_supplied = |log: &LogName| {
            is_there(log) || silent.is_some_and(|(_, silence)| silence == Silence::Cleared)
        };
        let events = self
            .events
            .iter()
            .filter(|event| is_there(&(event.machine.clone(), event.channel.clone())))
            .cloned();
        let times = self.events.iter().map(|event| event.time);
        let (first, last) = (times.clone().min().unwrap(), times.max().unwrap());
        let (begin, after) = (first - Span::seconds(3600), last + Span::seconds(3600));
        let coverage = self.logs.iter().filter(|log| is_supplied(log)).map(|log| {
            let (machine, channel) = log.clone();
            let reason = "the log was cleared".to_owned();
            let cleared = Gap { from: begin, to: after, kind: GapKind::Cleared, reason };
            let (first, last) = if is_there(log) { (begin, last) } else { (after, after) };
            let gaps = if is_there(log) { Vec::new() } else { vec![cleared] };
            ChannelCoverage { gaps, ..ChannelCoverage::whole(machine, channel, first, last) }
        });
        let options = Options::default();
        let selection = Selection { rules: &RULES, options: &options };
        let selected = events.filter_map(|event| selection.keep(event)).collect();
        let facts = gather(selected, coverage.collect());
        let mut strong = BTreeMap::new();
        for diagnosis in conclude(facts, &RULES, &options).diagnoses {
            let found = diagnosis.candidate;
            if found.kind != Kind::Benign && found.confidence >= Confidence::Likely {
                let known: &mut Strong = strong.entry(found.cause).or_default();
                known.band = known.band.max(Some(found.confidence));
                let named = diagnosis.separate_from.into_iter();
                let named = named.filter(|other| !other.collect.is_empty());
                known.or_maybe.extend(named.map(|other| other.cause));
            }
        }
        strong
    }
}

/// A cause that is at least likely.
#[derive(Default)]
struct Strong {
    band: Option<Confidence>,
    /// Other causes for which a log is asked for.
    or_maybe: BTreeSet<Text>,
}

impl Strong {
    /// Whether it leaves open that it is another cause, and says which log would tell.
    fn leaves_open(&self, is_true: impl Fn(&str) -> bool) -> bool {
        self.band == Some(Confidence::Likely) && self.or_maybe.iter().any(|other| is_true(other))
    }
}

/// A bundle and its name.
struct Named {
    name: String,
    /// The cause that it is about, where it has one.
    cause: Option<String>,
    bundle: Bundle,
}

/// The cases that fire beside the causes.
fn cases() -> Vec<Named> {
    let of_file = |file: PathBuf| {
        let cause = file.file_name().unwrap().to_str().unwrap().replace(".test.yml", "");
        let cases: Cases = read_yaml(&file);
        cases.fires.into_iter().map(move |case| Named {
            name: format!("{cause} / {}", case.name),
            cause: Some(cause.clone()),
            bundle: Bundle::of(&case.events, &case.supplied),
        })
    };
    files().into_iter().flat_map(of_file).collect()
}

/// The bundles of `tests/judgement` in which something is wrong, with their surroundings.
fn bundles() -> Vec<Named> {
    let mut files = files_in("tests/judgement");
    files.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("fault-") || name.starts_with("two-")
    });
    let of_file = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let judged: Judged = read_yaml(&file);
        let around = judged.around.iter().flat_map(|around| {
            let path = Path::new("tests/judgement/around").join(around).with_extension("yml");
            read_yaml::<Vec<Entry>>(&path)
        });
        let entries: Vec<Entry> = around.chain(judged.events).collect();
        Named { name, cause: None, bundle: Bundle::of(&entries, &[]) }
    };
    files.into_iter().map(of_file).collect()
}

/// What is called likely by a bundle that lacks a log, and not by the whole one, as `bundle,
/// without log of machine: cause band`. What leaves open that it is a cause of the whole one,
/// and says which log would tell, is no such thing.
fn misled(bundles: &[Named], silence: Silence) -> (usize, BTreeSet<String>) {
    let told: Vec<Vec<String>> = bundles
        .par_iter()
        .map(|Named { name, cause, bundle }| {
            let whole = bundle.strong(None);
            let is_true = |id: &str| Some(id) == cause.as_deref() || whole.contains_key(id);
            let lacking = |log: &LogName| {
                let strong = bundle.strong(Some((log, silence)));
                let others: Vec<String> = strong
                    .iter()
                    .filter(|(other, found)| !is_true(other) && !found.leaves_open(is_true))
                    .map(|(other, found)| format!("{other} {}", found.band.unwrap().name()))
                    .collect();
                let (machine, channel) = (&log.0, short(&log.1));
                let others = others.join(", ");
                if others.is_empty() {
                    String::new()
                } else {
                    format!("{name}, without {channel} of {machine}: {others}")
                }
            };
            bundle.logs.iter().map(lacking).collect()
        })
        .collect();
    let runs: Vec<String> = told.into_iter().flatten().collect();
    (runs.len(), runs.into_iter().filter(|told| !told.is_empty()).collect())
}

fn check(bundles: &[Named], least: usize, accepted: &[&str]) {
    let accepted: BTreeSet<String> = accepted.iter().map(ToString::to_string).collect();
    for silence in [Silence::NotSupplied, Silence::Cleared] {
        let (runs, misled) = misled(bundles, silence);
        assert!(runs >= least, "{runs}");
        assert_eq!(misled, accepted, "{silence:?}, of {runs}");
    }
}

/// What is left is true by itself, and says how to mend what it names: the host's firewall did
/// drop the packets, whoever changed its rules; and the host that answered did refuse the
/// password, or had its certificate refused, whichever host was meant.
const ACCEPTED: [&str; 5] = [
    "dns-wrong-host / a host answered, and not the one that was meant, which could not register \
     its address, without RdpCoreTS of SRV01: wrong-password likely",
    "dns-wrong-host / an authority that the client does not trust says nothing about the name, \
     without RdpCoreTS of SRV01: certificate-rejected-by-client likely",
    "dns-wrong-host / another client gets in at the host in that minute, without RdpCoreTS of \
     SRV01: wrong-password likely",
    "firewall-rule-changed / Windows 11: another number, a German rule name, and audited drops, \
     without RdpCoreTS of SRV01: host-firewall-blocks-rdp likely",
    "firewall-rule-changed / Windows 11: another number, a German rule name, and audited drops, \
     without Windows Firewall With Advanced Security/Firewall of SRV01: host-firewall-blocks-rdp \
     likely",
];

#[test]
fn a_case_that_lacks_a_log_makes_no_other_cause_likely() {
    check(&cases(), 1_000, &ACCEPTED);
}

#[test]
fn a_bundle_that_lacks_a_log_makes_no_other_cause_likely() {
    check(&bundles(), 70, &[]);
}

/// It is among the logs that were supplied, so that only its gap tells.
#[test]
fn a_log_that_was_cleared_since_is_named_as_missing() {
    const EVENTS: &str = "
- { event: RdpCoreTS/131, at: +0s, activity: a, ConnType: TCP, ClientIP: '10.0.0.5:50100' }
- { event: RdpCoreTS/140, at: +1s, activity: a, IPString: 10.0.0.5 }
- { event: RdpCoreTS/103, at: ~+1ms, activity: a, ReasonCode: 14 }
- { event: Security/1102, at: +1h, SubjectUserName: mallory, SubjectLogonId: 0x3e7 }
";
    let entries: Vec<Entry> = serde_saphyr::from_str(EVENTS).unwrap();
    let written = events(&entries, &Context::new("case"), &CATALOGUE).unwrap();
    let coverage = ["Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational", "Security"];
    let coverage = coverage.map(|channel| {
        let own = written.iter().filter(|event| &*event.event.channel == channel);
        let times: Vec<Time> = own.map(|event| event.event.time).collect();
        let (first, last) = (times[0], times[times.len() - 1]);
        ChannelCoverage::whole("SRV01".into(), channel.into(), first, last)
    });
    let options = Options::default();
    let selection = Selection { rules: &RULES, options: &options };
    let selected = written.into_iter().filter_map(|event| selection.keep(event.event)).collect();
    let found = conclude(gather(selected, coverage.to_vec()), &RULES, &options);
    let statements = found.diagnoses[0].candidate.evidence.iter().map(|item| &item.statement);
    let statements: Vec<&String> = statements.collect();
    let missing = |told: &&&String| {
        told.starts_with("without Security at that time it cannot be told whether: ")
            && told.contains("; a network logon was refused for a wrong password; ")
    };
    assert!(statements.iter().any(|told| missing(&told)), "{statements:#?}");
    let untested = found.not_tested.iter().find(|one| &*one.cause == "account-locked").unwrap();
    assert!(untested.missing.iter().any(|channel| channel == "Security"), "{untested:?}");
}

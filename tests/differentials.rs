//! The hardest differential diagnoses: bundles that differ in nothing but what decides, as real
//! logs through the whole pipeline. Each side comes out as an expert would say, "cannot tell"
//! included.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rdpwhy::model::{Kind, Report, Time};
use rdpwhy::scenario::{Entry, ScenarioEvent};
use serde::Deserialize;

use crate::support::bundle::{Conclusion, forged, report};
use crate::support::files::read_yaml;

/// One differential diagnosis.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differential {
    /// What looks alike, and what tells it apart.
    about: String,
    /// The healthy surroundings, by name.
    around: String,
    /// The event IDs in which the sides differ, and no others.
    decides: BTreeSet<u32>,
    /// What all sides share beside the surroundings.
    shared: Vec<Entry>,
    sides: BTreeMap<String, Side>,
}

/// One side: what decides, and what must come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    #[serde(default)]
    events: Vec<Entry>,
    /// Channels whose logs were not supplied.
    #[serde(default)]
    without: Vec<String>,
    /// The best conclusion that is not benign; none when left out.
    first: Option<Conclusion>,
    /// A benign conclusion that must be there.
    benign: Option<String>,
    /// Whether failed attempts stay without a conclusion.
    #[serde(default)]
    undecided: bool,
}

/// The sides' own records are at most this share of a bundle.
const SMALL: f64 = 0.2;

fn check(name: &str) {
    let folder = Path::new("tests/differentials");
    let file = folder.join(name).with_extension("yml");
    let differential: Differential = read_yaml(&file);
    assert!(!differential.about.is_empty() && differential.sides.len() >= 2, "{name}");
    let around = folder.join("around").join(&differential.around).with_extension("yml");
    let around: Vec<Entry> = read_yaml(&around);

    let mut bundles = BTreeMap::new();
    let mut wrong = Vec::new();
    for (side, document) in &differential.sides {
        let entries = [&*around, &*differential.shared, &*document.events].concat();
        let events = forged(name, "2026-03-10T02:00:00Z", &entries);
        let report = report(&events, &document.without);
        wrong.extend(judge(&report, document).map(|found| format!("{name}, {side}: {found}")));
        bundles.insert(side.as_str(), events);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    differ_in_little(name, &bundles, &differential.decides);
}

/// What is not as the side wants it.
fn judge(report: &Report, side: &Side) -> Option<String> {
    let mut found = report.diagnoses.iter().map(|diagnosis| &diagnosis.candidate);
    let first = found
        .clone()
        .find(|candidate| candidate.kind != Kind::Benign)
        .map(|best| Conclusion { cause: best.cause.to_string(), confidence: best.confidence });
    let benign = side.benign.as_ref().is_none_or(|wanted| {
        found.any(|candidate| candidate.kind == Kind::Benign && *candidate.cause == **wanted)
    });
    let undecided = report.undecided.is_empty() != side.undecided;
    let good = first == side.first && benign && undecided;
    let all = report.diagnoses.iter().map(|diagnosis| {
        let candidate = &diagnosis.candidate;
        let band = candidate.confidence.name();
        format!("{} ({band}, {}, {})", candidate.cause, candidate.score, candidate.scope)
    });
    (!good).then(|| format!("{:?} undecided: {}", all.collect::<Vec<_>>(), report.undecided.len()))
}

/// The bundles share most of their records, and differ in the deciding events alone.
fn differ_in_little(
    name: &str,
    bundles: &BTreeMap<&str, Vec<ScenarioEvent>>,
    decides: &BTreeSet<u32>,
) {
    let counted: Vec<BTreeMap<Key, usize>> = bundles.values().map(|events| count(events)).collect();
    let mut differing = BTreeSet::new();
    for (index, (one, events)) in counted.iter().zip(bundles.values()).enumerate() {
        for other in &counted[index + 1..] {
            for (left, right) in [(one, other), (other, one)] {
                let own: Vec<_> = left
                    .iter()
                    .filter(|(key, times)| right.get(key) != Some(times))
                    .map(|(key, _)| key)
                    .collect();
                differing.extend(own.iter().map(|key| key.event_id));
                let share = own.len() as f64 / events.len() as f64;
                assert!(share <= SMALL, "{name}: {} of {} records", own.len(), events.len());
            }
        }
    }
    assert_eq!(decides, &differing, "{name} differs in these events");
}

/// What a record says, its number aside.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    machine: Arc<str>,
    channel: Arc<str>,
    provider: Arc<str>,
    event_id: u32,
    time: Time,
    data: String,
}

fn count(events: &[ScenarioEvent]) -> BTreeMap<Key, usize> {
    let mut counted = BTreeMap::new();
    for forged in events {
        let event = &forged.event;
        let key = Key {
            machine: event.machine.clone(),
            channel: event.channel.clone(),
            provider: event.provider.clone(),
            event_id: event.event_id,
            time: event.time,
            data: format!("{:?} {:?}", event.activity_id, event.data),
        };
        *counted.entry(key).or_default() += 1;
    }
    counted
}

/// Tests for all documents in the folder, and that none is left out.
macro_rules! differentials {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { check($name); })*

        #[test]
        fn every_document_is_tested() {
            let files = fs::read_dir("tests/differentials").unwrap().map(|entry| entry.unwrap());
            let found: BTreeSet<String> = files
                .map(|entry| entry.file_name().into_string().unwrap())
                .filter_map(|name| name.strip_suffix(".yml").map(str::to_owned))
                .collect();
            assert_eq!(found, BTreeSet::from([$($name.to_owned()),*]));
        }
    };
}

differentials! {
    probe_or_drop: "probe-or-drop",
    silence_or_refusal_or_reset: "silence-or-refusal-or-reset",
    security_refused_without_a_name: "security-refused-without-a-name",
    password_lockout_vault_or_saved: "password-lockout-vault-or-saved",
    controller_clock_name_or_trust: "controller-clock-name-or-trust",
    expired_key_protocol_or_service: "expired-key-protocol-or-service",
    authenticated_and_then_nothing: "authenticated-and-then-nothing",
    no_trace_on_the_host: "no-trace-on-the-host",
    how_long_sessions_lived: "how-long-sessions-lived",
    too_many_connections: "too-many-connections",
    silent_refusal_of_2012_r2: "silent-refusal-of-2012-r2",
    behind_the_gateway: "behind-the-gateway",
}

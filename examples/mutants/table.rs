//! The counts, kind by kind.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::damage::Kind;
use crate::readers::{Ours, Theirs};
use crate::seeds::{CHUNK, FILE_HEADER};
use crate::watch::Cost;

/// Time on the processor that reading may take for each slot of a log. Sound chunks take less
/// than a hundredth of that.
const TIME: Duration = Duration::from_millis(50);
/// KiB by which reading may grow the process.
const MEMORY: u64 = 32 * 1024;
/// Mutants named for each finding.
const NAMED: usize = 12;

/// What became of one mutant.
#[derive(Debug, Default)]
pub(crate) struct Row {
    number: u64,
    ours_panicked: bool,
    theirs_panicked: bool,
    is_over_budget: bool,
    cost: Cost,
    ours: u64,
    theirs: u64,
    only_ours: u64,
    /// Records of theirs that we did not read, and why they are records or none.
    missing: Vec<(u64, Verdict, String)>,
}

/// What a record is that only the other reader gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// A record.
    Record,
    /// It has no event ID, so it says nothing about any event.
    NoEventId,
}

impl Row {
    pub(crate) fn of(
        number: u64,
        bytes: &[u8],
        cost: Cost,
        ours: Option<&Ours>,
        theirs: Option<&Theirs>,
    ) -> Self {
        let slots = bytes.len().saturating_sub(FILE_HEADER).div_ceil(CHUNK).max(1);
        let is_over_budget = cost.time > TIME * slots as u32 || cost.memory > MEMORY;
        let panicked = Self {
            number,
            cost,
            is_over_budget,
            ours_panicked: ours.is_none(),
            theirs_panicked: theirs.is_none(),
            ..Self::default()
        };
        let (Some(ours), Some(theirs)) = (ours, theirs) else { return panicked };
        assert_eq!(ours.stats.records, ours.records.len() as u64, "mutant {number}");
        let missing = theirs
            .records
            .iter()
            .filter(|(offset, _)| !ours.records.contains_key(offset))
            .map(|(offset, json)| {
                let why: Vec<&str> =
                    ours.problems.iter().map(|problem| problem.detail.as_str()).collect();
                (*offset, verdict(json), format!("{why:?} {}", String::from_utf8_lossy(json)))
            })
            .collect();
        let only_ours = ours.records.keys().filter(|at| !theirs.records.contains_key(at)).count();
        Self {
            ours: ours.records.len() as u64,
            theirs: theirs.records.len() as u64,
            only_ours: only_ours as u64,
            missing,
            ..panicked
        }
    }

    /// Records of theirs that are none.
    fn garbage(&self) -> u64 {
        self.missing.iter().filter(|(_, verdict, _)| *verdict != Verdict::Record).count() as u64
    }

    /// Whether we recovered fewer records.
    fn is_fewer(&self) -> bool {
        self.ours < self.theirs - self.garbage()
    }
}

fn verdict(json: &[u8]) -> Verdict {
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    let id = &json["Event"]["System"]["EventID"];
    let id = if id.is_object() { &id["#text"] } else { id };
    let number = match id {
        Value::Number(number) => number.as_u64().and_then(|id| u32::try_from(id).ok()),
        // Bytes in hexadecimal look like a number, too, and mean another one.
        Value::String(text) => text.trim().parse().ok().filter(|id: &u32| id.to_string() == *text),
        _ => None,
    };
    if number.is_some() { Verdict::Record } else { Verdict::NoEventId }
}

/// The sums of the mutants of one kind.
#[derive(Debug, Default)]
struct Sums {
    mutants: u64,
    panics: u64,
    their_panics: u64,
    over_budget: u64,
    ours: u64,
    theirs: u64,
    only_ours: u64,
    only_theirs: u64,
    garbage: u64,
    fewer: u64,
    slowest: Duration,
    largest: u64,
}

/// All kinds.
#[derive(Debug, Default)]
pub(crate) struct Table {
    kinds: BTreeMap<Kind, Sums>,
    named: BTreeMap<&'static str, Vec<u64>>,
    verdicts: BTreeMap<Verdict, (u64, String)>,
}

impl Table {
    pub(crate) fn add(&mut self, kind: Kind, row: Row) {
        let findings = [
            ("panicked", row.ours_panicked),
            ("the evtx crate panicked", row.theirs_panicked),
            ("over budget", row.is_over_budget),
            ("fewer records", row.is_fewer()),
            ("a record of theirs not read", row.missing.len() as u64 > row.garbage()),
        ];
        for (name, _) in findings.iter().filter(|(_, is_so)| *is_so) {
            let numbers = self.named.entry(name).or_default();
            if numbers.len() < NAMED {
                numbers.push(row.number);
            }
        }
        let sums = self.kinds.entry(kind).or_default();
        sums.mutants += 1;
        sums.panics += u64::from(row.ours_panicked);
        sums.their_panics += u64::from(row.theirs_panicked);
        sums.over_budget += u64::from(row.is_over_budget);
        sums.ours += row.ours;
        sums.theirs += row.theirs;
        sums.only_ours += row.only_ours;
        sums.only_theirs += row.missing.len() as u64 - row.garbage();
        sums.garbage += row.garbage();
        sums.fewer += u64::from(row.is_fewer());
        sums.slowest = sums.slowest.max(row.cost.time);
        sums.largest = sums.largest.max(row.cost.memory);
        for (offset, verdict, text) in row.missing {
            let place = format!("mutant {} at {offset}: {text}", row.number);
            self.verdicts.entry(verdict).or_insert((0, place)).0 += 1;
        }
    }

    /// Whether nothing panicked, went over budget or recovered less than the other.
    pub(crate) fn is_good(&self) -> bool {
        self.kinds.values().all(|sums| sums.panics + sums.over_budget + sums.fewer == 0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = [
            "damage",
            "mutants",
            "panics",
            "over budget",
            "records",
            "evtx crate",
            "only ours",
            "only theirs",
            "their garbage",
            "fewer",
            "their panics",
            "slowest",
            "largest",
        ];
        writeln!(f, "| {} |", header.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(header.len()))?;
        let mut all = Sums::default();
        for (kind, sums) in &self.kinds {
            writeln!(f, "| {} |", sums.cells(&format!("{kind:?}")).join(" | "))?;
            all.join(sums);
        }
        writeln!(f, "| {} |\n", all.cells("all").join(" | "))?;
        for (name, numbers) in &self.named {
            writeln!(f, "{name}: mutants {numbers:?}")?;
        }
        for (verdict, (count, first)) in &self.verdicts {
            let first: String = first.chars().take(900).collect();
            writeln!(f, "{count} records of theirs only, {verdict:?}; the first: {first}")?;
        }
        Ok(())
    }
}

impl Sums {
    fn join(&mut self, other: &Self) {
        self.mutants += other.mutants;
        self.panics += other.panics;
        self.their_panics += other.their_panics;
        self.over_budget += other.over_budget;
        self.ours += other.ours;
        self.theirs += other.theirs;
        self.only_ours += other.only_ours;
        self.only_theirs += other.only_theirs;
        self.garbage += other.garbage;
        self.fewer += other.fewer;
        self.slowest = self.slowest.max(other.slowest);
        self.largest = self.largest.max(other.largest);
    }

    fn cells(&self, name: &str) -> Vec<String> {
        let numbers = [
            self.mutants,
            self.panics,
            self.over_budget,
            self.ours,
            self.theirs,
            self.only_ours,
            self.only_theirs,
            self.garbage,
            self.fewer,
            self.their_panics,
        ];
        let mut cells = vec![name.to_owned()];
        cells.extend(numbers.map(|number| number.to_string()));
        cells.push(format!("{:.1} ms", self.slowest.as_secs_f64() * 1000.0));
        cells.push(format!("{} KiB", self.largest));
        cells
    }
}

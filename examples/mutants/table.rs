//! The counts, kind by kind.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::damage::Kind;
use crate::originals::Parents;
use crate::readers::{Ours, Record, Theirs};
use crate::seeds::{CHUNK, FILE_HEADER};
use crate::watch::Cost;

/// Time on the processor that reading may take for each slot of a log. Sound chunks take less
/// than a hundredth of that.
const TIME: Duration = Duration::from_millis(50);
/// KiB by which reading may grow the process.
const MEMORY: u64 = 32 * 1024;
/// Mutants named for each finding.
const NAMED: usize = 100;

/// What became of one mutant.
#[derive(Debug, Default)]
pub(crate) struct Row {
    number: u64,
    ours_panicked: bool,
    theirs_panicked: bool,
    is_over_budget: bool,
    /// Whether the shorter ways and the walk give different results.
    is_ambiguous: bool,
    cost: Cost,
    ours: u64,
    /// As one of the undamaged logs has them.
    ours_unchanged: u64,
    /// As they were but for the time or number of their header, which the other reader's lack.
    ours_undated: u64,
    /// As they were, but kept from the rules, because something seemed damaged.
    ours_spurned: u64,
    /// Not as they were; the chunk's checksum says that something there is not, and nothing of
    /// the record shows it.
    ours_marked: u64,
    /// Not as they were, and nothing shows it.
    ours_deceptive: u64,
    theirs: u64,
    theirs_unchanged: u64,
    only_ours: u64,
    /// Records that they give as they were, and we do not.
    only_theirs_unchanged: Vec<(u64, String)>,
    /// Records of theirs that we did not read, and why they are records or none.
    missing: Vec<(u64, Verdict, String)>,
}

/// What a record is that only the other reader gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// A record of an undamaged log.
    Unchanged,
    /// A record that no undamaged log has so.
    Changed,
    /// No undamaged log has it so, and it has no event ID, or one of which no undamaged log has
    /// a record, so what it says is of no event.
    NoEvent,
}

impl Row {
    pub(crate) fn of(
        number: u64,
        bytes: &[u8],
        cost: Cost,
        (ours, is_ambiguous): (Option<&Ours>, bool),
        theirs: Option<&Theirs>,
        parents: Parents<'_>,
    ) -> Self {
        let slots = bytes.len().saturating_sub(FILE_HEADER).div_ceil(CHUNK).max(1);
        let is_over_budget = cost.time > TIME * slots as u32 || cost.memory > MEMORY;
        let panicked = Self {
            number,
            cost,
            is_over_budget,
            is_ambiguous,
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
                (
                    *offset,
                    verdict(json, parents),
                    format!("{why:?} {}", String::from_utf8_lossy(json)),
                )
            })
            .collect();
        let only_ours = ours.records.keys().filter(|at| !theirs.records.contains_key(at)).count();
        let judged: Vec<(&u64, &Record, bool)> = ours
            .records
            .iter()
            .map(|(offset, record)| (offset, record, parents.have(&record.event)))
            .collect();
        let of_ours = |is_so: &dyn Fn(&Record, bool) -> bool| {
            let so = judged.iter().filter(|(_, record, is_unchanged)| is_so(record, *is_unchanged));
            so.count() as u64
        };
        let (undated, better): (Vec<_>, Vec<_>) = judged
            .iter()
            .filter_map(|(offset, record, is_unchanged)| {
                let json = theirs.records.get(offset)?;
                (!is_unchanged && parents.have_json(json)).then_some((offset, record, json))
            })
            .partition(|(_, record, json)| is_undated(json) && parents.have_content(&record.event));
        let only_theirs_unchanged = better.into_iter().map(|(offset, record, json)| {
            (**offset, format!("{:?}\n{}", record.event, String::from_utf8_lossy(json)))
        });
        let theirs_unchanged = theirs.records.values().filter(|json| parents.have_json(json));
        Self {
            ours: ours.records.len() as u64,
            ours_unchanged: of_ours(&|_, is_unchanged| is_unchanged),
            ours_spurned: of_ours(&|record, is_unchanged| !record.is_whole && is_unchanged),
            ours_marked: of_ours(&|record, is_unchanged| {
                record.is_whole && record.event.source.damaged && !is_unchanged
            }),
            ours_deceptive: of_ours(&|record, is_unchanged| {
                record.is_whole && !record.event.source.damaged && !is_unchanged
            }),
            theirs: theirs.records.len() as u64,
            theirs_unchanged: theirs_unchanged.count() as u64,
            ours_undated: undated.len() as u64,
            only_theirs_unchanged: only_theirs_unchanged.collect(),
            only_ours: only_ours as u64,
            missing,
            ..panicked
        }
    }

    /// Records of theirs that are none.
    fn garbage(&self) -> u64 {
        self.missing.iter().filter(|(_, verdict, _)| *verdict == Verdict::NoEvent).count() as u64
    }

    /// Whether we recovered fewer records, or fewer as they were.
    fn is_fewer(&self) -> bool {
        let as_far_as_theirs_go = self.ours_unchanged + self.ours_undated;
        self.ours < self.theirs - self.garbage() || as_far_as_theirs_go < self.theirs_unchanged
    }
}

/// Whether a record of theirs has no time or number of its own. Then ours has those of the record's
/// header, of which theirs says nothing, so that damage to them does not show there. Such a record
/// still counts as changed, but not as one that we have fewer of.
fn is_undated(json: &[u8]) -> bool {
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    let system = &json["Event"]["System"];
    system["TimeCreated"].is_null() || system["EventRecordID"].is_null()
}

fn verdict(json: &Vec<u8>, parents: Parents<'_>) -> Verdict {
    if parents.have_json(json) {
        return Verdict::Unchanged;
    }
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    let id = &json["Event"]["System"]["EventID"];
    let id = if id.is_object() { &id["#text"] } else { id };
    let number = match id {
        Value::Number(number) => number.as_u64().and_then(|id| u32::try_from(id).ok()),
        // Bytes in hexadecimal look like a number, too, and mean another one.
        Value::String(text) => text.trim().parse().ok().filter(|id: &u32| id.to_string() == *text),
        _ => None,
    };
    if number.is_some_and(|id| parents.have_id(id)) { Verdict::Changed } else { Verdict::NoEvent }
}

/// The sums of the mutants of one kind.
#[derive(Debug, Default)]
struct Sums {
    mutants: u64,
    panics: u64,
    their_panics: u64,
    over_budget: u64,
    ambiguous: u64,
    ours: u64,
    ours_unchanged: u64,
    ours_spurned: u64,
    ours_marked: u64,
    ours_deceptive: u64,
    theirs: u64,
    theirs_unchanged: u64,
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
            ("not the same when walked", row.is_ambiguous),
            ("fewer records", row.is_fewer()),
            ("changed unseen", row.ours_deceptive > 0),
            ("a record of theirs as it was, of ours not", !row.only_theirs_unchanged.is_empty()),
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
        sums.ambiguous += u64::from(row.is_ambiguous);
        sums.ours += row.ours;
        sums.ours_unchanged += row.ours_unchanged;
        sums.ours_spurned += row.ours_spurned;
        sums.ours_marked += row.ours_marked;
        sums.ours_deceptive += row.ours_deceptive;
        sums.theirs += row.theirs;
        sums.theirs_unchanged += row.theirs_unchanged;
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

    /// Whether nothing panicked, went over budget, depended on the way it was read, or recovered
    /// less than the other.
    pub(crate) fn is_good(&self) -> bool {
        let bad = |sums: &Sums| sums.panics + sums.over_budget + sums.ambiguous + sums.fewer;
        self.kinds.values().all(|sums| bad(sums) == 0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = [
            "damage",
            "mutants",
            "panics",
            "over budget",
            "other when walked",
            "records",
            "as they were",
            "of these left out",
            "changed, in a bad chunk",
            "changed unseen",
            "evtx crate",
            "as they were",
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
        self.ambiguous += other.ambiguous;
        self.ours += other.ours;
        self.ours_unchanged += other.ours_unchanged;
        self.ours_spurned += other.ours_spurned;
        self.ours_marked += other.ours_marked;
        self.ours_deceptive += other.ours_deceptive;
        self.theirs += other.theirs;
        self.theirs_unchanged += other.theirs_unchanged;
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
            self.ambiguous,
            self.ours,
            self.ours_unchanged,
            self.ours_spurned,
            self.ours_marked,
            self.ours_deceptive,
            self.theirs,
            self.theirs_unchanged,
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

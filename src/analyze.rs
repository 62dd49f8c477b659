//! One case, from paths to a report: the steps in order.

use std::path::PathBuf;
use std::time::Instant;

use crate::annotate::annotate;
use crate::beside;
use crate::condense::{Closed, Condensed, Condenser};
use crate::discover::{Discovered, discover};
use crate::gaps;
use crate::gather::gather;
use crate::infer::{Inference, infer};
use crate::machines::machines;
use crate::model::{
    Attempt, ClockOffset, Diagnosis, Facts, Flood, Kind, LeftOut, NotTested, Problem, Recovery,
    Report, RuleStamp, Span, Stats, Undecided,
};
use crate::narrow;
use crate::options::Options;
use crate::rank::rank;
use crate::read::{Progress, ReadStats, read};
use crate::reconstruct::{Reconstruction, reconstruct};
use crate::recovered::Recovered;
use crate::rules::RuleSet;
use crate::rules::codes::CodeBook;
use crate::select::{Enough, Selection, Taking};
use crate::settle;
use crate::temper::temper;
use crate::undecided::{Seen, undecided};

/// Reads the logs in `paths` and says what went wrong and why.
///
/// Cannot fail: what is wrong with an input stands among the report's problems, and the other
/// inputs are analyzed.
pub fn analyze(
    paths: &[PathBuf],
    rules: &RuleSet,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    let begun = Instant::now();
    let discovered = discover(paths, &options.archives);
    let everything = Options { since: None, until: None, machines: Vec::new(), ..options.clone() };
    let read = |read: &Options| supply(&discovered, rules, read, progress);
    let mut supplied = read(&everything);
    let mut far_unread = options.is_partial() && !supplied.is_whole();
    if far_unread {
        drop(supplied);
        supplied = read(&surroundings(options));
        // Where nothing is there, how much there is elsewhere is the answer.
        if supplied.facts.events.is_empty() {
            far_unread = false;
            supplied = read(&everything);
        }
    }
    let Supply { facts, floods, closed, recovered, unused, stats, problems: unread } = supplied;
    // That the embedded tables load is for their tests to show; without them nothing is said.
    let (mut conclusions, book) = rayon::join(
        || conclude(facts, rules, options),
        || CodeBook::embedded().unwrap_or_default(),
    );
    conclusions.left_out.far_unread = far_unread;
    let Conclusions { facts, attempts, diagnoses, .. } = &conclusions;
    let (codes, machines) =
        rayon::join(|| annotate(&facts.events, attempts, diagnoses, &book), || machines(facts));
    let mut problems = discovered.problems;
    problems.extend(unread);
    problems.extend(closed.map(|closed| closed.problem(&discovered.logs)));
    problems.extend(unused);
    let logs = discovered.logs.iter().map(|log| &log.path);
    let files = logs.chain(discovered.notes.iter().map(|note| &note.path));
    Report {
        rules: RuleStamp { count: rules.count, sha256: rules.sha256.clone() },
        inputs: discovered.inputs,
        files: files.map(|path| path.display().to_string()).collect(),
        machines,
        clocks: conclusions.clocks,
        floods: narrow::floods(floods, options),
        facts: conclusions.facts,
        codes,
        attempts: conclusions.attempts,
        diagnoses: conclusions.diagnoses,
        undecided: conclusions.undecided,
        left_out: conclusions.left_out,
        not_tested: conclusions.not_tested,
        problems,
        recovered,
        stats: Stats {
            bytes: stats.bytes,
            records: stats.records,
            records_decoded: stats.records_decoded,
            seconds: begun.elapsed().as_secs_f64(),
        },
    }
}

/// What the logs gave.
struct Supply {
    facts: Facts,
    floods: Vec<Flood>,
    closed: Option<Closed>,
    recovered: Vec<Recovery>,
    /// Files beside logs that are not used.
    unused: Vec<Problem>,
    problems: Vec<Problem>,
    stats: ReadStats,
}

impl Supply {
    /// Whether all that rules ask for was kept.
    const fn is_whole(&self) -> bool {
        self.floods.is_empty() && self.closed.is_none()
    }
}

/// What is read where there is more than can be kept, so that more of what is asked for is: its
/// machines, and its time with a day before and after it. An attempt that takes longer is cut.
fn surroundings(options: &Options) -> Options {
    let (since, until) = (options.since, options.until);
    let margin = Span::seconds(24 * 3600);
    Options {
        since: since.map(|since| since - margin),
        until: until.map(|until| until + margin),
        ..options.clone()
    }
}

/// Reads the logs and gathers what the rules ask for.
fn supply(
    discovered: &Discovered,
    rules: &RuleSet,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Supply {
    let selection = Selection { rules, options };
    let enough = Enough::default();
    let taking = Taking { selection, enough: &enough };
    let mut condenser = Condenser::new(&enough);
    let mut found = Recovered::default();
    let mut readout = read(&discovered.logs, &taking, progress, &mut |batch| {
        if options.recover {
            found.part(&mut batch.kept);
        }
        condenser.take(batch);
    });
    let mut condensed = condenser.finish();
    let (found, recovered) = found.finish(&readout.recovered);
    condensed.kept.extend(found);
    let (beside, unused) = beside::facts(&discovered.notes, &discovered.logs, &readout.coverage);
    condensed.kept.extend(beside.into_iter().filter_map(|event| selection.keep_fact(event)));
    if condensed.closed.is_some() {
        gaps::leave_out(&mut readout.coverage);
    }
    gaps::pass_over(&mut readout.coverage, options);
    let mut facts = gather(condensed.kept, readout.coverage);
    facts.hours = condensed.hours;
    let Condensed { floods, closed, .. } = condensed;
    let (problems, stats) = (readout.problems, readout.stats);
    Supply { facts, floods, closed, recovered, unused, problems, stats }
}

/// What follows from the facts.
#[derive(Clone, Debug, Default)]
pub struct Conclusions {
    /// The facts, with the signals that were drawn from attempts and from other signals.
    pub facts: Facts,
    /// How far machines' clocks are apart.
    pub clocks: Vec<ClockOffset>,
    /// The attempts, ordered by start.
    pub attempts: Vec<Attempt>,
    /// The conclusions, by rank.
    pub diagnoses: Vec<Diagnosis>,
    /// Failed attempts without a conclusion.
    pub undecided: Vec<Undecided>,
    /// What there is besides, and was not asked for.
    pub left_out: LeftOut,
    /// Causes that could not be tested.
    pub not_tested: Vec<NotTested>,
}

/// The pure middle: from facts to conclusions. Opens nothing, prints nothing, cannot fail.
pub fn conclude(facts: Facts, rules: &RuleSet, options: &Options) -> Conclusions {
    let facts = gaps::mark(facts);
    let Reconstruction { facts, mut attempts, clocks } = reconstruct(facts);
    let (mut facts, mut inference) = infer(rules, facts, &attempts);
    temper(&mut inference.candidates, &facts);
    let Inference { mut candidates, not_tested, near } = inference;
    settle::probes(&mut attempts, &mut candidates);
    let in_all = narrow::is_narrow(options).then(|| faults(&rank(candidates.clone(), rules)));
    let candidates = narrow::candidates(candidates, &attempts, &facts, options);
    let mut diagnoses = rank(candidates, rules);
    settle::harmless(&mut attempts, &diagnoses);
    let seen = Seen { attempts: &attempts, machines: &facts.machines, not_tested: &not_tested };
    let mut undecided = undecided(&seen, &diagnoses, &near, rules);
    let left_out = LeftOut {
        attempts: narrow::attempts(
            &mut attempts,
            &mut facts,
            &mut diagnoses,
            &mut undecided,
            options,
        ),
        diagnoses: in_all.unwrap_or_default().saturating_sub(faults(&diagnoses)),
        below: narrow::below_band(&mut diagnoses, options),
        far_unread: false,
    };
    Conclusions { facts, clocks, attempts, diagnoses, undecided, left_out, not_tested }
}

/// How many conclusions are about more than noise.
fn faults(diagnoses: &[Diagnosis]) -> usize {
    diagnoses.iter().filter(|found| found.candidate.kind != Kind::Benign).count()
}

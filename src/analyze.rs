//! One case, from paths to a report: the steps in order.

use std::path::PathBuf;
use std::time::Instant;

use crate::annotate::annotate;
use crate::beside;
use crate::condense::Condenser;
use crate::discover::discover;
use crate::gaps;
use crate::gather::gather;
use crate::infer::{Inference, infer};
use crate::machines::machines;
use crate::model::{
    Attempt, ClockOffset, Diagnosis, Facts, NotTested, Report, RuleStamp, Stats, Undecided,
};
use crate::narrow;
use crate::options::Options;
use crate::rank::rank;
use crate::read::{Progress, read};
use crate::reconstruct::{Reconstruction, reconstruct};
use crate::recovered::Recovered;
use crate::rules::RuleSet;
use crate::rules::codes::CodeBook;
use crate::select::{Enough, Selection, Taking};
use crate::settle::settle;
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
    let mut facts = gather(condensed.kept, readout.coverage);
    facts.hours = condensed.hours;
    // That the embedded tables load is for their tests to show; without them nothing is said.
    let (conclusions, book) = rayon::join(
        || conclude(facts, rules, options),
        || CodeBook::embedded().unwrap_or_default(),
    );
    let Conclusions { facts, attempts, diagnoses, .. } = &conclusions;
    let (codes, machines) =
        rayon::join(|| annotate(&facts.events, attempts, diagnoses, &book), || machines(facts));
    let mut problems = discovered.problems;
    problems.extend(readout.problems);
    problems.extend(condensed.closed.map(|closed| closed.problem(&discovered.logs)));
    problems.extend(unused);
    let logs = discovered.logs.iter().map(|log| &log.path);
    let files = logs.chain(discovered.notes.iter().map(|note| &note.path));
    Report {
        rules: RuleStamp { count: rules.count, sha256: rules.sha256.clone() },
        inputs: discovered.inputs,
        files: files.map(|path| path.display().to_string()).collect(),
        machines,
        clocks: conclusions.clocks,
        floods: condensed.floods,
        facts: conclusions.facts,
        codes,
        attempts: conclusions.attempts,
        diagnoses: conclusions.diagnoses,
        undecided: conclusions.undecided,
        not_tested: conclusions.not_tested,
        problems,
        recovered,
        stats: Stats {
            bytes: readout.stats.bytes,
            records: readout.stats.records,
            records_decoded: readout.stats.records_decoded,
            seconds: begun.elapsed().as_secs_f64(),
        },
    }
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
    /// Causes that could not be tested.
    pub not_tested: Vec<NotTested>,
}

/// The pure middle: from facts to conclusions. Opens nothing, prints nothing, cannot fail.
pub fn conclude(facts: Facts, rules: &RuleSet, options: &Options) -> Conclusions {
    let facts = gaps::mark(facts);
    let Reconstruction { facts, mut attempts, clocks } = reconstruct(facts);
    let (mut facts, mut inference) = infer(rules, facts, &attempts);
    temper(&mut inference.candidates, &facts);
    let Inference { candidates, not_tested, near } = inference;
    let candidates = narrow::candidates(candidates, &attempts, options);
    let mut diagnoses = rank(candidates, rules, options);
    settle(&mut attempts, &diagnoses);
    let seen = Seen { attempts: &attempts, machines: &facts.machines, not_tested: &not_tested };
    let mut undecided = undecided(&seen, &diagnoses, &near, rules);
    narrow::attempts(&mut attempts, &mut facts, &mut diagnoses, &mut undecided, options);
    Conclusions { facts, clocks, attempts, diagnoses, undecided, not_tested }
}

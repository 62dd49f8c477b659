//! Damages real and forged logs in thousands of ways, reads each with this crate and with the
//! `evtx` crate, and says who recovered what and how much of it is as it was, whether what is
//! read depends on the way it is read, and whether anything panicked, took too long or too much
//! memory.
//!
//! - `seeds`: the logs that are damaged, and where their parts are
//! - `damage`: the kinds of damage
//! - `readers`: the two readers
//! - `originals`: what the undamaged logs say
//! - `watch`: time, memory, and a run that does not end
//! - `table`: the counts
//!
//! `cargo run --release --example mutants -- --mutants 20000 --seed 1 --logs FOLDER`. The same
//! seed and logs give the same mutants; `--only N` repeats one and tells what differs.
//! Ends with 1 when this reader panicked, went over its budget, gave something else on a shorter
//! way than when it walks every record, or recovered less than the other.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it exists to print")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a tool for the workbench ends where something is not as it must be"
)]

mod damage;
mod originals;
mod readers;
mod seeds;
mod table;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use damage::{Kind, Random};
use originals::{Originals, Parents};
use rdpwhy::rules::RuleSet;
use readers::{Ours, Theirs};
use seeds::Seed;
use table::{Row, Table};
use watch::Watch;

/// Damages logs, and compares how two readers take it
#[derive(Debug, Parser)]
struct Args {
    /// How many damaged logs
    #[arg(long, default_value_t = 20_000)]
    mutants: u64,
    /// What the damage depends on, beside the logs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folders with logs to damage; their first chunks are taken
    #[arg(long = "logs", value_name = "FOLDER", required = true)]
    folders: Vec<PathBuf>,
    /// Only this mutant, with what differs
    #[arg(long, value_name = "N")]
    only: Option<u64>,
    /// Keep the mutant of `--only` in this file
    #[arg(long, value_name = "FILE", requires = "only")]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // One thread, so that its time is that of the reader. What a mutant panics with is counted,
    // and printed for `--only`.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    if args.only.is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let seeds = seeds::load(&args.folders);
    eprintln!("{} logs to damage, {} kinds of damage", seeds.len(), Kind::ALL.len());
    let originals: Vec<Originals> = seeds.iter().map(Originals::of).collect();
    let rules = RuleSet::embedded().unwrap();
    let watch = Watch::start();
    let mut table = Table::default();
    let numbers = args.only.map_or(0..args.mutants, |only| only..only + 1);
    for number in numbers {
        watch.next(number);
        let Mutant { kind, victim, donor, bytes } = Mutant::new(args.seed, number, &seeds);
        let (name, parents) =
            (&seeds[victim].name, Parents([&originals[victim], &originals[donor]]));
        if let Some(path) = &args.keep {
            std::fs::write(path, &bytes).unwrap();
        }
        let theirs = Theirs::read(&bytes);
        let (cost, ours) = watch.measure(|| Ours::read(&bytes));
        let is_ambiguous = ours.is_some() && !Ours::is_same_walked(&bytes, &rules);
        let ours = (ours.as_ref(), is_ambiguous);
        let row = Row::of(number, &bytes, cost, ours, theirs.as_ref(), parents);
        if args.only.is_some() {
            println!("{number}: {kind:?} of {name}\n{row:#?}");
        }
        table.add(kind, row);
        if number % 1000 == 999 {
            eprintln!("{} mutants", number + 1);
        }
    }
    println!("{table}");
    if table.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A damaged log.
struct Mutant {
    kind: Kind,
    /// Which log it was made from.
    victim: usize,
    /// Which log parts of it may come from.
    donor: usize,
    bytes: Vec<u8>,
}

impl Mutant {
    /// The mutant of that number.
    fn new(seed: u64, number: u64, seeds: &[Seed]) -> Self {
        let mut random = Random::new(seed, number);
        // All kinds in turn, so that each has its share.
        let kind = Kind::ALL[number as usize % Kind::ALL.len()];
        let victim = random.below(seeds.len());
        let donor = random.below(seeds.len());
        let mut bytes = seeds[victim].bytes.clone();
        kind.apply(&mut bytes, &seeds[victim], &seeds[donor], &mut random);
        Self { kind, victim, donor, bytes }
    }
}

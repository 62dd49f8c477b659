//! Benchmarks of a run and of its steps: reading, matching, concluding, reporting.
//!
//! `cargo bench --bench run` measures all; a part of a name after `--` chooses, such as
//! `read/everything` or `typical`. All throughputs are in bytes and records of the corpus, also
//! those of steps that see only a part of it, so that the times of the steps add up to that of
//! the run. Every log is in the page cache. `docs/benchmarks.md` says what the figures mean.

#![expect(clippy::unwrap_used, reason = "what cannot be set up cannot be measured")]

mod corpus;
#[path = "../../tests/support/real_logs.rs"]
mod real_logs;
mod steps;

use std::io;
use std::time::Duration;

use criterion::{BatchSize, Bencher, BenchmarkId, Criterion, SamplingMode, Throughput};
use rayon::ThreadPoolBuilder;
use rdpwhy::analyze::{analyze, conclude};
use rdpwhy::gather::gather;
use rdpwhy::options::Options;
use rdpwhy::report::json_v1;
use rdpwhy::rules::RuleSet;

use steps::{Measured, Wanted};

/// What a step gives is dropped before it runs again, outside of the time.
const ONE_BY_ONE: BatchSize = BatchSize::PerIteration;

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let rules = RuleSet::embedded().unwrap();
    let options = Options::default();
    let corpora = corpus::all(folder.path()).into_iter();
    let corpora: Vec<Measured> = corpora.map(|corpus| Measured::new(corpus, &rules)).collect();
    let mut bench = Bench { criterion: Criterion::default().configure_from_args(), corpora };

    for (name, wanted) in [("nothing", Wanted::Nothing), ("everything", Wanted::Everything)] {
        bench.step(&format!("read/{name}"), &[1, 2], |bencher, corpus| {
            bencher.iter_batched(|| {}, |()| corpus.read(wanted), ONE_BY_ONE);
        });
    }
    bench.step("select", &[1, 2], |bencher, corpus| {
        let events = || corpus.wanted.clone();
        bencher.iter_batched(events, |events| steps::select(events, &rules), ONE_BY_ONE);
    });
    // What follows reading is the work of one thread, however many there are.
    bench.step("gather", &[1], |bencher, corpus| {
        let readout = || (corpus.selected.clone(), corpus.coverage.clone());
        bencher.iter_batched(readout, |(kept, coverage)| gather(kept, coverage), ONE_BY_ONE);
    });
    bench.step("conclude", &[1], |bencher, corpus| {
        let facts = || corpus.facts.clone();
        bencher.iter_batched(facts, |facts| conclude(facts, &rules, &options), ONE_BY_ONE);
    });
    bench.step("report", &[1], |bencher, corpus| {
        let write = || json_v1::write(&corpus.report, io::sink());
        bencher.iter(write);
    });
    // All of these but the report, which depends on the format.
    bench.step("whole", &[1, 2], |bencher, corpus| {
        let analyze = |()| analyze(&corpus.paths, &rules, &options, &|_| {});
        bencher.iter_batched(|| {}, analyze, ONE_BY_ONE);
    });
    let load = |bencher: &mut Bencher<'_>| bencher.iter_with_large_drop(RuleSet::embedded);
    bench.criterion.bench_function("rules", load);
    bench.criterion.final_summary();
}

/// Measures steps on all corpora.
struct Bench {
    criterion: Criterion,
    corpora: Vec<Measured>,
}

impl Bench {
    /// Measures one step on each corpus with each number of threads.
    fn step(
        &mut self,
        name: &str,
        threads: &[usize],
        run: impl Fn(&mut Bencher<'_>, &Measured) + Sync,
    ) {
        let mut group = self.criterion.benchmark_group(name);
        group.sample_size(20).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
        for corpus in &self.corpora {
            let Measured { bytes, records: elements, .. } = *corpus;
            group.throughput(Throughput::ElementsAndBytes { elements, bytes });
            for &threads in threads {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let id = BenchmarkId::new(&corpus.name, threads);
                group.bench_function(id, |bencher| pool.install(|| run(bencher, corpus)));
            }
        }
        group.finish();
    }
}

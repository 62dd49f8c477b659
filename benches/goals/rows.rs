//! The rows of the tables, one function for each measure.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::{env, fs, slice};

use rayon::ThreadPoolBuilder;
use rdpwhy::rules::RuleSet;

use crate::cost::{Cost, Turns, cost, median, wall, work};
use crate::inputs::{Inputs, size};
use crate::inside::{self, Logs};
use crate::{apart, crafted, outside};

const MIB: f64 = 1_048_576.0;
/// The channels that speak of Remote Desktop alone.
const RDP: [&str; 2] = ["TerminalServices", "RemoteDesktopServices"];

pub(crate) struct Rows {
    pub(crate) inputs: Inputs,
    evtx_dump: Option<PathBuf>,
    /// Inputs are such a part of their length.
    part: usize,
}

impl Rows {
    pub(crate) fn new(inputs: Inputs, evtx_dump: Option<PathBuf>, part: usize) -> Self {
        Self { inputs, evtx_dump, part }
    }

    /// What the figures belong to.
    pub(crate) fn heading(&self) -> String {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let processors = thread::available_parallelism().map_or(0, usize::from);
        format!(
            "{}, {processors} processors{}, load {load}, rdpwhy {}{}",
            model.map_or("unknown processor", |(_, model)| model),
            apart::told(),
            env!("CARGO_PKG_VERSION"),
            if self.part > 1 { ", inputs a part of their length" } else { "" }
        )
    }

    /// A length, or a part of it.
    pub(crate) fn scaled(&self, length: usize) -> usize {
        length.div_ceil(self.part)
    }

    /// A whole run on a log of one record: what it costs is the start.
    pub(crate) fn start_up(&self) {
        let scenario = self.inputs.one_record();
        let start = || outside::run(&mut rdpwhy(slice::from_ref(&scenario), 2));
        let version = || outside::run(Command::new(binary()).arg("--version"));
        let turns = Turns::take(41, 20.0, start, version);
        let [ours, version] = [&turns.ours, &turns.theirs];
        let fastest = ours.iter().map(|cost| cost.wall).fold(f64::MAX, f64::min);
        row(
            "start with all built-in rules",
            "<= 10 ms",
            &format!("{:.1} ms", 1e3 * wall(ours)),
            &format!("{:.1} ms", 1e3 * work(ours)),
            &format!(
                "one record; fastest {:.1} ms; `--version` {:.1} ms",
                1e3 * fastest,
                1e3 * wall(version)
            ),
        );
    }

    /// Decides every record of a gigabyte and keeps none, beside reading it.
    pub(crate) fn scanning(&self) {
        let bytes = self.scaled(1 << 30) as u64;
        let (what, path) = match self.inputs.real("real-hosts", bytes) {
            Some(path) => ("Security and System of five hosts", path),
            None => {
                let forged = self.inputs.forged("typical", 1, |_| true);
                let repeated = self.inputs.repeated("typical", &forged, bytes);
                ("forged host logs", repeated.unwrap())
            }
        };
        let paths = [path];
        let logs = Logs::find(&paths);
        let rounds = if self.part > 1 { 5 } else { 15 };
        let mut scans = Vec::new();
        for threads in [1, 2] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let inside = |run: &(dyn Fn() + Sync)| cost(|| pool.install(run));
            let reading = || inside(&|| inside::just_read(&paths));
            let scan = || {
                inside(&|| {
                    black_box(logs.scan());
                })
            };
            let turns = Turns::take(rounds, 30.0, scan, reading);
            let summed = Turns::take(
                rounds,
                30.0,
                || inside(&|| inside::checksummed(&paths)),
                || inside(&|| inside::just_read(&paths)),
            );
            let rate = |costs: &[Cost]| size(&paths) as f64 / 1e9 / wall(costs);
            row(
                &format!("scan with CRC, nothing matches, threads: {threads}"),
                ">= 0.80 of reading",
                &format!("{:.2}", turns.faster()),
                &format!("{:.2}", turns.less_work()),
                &format!(
                    "{what}, {}; scan {:.2} GB/s, reading {:.2}, reading and CRC {:.2}",
                    shown(size(&paths)),
                    rate(&turns.ours),
                    rate(&turns.theirs),
                    rate(&summed.ours)
                ),
            );
            scans.push(wall(&turns.ours));
        }
        if let [one, two] = scans[..] {
            let measured = format!("{:.2}", one / two);
            row("scan, two threads against one", ">= 1.9", &measured, "", "the same");
        }
    }

    /// Whole runs on what hosts have.
    pub(crate) fn typical(&self) {
        let wanted = |_: &str| true;
        let forged = self.inputs.forged("typical", self.scaled(12), wanted);
        self.against("typical host logs", ">= 8 times", "forged", &forged);
        let bytes = self.scaled(256 << 20) as u64;
        if let Some(log) = self.inputs.real("real-hosts", bytes) {
            let what = "real Security and System, merged and repeated";
            self.against("typical host logs", ">= 8 times", what, &[log]);
        }
    }

    /// Whole runs on the channels whose records nearly all are kept.
    pub(crate) fn rdp_channels(&self) {
        let wanted = |channel: &str| RDP.iter().any(|part| channel.contains(part));
        let forged = self.inputs.forged("dense", self.scaled(8), wanted);
        self.against("RDP channels alone", ">= 6 times", "forged", &forged);
        if let Some(log) = self.inputs.real("real-rdp", self.scaled(64 << 20) as u64) {
            let what = "real, merged and repeated";
            self.against("RDP channels alone", ">= 6 times", what, &[log]);
        }
    }

    /// Whole runs on records that are all text.
    pub(crate) fn forwarded(&self) {
        let forged = self.inputs.forged("forwarded", self.scaled(5), |_| true);
        self.against("forwarded records", ">= 6 times", "forged", &forged);
        if let Some(log) = self.inputs.real("real-forwarded", self.scaled(96 << 20) as u64) {
            let what = "real, merged and repeated";
            self.against("forwarded records", ">= 6 times", what, &[log]);
        }
    }

    /// A whole run on a million attempts, of which every record matches.
    pub(crate) fn flood(&self) {
        let logs = self.inputs.forged("flood", self.scaled(500), |_| true);
        let attempts = self.scaled(500) * 2000;
        let what = format!("{attempts} attempts{}", apart::told());
        self.against("flood", ">= 3 times", &what, &logs);
        self.peak("peak memory of the flood", &logs);
        logs.iter().for_each(|log| fs::remove_file(log).unwrap());
    }

    /// Whole runs on chunks that are made to be slow.
    pub(crate) fn crafted(&self) {
        let times = self.scaled(1600);
        let empty = self.inputs.one_record();
        for (name, chunk) in crafted::all() {
            let log = self.inputs.crafted(&name.replace(' ', "-"), &chunk, times);
            let logs = [log];
            let run = || outside::run(&mut rdpwhy(&logs, 1));
            let start = || outside::run(&mut rdpwhy(slice::from_ref(&empty), 1));
            let turns = Turns::take(3, 10.0, run, start);
            let rate = |run: f64, start: f64| size(&logs) as f64 / 1e6 / (run - start).max(1e-3);
            let theirs = self.evtx_dump.as_ref().map(|dump| {
                // For some of them it takes seconds a megabyte.
                let few = [self.inputs.crafted("few", &chunk, 16)];
                let cost = outside::run(&mut evtx_dump(dump, &few[0], 1));
                format!("; evtx_dump {:.1} MB/s", size(&few) as f64 / 1e6 / cost.wall)
            });
            row(
                &format!("crafted: {name}"),
                ">= 20 MB/s",
                &format!("{:.0} MB/s", rate(wall(&turns.ours), wall(&turns.theirs))),
                &format!("{:.0} MB/s", rate(work(&turns.ours), work(&turns.theirs))),
                &format!("{}, one thread{}", shown(size(&logs)), theirs.unwrap_or_default()),
            );
        }
    }

    /// The most memory that runs on one and on ten gigabytes need.
    pub(crate) fn memory(&self) {
        let forged = self.inputs.forged("typical", 1, |_| true);
        let lengths: &[u64] =
            if self.part > 1 { &[1 << 27] } else { &[1_000_000_000, 10_000_000_000] };
        for bytes in lengths {
            let log = self.inputs.real("real-hosts", *bytes);
            let log = log.or_else(|| self.inputs.repeated("typical", &forged, *bytes));
            let Some(log) = log else { continue };
            self.peak(&format!("peak memory, {}", shown(*bytes)), slice::from_ref(&log));
            fs::remove_file(log).unwrap();
        }
    }

    /// Reading with the rules in force, by how many of the records they want.
    pub(crate) fn matching(&self) {
        let rules = RuleSet::embedded().unwrap();
        let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        for (name, what, times) in [
            ("rare", "one record in 1,000 matches", 16),
            ("tenth", "one record in 10 matches", 16),
            ("dense", "all records match", 8),
            ("forwarded", "forwarded records, as they are", 4),
        ] {
            let paths = self.inputs.forged(name, self.scaled(times), |_| true);
            let logs = Logs::find(&paths);
            let stats = logs.matched(&rules);
            let inside = |run: &(dyn Fn() + Sync)| cost(|| pool.install(run));
            let turns = Turns::take(
                9,
                15.0,
                || {
                    inside(&|| {
                        black_box(logs.matched(&rules));
                    })
                },
                || inside(&|| inside::just_read(&paths)),
            );
            let seconds = wall(&turns.ours);
            println!(
                "| {what}, {} | {:.2} | {:.1} M | {:.2} | {:.1} % |",
                shown(size(&paths)),
                size(&paths) as f64 / 1e9 / seconds,
                stats.records as f64 / 1e6 / seconds,
                turns.faster(),
                100.0 * stats.records_decoded as f64 / stats.records as f64
            );
        }
    }

    /// A whole run beside a program that prints all records, both on two threads.
    fn against(&self, measure: &str, goal: &str, what: &str, logs: &[PathBuf]) {
        let Some(dump) = &self.evtx_dump else { return };
        // It takes one log at a time: its start counts once for each, which is little here.
        let theirs = || {
            let costs = logs.iter().map(|log| outside::run(&mut evtx_dump(dump, log, 2)));
            costs.fold(Cost { wall: 0.0, cpu: 0.0 }, |sum, cost| Cost {
                wall: sum.wall + cost.wall,
                cpu: sum.cpu + cost.cpu,
            })
        };
        let turns = Turns::take(7, 40.0, || outside::run(&mut rdpwhy(logs, 2)), theirs);
        row(
            measure,
            goal,
            &format!("{:.2}", turns.faster()),
            &format!("{:.2}", turns.less_work()),
            &format!(
                "{what}, {}; {:.0} ms, evtx_dump {:.0} ms",
                shown(size(logs)),
                1e3 * wall(&turns.ours),
                1e3 * wall(&turns.theirs)
            ),
        );
    }

    /// The most memory that a run needs.
    pub(crate) fn peak(&self, measure: &str, logs: &[PathBuf]) {
        let peaks = (0..3).map(|_| outside::peak(&mut rdpwhy(logs, 2)) as f64 / MIB);
        let (rounds, bytes) = (if self.part > 1 { 1 } else { 3 }, shown(size(logs)));
        let peak = median(peaks.take(rounds));
        let what = format!("{bytes}, two threads");
        row(measure, "<= 80 MiB", &format!("{peak:.0} MiB"), "", &what);
    }
}

fn row(measure: &str, goal: &str, measured: &str, by_work: &str, what: &str) {
    println!("| {measure} | {goal} | {measured} | {by_work} | {what} |");
}

fn shown(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

/// The program that was built with this one, or `RDPWHY`.
fn binary() -> PathBuf {
    env::var_os("RDPWHY").map_or_else(|| env!("CARGO_BIN_EXE_rdpwhy").into(), PathBuf::from)
}

fn rdpwhy(logs: &[PathBuf], threads: usize) -> Command {
    let mut command = Command::new(binary());
    command.args(["analyze", "--format", "json", "--threads"]).arg(threads.to_string()).args(logs);
    command
}

fn evtx_dump(program: &Path, log: &Path, threads: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["-o", "jsonl", "-t"]).arg(threads.to_string()).arg(log);
    command
}

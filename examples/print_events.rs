//! Prints the events of logs as they are after reading, one line each. For looking, and for
//! timing: `cargo run --example print_events -- [--quiet | --heads] PATH…` prints nothing of
//! the events, or even leaves their payload undecoded.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it exists to print")]

use std::path::PathBuf;
use std::time::Instant;

use rdpwhy::discover::discover;
use rdpwhy::model::Event;
use rdpwhy::options::ArchiveOptions;
use rdpwhy::read::{Select, read_all};

struct All {
    is_wanted: bool,
    is_printed: bool,
}

impl Select for All {
    type Kept = Event;
    type Memory = ();

    fn wants_id(&self, _: u32) -> bool {
        self.is_wanted
    }

    fn keep(&self, event: Event) -> Option<Event> {
        self.is_printed.then_some(event)
    }
}

fn main() {
    let (flags, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let found = discover(&paths, &ArchiveOptions::default());
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    let select = All { is_wanted: !has("--heads"), is_printed: !has("--quiet") };
    let start = Instant::now();
    let (events, readout) = read_all(&found.logs, &select, &|_| {});
    let seconds = start.elapsed();
    for event in &events {
        let Event { time, machine, channel, provider, event_id, record_id, .. } = event;
        print!("{time} {machine} {channel} {provider} {event_id} #{record_id}");
        for field in &event.data {
            print!(" {}={:?}", field.name, field.value);
        }
        println!();
    }
    for problem in found.problems.iter().chain(&readout.problems) {
        eprintln!("{:?} {}: {}", problem.kind, problem.path.display(), problem.detail);
    }
    eprintln!(
        "{} files, {} channels, {:?} in {seconds:?}",
        found.logs.len(),
        readout.coverage.len(),
        readout.stats
    );
}

//! The table of goals: how fast rdpwhy is beside the disk cache, and beside a program that
//! prints all records. `benches/goals.sh` builds what it needs and prints it.
//!
//! Everything is compared within one run, in turns, because machines are busy and differ; the
//! processors' time is shown beside the clock's for machines that are busy with other things.
//! All files are in the page cache. `--part 8` measures inputs an eighth as long, and leaves
//! out the largest.

#![expect(clippy::unwrap_used, reason = "what cannot be set up cannot be measured")]
#![expect(clippy::indexing_slicing, reason = "so is what is shorter than it must be")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded when they are shown")]
#![expect(clippy::print_stdout, reason = "the tables are what it is for")]
#![expect(clippy::print_stderr, reason = "what is left out must be said")]

mod apart;
mod cost;
mod crafted;
mod inputs;
mod inside;
mod outside;
#[path = "../../tests/support/real_logs.rs"]
mod real_logs;
mod rows;
mod shapes;

use std::path::{Path, PathBuf};
use std::{env, fs};

use inputs::Inputs;
use rows::Rows;

/// As the program allocates.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let part = env::args().skip_while(|argument| argument != "--part").nth(1);
    let part = part.map_or(1, |part| part.parse().unwrap());
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let inputs = Inputs::new(folder.path(), real_logs::folder());
    let rows = Rows::new(inputs, find_evtx_dump(), part);

    println!("{}\n", rows.heading());
    println!("| measure | goal | measured | by work | what was run |\n|---|--:|--:|--:|---|");
    rows.start_up();
    rows.scanning();
    rows.typical();
    rows.rdp_channels();
    rows.forwarded();
    rows.flood();
    rows.crafted();
    rows.memory();
    rows.shapes();
    println!("\n| inside, one thread | GB/s | records/s | against reading | records decoded |");
    println!("|---|--:|--:|--:|--:|");
    rows.matching();
}

/// `EVTX_DUMP`, or where `benches/goals.sh` installs it.
fn find_evtx_dump() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/evtx_dump/bin/evtx_dump");
    let found = env::var_os("EVTX_DUMP").map_or(installed, PathBuf::from);
    let found = fs::metadata(&found).is_ok().then_some(found);
    if found.is_none() {
        eprintln!("SKIPPED: rows against evtx_dump, which benches/goals.sh installs");
    }
    found
}

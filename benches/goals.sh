#!/usr/bin/env bash
# Prints the table of goals: how fast rdpwhy is beside the disk cache, and beside evtx_dump,
# which prints all records. Builds both, forges the logs, and takes away what it made.
#
#   benches/goals.sh             the whole table: up to ten minutes and 12 GB of disk
#   benches/goals.sh --part 8    inputs an eighth as long, without the largest
#
# Real logs are added where they were supplied. EVTX_DUMP names an evtx_dump of one's own; without
# it, 0.15.1 is installed below target/, and where that fails its rows are left out. Needs Linux
# for the processors' time and for memory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.15.1
if [[ -z ${EVTX_DUMP:-} && ! -x target/evtx_dump/bin/evtx_dump ]]; then
    echo "installing evtx_dump $version" >&2
    cargo install evtx --quiet --version "$version" --locked --root target/evtx_dump ||
        echo "SKIPPED: evtx_dump $version cannot be installed" >&2
fi
cargo bench --quiet --locked --bench goals -- "$@"

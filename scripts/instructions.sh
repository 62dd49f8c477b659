#!/usr/bin/env bash
# Counts the instructions of three fixed runs, on one thread: a measure that a busy machine does
# not change, to see what a change to the code costs.
#
#   scripts/instructions.sh          compares with the figures in docs/benchmarks.md
#
# Prints the table that stands there, with the change in percent behind it; fails where an input
# costs a tenth more than is recorded. Needs Linux and valgrind besides a Rust toolchain.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rdpwhy=target/release/rdpwhy
recorded=docs/benchmarks.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cargo build --quiet --release --locked --bin rdpwhy
printf 'events:\n  - { event: System/Schannel/36874, layout: plain }\n' >"$scratch/one-record.yml"

# Millions of instructions that are recorded for an input; nothing when there are none.
recorded() {
    awk -F ' *[|] *' -v name="$1" '
        /^[|] input [|] million instructions/ { table = 1 }
        table && $2 == name { print $3; exit }
        /^$/ { table = 0 }' "$recorded"
}

dearer=0
printf '| input | million instructions |\n|---|--:|\n'
for scenario in "$scratch/one-record.yml" benches/corpora/{rare,typical}.yml; do
    name=$(basename "$scenario" .yml)
    "$rdpwhy" forge "$scenario" -o "$scratch/$name" >/dev/null
    valgrind --tool=callgrind --callgrind-out-file="$scratch/out" \
        "$rdpwhy" analyze --format json --threads 1 "$scratch/$name" \
        >/dev/null 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
    now=$(awk '/^(summary|totals):/ { printf "%.1f", $2 / 1e6; exit }' "$scratch/out")
    before=$(recorded "$name")
    printf '| %s | %s |' "$name" "$now"
    if [[ -n $before ]]; then
        awk -v now="$now" -v before="$before" \
            'BEGIN { printf " %+.1f %% of %s", 100 * (now / before - 1), before; exit now > 1.1 * before }' ||
            dearer=1
    fi
    printf '\n'
done
if ((dearer)); then
    echo "an input costs over a tenth more than $recorded records" >&2
    exit 1
fi

#!/usr/bin/env bash
# Sets rdpwhy beside evtx_dump: whole processes, on the same logs, in turns, with one thread and
# with two. The yardstick is `cat`, which does nothing but read.
#
#   benches/compare.sh [ROUNDS]      9 rounds by default; prints a table in Markdown
#
# The logs are forged from benches/corpora/*.yml; the real ones of benches/corpora/real.txt are
# added where they were supplied. All of them are in the page cache. evtx_dump is installed below
# target/ when it is not there. A run waits a little for a quiet machine. Needs Linux, bash 5,
# coreutils and awk besides a Rust toolchain.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-9}
evtx_version=0.15.1
rdpwhy=target/release/rdpwhy
evtx_dump=target/evtx_dump/bin/evtx_dump
corpora=benches/corpora
unpack=../shared/data/unpack.sh
real=target/real-evtx

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { printf '%s\n' "$*" >&2; }

build() {
    cargo build --quiet --release --locked --bin rdpwhy
    [[ -x $evtx_dump ]] && return
    say "installing evtx_dump $evtx_version"
    cargo install evtx --quiet --version "$evtx_version" --locked --root target/evtx_dump
}

# A log with a single record: what it costs is the start of the process.
one_record() {
    printf 'events:\n  - { event: System/Schannel/36874, layout: plain }\n'
}

# Leaves in $scratch/NAME.logs the logs of each corpus, one on each line; prints the names.
find_corpora() {
    local scenario name file
    one_record >"$scratch/one-record.yml"
    for scenario in "$scratch/one-record.yml" "$corpora"/*.yml; do
        name=$(basename "$scenario" .yml)
        "$rdpwhy" forge "$scenario" -o "$scratch/$name" >/dev/null
        printf '%s\n' "$scratch/$name"/*.evtx >"$scratch/$name.logs"
        printf '%s\n' "$name"
    done
    if [[ ! -e $unpack ]]; then
        say "SKIPPED: no real logs, $unpack does not exist"
        return
    fi
    bash "$unpack" "$real" >/dev/null
    while read -r name file; do
        [[ $name == '' || $name == '#' ]] && continue
        [[ -e $scratch/$name.logs ]] || printf '%s\n' "$name"
        printf '%s\n' "$real/$file" >>"$scratch/$name.logs"
    done <"$corpora/real.txt"
}

# The tools: each reads LOG… with THREADS threads and writes what it finds to stdout.
run_cat() { shift && cat "$@"; }
run_rdpwhy() { local threads=$1 && shift && "$rdpwhy" analyze --format json --threads "$threads" "$@"; }
# It takes one log at a time.
run_evtx_dump() {
    local threads=$1 log && shift
    for log; do "$evtx_dump" -t "$threads" -o jsonl "$log" || return; done
}

# Prints seconds and processor seconds of one run; fails when the tool does.
TIMEFORMAT='%U %S'
measure() {
    local tool=$1 begun ended status=0
    shift
    begun=${EPOCHREALTIME/./}
    { time "run_$tool" "$@" >/dev/null 2>&1 || status=$?; } 2>"$scratch/cpu"
    ended=${EPOCHREALTIME/./}
    ((status == 0)) || { say "$tool failed with exit code $status"; return 1; }
    printf '%s %s\n' "$((ended - begun))" "$(<"$scratch/cpu")" |
        awk '{ printf "%.6f %.3f\n", $1 / 1e6, $2 + $3 }'
}

rdpwhy_records() {
    run_rdpwhy 1 "$@" 2>/dev/null |
        awk '/"stats":/ { stats = 1 } stats && /"records":/ { gsub(/[^0-9]/, ""); print; exit }'
}

# Clock ticks that the processors have worked since the machine was started.
worked() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }

# Waits until nothing else runs, for two seconds at most; fails when something still does.
settle() {
    local try before
    for ((try = 0; try < 20; try++)); do
        before=$(worked)
        sleep 0.1
        (($(worked) - before <= 2)) && return
    done
    return 1
}

# Prints a row for each run: corpus, bytes, records, threads, tool, seconds, processor seconds.
compare() {
    local name=$1 bytes records dumped tool threads logs round row disturbed=0
    mapfile -t logs <"$scratch/$name.logs"
    bytes=$(cat "${logs[@]}" | wc -c)
    # Counting also brings the logs into the page cache and the programs into memory.
    records=$(rdpwhy_records "${logs[@]}")
    dumped=$(run_evtx_dump 1 "${logs[@]}" 2>/dev/null | wc -l)
    [[ $records == "$dumped" ]] || say "$name: rdpwhy reads $records records, evtx_dump $dumped"
    for ((round = 0; round < rounds; round++)); do
        for threads in 1 2; do
            for tool in cat rdpwhy evtx_dump; do
                settle || disturbed=$((disturbed + 1))
                row=$(measure "$tool" "$threads" "${logs[@]}") || exit 1
                printf '%s %s %s %s %s %s\n' "$name" "$bytes" "$records" "$threads" "$tool" "$row"
            done
        done
    done
    say "$name: $disturbed of $((rounds * 6)) runs began while something else was running"
}

# Turns the rows into a table of medians.
table() {
    awk '
        function median(list, values, count, i, j, swap) {
            count = split(list, values, " ")
            for (i = 2; i <= count; i++)
                for (j = i; j > 1 && values[j - 1] + 0 > values[j] + 0; j--) {
                    swap = values[j]; values[j] = values[j - 1]; values[j - 1] = swap
                }
            return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
        }
        {
            run = $1 " " $4
            if (!(run in bytes)) runs[++many] = run
            bytes[run] = $2
            records[run] = $3
            seconds[run, $5] = seconds[run, $5] " " $6
            cpu[run, $5] = cpu[run, $5] " " $7
        }
        END {
            print "| corpus | MiB | records | threads | tool | ms | CPU ms | records/s | MiB/s | speed against evtx_dump |"
            print "|---|--:|--:|--:|---|--:|--:|--:|--:|--:|"
            split("cat rdpwhy evtx_dump", tools, " ")
            for (r = 1; r <= many; r++) {
                run = runs[r]
                split(run, key, " ")
                mib = bytes[run] / 1048576
                dump = median(seconds[run, "evtx_dump"])
                for (t = 1; t <= 3; t++) {
                    time = median(seconds[run, tools[t]])
                    printf "| %s | %.1f | %d | %d | %s | %.1f | %.0f | %.0f | %.0f | %.2f |\n", key[1], mib,
                        records[run], key[2], tools[t], 1000 * time, 1000 * median(cpu[run, tools[t]]),
                        records[run] / time, mib / time, dump / time
                }
            }
        }'
}

# What the figures belong to.
heading() {
    printf '%s, %s, %s cores, rdpwhy %s, evtx_dump %s, median of %s rounds, load %s\n\n' \
        "$(date -u +%F)" "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" \
        "$(nproc)" "$(git describe --always --dirty)" "$evtx_version" "$rounds" \
        "$(cut -d' ' -f1-3 /proc/loadavg)"
}

build
mapfile -t names < <(find_corpora)
heading
for name in "${names[@]}"; do compare "$name"; done | table

#!/usr/bin/env bash
# Fuzzes all targets, or those named, for some minutes each, one after the other. Needs cargo-fuzz
# and the nightly toolchain, whose sanitizers it uses; the stable build replays the same targets in
# tests/regressions.rs.
#
#   scripts/fuzz.sh [-m MINUTES] [-l FOLDER-OF-REAL-LOGS] [TARGET…]
#
# Real logs are no part of the corpus in the repository; with -l, the beginning of each joins
# it for this run. A finding is left in fuzz/artifacts: repair it, and move it into
# fuzz/corpus/TARGET, where it is tried for ever.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=10
logs=
while getopts m:l: option; do
  case $option in
    m) minutes=$OPTARG ;;
    l) logs=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  targets=(read_log read_record export archive rules forge report)
fi

if ! cargo +nightly --version > /dev/null 2>&1; then
  echo "error: the nightly toolchain is missing: rustup toolchain install nightly" >&2
  exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for target in "${targets[@]}"; do
  mkdir -p "$work/$target"
  if [ -n "$logs" ] && [ "$target" = read_log ]; then
    find "$logs" -name '*.evtx' -size +0 | sort | while read -r log; do
      head -c 77824 "$log" > "$work/$target/$(basename "$log")"
    done
  fi
  # What is new goes to the first folder, which is thrown away; the seeds stay as they are.
  cargo +nightly fuzz run "$target" "$work/$target" "fuzz/corpus/$target" -- \
    -max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=512
done

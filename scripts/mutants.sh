#!/usr/bin/env bash
# Damages real and forged logs in thousands of ways, and compares what this reader and the evtx
# crate recover of each. Prints a table; ends with 1 when anything panicked, went over its
# budget, or was recovered less of. `--help` has the options.
#
#   scripts/mutants.sh FOLDER-OF-REAL-LOGS [OPTION…]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?give a folder of real logs}
shift
exec nice cargo run --quiet --release --locked --example mutants -- \
  --logs "$folder" --logs fixtures "$@"

#!/usr/bin/env bash
# Forges a broad set of logs and reads them with two parsers that know nothing of this project:
# python-evtx and libevtx's evtxexport. Compares the number of records and every value.
#
# Forwarded records are forged too but not compared: both parsers fail on records without a
# template, those of Windows included. The evtx crate reads them in tests/forge_roundtrip.rs.
#
# Installs what it needs: python-evtx into target/verify-venv, evtxexport with apt-get.
# Exit: 0 all equal, 1 something differs or does not build, 77 a parser could not be installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unavailable() {
  echo "verify-forge: $1; nothing was verified" >&2
  exit 77
}

venv=target/verify-venv
if ! "$venv/bin/python" -c 'import Evtx' 2>/dev/null; then
  command -v python3 >/dev/null || unavailable "python3 is missing"
  python3 -m venv "$venv" || unavailable "cannot make a Python environment in $venv"
  "$venv/bin/pip" install --quiet 'python-evtx==0.8.1' || unavailable "cannot install python-evtx with pip"
fi
if ! command -v evtxexport >/dev/null; then
  echo "verify-forge: installing libevtx-utils" >&2
  root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo -n)
  { "${root[@]}" apt-get update -qq && "${root[@]}" apt-get install -y -qq libevtx-utils >/dev/null; } ||
    unavailable "cannot install libevtx-utils (evtxexport) with apt-get"
fi

out=target/verify-forge
rm -rf "$out"
cargo run --quiet --example forge_expected -- "$out" docs/scenarios/*.yml
"$venv/bin/python" scripts/verify_forge.py "$out"

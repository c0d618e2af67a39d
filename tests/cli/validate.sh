#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# validate.sh - kvplan validate: runs that a profile says too little for, and
# runs that cannot have been measured.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

bundle=$top_srcdir/traces/h200-sxm
mkdir -p small/runs
cp "$bundle/hardware.json" small
cp "$bundle/runs/cpu-8.json" small/runs

# Attention on the host needs a rate that a data sheet does not state.
fails 1 'small: every run needs*h200*the first host.attention_bytes_per_s' \
	kvplan validate small -w h200
cp "$bundle/runs/serial-8.json" small/runs
ok kvplan validate small --json
runs=$(value runs_count)
checks=$((checks + 1))
tr -d '[:space:]' <"$out" | grep -q '"left_out":\[\]' ||
	problem 'expected no run left out'
ends 0 kvplan validate small -w h200 --json
checks=$((checks + 2))
[ "$(grep -c '^kvplan: warning: h200: .* left out .*: [13]$' "$err")" -eq 2 ] ||
	problem 'expected a warning for each figure'
json "$out"
holds "$(value runs_count) == $runs - 4"
tr -d '[:space:]' <"$out" |
	grep -qF '"left_out":[{"figure":"host.attention_bytes_per_s","runs":3},' ||
	problem 'expected 3 runs left out'
rm small/runs/cpu-8.json
ends 0 kvplan validate small -w h200 --csv
says 'warning: h200: host.attention_bytes_per_s is not stated: *: 1'
csv "$out" 1

# wrong_step SED MESSAGE: what the first run's step is made
wrong_step() {
	sed "1,3$1" "$bundle/runs/steady-32.json" >small/runs/serial-8.json
	fails 1 "small/runs/serial-8.json: runs[[]0].step_s.$2" \
		kvplan validate small
}
wrong_step 's/"min":[0-9.]*/"min":1/' \
	'q1: found 0.005183929 s, expected 1 to 1e+06, no less than min'
wrong_step 's/"max":[0-9.]*/"max":0.001/' \
	'max: found 0.001 s, expected 0.005198517 to 1e+06, no less than q3'
wrong_step 's/"min":[0-9.]*/"min":1e-300/' \
	'min: found 1e-300 s, expected 1e-09 to 1e+06'
wrong_step 's/"max":[0-9.]*/"max":1e300/' 'max: found 1e+300 s, expected*1e+06'
wrong_step 's/"median":[0-9.]*/"median":0.0051/' \
	'median: found 0.0051 s, expected*no less than q1'
wrong_step 's/"q3":[0-9.]*,//' 'q3: missing'
rm -r small
nothing_new

finish

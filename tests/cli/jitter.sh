#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# jitter.sh - kvplan simulate --jitter: statistics beside the run without it;
# the seed decides, threads do not.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

ok plan -o plan.json
ok kvplan simulate plan.json --json
cp "$out" simulated.json
jitter='--jitter h2d=5%,sm=3% --systematic 1%'
ok kvplan simulate plan.json $jitter
has 'jitter h2d=5%,sm=3%, systematic 1%, 30 replications, seed 1' \
	ci95 p50 p95 p99
ok kvplan simulate plan.json $jitter --csv
csv "$out" 7
cp "$out" jitter.csv
ok kvplan simulate plan.json $jitter --csv --seed 1 --jobs 5 --replications 30
same jitter.csv "$out"
ok kvplan simulate plan.json $jitter --csv --seed 2
differ jitter.csv "$out"
ok kvplan simulate plan.json $jitter --json --seed 9
json "$out"
has '"ci95":' '"systematic":	"1%"' '"replications":	30' '"seed":	9'

# All else is of the run without jitter.
for key in policy decode_s step_s tokens_per_s bound; do
	checks=$((checks + 1))
	[ "$(value $key simulated.json)" = "$(value $key)" ] ||
		problem "$key of the run without jitter differs"
done

# No spread: the same timeline but for what made it.
ok kvplan simulate plan.json --jitter 0 --replications 2 --trace still.json
ok kvplan simulate plan.json --trace trace.json
grep '"ph":"X"' trace.json >still
grep '"ph":"X"' still.json >"$out"
same still "$out"

ok kvplan simulate plan.json $jitter --trace first.json
json first.json
has '30 replications'
ok kvplan simulate plan.json $jitter --trace - --replications 7
grep '"ph":"X"' first.json >first
grep '"ph":"X"' "$out" >other
same first other
differ first still
rm jitter.csv first.json first other still.json still

fails 2 "--jitter: found 'cpu=50%', but no task" \
	kvplan simulate plan.json --jitter cpu=50%
fails 2 "--systematic: found 'issue=5%', but no task" \
	kvplan simulate plan.json --jitter 5% --systematic issue=5%
fails 2 "--jitter: found '5', expected 0 to 100 %" \
	kvplan simulate plan.json --jitter 5
fails 2 "--systematic: found the engine 'gpu'" \
	kvplan simulate plan.json --systematic gpu=5%
fails 2 'sheet without one' kvplan simulate plan.json --jitter calibration
fails 2 '--replications: found*from 2 to' \
	kvplan simulate plan.json --jitter 5% --replications 1
for option in replications seed jobs; do
	fails 2 "--$option needs --jitter or --systematic" \
		kvplan simulate plan.json --$option 3
done
rm plan.json simulated.json trace.json
nothing_new

finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# diff.sh - kvplan diff: two timelines, step by step.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

bundle=$top_srcdir/traces/h200-sxm
trace=$bundle/runs/trace-b32_s1024_kvpr-row-1.json
ok kvplan diff "$trace" "$trace"
has 'Mean of 3 steps, 14 to 16' 'B - A 0 ns' 'load_activation' 'idle A'
ok kvplan diff "$trace" "$trace" --step 15
has 'Step 15'
ok kvplan diff "$trace" "$trace" --csv
csv "$out" 12
ok kvplan diff "$trace" "$trace" --json
json "$out"
holds "$(value difference_s) == 0"
fails 1 'step 3: expected one that both have; A has 14 to 16, B 14 to 16' \
	kvplan diff "$trace" "$trace" --step 3
fails 2 'expected two timelines' kvplan diff "$trace"
fails 2 '--step*-1' kvplan diff "$trace" "$trace" --step -1
fails 1 'none.json*No such file' kvplan diff "$trace" none.json
sed 's/"engine":"sm"/"engine":"gpu"/' "$trace" >wrong.json
fails 1 "wrong.json: traceEvents[[]15].args.engine: found 'gpu'" \
	kvplan diff "$trace" wrong.json
fails 1 'hardware.json: traceEvents: missing' \
	kvplan diff "$trace" "$bundle/hardware.json"
fails 1 'A has no task of layer 9 in step 16 to draw' \
	kvplan diff "$trace" "$trace" --plot d.svg --layer 9
sed 's/"layer":1,/"layer":7,/' "$trace" >other.json
ok kvplan diff "$trace" other.json
fails 1 'B has no task of layer 1 in step 16 to draw' \
	kvplan diff "$trace" other.json --plot d.svg
rm other.json
fails 2 '--layer*--plot' kvplan diff "$trace" "$trace" --layer 9
fails 2 'd.txt: expected*.pdf' kvplan diff "$trace" "$trace" --plot d.txt
prints_and_fails 1 'gnuplot' without_gnuplot \
	kvplan diff "$trace" "$trace" --plot d.svg
has 'idle A'
ok kvplan simulate $small -t one.json
ok kvplan simulate $small --gpus 2 -t two.json
ok kvplan diff one.json two.json
has 'GPUs: A 1, B 2' 'Only in B, first in step 0, GPU 1, layer 0'
narrow
ok kvplan diff one.json two.json --json
json "$out"
has '"gpus_b":'
for lasts in 1 1000; do
	cat >"lasts-$lasts.json" <<EOF
{"traceEvents":[{"ph":"X","name":"attend L0","pid":1,"ts":0,"dur":$lasts,
"args":{"step":0,"layer":0,"batch":0,"task":0,"engine":"sm"}}]}
EOF
done
ok kvplan diff lasts-1.json lasts-1000.json
has '(99900 % of A)'
rm one.json two.json lasts-1.json lasts-1000.json
if [ -n "$gnuplot" ]; then
	ok kvplan diff "$trace" "$trace" --plot d.svg
	picture d.svg
	rm d.svg
fi
printf 'SQLite format 3\0 and no more' >wrong.json
fails 1 'wrong.json: *' kvplan diff "$trace" wrong.json
rm wrong.json
nothing_new

finish

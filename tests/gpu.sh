#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gpu.sh - kvplan-gpu: what can be tested without a GPU, and where there is
# one, that the check passes and finds each planted mistake, and that every
# policy runs.  On a machine without kvplan, GPU_PLANS is the path of plan
# files that it wrote where kvplan is.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
gpu=$top_builddir/cuda_validate/kvplan-gpu
prefix='kvplan-gpu: '

[ -x "$gpu" ] || skip 'kvplan-gpu was not built'
mkdir "$scratch/plans"
plans=${GPU_PLANS-$scratch/plans}

ends 0 "$gpu" --help
has profile check
ends 0 "$gpu" --version
has 'kvplan-gpu '
ends 0 "$gpu" profile --help
has --model --output --only
ends 0 "$gpu" check --help
has --split --break --seed
fails 2 'expected a command' "$gpu"
fails 2 "unknown command 'chek', the nearest is check" "$gpu" chek
fails 2 "unknown option '--modell', the nearest is --model" \
	"$gpu" profile --modell opt-6.7b
fails 2 "unknown model 'opt-6.7'*, the nearest is" \
	"$gpu" profile --model opt-6.7
fails 2 'has experts' "$gpu" profile --model mixtral-8x7b
fails 2 "expected transfer, contention" "$gpu" profile --only link
fails 2 "found 'tale', expected split, tail or length" \
	"$gpu" check --break tale
fails 2 'split: found 9, expected at most the length, 8' \
	"$gpu" check --length 8 --split 9
fails 2 'needs a split between 0 and 8' \
	"$gpu" check --length 8 --split 8 --break split
fails 2 'needs a split below 8' \
	"$gpu" check --length 8 --split 8 --break tail
fails 2 'whole number from 1 to' "$gpu" check --batch 0
fails 2 "unexpected 'plan.json'; 'kvplan-gpu check --help'" \
	"$gpu" check plan.json

# plan_file NAME OPTION...: made for a machine that states everything
plan_file() {
	name=$1
	shift
	[ -x "$top_builddir/kvplan" ] || [ ! -f "$plans/$name.json" ] ||
		return 0
	ok kvplan plan --hardware h200 --batch 3 --prompt 65 --gen 9 \
		--set host.attention_bytes_per_s=50GB/s \
		--set host.copy_bytes_per_s=10GB/s \
		--set link.h2d.pageable_bytes_per_s=10GB/s \
		--set link.d2h.pageable_bytes_per_s=10GB/s \
		--output "$plans/$name.json" "$@"
}

policies='load-all kvpr-row kvpr-column kvpr-flexgen recompute-all flexgen
	offloaded-cache accelerate-sequential zero-inference cpu-attention'
for policy in $policies; do
	plan_file "$policy" --model opt-125m --policy "$policy"
done
plan_file llama --model llama-2-7b --policy kvpr-row --cache-on-gpu 0.5 \
	--limit sequence
plan_file batches --model opt-125m --policy kvpr-column --num-batches 3
plan_file experts --model mixtral-8x7b --policy kvpr-row
plan_file int4 --model opt-125m --policy kvpr-row --kv int4

ends 0 "$gpu" run --help
has --splits --sweep --host-pool --trace --within
fails 2 'expected a plan file' "$gpu" run
fails 1 'none.json' "$gpu" run "$plans/none.json"
fails 1 'experts.json: mixtral-8x7b has experts' "$gpu" run \
	"$plans/load-all.json" "$plans/experts.json"
fails 1 'elements of less than 16 bits' "$gpu" run "$plans/int4.json"
fails 2 'expected A:B:STEP' "$gpu" run --splits 0:5 "$plans/kvpr-row.json"
fails 2 'A <= B' "$gpu" run --splits 9:5:1 "$plans/kvpr-row.json"
fails 2 'expected FIRST:COUNT' "$gpu" run --steps 3 "$plans/kvpr-row.json"
fails 2 'found 7:2, but the plan has 8 steps' "$gpu" run --steps 7:2 \
	"$plans/kvpr-row.json"
fails 2 'found 66, expected at most 65' "$gpu" run --split 66 \
	"$plans/kvpr-row.json"
fails 2 'policy load-all decides the split' "$gpu" run --split 6 \
	"$plans/load-all.json"
fails 2 'policy offloaded-cache decides it' "$gpu" run --prefetch 3 \
	"$plans/offloaded-cache.json"
fails 2 'trace is for one plan' "$gpu" run --trace t.json --sweep 3 \
	"$plans/kvpr-row.json"
fails 2 'whole number from 1' "$gpu" run --repeat 0 "$plans/kvpr-row.json"
fails 2 'settle: found -1s, expected 0 to 600 s' "$gpu" run --settle -1s \
	"$plans/kvpr-row.json"
fails 2 'host-pool: ' "$gpu" run --host-pool 3GB/s "$plans/kvpr-row.json"
fails 2 'expected engine or process' "$gpu" run --streams two \
	"$plans/kvpr-row.json"

# An output that would take the place of an input, or of another output
for name in kvpr-row load-all; do
	cp "$plans/$name.json" "$name.json"
done
fails 2 'kvpr-row.json' "$gpu" run kvpr-row.json load-all.json \
	--output ./kvpr-row.json
fails 2 'load-all.json' "$gpu" run load-all.json --trace load-all.json
fails 2 'expected two files' "$gpu" run load-all.json \
	--output a.json --trace a.json
same kvpr-row.json "$plans/kvpr-row.json"
rm kvpr-row.json load-all.json

# No GPU, or none that this process may see: one line and exit code 3.
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$gpu" profile
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$gpu" check
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$gpu" run \
	"$plans/kvpr-row.json" --output runs.json
nothing_new

run_on_gpu() {
	fails 2 'there is no GPU 1000' "$gpu" check --gpu 1000
	for geometry in '-m opt-125m -b 3 -s 65 -l 17' \
		'-m llama-2-7b -b 5 -s 190 -l 101' \
		'-m llama-3.1-8b -b 2 -s 511 -l 300' \
		'-m opt-2.7b -b 2 -s 100 -l 0' '-m opt-125m -b 1 -s 1 -l 1'; do
		# shellcheck disable=SC2086 # words
		ends 0 "$gpu" check $geometry
	done
	for mistake in split tail length; do
		prints_and_fails 1 'are wrong' "$gpu" check -m llama-2-7b -b 4 \
			-s 600 -l 200 --break "$mistake"
		has WRONG
	done
	ends 0 "$gpu" check -m opt-125m --json
	has '"passed":	true'
	prints_and_fails 3 'out of* memory: asked for' \
		"$gpu" check -m opt-30b -b 4096 -s 1000000
	ends 0 "$gpu" profile -m opt-125m --only launch -o samples.json
	ok grep -q '"schema":"kvplan-samples-1"' samples.json
	for policy in $policies llama batches; do
		for kind in engine process; do
			ends 0 "$gpu" run "$plans/$policy.json" \
				--layers 3 --steps 2:3 --streams $kind \
				--repeat 1 --trace trace.json \
				--output runs.json
			ok grep -q '"ph":"X"' trace.json
			ok grep -q '"schema":"kvplan-runs-1"' runs.json
		done
	done
	ends 0 "$gpu" run "$plans/kvpr-row.json" --layers 2 --sweep 4 \
		--repeat 2 --within 100 --host-pool 3MiB --output -
	holds "$(grep -c '^{"plan":' "$out") == 5"
	prints_and_fails 3 'the host pool has' "$gpu" run "$plans/kvpr-row.json" \
		--host-pool 1kB
}

code=0
"$gpu" check -m opt-125m -b 1 -s 16 >"$out" 2>"$err" || code=$?
if [ "$code" -eq 3 ] && grep -q 'NVIDIA driver' "$err"; then
	finish
	skip 'no GPU: the rest'
fi
run_on_gpu
finish

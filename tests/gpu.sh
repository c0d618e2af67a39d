#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gpu.sh - kvplan-gpu: what can be tested without a GPU, and where there is
# one, that the check passes and finds each planted mistake, and that every
# policy runs.  On a machine without kvplan, GPU_PLANS is the folder of plan
# files that it wrote where kvplan is.
set -eu
: "${top_builddir:=$(cd "$(dirname "$0")/.." && pwd)}"
program=$top_builddir/cuda_validate/kvplan-gpu

if [ ! -x "$program" ]; then
	echo 'gpu.sh: kvplan-gpu was not built'
	exit 77
fi

kvplan=$top_builddir/kvplan
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/work" "$scratch/plans"
plans=$(cd "${GPU_PLANS-$scratch/plans}" && pwd)
trap 'exit 1' HUP INT TERM
out=$scratch/out err=$scratch/err
cd "$scratch/work"

checks=0 failures=0

problem() {
	failures=$((failures + 1))
	echo "gpu.sh: $*"
	head -n 3 "$err" | sed 's/^/    stderr: /'
}

# run CODE COMMAND...: it ends with that code.
run() {
	checks=$((checks + 1))
	expected=$1
	shift
	code=0
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq "$expected" ] ||
		problem "exit $code, expected $expected: $*"
}

# has TEXT...: each stands in what the last command printed.
has() {
	for text; do
		checks=$((checks + 1))
		grep -qF -e "$text" "$out" || problem "no '$text' in the output"
	done
}

# fails CODE TEXT COMMAND...: one line on standard error, with the text in it.
fails() {
	expected=$1 text=$2
	shift 2
	run "$expected" "$@"
	[ "$(wc -l <"$err")" -eq 1 ] || problem "not one line of error: $*"
	grep -q "^kvplan-gpu: .*$text" "$err" || problem "no '$text': $*"
}

run 0 "$program" --help
has profile check
run 0 "$program" --version
has 'kvplan-gpu '
run 0 "$program" profile --help
has --model --output --only
run 0 "$program" check --help
has --split --break --seed
fails 2 'expected a command' "$program"
fails 2 "unknown command 'chek', the nearest is check" "$program" chek
fails 2 "unknown option '--modell', the nearest is --model" \
	"$program" profile --modell opt-6.7b
fails 2 "unknown model 'opt-6.7' *, the nearest is" \
	"$program" profile --model opt-6.7
fails 2 'has experts' "$program" profile --model mixtral-8x7b
fails 2 "expected transfer, contention" "$program" profile --only link
fails 2 "found 'tale', expected split, tail or length" \
	"$program" check --break tale
fails 2 'split: found 9, expected at most the length, 8' \
	"$program" check --length 8 --split 9
fails 2 'needs a split between 0 and 8' \
	"$program" check --length 8 --split 8 --break split
fails 2 'needs a split below 8' \
	"$program" check --length 8 --split 8 --break tail
fails 2 'whole number from 1 to' "$program" check --batch 0
fails 2 "unexpected 'plan.json'; 'kvplan-gpu check --help'" \
	"$program" check plan.json

# plan NAME OPTION...: a plan file, made for a machine that states everything
plan() {
	name=$1
	shift
	[ -x "$kvplan" ] || [ ! -f "$plans/$name.json" ] || return 0
	run 0 "$kvplan" plan --hardware h200 --batch 3 --prompt 65 --gen 9 \
		--set host.attention_bytes_per_s=50GB/s \
		--set host.copy_bytes_per_s=10GB/s \
		--set link.h2d.pageable_bytes_per_s=10GB/s \
		--set link.d2h.pageable_bytes_per_s=10GB/s \
		--output "$plans/$name.json" "$@"
}

policies='load-all kvpr-row kvpr-column recompute-all flexgen offloaded-cache
	accelerate-sequential zero-inference cpu-attention'
for policy in $policies; do
	plan "$policy" --model opt-125m --policy "$policy"
done
plan llama --model llama-2-7b --policy kvpr-row --cache-on-gpu 0.5 \
	--limit sequence
plan batches --model opt-125m --policy kvpr-column --num-batches 3
plan experts --model mixtral-8x7b --policy kvpr-row
plan int4 --model opt-125m --policy kvpr-row --kv int4

run 0 "$program" run --help
has --splits --sweep --host-pool --trace --within
fails 2 'expected a plan file' "$program" run
fails 1 'none.json' "$program" run "$plans/none.json"
fails 1 'experts.json: mixtral-8x7b has experts' "$program" run \
	"$plans/load-all.json" "$plans/experts.json"
fails 1 'elements of less than 16 bits' "$program" run "$plans/int4.json"
fails 2 'expected A:B:STEP' "$program" run --splits 0:5 "$plans/kvpr-row.json"
fails 2 'A <= B' "$program" run --splits 9:5:1 "$plans/kvpr-row.json"
fails 2 'expected FIRST:COUNT' "$program" run --steps 3 "$plans/kvpr-row.json"
fails 2 'found 7:2, but the plan has 8 steps' "$program" run --steps 7:2 \
	"$plans/kvpr-row.json"
fails 2 'found 66, expected at most 65' "$program" run --split 66 \
	"$plans/kvpr-row.json"
fails 2 'policy load-all decides the split' "$program" run --split 6 \
	"$plans/load-all.json"
fails 2 'policy offloaded-cache decides it' "$program" run --prefetch 3 \
	"$plans/offloaded-cache.json"
fails 2 'trace is for one plan' "$program" run --trace t.json --sweep 3 \
	"$plans/kvpr-row.json"
fails 2 'whole number from 1' "$program" run --repeat 0 "$plans/kvpr-row.json"
fails 2 'host-pool: ' "$program" run --host-pool 3GB/s "$plans/kvpr-row.json"
fails 2 'expected engine or process' "$program" run --streams two \
	"$plans/kvpr-row.json"

# An output that would take the place of an input, or of another output
for name in kvpr-row load-all; do
	cp "$plans/$name.json" "$name.json"
done
fails 2 'kvpr-row.json' "$program" run kvpr-row.json load-all.json \
	--output ./kvpr-row.json
fails 2 'load-all.json' "$program" run load-all.json --trace load-all.json
fails 2 'expected two files' "$program" run load-all.json \
	--output a.json --trace a.json
cmp -s kvpr-row.json "$plans/kvpr-row.json" || problem 'a plan was overwritten'
rm kvpr-row.json load-all.json

# No GPU, or none that this process may see: one line and exit code 3.
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$program" profile
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$program" check
fails 3 'NVIDIA driver' env CUDA_VISIBLE_DEVICES= "$program" run \
	"$plans/kvpr-row.json" --output runs.json
[ "$(echo *)" = '*' ] || problem "left behind: $(echo *)"

run_on_gpu() {
	fails 2 'there is no GPU 1000' "$program" check --gpu 1000
	for geometry in '-m opt-125m -b 3 -s 65 -l 17' \
		'-m llama-2-7b -b 5 -s 190 -l 101' \
		'-m llama-3.1-8b -b 2 -s 511 -l 300' \
		'-m opt-2.7b -b 2 -s 100 -l 0' '-m opt-125m -b 1 -s 1 -l 1'; do
		# shellcheck disable=SC2086 # words
		run 0 "$program" check $geometry
	done
	for mistake in split tail length; do
		fails 1 'are wrong' "$program" check -m llama-2-7b -b 4 \
			-s 600 -l 200 --break "$mistake"
		has WRONG
	done
	run 0 "$program" check -m opt-125m --json
	has '"passed":	true'
	fails 3 'out of.* memory: asked for' "$program" check -m opt-30b -b 4096 -s 1000000
	run 0 "$program" profile -m opt-125m --only launch -o samples.json
	grep -q '"schema":"kvplan-samples-1"' samples.json ||
		problem 'no schema in the samples'
	for policy in $policies llama batches; do
		for kind in engine process; do
			run 0 "$program" run "$plans/$policy.json" \
				--layers 3 --steps 2:3 --streams $kind \
				--repeat 1 --trace trace.json \
				--output runs.json
			grep -q '"ph":"X"' trace.json ||
				problem "an empty trace: $policy"
			grep -q '"schema":"kvplan-runs-1"' runs.json ||
				problem "no schema in the runs: $policy"
		done
	done
	run 0 "$program" run "$plans/kvpr-row.json" --layers 2 --sweep 4 \
		--repeat 2 --within 100 --host-pool 3MiB --output -
	[ "$(grep -c '^{"plan":' "$out")" -eq 5 ] || problem 'not five runs'
	fails 3 'the host pool has' "$program" run "$plans/kvpr-row.json" \
		--host-pool 1kB
}

skipped=
code=0
"$program" check -m opt-125m -b 1 -s 16 >"$out" 2>"$err" || code=$?
if [ "$code" -eq 3 ] && grep -q 'NVIDIA driver' "$err"; then
	skipped=', no GPU: the rest is skipped'
else
	run_on_gpu
fi

echo "gpu.sh: $checks checks, $failures failures$skipped"
[ "$failures" -eq 0 ] || exit 1
[ -z "$skipped" ] || exit 77

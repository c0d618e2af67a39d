#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_usage.sh - what sweep, merge, worth and fit-budget refuse: each in one
# line that says where, what was found and what was expected, and with nothing
# written.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

case='--model opt-125m --hardware t4 --gen 9'
flop=gpu.flop_per_s

# refuses MESSAGE COMMAND...
refuses() {
	message=$1
	shift
	fails_with 2 "$message" kvplan "$@"
	nothing_new
}

# --- What is varied --------------------------------------------------------

# vary MESSAGE VALUES [OPTION...]
vary() {
	refuses "--vary: $1" sweep $case --batch 3 ${3-} --vary "$2"
}

such='expected NAME=VALUES, such as batch=1,2,4 or prompt=128:4096:log6'
refuses '--vary NAME=VALUES is missing: nothing is varied' sweep
refuses "option '--vary' needs a value" sweep --vary
vary "found 'prompt', $such" prompt
vary "found '=3', $such" =3
vary "found 'prompt=', $such" prompt=
vary "found 'set', expected an option of a case, a figure*" set=3
vary "found '', expected an option of a case, a figure*" prompt+=3
vary "found 'model.layers', expected a key of opt-125m: hidden_size,*" \
	model.layers=3 '--prompt 9'
vary "prompt: found '', expected a value" prompt=3,
vary "prompt: found '0', expected a whole number from 1 to *" prompt=0:9:lin3
vary "prompt: found '0:9', expected a range that rises from above 0" \
	prompt=0:9:log3
vary "prompt: found '9:3', expected a range that rises" prompt=9:3:lin3
vary "prompt: found 'lin0' after the range, expected linN or*" prompt=1:9:lin0
vary "prompt: found '4' after the range, expected linN or*" prompt=1:2:3:4
vary "prompt: found '1e99', expected a whole number" prompt=1e99
vary "link.h2d.bytes_per_s: found 12, expected 1 MB/s to*" \
	link.h2d.bytes_per_s=12
vary "link.h2d.bytes_per_s: found '12GiB', expected a number such as*" \
	link.h2d.bytes_per_s=12GiB
vary "kv: found a range, expected words" kv=fp16:int4:lin2
vary "prompt: found '3:4:5', expected 2 values separated by ':'" \
	prompt+gpus=3:4:5
vary 'prompt: found 9 twice, expected each value once' prompt=9,3,9
vary 'prompt+gpus: found 9:1 twice, expected each value once' \
	prompt+gpus=9:1,9:2,9:1
refuses '--vary prompt: a range needs linN or logN, or --sample' \
	sweep $case --batch 3 --vary prompt=3:9
refuses '--prompt N is missing' sweep $case --vary batch=3
refuses '--batch cannot be used with --vary batch' \
	sweep $case --batch 3 --prompt 3 --vary batch=3
refuses "--vary policy: unknown policy 'kvpr', the nearest is kvpr-row*" \
	sweep $case --batch 3 --prompt 3 --vary policy=kvpr

# --- What has no effect, or is out of bounds -------------------------------

# sweep MESSAGE OPTION...
sweep() {
	message=$1
	shift
	refuses "$message" sweep $case --batch 3 --vary prompt=9,90 "$@"
}

sweep "--sample: found 'lhs', expected lhs:N or sobol:N" --sample lhs
sweep "--sample: found 'mc:9', expected lhs:N or sobol:N" --sample mc:9
sweep "--sample: found 'lhs:0', expected lhs:N with N from 1 to*" --sample lhs:0
sweep "--sample: found 'sobol:99999999', expected sobol:N with N from 1 to*" \
	--sample sobol:99999999
for option in '' '--sample sobol:9' '--simulate'; do
	sweep '--seed needs --sample lhs:N or --uncertain: without them*' \
		$option --seed 3
done
sweep "--seed: found 'x', expected a whole number from 0 to 4294967295" \
	--seed x
sweep "--objective: found 'speed', expected step_s, decode_s, gpu_bytes or*" \
	--objective speed
sweep '--objective needs --policy auto, which chooses by it' \
	--objective gpu_bytes
sweep '--objective: decode_s is for --simulate' \
	--objective decode_s --policy auto
sweep "--columns: found '', expected a column; --columns help lists them" \
	--columns ''
sweep "--output: found '', expected the name of a file" -o ''
sweep "--jobs: found '0', expected a whole number from 1 to 1024" --jobs 0
sweep "unknown option '--shards', the nearest is --shard" --shards 1/2
sweep "unexpected 'more'; 'kvplan sweep --help' tells what sweep takes" more
sweep '--against: found load-all twice, expected each policy once' \
	--against load-all,load-all --uncertain "$flop=normal(2%)"
fails_with 1 'nowhere/x: No such file or directory' \
	kvplan sweep $case --batch 3 --vary prompt=9 -o nowhere/x

plot='--plot needs --output FILE, with all rows as CSV'
sweep "$plot" --plot x.svg
sweep "$plot" --plot x.svg -o -
sweep "$plot" --plot x.svg -o rows --json
sweep "$plot" --plot x.svg -o rows --shard 1/2
sweep 'x.bmp: expected a name that ends in .png, .svg or .pdf' \
	-o rows --plot x.bmp
sweep '--plot: found 3 inputs that vary beside the policy, expected one or*' \
	-o rows --plot x.svg --vary gpus=1,2 --vary kv=fp16,int4
refuses '--plot: found 0 inputs that vary beside the policy, expected one or*' \
	sweep $case --batch 3 --prompt 9 --policy load-all,kvpr-row -o rows \
	--plot x.svg
refuses '--hardware cannot be used with --vary hardware' \
	sweep $case --batch 3 --prompt 9 --vary hardware=t4,h200
refuses '--vary: hardware is varied twice' sweep --model opt-125m --gen 9 --batch 3 \
	--prompt 9 --vary hardware=t4,h200 --vary hardware=t4
refuses '--hardware: hardware: found t4 twice, expected each value once' \
	sweep --model opt-125m --gen 9 --batch 3 --prompt 9 --hardware t4,t4
refuses '--batch cannot be used with --vary workload.batch' \
	sweep $case --batch 3 --prompt 9 --vary workload.batch=3

# What can be asked, all the same.
ok kvplan sweep $case --batch 3 --vary prompt=9,90 --seed 3 --sample lhs:2
ok kvplan sweep $case --batch 3 --vary prompt=9,90 --seed 3 --draws 2 \
	--uncertain "$flop=normal(2%)"
ok kvplan sweep $case --batch 3 --vary prompt=9 --policy auto \
	--objective step_s
ok kvplan sweep $case --batch 3 --vary prompt=9 --vary policy=load-all,auto \
	--objective gpu_bytes
nothing_new

# --- merge ------------------------------------------------------------------

for shard in 1 2; do
	ok kvplan sweep $case --batch 3 --vary prompt=9,90,91 \
		--shard $shard/2 --json -o part$shard
done
cp part1.json wrong.json
note_files

# merge MESSAGE SED-COMMAND: of the first shard.
merge() {
	sed "$2" part1 >wrong
	fails_with 1 "wrong: $1" kvplan merge wrong part2
	rm wrong
	nothing_new
}

merge 'line 1: expected the row of point 0: split is missing' \
	's/"split"/"splat"/'
merge "line 2: expected the row of point 1: point: found '7', expected '1'" \
	's/"point":1/"point":7/'
merge 'line 3: found a row, expected the end after point 1' '2p'
merge "line 1: expected the row of point 0: found ',\"x\":1}' after*" \
	's/}$/,"x":1}/'
merge 'ends after point 1 of 2: its sweep is not done, --resume*' 2d
refuses 'expected the files to merge' merge
refuses "unknown option '--json'" merge part1 part2 --json
refuses "--output: found part1, which is to be merged, expected another file" \
	merge part1 part2 -o part1
fails_with 1 'part1 and part1 are both shard 1' kvplan merge part1 part1

# about MESSAGE JSON: what stands beside a file.
about() {
	echo "$2" >wrong.json
	fails_with 1 "wrong.json: $1" kvplan merge wrong
}
shard='"shard":{"index":1,"of":1,"first":0,"end":2}'
schema='"schema":"kvplan-sweep-1"'
about 'line 2, column 1: the JSON text ends too early' '{'
about 'found an array, expected a JSON object' '[]'
about "schema: found 'x', expected 'kvplan-sweep-1'" '{"schema":"x"}'
about 'shard.index: missing, expected a whole number' "{$schema}"
about 'sweep: expected vary, columns and format' "{$schema,$shard}"
about 'sweep: expected vary, columns and format' "{$schema,$shard,
	\"sweep\":{\"format\":\"csv\",\"columns\":[],
	\"vary\":[{\"names\":[3]}]}}"
rm wrong.json part1* part2*
note_files

# --- worth and fit-budget --------------------------------------------------

case="$case --batch 3 --prompt 90"
refuses '--model NAME is missing' worth
refuses "--change: found '0', expected 0.01 to 99 %" worth $case --change 0
refuses "--change: found 'x', expected a number such as*" worth $case --change x
refuses "--plot: found '', expected the name of a file" worth $case --plot ''
refuses 'x.bmp: expected a name that ends in .png, .svg or .pdf' \
	worth $case --plot x.bmp
refuses '--csv: expected one of --json and --csv' worth $case --json --csv
refuses '--policy auto is for plan and sweep' worth $case --policy auto
refuses 'split: found 9999, expected 0 to 90 (the prompt)' \
	worth $case --split 9999
refuses '--set: link: unknown figure, the nearest is link.h2d.bytes_per_s' \
	worth $case --set link=3

# fit MESSAGE OPTION...
fit() {
	message=$1
	shift
	refuses "$message" fit-budget $case "$@"
}

one='expected one of --step TIME and --tokens-per-s N'
cost='expected a number above 0, or no'
fit "$one"
fit "$one" --step 3ms --tokens-per-s 4
fit "--step: found '0', expected more than 0" --step 0
fit "--step: found '3GB', expected a number such as '3 us'" --step 3GB
fit "--cost: found 'link', expected NAME=COST" --step 3ms --cost link
fit "--cost: link: found '', $cost" --step 3ms --cost link=
fit "--cost: link: found '-1', $cost" --step 3ms --cost link=-1
fit "--cost: found 'links', expected link or *, the nearest is link" \
	--step 3ms --cost links=1
fit '--cost: link is there twice' --step 3ms --cost link=1 --cost link=2
fit '--cost: nothing is left that may change' --step 3ms --cost link=no \
	--cost $flop=no --cost gpu.memory_bytes=no
fit '--program: expected period; fit-budget needs the best split' \
	--step 3ms --program row
fails_with 1 '1 ns per token cannot be reached: *' \
	kvplan fit-budget $case --step 1ns
finish

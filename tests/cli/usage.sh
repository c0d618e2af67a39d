#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage.sh - what is asked wrongly ends with exit code 2 and one line that
# says what was found and what was expected; --help is whole.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

commands='plan simulate plot worth fit-budget place calibrate validate diff
	reproduce list show'

# --- Help ------------------------------------------------------------------

for command in '' $commands; do
	for help in --help -h; do
		ok kvplan $command $help
		has "Usage: kvplan${command:+ $command}"
		narrow
		cp "$out" "$scratch/said/$help"
	done
	same "$scratch/said/--help" "$scratch/said/-h"
	if [ -z "$command" ]; then
		has $commands
		continue
	fi
	has --help
	# Each option is in the manual page.
	sed -n 's/^ .*--\([a-z-]*\).*/\1/p' "$out" >"$scratch/said/options"
	while read -r option; do
		checks=$((checks + 1))
		grep -qE "^\.It .* -$option( |\$)" \
			"$top_srcdir/doc/kvplan.1" ||
			problem "kvplan.1 does not tell of --$option"
	done <"$scratch/said/options"
done
ok kvplan --version
has 'kvplan '
# --help wins over the rest, even where that is not complete.
ok kvplan plan --batch 3 --help
has 'Usage: kvplan plan'

# --- The wrong command line ------------------------------------------------

fails 2 'expected a command*--help' kvplan
fails 2 "'pln'*nearest is*plan" kvplan pln
fails 2 "'simulat'*simulate" kvplan simulat
fails 2 "'xyzzy'*--help" kvplan xyzzy
fails 2 "''" kvplan ''
fails 2 'unknown option*--verbose' kvplan --verbose
for command in $commands; do
	fails 2 'unknown option*--hepl*nearest is*--help' \
		kvplan "$command" --hepl
	fails 2 "unknown option '-!'" kvplan "$command" '-!'
done
fails 2 '--bacth*nearest is*--batch' plan --bacth 3
fails 2 "'--j' could be any of --jitter, --jobs, --json" kvplan simulate --j
fails 2 '--set: host.switch_bytes_per_s: missing' \
	plan --set host.gpus_per_switch=11
fails 2 '--set: gpu.gemm_sustained_derate.value: found 0.0001, expected at least' \
	plan --set gpu.gemm_sustained_derate=1e-4
fails 2 '--hardwear=t4*nearest is*--hardware' plan --hardwear=t4
fails 2 '--jsn*nearest is*--json' kvplan list models --jsn
fails 2 '--layers*nearest is*--layer' kvplan plot gantt --layers 3
fails 2 "unknown option '--zzzzzz" plan --zzzzzz
fails 2 '--batch*value' kvplan plan --batch
fails 2 '-m*value' kvplan plan -b 3 -m
fails 2 'extra' plan extra
fails 2 'extra' kvplan list models extra
fails 2 'extra' kvplan show model opt-6.7b extra

fails 2 '--model*missing' kvplan plan
fails 2 '--hardware*missing' kvplan plan -m opt-6.7b
fails 2 '--batch*missing' kvplan plan -m opt-6.7b -w t4
fails 2 '--prompt*missing' kvplan simulate -m opt-6.7b -w t4 -b 3
fails 2 '--gen*missing' kvplan simulate -m opt-6.7b -w t4 -b 3 -s 3
fails 2 'expected*models*hardware*policies' kvplan list
fails 2 "'model'*models" kvplan list model
fails 2 'hardware*model' kvplan show
fails 2 'hardware*model' kvplan show model
fails 2 "'policy'*hardware*model" kvplan show policy kvpr-row
fails 2 'split*gantt' kvplan plot
fails 2 "'pie'*split*gantt" kvplan plot pie

fails 2 "'opt-6.7'*nearest is*opt-6.7b" plan -m opt-6.7
fails 2 "'OPT-6.7B'*nearest is*opt-6.7b" plan -m OPT-6.7B
fails 2 "'gemini'*list models" plan -m gemini
fails 2 "''" plan -m ''
fails 2 "'h100-smx'*nearest is*h100-sxm" plan -w h100-smx
fails 2 "'a100-40gb-pcie'*nearest is*a100-40gb-pcie4" plan -w a100-40gb-pcie
fails 2 "'abacus'*list hardware" kvplan show hardware abacus
fails 2 "'kvpr-rwo'*nearest is*kvpr-row" plan -p kvpr-rwo
fails 2 "'magic'*list policies" plan -p magic
fails 2 "'diagonal'*row*column" plan --program diagonal
fails 2 "'eternity'*prompt*sequence" plan --limit eternity
fails 2 "'leather'*pinned*pageable" plan --host-memory leather

for option in --batch --prompt --gen; do
	for number in 0 -1 1e9 99999999999999999999 18446744073709551617 abc \
		'' ' 3' 3.5 0x10 3x; do
		fails 2 "$option*'$number'*whole number" plan "$option" \
			"$number"
		fails 2 "$option*'$number'*whole number" plan \
			"$option=$number"
	done
done
fails 2 "--split*'-1'*whole number from 0" plan --split -1
for number in 65 -1 2.5 abc ''; do
	fails 2 "--prefetch*'$number'*whole number, 0 to 64" plan --prefetch \
		"$number"
done
for share in 1.5 -0.1 nan inf half ''; do
	fails 2 "--cache-on-gpu*'$share'*number, 0 to 1" plan --cache-on-gpu \
		"$share"
done
fails 2 "--pipeline*'rough'*coarse or fine" plan -p kvpr-column --pipeline \
	rough
fails 2 "--attention*'CPU'*gpu or cpu" plan -p zero-inference --attention CPU
fails 2 "--sep-layer*'1'*no or yes" plan -p flexgen --sep-layer 1
for option in --weights --kv --activations; do
	fails 2 "$option*'fp8'*fp16*int8*int4" plan "$option" fp8
done
fails 2 "--num-batches*'0'*whole number from 1 to 1024" plan --num-batches 0
fails 2 "--gpus*'65'*whole number from 1 to 10" plan --gpus 65
fails 2 "--step*'x'" kvplan plot split --step x
fails 2 'gen*1*2 or more' plan --gen 1
fails 2 'opt-6.7b has 2048' plan --gen 2000
fails 2 'batch*268435456' plan --batch 268435456
fails 2 '--split*load-all' plan -p load-all --split 3
fails 2 '--split*--policy auto' plan -p auto --split 3
# where nothing fits, the memory is why, not a figure that one policy lacks
fails 1 'does not fit*100 MB' plan -p auto --set gpu.memory_bytes=100MB
ok kvplan sweep -m opt-125m -w t4 -b 3 -s 17 -g 5 -p auto \
	--vary gpu.memory_bytes=100MB
checks=$((checks + 1))
grep -q 'does not fit.*100 MB' "$out" || problem 'auto: why nothing fits'
fails 2 '--attention*policy kvpr-row*itself' plan --attention cpu
fails 2 '--weights-on-gpu*policy kvpr-row*itself' plan --weights-on-gpu 0.5
fails 2 '--prefetch*policy flexgen*itself' plan -p flexgen --prefetch 1
fails 2 '--home*policy kvpr-column*itself' plan -p kvpr-column --home pageable

fails 2 "'link'*PATH=VALUE" plan --set link
fails 2 'link.h2d.bytes_per_sec*nearest is*link.h2d.bytes_per_s' plan \
	--set link.h2d.bytes_per_sec=3GB/s
fails 2 'gpu*unknown' plan --set gpu=3
for rate in abc '' '26 GB' '26 Gb/s' nan inf 1e999 '3 4' '0x' -26GB/s \
	0GB/s 26 1e300; do
	fails 2 'link.h2d.bytes_per_s*found*expected' plan \
		--set "link.h2d.bytes_per_s=$rate"
done
fails 2 'gpu.gemm_derate*1.5*to 1' plan --set gpu.gemm_derate=1.5
nothing_new

finish

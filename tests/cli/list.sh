#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# list.sh - the profiles and policies that there are, and completion, which
# takes its words from the program.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

ok kvplan list models
has opt-6.7b llama-3.1-8b
ok kvplan list hardware
has a100-40gb-pcie4 GB/s
ok kvplan list offload
has flexgen-t4 GB/s
ok kvplan list policies
has load-all kvpr-row recompute-all
cp "$out" "$scratch/said/policies"
ok kvplan plan --help
for what in models hardware policies; do
	ok kvplan list "$what" --json
	json "$out"
	entries=$(grep -c '"name"' "$out")
	holds "$entries >= 3"
	ok kvplan list "$what" --csv
	csv "$out" "$entries"
done
ok kvplan show hardware a100-40gb-pcie4
has link.h2d.bytes_per_s gpu.flop_per_s '312 TFLOP/s' quoted
ok kvplan show hardware a100-40gb-pcie4 --csv
has figure,value,confidence,source
ok kvplan show hardware a100-40gb-pcie4 --json
json "$out"
same "$out" "$top_srcdir/model/profiles/hardware/a100-40gb-pcie4.json"
ok kvplan show offload flexgen-t4
has link.h2d_bytes_per_s FlexGen quoted
ok kvplan show offload flexgen-t4 --json
json "$out"
same "$out" "$top_srcdir/model/profiles/offload/flexgen-t4.json"
ok kvplan show model llama-3.1-8b
has llama 4096
ok kvplan show model "$top_srcdir/model/profiles/models/llama-3.1-8b.json"
has llama-3.1-8b
ok kvplan show model opt-6.7b --json
json "$out"
# A data folder that is not there leaves the others.
ok env KVPLAN_DATADIR=/no/such/folder kvplan list models
has opt-6.7b

# Completion takes its words from the program.
if command -v bash >"$scratch/null"; then
	# offered WORD...: what is offered for the last word.
	offered() {
		# shellcheck disable=SC2016
		ok bash -u -c '. "$0" && COMP_WORDS=("$@") &&
			COMP_CWORD=$(($# - 1)) && _kvplan kvplan &&
			echo "${COMPREPLY[@]}"' \
			"$top_srcdir/cli/kvplan.bash" "$@"
	}
	offered kvplan pl
	has plan plot place
	offered kvplan plan --mo
	has --model
	offered kvplan plan --model opt-6
	has opt-6.7b opt-66b
	offered kvplan simulate --policy kv
	has kvpr-row
	offered kvplan simulate --jitter cal
	has calibration
	offered kvplan simulate --repl
	has --replications
	offered kvplan show hardware a100-80
	has a100-80gb
	offered kvplan show offload flex
	has flexgen-t4
	offered kvplan place --hardware f
	has flexgen-t4
	offered kvplan place --hardware h
	has h100-sxm
	offered kvplan place --costs k
	has kvplan
	offered kvplan calibrate --gemm s
	has sustained
	offered kvplan reproduce table-
	has table-1 table-2
	offered kvplan reproduce table-1 --no
	has --no-figures
	offered kvplan sweep --objective d
	has decode_s
	offered kvplan validate --plot-s
	has --plot-sweeps
	offered kvplan plot ma
	has map
	offered kvplan fit-budget --hardware t4 --cost l
	has link= link.h2d.bytes_per_s=
	offered kvplan fit-budget --hardware t4 --cost gpu.
	has gpu.flop_per_s= gpu.memory_bytes= gpu.launch_s=
	lacks derate copy_hbm_bytes
	offered kvplan worth --policy ''
	has kvpr-row
	lacks auto
	offered kvplan plan --policy a
	has auto
	offered kvplan plot map x.csv --
	has --output --format --x --where --help
	lacks --model --set --step --data
	offered kvplan plot split --
	has --model --output --step --data
	lacks --color --where --layer
	offered kvplan plot --
	has --model --color
	offered kvplan place --num
	has --num-batches
	offered kvplan place --hardware flexgen-t4 --set disk.m
	has disk.memory_bytes
	offered kvplan plan --hardware f
	lacks flexgen
fi
nothing_new

finish

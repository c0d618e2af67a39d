#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_memory.sh - gpu_bytes and host_bytes of kvplan sweep are those of
# kvplan plan.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

case='-m opt-125m -w a100-40gb-pcie4 -s 16 -g 400 -b 64'

# of_plan PLACE: what plan says lies there, of the case and policy $policy.
of_plan() {
	kvplan plan $case -p $policy --json >plan.json
	sed -n 's/.*"used_bytes":[[:space:]]*\([0-9.e+]*\).*/\1/p' plan.json |
		sed -n "$([ "$1" = gpu ] && echo 1p || echo 2p)"
}

# compare OPTION...: so has a sweep with those options.
compare() {
	for policy in $policies; do
		ok kvplan sweep $case --vary policy=$policy \
			--columns host_bytes,gpu_bytes "$@"
		cp "$out" rows.csv
		for place in host gpu; do
			said=$(of_plan $place)
			found=$(awk -F, -v c=$place 'NR == 2 {
				print c == "host" ? $4 : $5 }' rows.csv)
			holds "${said:-0} > 0 && ${found:-0} == ${said:-1}"
		done
	done
}
policies='load-all recompute-all offloaded-cache'
compare --vary kv=fp16
policies="$policies kvpr-row"
compare --vary kv=fp16 --simulate

# The least memory is that of all policies, each as plan has it.
for options in '' --simulate; do
	ok kvplan sweep -m opt-6.7b -s 16 -g 200 -w h100-sxm --kv int4 \
		--vary batch=64 -p auto --objective host_bytes $options \
		--columns chosen_policy,host_bytes
	cp "$out" rows.csv
	least=$(awk -F, 'NR == 2 { print $4 }' rows.csv)
	chosen=$(awk -F, 'NR == 2 { print $3 }' rows.csv)
	case='-m opt-6.7b -s 16 -g 200 -w h100-sxm --kv int4 -b 64'
	for policy in load-all recompute-all $chosen; do
		holds "$least <= $(of_plan host)"
	done
	holds "$least == $(of_plan host)"
done
finish

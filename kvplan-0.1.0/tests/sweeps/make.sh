#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make.sh - write the files of this folder, which the tests of the pictures
# draw: a row for each run of kvplan plan, in the columns of a sweep.
set -eu
cd "$(dirname "$0")"
: "${kvplan:=../../kvplan}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The first member KEY of the answer.
value() {
	sed -n 's/.*"'"$1"'":[[:space:]]*"\{0,1\}\([^",]*\)"\{0,1\},*$/\1/p' \
		"$scratch/json" | head -n 1
}

# row INPUTS OPTION...: plan, and print what a sweep does.
row() {
	inputs=$1
	shift
	if ! "$kvplan" plan "$@" --json >"$scratch/json" 2>"$scratch/err"; then
		printf '%s,%s,,,,,,,,,,,,,,"%s"\n' "$point" "$inputs" \
			"$(sed 's/"/""/g' "$scratch/err")"
		return
	fi
	awk -v point="$point" -v inputs="$inputs" \
		-v policy="$(value policy)" -v prefetch="$(value prefetch)" \
		-v cached="$(value cached)" -v l="$(value split)" \
		-v step="$(value step_s)" -v rate="$(value tokens_per_s)" \
		-v all="$(value baseline_decode_s)" \
		-v steps="$(value steps)" -v gain="$(value gain_pct)" \
		-v bound="$(value bound)" -v floor="$(value lower_bound_s)" \
		-v gap="$(value gap_pct)" -v used="$(value used_bytes)" '
	BEGIN {
		if (all == "null")
			load = gain = ""
		else
			load = sprintf("%.9g", all / steps)
		printf "%s,%s,%s,%s,%s,%s,%.6g,%.9g,%.9g,%s,%s,%s,%.9g,%s,", \
			point, inputs, policy, prefetch, cached, l, \
			l / cached, step, rate, load, gain, bound, \
			32 * floor, gap
		printf "%s,\n", used
	}'
}

outputs=policy,prefetch,cached,split,split_fraction,step_s,tokens_per_s
outputs=$outputs,load_all_s,gain_pct,bound,floor_s,gap_pct
outputs=$outputs,gpu_bytes,error

# Link against GPU: the last of the links is as fast as an NVLink-C2C.
point=0
{
	echo "point,link.h2d.bytes_per_s,gpu.flop_per_s,$outputs"
	for link in 8 16 26 52 104 208 416; do
		for gpu in 39 78 156 312 624 1248; do
			row "${link}e9,${gpu}e12" -m opt-6.7b \
				-w a100-40gb-pcie4 -b 32 -s 512 -g 8 \
				--set link.h2d.bytes_per_s=${link}e9 \
				--set link.d2h.bytes_per_s=${link}e9 \
				--set link.duplex_bytes_per_s=$((2 * link))e9 \
				--set gpu.flop_per_s=${gpu}e12
			point=$((point + 1))
		done
	done
} >link_gpu.csv

# Batch against prompt, by policy; the largest do not fit, or are refused.
point=0
{
	echo "point,policy,batch,prompt,${outputs#policy,}"
	for policy in load-all kvpr-row recompute-all; do
		for batch in 1 4 16 64 256; do
			for prompt in 64 128 256 512 1024 2000; do
				row "$policy,$batch,$prompt" -m opt-6.7b \
					-w a100-40gb-pcie4 -p $policy \
					-b $batch -s $prompt -g 8
				point=$((point + 1))
			done
		done
	done
} | awk -F, -v OFS=, '
	NR == 1 || $NF ~ /"/ {
		if (NR > 1)
			sub(/,,/, ",")
		print
		next
	}
	{ $5 = ""; sub(/,,/, ","); print }' >policies.csv

# Batch against throughput, with the spread as a sweep of draws has it.
point=0
{
	echo "point,batch,kv,$outputs"
	for kv in fp16 int8 int4; do
		for batch in 1 2 4 8 16 32 64; do
			row "$batch,$kv" -m opt-6.7b -w a100-40gb-pcie4 \
				-b $batch -s 512 -g 8 --kv $kv
			point=$((point + 1))
		done
	done
} | awk -F, -v OFS=, '
	{ n = NF; last = $n; $n = "" }
	NR == 1 { print $0 "gain_pct_p05,gain_pct_p95," last; next }
	{ print $0 ($12 - 2.5) "," ($12 + 1.25) "," last }' >batches.csv

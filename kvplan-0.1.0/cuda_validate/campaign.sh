#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# campaign.sh - all that kvplan-gpu measures on one machine, in one go.
#
#   campaign.sh [--gpu-program FILE] FOLDER
#
# Needs kvplan-gpu, beside this script or where --gpu-program says, and
# nothing else that is built.  Profiles the machine at the shapes of four
# models, checks the method at several geometries, checks that a check can
# fail, and writes into FOLDER: samples.json, check-*.json, campaign.log.
# Prints a short table last.  Takes about four minutes.
set -eu

program=$(dirname "$0")/kvplan-gpu
if [ "${1-}" = --gpu-program ]; then
	program=${2-}
	shift 2
fi
if [ $# -ne 1 ] || [ ! -x "$program" ]; then
	sed -n '3,13s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
folder=$1
mkdir -p "$folder"
log=$folder/campaign.log
: >"$log"
failures=0

say() {
	echo "$*" | tee -a "$log"
}

{
	"$program" --version
	date -u '+%Y-%m-%dT%H:%M:%SZ'
	nvidia-smi --query-gpu=name,driver_version,temperature.gpu,clocks.sm,clocks.mem,power.draw \
		--format=csv || echo 'no nvidia-smi'
} >>"$log" 2>&1

# name and options of each check
check() {
	name=$1
	shift
	if "$program" check --json "$@" >"$folder/check-$name.json" \
		2>>"$log"; then
		say "check $name: passed"
	else
		failures=$((failures + 1))
		say "check $name: FAILED ($*)"
	fi
}

# mistake NAME OPTIONS: it must be found, which is exit code 1
mistake() {
	name=$1
	shift
	code=0
	"$program" check -m llama-2-7b -b 8 -s 1024 -l 400 --break "$name" \
		>>"$log" 2>&1 || code=$?
	if [ "$code" -eq 1 ]; then
		say "check --break $name: found"
	else
		failures=$((failures + 1))
		say "check --break $name: NOT FOUND, exit $code"
	fi
}

check opt-6.7b -m opt-6.7b -b 32 -s 1024 -l 600
check opt-13b -m opt-13b -b 16 -s 777 -l 255
check opt-30b -m opt-30b -b 8 -s 2048 -l 1000
check llama-2-7b -m llama-2-7b -b 64 -s 512 -l 300
check llama-2-7b-one -m llama-2-7b -b 1 -s 4000 -l 1
check llama-2-7b-all -m llama-2-7b -b 3 -s 129 -l 129
check llama-3.1-8b -m llama-3.1-8b -b 16 -s 1500 -l 700
check opt-2.7b -m opt-2.7b -b 5 -s 333 -l 111
check opt-125m -m opt-125m -b 7 -s 65 -l 33
mistake split
mistake tail
mistake length

start=$(date +%s)
"$program" profile --progress -m opt-6.7b -m opt-13b -m opt-30b \
	-m llama-2-7b -o "$folder/samples.json" 2>>"$log" || {
	failures=$((failures + 1))
	say "profile: FAILED: $(tail -n 1 "$log")"
}
say "profile: $(($(date +%s) - start)) s"

# A number out of the samples: the median of the first row that begins with
# $2, in the first series whose line has all of the words that follow.
median() {
	awk -v key="$1" -v words="$2" '
	BEGIN { n = split(words, word, "|") }
	index($0, "{\"series\"") == 1 {
		inside = 1
		for (i = 1; i <= n; i++)
			if (index($0, word[i]) == 0)
				inside = 0
		next
	}
	inside && index($0, "[" key) == 1 {
		gsub(/[][}]/, "")
		m = split($0, cell, ",")
		while (cell[m] == "")
			m--
		print cell[m - 2]
		exit
	}' "$folder/samples.json"
}

# row TITLE MEDIAN AMOUNT UNIT: amount over time, or the time in us
row() {
	awk -v title="$1" -v t="$2" -v amount="$3" -v unit="$4" 'BEGIN {
		if (t == "")
			exit
		printf "%-44s %9.2f %s\n", title,
			(amount > 0 ? amount / t : t * 1e6), unit
	}' | tee -a "$log"
}

if [ -s "$folder/samples.json" ]; then
	big=268435456
	for d in h2d d2h; do
		row "$d, pinned, 256 MiB, queued" "$(median $big, \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|queued")" 0.268435456 GB/s
		row "$d, pageable, 256 MiB" "$(median $big, \
"\"transfer\"|\"direction\":\"$d\"|\"pageable\"|wall")" 0.268435456 GB/s
		row "$d, against the other, 256 MiB" "$(median $big, \
"transfer_contended|\"direction\":\"$d\"|\"against_bytes\":268435456")" \
			0.268435456 GB/s
		row "$d, pinned, 4 KiB, queued" "$(median 4096, \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|queued")" 0 us
		row "$d, pinned, 4 KiB, waited for" "$(median 4096, \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|wall")" 0 us
	done
	row 'kernel, issue' "$(median '' '"issue"|"kernel"')" 0 us
	row 'kernel, in a chain' "$(median '' '"execute"|"kernel"')" 0 us
	row 'kernel, waited for' "$(median '' '"round_trip"|"kernel"')" 0 us
	row 'device memory, read of 2 GiB' "$(median 2147483648, \
		'device_memory|"read"')" 0.002147483648 TB/s
	row 'device memory, copy of 2 GiB, both ways' \
		"$(median 2147483648, 'device_memory|copy_kernel')" \
		0.004294967296 TB/s
	row 'GEMM 8192 x 8192 x 4096' "$(median 8192, \
		'"gemm"|"n":8192|"k":4096')" 0.549755813888 TFLOP/s
	row 'GEMM 131072 x 8192 x 4096' "$(median 131072, \
		'"gemm"|"n":8192|"k":4096')" 8.796093022208 TFLOP/s
	row 'attention, batch 32, 1024 tokens (512 MiB)' "$(median 32,1024, \
		'"attention"|"opt-6.7b"')" 0.000536870912 TB/s
	row 'host attention, one thread' "$(median 1, \
		'host_attention|avx2')" 0.536870912 GB/s
fi
say "$failures failures"
[ "$failures" -eq 0 ]

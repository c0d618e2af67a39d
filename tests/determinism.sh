#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# determinism.sh - kvplan prints the same bytes whatever compiled it and
# however many threads it has.
#
# `make check-determinism` names the sources and gives the flags of the build.
# Each compiler that is here compiles them without optimisation, and with it
# for this very processor.  Where that can multiply and add in one go, and on
# architectures that always can, results differ without -ffp-contract=off.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
: "${CC:?}"
: "${SOURCES:?make check-determinism}" "${FLAGS:?}" "${LIBRARIES:?}"
builds='' pids=''

# Of the build what decides on results: no warnings, no sanitizers.
flags=
for flag in $FLAGS; do
	case $flag in
	-ffp-* | -D* | -I* | -pthread) flags="$flags $flag" ;;
	esac
done
files=
for file in $SOURCES; do
	case $file in
	*.c)
		[ -f "$top_builddir/$file" ] || file=$top_srcdir/$file
		files="$files $file"
		;;
	esac
done

# compile NAME COMPILER FLAG...: begin with kvplan in the folder of that name.
compile() {
	name=$1
	shift
	mkdir "$scratch/$name"
	# shellcheck disable=SC2086 # lists of words
	(
		cd "$top_builddir"
		"$@" $flags -DKVPLAN_PKGDATADIR='"none"' \
			-o "$scratch/$name/kvplan" $files $LIBRARIES
	) >"$scratch/$name.log" 2>&1 &
	builds="$builds $name" pids="$pids $!"
}

# Prints a lot: plans, every slice of timelines, jitter in all of them.
# shellcheck disable=SC2086 # lists of words
commands() {
	case='-m opt-6.7b -w a100-40gb-pcie4 -b 32 -s 97 -g 6'
	many='--num-batches 2 --gpus 3 --set host.root_bytes_per_s=40GB/s
		--set host.attention_bytes_per_s=90GB/s
		--set host.copy_bytes_per_s=9GB/s
		--set link.d2h.pageable_bytes_per_s=7GB/s'
	h200="-m opt-13b -w $top_srcdir/traces/h200-sxm/hardware.json -b 8
		-s 300 -g 5"
	jitter='--jitter 5%,h2d=3% --systematic sm=2% --seed 23'
	policies=$(kvplan list policies --csv | sed -e 1d -e 's/,.*//')
	for policy in $policies; do
		kvplan simulate $case $many --policy "$policy" --json
		kvplan simulate $case $many --policy "$policy" $jitter \
			--replications 2 --trace -
	done
	kvplan plan $case --json
	kvplan simulate $case --trace -
	kvplan simulate $h200 --json --jitter calibration --systematic \
		calibration --replications 40
}

for compiler in gcc clang; do
	command -v $compiler >"$scratch/null" || continue
	compile $compiler-O0 $compiler -O0
	compile $compiler-O2 $compiler -O2 -march=native
done
[ -n "$builds" ] || fail 'neither gcc nor clang is here'
# shellcheck disable=SC2086
set -- $builds
for pid in $pids; do
	wait "$pid" || {
		cat "$scratch"/*.log
		fail 'a build failed'
	}
done

for build; do
	(
		# shellcheck disable=SC2030
		PATH=$scratch/$build:$PATH
		commands
	) >"$scratch/$build/out" </dev/null || fail "kvplan of $build fails"
	cmp "$scratch/$1/out" "$scratch/$build/out" ||
		fail "$1 and $build print different results"
done
[ "$(wc -c <"$scratch/$1/out")" -gt 1000000 ] || fail 'too little is printed'

# The first build with another number of threads; the words typed differ.
# shellcheck disable=SC2031
PATH=$scratch/$1:$PATH
for jobs in 1 2 5; do
	kvplan simulate -m opt-6.7b -w a100-40gb-pcie4 -b 32 -s 97 -g 6 \
		--json --jitter 5% --replications 50 --jobs $jobs |
		grep -v '"command":' >"$scratch/jobs-$jobs"
	cmp "$scratch/jobs-1" "$scratch/jobs-$jobs" ||
		fail "1 and $jobs threads give different results"
done
grep -q '"replications":' "$scratch/jobs-1" || fail 'nothing is replicated'
echo "determinism.sh: the same of $*, and of 1, 2 and 5 threads"

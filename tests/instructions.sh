#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# instructions.sh - instructions for each event, each contended transfer and
# each task, as valgrind counts them: a regression shows on a machine of any
# speed.  A simulation costs so much a task however many layers and steps there
# are, and allocates as often for many steps as for few.  A task of one of eight
# GPUs, out of step by jitter, has its factor drawn besides.
#
#   instructions.sh            fail if one exceeds the committed figure by 10 %
#   instructions.sh --print    print NAME FIGURE lines
#   instructions.sh --update   write them to tests/bench/instructions.txt
#
# A count depends on the compiler and its options.  So the sources are built
# here, with -O2 and none of configure's options, and figures are compared for
# the architecture and major version of gcc they were committed for, and for
# no other.  Without these, or valgrind, the test is skipped.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
: "${CC:=cc}" "${VALGRIND:=valgrind}" "${PKG_CONFIG:=pkg-config}"

committed=$top_srcdir/tests/bench/instructions.txt
compiler() {
	# shellcheck disable=SC2086 # $CC may have options
	printf '%s\n' __clang__ __GNUC__ __x86_64__ | $CC -E -P - | tr '\n' ' '
}

# NAME FUNCTION ARGUMENT... of count: instructions in FUNCTION for each thing.
count() {
	name=$1
	function=$2
	shift 2
	"$VALGRIND" --tool=callgrind --toggle-collect="$function" \
		--callgrind-out-file=/dev/null "$scratch/count" "$@" \
		>"$scratch/done" 2>"$scratch/log" || {
		cat "$scratch/log"
		exit 1
	}
	awk -v name="$name" -v n="$(cat "$scratch/done")" '
		/Collected/ { printf "%s %.1f\n", name, $NF / n }' \
		"$scratch/log"
}

all() {
	# shellcheck disable=SC2086 # $CC and the rest are several words
	(cd "$top_srcdir" && $CC -O2 -I. -o "$scratch/count" \
		tests/bench/count.c tests/bench/hold.c tests/bench/steps.c \
		tests/bench/transfers.c sim/priority_queue.c sim/jitter.c \
		sim/links.c sim/max_min.c sim/paces.c sim/run.c sim/streams.c \
		sim/topology.c sim/waiting.c schedule/graph.c \
		model/calibration.c model/curve.c model/figures.c \
		model/hardware.c model/measured.c model/power_limit.c model/work.c \
		model/workload.c traces/timeline.c base/claim.c base/csv.c base/diag.c \
		base/file.c base/json.c \
		base/nearest.c base/quantity.c base/statistics.c \
		base/table.c base/text.c \
		base/xalloc.c $libs -lm)
	count hold_16 hold_run hold 16 50000
	count hold_1000 hold_run hold 1000 50000
	count hold_10000 hold_run hold 10000 100000
	count transfers_0 transfers_run transfers 0 20000
	count transfers_1 transfers_run transfers 1 5000
	count transfers_2 transfers_run transfers 2 2500
	count steps_48 steps_run steps 48 64
	count steps_96 steps_run steps 96 64
	count steps_48_longer steps_run steps 48 512
	count steps_8_gpus steps_run gpus 8 16
}

# Allocations of a simulation of $1 steps, the plan's included.
allocations() {
	"$VALGRIND" --leak-check=no "$scratch/count" steps 48 "$1" \
		>"$scratch/done" 2>"$scratch/log"
	sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$scratch/log"
}

"$VALGRIND" --version >/dev/null 2>&1 || skip "no valgrind"
libs=$($PKG_CONFIG --cflags --libs gsl libcjson) || skip "no gsl or libcjson"
case ${1-} in
--print)
	all
	exit
	;;
--update)
	{
		echo "# Instructions each, by tests/instructions.sh --update"
		echo "# compiler: $(compiler)"
		all
	} >"$scratch/new"
	cp "$scratch/new" "$committed"
	exit
	;;
esac

case $(compiler) in
"__clang__ "[0-9]*" 1 ") ;;
*) skip "not gcc for x86-64" ;;
esac
grep -qxF "# compiler: $(compiler)" "$committed" ||
	skip "figures are for another gcc"
all >"$scratch/now"
few=$(allocations 16)
many=$(allocations 1024)
if [ -z "$few" ] || [ "$few" != "$many" ]; then
	fail "$many allocations for 1024 steps, $few for 16"
fi
awk '
	/^#/ { next }
	NR == FNR { was[$1] = $2; names++; next }
	{
		seen++
		if (!($1 in was))
			fault = fault "\n" $1 " is not in " ARGV[1]
		else if ($2 > 1.10 * was[$1])
			fault = fault "\n" $1 ": " $2 " instructions, over " \
				"10 % more than " was[$1]
		else if ($2 < 0.90 * was[$1])
			print "instructions.sh: " $1 ": " $2 ", down from " \
				was[$1] ": commit it (--update)"
		now[$1] = $2
	}
	END {
		base = now["steps_48"]
		if (now["steps_96"] > 1.05 * base ||
		    now["steps_48_longer"] > 1.05 * base)
			fault = fault "\na task costs " base ", of 96 layers " \
				now["steps_96"] ", of 512 steps " \
				now["steps_48_longer"]
		if (seen != names || seen == 0)
			fault = fault "\n" seen + 0 " figures, not " names + 0
		if (fault == "")
			print "instructions.sh: " seen " figures within 10 %"
		else
			print "instructions.sh:" fault
		exit fault != ""
	}' "$committed" "$scratch/now"

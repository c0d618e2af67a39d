#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# validate.sh - measured runs that the model is held against.
#
#   validate.sh [--gpu-program FILE] PLANS FOLDER [OPTION]...
#
# PLANS is a group of plans that make-plans.sh wrote, such as plans/steady.
# Needs kvplan-gpu, beside this script or where --gpu-program says, and
# nothing else that is built.  Runs the plans of each folder PLANS/N with N
# layers and with the options of 'kvplan-gpu run'.  If there are none, it is
# three decode steps in the middle, five times, where the split is open with
# the plan's and nine others; for plans/steady this takes about nine minutes
# and 12 GiB of host memory.  Writes FOLDER/GROUP-N.json, such as steady-4.json, and
# validate.log.  A plan that fails stops its folder; the others are still run.
set -eu

usage() {
	sed -n '3,16s/^# \{0,1\}//p' "$0"
}

fail() {
	echo "validate.sh: $*" >&2
	exit 2
}

program=$(dirname "$0")/kvplan-gpu
case ${1-} in
--help | -h)
	usage
	exit
	;;
--gpu-program)
	[ $# -ge 2 ] || fail '--gpu-program: expected a value'
	program=$2
	shift 2
	;;
esac
if [ $# -lt 2 ]; then
	usage >&2
	exit 2
fi
plans=$1 folder=$2
shift 2
if [ ! -f "$program" ] || [ ! -x "$program" ]; then
	fail "$program: not there; build it, or give --gpu-program"
fi
case $folder in
'' | -*) fail "FOLDER: found '$folder', expected a folder" ;;
esac
if [ -e "$folder" ] && [ ! -d "$folder" ]; then
	fail "FOLDER: found the file '$folder', expected a folder"
fi
for group in "$plans"/*/; do
	if [ -z "$plans" ] || [ ! -d "$group" ]; then
		fail "PLANS: found no plans in '$plans', expected a group" \
			'that make-plans.sh wrote'
	fi
done
[ $# -gt 0 ] || set -- --steps 14:3 --sweep 9 --repeat 5 --within 5 \
	--host-pool 12GiB
mkdir -p "$folder"
log=$folder/validate.log
{
	"$program" --version
	nvidia-smi --query-gpu=name,driver_version,temperature.gpu,clocks.sm,clocks.mem,power.draw \
		--format=csv || echo 'no nvidia-smi'
} >"$log" 2>&1
failures=0 name=$(basename "$plans")

for group in "$plans"/*/; do
	layers=$(basename "$group")
	start=$(date +%s)
	if "$program" run "$group"*.json --layers "$layers" "$@" \
		--output "$folder/$name-$layers.json" >>"$log" 2>&1; then
		echo "$layers layers: $(find "$group" -name '*.json' | wc -l)" \
			"plans, $(($(date +%s) - start)) s"
	else
		failures=$((failures + 1))
		echo "$layers layers: FAILED: $(tail -n 1 "$log")"
	fi
done
echo "$failures failures"
[ "$failures" -eq 0 ]

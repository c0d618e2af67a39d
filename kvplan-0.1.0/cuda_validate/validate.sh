#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# validate.sh - all measured runs that the model is held against, in one go.
#
#   validate.sh [--gpu-program FILE] PLANS FOLDER
#
# PLANS is what make-plans.sh wrote.  Needs kvplan-gpu, beside this script or
# where --gpu-program says, and nothing else that is built.  Runs every plan,
# where the split is open with it and with nine others, for three decode
# steps in the middle, five times; writes FOLDER/runs-N.json for the plans
# that are run with N layers, and validate.log.  Takes about seven minutes
# and 12 GiB of host memory.
set -eu

program=$(dirname "$0")/kvplan-gpu
if [ "${1-}" = --gpu-program ]; then
	program=${2-}
	shift 2
fi
if [ $# -ne 2 ] || [ ! -x "$program" ] || [ ! -d "$1" ]; then
	sed -n '3,14s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
plans=$1 folder=$2
mkdir -p "$folder"
log=$folder/validate.log
{
	"$program" --version
	nvidia-smi --query-gpu=name,driver_version,temperature.gpu,clocks.sm,clocks.mem,power.draw \
		--format=csv || echo 'no nvidia-smi'
} >"$log" 2>&1
failures=0

for group in "$plans"/*/; do
	layers=$(basename "$group")
	start=$(date +%s)
	set -- "$group"*.json
	if "$program" run "$@" --layers "$layers" --steps 14:3 \
		--sweep 9 --repeat 5 --within 5 --host-pool 12GiB \
		--output "$folder/runs-$layers.json" >>"$log" 2>&1; then
		echo "$layers layers: $# plans," \
			"$(($(date +%s) - start)) s"
	else
		failures=$((failures + 1))
		echo "$layers layers: FAILED: $(tail -n 1 "$log")"
	fi
done
echo "$failures failures"
[ "$failures" -eq 0 ]

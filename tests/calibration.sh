#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# calibration.sh - each committed calibration is what its samples give: the
# command that its README names is run again and the profiles compared, numbers
# within 1e-6 of their size.
#
#   calibration.sh [--update]
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/bin"
ln -s "$(cd "$top_builddir" && pwd)/kvplan" "$scratch/bin/kvplan"

# One JSON number or other word a line.
words() {
	sed 's/[][{},]/ & /g' "$1" | tr -s '[:blank:]' '\n' | sed '/^$/d'
}

compare() { # EXPECTED FOUND
	words "$1" >"$scratch/a"
	words "$2" >"$scratch/b"
	paste "$scratch/a" "$scratch/b" | awk '
	$1 == $2 { next }
	$1 ~ /^-?[0-9]/ && $2 ~ /^-?[0-9]/ {
		size = $1 < 0 ? -$1 : $1
		if ($1 - $2 <= 1e-6 * size && $2 - $1 <= 1e-6 * size)
			next
	}
	{ print NR ": expected " $1 ", found " $2; exit 1 }'
}

made=0
for folder in "$top_srcdir"/traces/*/; do
	[ -f "$folder/samples.json" ] || continue
	command=$(sed -n 's/^\(kvplan calibrate .*\)$/\1/p' \
		"$folder/README.md" | head -n 1)
	[ -n "$command" ] || {
		echo "calibration.sh: $folder/README.md names no command"
		exit 1
	}
	rm -rf "$scratch/here"
	mkdir "$scratch/here"
	cp "$folder/samples.json" "$scratch/here"
	(cd "$scratch/here" && PATH=$scratch/bin:$PATH sh -eu -c "$command") \
		>"$scratch/said"
	if [ "${1-}" = --update ]; then
		cp "$scratch/here/hardware.json" "$folder/hardware.json"
	fi
	compare "$folder/hardware.json" "$scratch/here/hardware.json" || {
		echo "calibration.sh: $folder/hardware.json differs" \
			"(calibration.sh --update writes it)"
		exit 1
	}
	"$top_builddir/kvplan" show hardware "$folder/hardware.json" \
		>"$scratch/said"
	made=$((made + 1))
done

# The comparison can tell.
sed 's/"latency_s"/"latency"/' "$folder/hardware.json" >"$scratch/wrong"
if compare "$folder/hardware.json" "$scratch/wrong" >"$scratch/told"; then
	echo 'calibration.sh: a wrong name goes unnoticed'
	exit 1
fi
sed 's/2.5\([0-9]\)/2.6\1/' "$folder/hardware.json" >"$scratch/wrong"
if compare "$folder/hardware.json" "$scratch/wrong" >"$scratch/told"; then
	echo 'calibration.sh: a wrong number goes unnoticed'
	exit 1
fi
[ "$made" -gt 0 ]
echo "calibration.sh: $made calibrations made again"

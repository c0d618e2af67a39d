#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# calibration.sh - each committed calibration is what its samples give: the
# command that its README names is run again and the profiles compared, numbers
# within 1e-6 of their size.
#
#   calibration.sh [--update]
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"

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
	[ -n "$command" ] || fail "$folder/README.md names no command"
	cp "$folder/samples.json" samples.json
	ok sh -eu -c "$command"
	[ "${1-}" != --update ] || cp hardware.json "$folder/hardware.json"
	compare "$folder/hardware.json" hardware.json ||
		fail "$folder/hardware.json differs (calibration.sh" \
			"--update writes it)"
	ok kvplan show hardware "$folder/hardware.json"
	rm hardware.json samples.json
	made=$((made + 1))
done

# The comparison can tell.
sed 's/"latency_s"/"latency"/' "$folder/hardware.json" >"$scratch/wrong"
! compare "$folder/hardware.json" "$scratch/wrong" >"$scratch/told" ||
	fail 'a wrong name goes unnoticed'
sed 's/2.5\([0-9]\)/2.6\1/' "$folder/hardware.json" >"$scratch/wrong"
! compare "$folder/hardware.json" "$scratch/wrong" >"$scratch/told" ||
	fail 'a wrong number goes unnoticed'
[ "$made" -gt 0 ] || fail 'no calibration is made again'
finish

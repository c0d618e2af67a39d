#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# golden.sh - the output of the commands of golden/*.cmd is that of *.out.
#
#   golden.sh [--update] [NAME]...
#
# Each command runs in an empty folder with kvplan in the PATH.  Numbers may
# differ by 1e-9 of their size, all else must be the same; version and
# fingerprints are masked.  --update writes the *.out: read the difference.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
golden=$top_srcdir/tests/golden

update=no
if [ "${1-}" = --update ]; then
	update=yes
	shift
fi
if [ $# -eq 0 ]; then
	for file in "$golden"/*.cmd; do
		set -- "$@" "$(basename "$file" .cmd)"
	done
fi

# What the command of $1 prints on both streams, and its exit code.
run() {
	mkdir "$scratch/empty"
	code=0
	(
		cd "$scratch/empty"
		sh -u "$golden/$1.cmd"
	) </dev/null >"$scratch/raw" 2>&1 || code=$?
	rm -rf "$scratch/empty"
	sed -e 's/\("version":[[:space:]]*\)"[^"]*"/\1"VERSION"/g' \
		-e 's/\("fnv1a":[[:space:]]*\)"[0-9a-f]*"/\1"HASH"/g' \
		"$scratch/raw"
	echo "exit $code"
}

# Compare the files $1 (expected) and $2 (found).
compare() {
	awk -v other="$2" '
	BEGIN {
		number = "[-+]?[0-9]+(\\.[0-9]*)?([eE][-+]?[0-9]+)?"
		tolerance = 1e-9
	}
	# Cut what stands before the first number of rest[i], and the number.
	function cut(i) {
		has[i] = match(rest[i], number)
		before[i] = has[i] ? substr(rest[i], 1, RSTART - 1) : rest[i]
		value[i] = substr(rest[i], RSTART, RLENGTH) + 0
		rest[i] = has[i] ? substr(rest[i], RSTART + RLENGTH) : ""
	}
	function near(a, b, size) {
		size = a < 0 ? -a : a
		if (size < b || size < -b)
			size = b < 0 ? -b : b
		return a - b <= tolerance * size && b - a <= tolerance * size
	}
	function same(a, b) {
		rest[1] = a
		rest[2] = b
		do {
			cut(1)
			cut(2)
			if (before[1] != before[2] || has[1] && !has[2] ||
			    has[2] && !has[1] || !near(value[1], value[2]))
				return 0
		} while (has[1])
		return 1
	}
	(getline line <other) <= 0 {
		print FNR ": ends here, expected:\n  " $0
		bad = 1
		exit
	}
	!same($0, line) {
		print FNR ": found:\n  " line "\nexpected:\n  " $0
		bad = 1
		exit
	}
	END {
		if (!bad && (getline line <other) > 0) {
			print FNR + 1 ": expected no more, found:\n  " line
			bad = 1
		}
		exit bad
	}' "$1"
}

# The comparison itself can tell.
tell() { # EXIT EXPECTED FOUND
	printf '%b' "$2" >"$scratch/a"
	printf '%b' "$3" >"$scratch/b"
	code=0
	compare "$scratch/a" "$scratch/b" >"$scratch/told" || code=$?
	[ "$code" -eq "$1" ] ||
		fail "compare '$2' with '$3' is $code, expected $1"
}
tell 0 'x 2.385 s\n' 'x 2.3850000001 s\n'
tell 0 '-1e-300, 7\n' '-1.0e-300, 7\n'
tell 1 'x 2.385 s\n' 'x 2.38500001 s\n'
tell 1 'x 2.385 s\n' 'x 2.385 ms\n'
tell 1 'x 2.385\n' 'x 2.385 1\n'
tell 1 'x 2\n' 'x -2\n'
tell 1 'x\n' 'x\ny\n'
tell 1 'x\ny\n' 'x\n'

for name in "$@"; do
	run "$name" >"$scratch/found"
	if [ "$update" = yes ]; then
		cp "$scratch/found" "$golden/$name.out"
	elif ! compare "$golden/$name.out" "$scratch/found" \
		>"$scratch/why" 2>&1; then
		echo "golden/$name.out:$(cat "$scratch/why")"
		failures=$((failures + 1))
	fi
done
[ "$failures" -eq 0 ] || fail "$failures of $# differ (golden.sh --update" \
	"writes the new output)"
echo "golden.sh: $# commands"

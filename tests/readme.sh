#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# readme.sh - the commands of README.md and doc/SWEEPS.md do what they say: those
# of ```sh blocks run one after the other in an empty folder, and the table that
# README.md shows is the one that its first command prints.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"

readme=$top_srcdir/README.md

# lines_of FILE: of its ```sh blocks, those that end in a backslash joined.
lines_of() {
	awk '
	/^```/ {
		inside = !inside && $0 == "```sh"
		next
	}
	inside {
		if (sub(/\\$/, ""))
			printf "%s", $0
		else
			print
	}' "$1"
}
lines_of "$readme" >"$scratch/lines"

[ "$(grep -c '^\./bootstrap &&' "$scratch/lines")" -eq 2 ] ||
	fail 'expected two lines that begin with ./bootstrap &&'
grep -q '^\./bootstrap && \./kvplan ' "$scratch/lines" ||
	fail 'no line ./bootstrap && ./kvplan ...'
grep -qx '\./bootstrap && make check' "$scratch/lines" ||
	fail 'no line ./bootstrap && make check'

# What make has done already is left out.
sed -n -e '/&& make check$/d' -e 's/^\.\/bootstrap && //' -e '/^\.\/kvplan/p' \
	"$scratch/lines" >"$scratch/commands"

# The first ```text block shows what the first command prints.
awk '/^```text$/ { inside = 1; next } /^```/ && inside { exit } inside' \
	"$readme" >"$scratch/shown"

ln -s "$top_builddir/kvplan" kvplan
while IFS= read -r command; do
	case $command in
	*plot*)
		[ -n "$gnuplot" ] || continue
		;;
	esac
	ok sh -eu -c "$command"
	[ "$checks" -gt 1 ] || same "$scratch/shown" "$out"
done <"$scratch/commands"
[ "$checks" -ge 3 ] || fail 'too few commands found'

# Of a million points 10 000 will do; the slice that is drawn is among them.
before=$checks
lines_of "$top_srcdir/doc/SWEEPS.md" | sed 's/:log50/:log5/g' \
	>"$scratch/commands"
[ "$(grep -c 'log5 .*log5 .*million.csv' "$scratch/commands")" -eq 1 ] ||
	fail 'expected the million points once'
while IFS= read -r command; do
	case $command in
	*plot*)
		[ -n "$gnuplot" ] || continue
		;;
	mpirun*)
		with_mpi || continue
		command=$mpirun${command#mpirun}
		;;
	esac
	ok sh -eu -c "$command"
done <"$scratch/commands"
[ "$checks" -ge $((before + 5)) ] || fail 'too few commands found'
rows sweep.csv 15
same sweep.csv merged.csv
[ ! -e ranks.csv ] || same sweep.csv ranks.csv
rows million.csv 10000
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# readme.sh - the commands of README.md do what it says: those of ```sh blocks
# run one after the other in an empty folder, and the table that it shows is
# the one that its first command prints.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR
gnuplot=${GNUPLOT-$(command -v gnuplot || :)}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/empty"
ln -s "$top_builddir/kvplan" "$scratch/empty/kvplan"
readme=$top_srcdir/README.md

fail() {
	echo "readme.sh: $*"
	exit 1
}

# The lines of ```sh blocks, those that end in a backslash joined.
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
}' "$readme" >"$scratch/lines"

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

run=0 left_out=0
while IFS= read -r command; do
	case $command in
	*' plot '*)
		[ -n "$gnuplot" ] || {
			left_out=$((left_out + 1))
			continue
		}
		;;
	esac
	(cd "$scratch/empty" && sh -eu -c "$command") \
		>"$scratch/out" 2>"$scratch/err" </dev/null || {
		cat "$scratch/err"
		fail "fails: $command"
	}
	[ ! -s "$scratch/err" ] || fail "prints errors: $command"
	run=$((run + 1))
	if [ "$run" -eq 1 ] &&
		! diff "$scratch/shown" "$scratch/out" >"$scratch/diff"; then
		cat "$scratch/diff"
		fail "shows (<) another text than it prints (>): $command"
	fi
done <"$scratch/commands"
[ "$run" -ge 2 ] || fail "found only $run commands"
echo "readme.sh: $run commands run, $left_out left out for want of gnuplot"

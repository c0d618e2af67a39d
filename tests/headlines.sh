#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# headlines.sh - the table of headlines in doc/VALIDATION.md is what
# 'kvplan reproduce' writes.
#
# Simulates the items that take seconds, and compares all with what 'make
# paper-repro' left where that is newer than the program.  --update writes what
# that left into the document.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR
document=$top_srcdir/doc/VALIDATION.md
made=$top_builddir/paper-repro/out/headlines.md

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "headlines.sh: $*"
	exit 1
}

if [ "${1-}" = --update ]; then
	[ -s "$made" ] || fail "no $made: 'make paper-repro' writes it"
	awk -v made="$made" '
		/<!-- headlines: end -->/ { inside = 0 }
		!inside
		/<!-- headlines: begin -->/ {
			print ""
			while ((getline line < made) > 0)
				print line
			print ""
			inside = 1
		}' "$document" >"$scratch/document"
	cat "$scratch/document" >"$document"
	exit 0
fi

sed -n '/headlines: begin/,/headlines: end/p' "$document" |
	grep '^|' >"$scratch/table" || fail "$document: no table"
"$top_builddir/kvplan" reproduce table-1 a4 --no-figures \
	--output "$scratch/quick"
# What one set for all is depends on the other items.
short() {
	awk -F'|' -v OFS='|' '{ $6 = ""; print }' "$1"
}
grep -E '^\| (table-1|a4): ' "$scratch/table" >"$scratch/found" || :
grep -E '^\| (table-1|a4): ' "$scratch/quick/headlines.md" >"$scratch/new"
short "$scratch/found" >"$scratch/found.short"
short "$scratch/new" >"$scratch/new.short"
[ "$(wc -l <"$scratch/new")" -eq 6 ] || fail 'rows of Table 1 and A.4'
diff "$scratch/found.short" "$scratch/new.short" ||
	fail "$document: not what kvplan writes; tests/headlines.sh --update"
if [ -n "$(find "$made" -newer "$top_builddir/kvplan" 2>/dev/null)" ]; then
	diff "$scratch/table" "$made" ||
		fail "$document: not $made; tests/headlines.sh --update"
fi
echo "headlines.sh: $(wc -l <"$scratch/table") lines"

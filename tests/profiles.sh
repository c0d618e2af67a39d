#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# profiles.sh - every profile, plot script and item is named in EMBEDDED, so that
# it is installed and compiled in; the compiled copy is the file, byte for byte;
# and every profile is one that kvplan accepts.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
: "${pkgdatadir:=/usr/local/share/kvplan}"

(
	cd "$top_srcdir"
	find model/profiles -name '*.json'
	find plots -name '*.gp'
	find paper-repro -name index.json -o -name item.json -o -name README.md
) | sort >"$scratch/files"
sed -n 's/^	{ "\(.*\)", text_[0-9]* },$/\1/p' \
	"$top_builddir/base/embedded.c" | sort >"$scratch/embedded"

diff "$scratch/files" "$scratch/embedded" >"$scratch/diff" ||
	fail "EMBEDDED lacks (<), or has too much (>):
$(cat "$scratch/diff")"

# Away from all data folders the program has its copies alone.
cp "$top_builddir/kvplan" "$scratch/kvplan"
profiles=0
while read -r file; do
	case $file in
	model/profiles/models/*) kind=model ;;
	model/profiles/hardware/*) kind=hardware ;;
	model/profiles/offload/*) kind=offload ;;
	*) continue ;;
	esac
	name=$(basename "$file" .json)
	profiles=$((profiles + 1))
	ok kvplan show "$kind" "$name"
	[ ! -d "$pkgdatadir" ] || continue
	KVPLAN_DATADIR='' "$scratch/kvplan" show "$kind" "$name" --json \
		>"$scratch/copy" 2>&1 || :
	same "$scratch/copy" "$top_srcdir/$file"
done <"$scratch/files"

for kind in models hardware offload; do
	ok kvplan list "$kind" --csv
	csv "$out" "$(grep -c "^model/profiles/$kind/" "$scratch/files")"
done
holds "$profiles > 0"
finish

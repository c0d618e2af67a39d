#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# profiles.sh - every profile, plot script and item is named in EMBEDDED, so that
# it is installed and compiled in; the compiled copy is the file, byte for byte;
# and every profile is one that kvplan accepts.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
: "${pkgdatadir:=/usr/local/share/kvplan}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

(
	cd "$top_srcdir"
	find model/profiles -name '*.json'
	find plots -name '*.gp'
	find paper-repro -name index.json -o -name item.json -o -name README.md
) | sort >"$scratch/files"
sed -n 's/^	{ "\(.*\)", text_[0-9]* },$/\1/p' \
	"$top_builddir/base/embedded.c" | sort >"$scratch/embedded"

if ! diff "$scratch/files" "$scratch/embedded" >"$scratch/diff"; then
	sed -n -e 's/^< /profiles.sh: not in EMBEDDED: /p' \
		-e 's/^> /profiles.sh: in EMBEDDED, but no file: /p' \
		"$scratch/diff"
	exit 1
fi

# Away from all data folders the program has its copies alone.
cp "$top_builddir/kvplan" "$scratch/kvplan"
failures=0 profiles=0
while read -r file; do
	case $file in
	model/profiles/models/*) kind=model ;;
	model/profiles/hardware/*) kind=hardware ;;
	model/profiles/offload/*) kind=offload ;;
	*) continue ;;
	esac
	name=$(basename "$file" .json)
	profiles=$((profiles + 1))
	if ! "$top_builddir/kvplan" show "$kind" "$name" \
		>"$scratch/out" 2>&1; then
		echo "profiles.sh: $file: $(cat "$scratch/out")"
		failures=$((failures + 1))
	fi
	[ ! -d "$pkgdatadir" ] || continue
	KVPLAN_DATADIR='' "$scratch/kvplan" show "$kind" "$name" --json \
		>"$scratch/copy" 2>&1 || :
	if ! cmp -s "$scratch/copy" "$top_srcdir/$file"; then
		echo "profiles.sh: the copy of $file is not the file"
		failures=$((failures + 1))
	fi
done <"$scratch/files"

for kind in models hardware offload; do
	listed=$("$top_builddir/kvplan" list "$kind" --csv | sed 1d | wc -l)
	there=$(grep -c "^model/profiles/$kind/" "$scratch/files")
	if [ "$listed" -ne "$there" ]; then
		echo "profiles.sh: $there $kind, $listed listed"
		failures=$((failures + 1))
	fi
done

[ "$profiles" -gt 0 ] && [ "$failures" -eq 0 ] || exit 1
echo "profiles.sh: $(wc -l <"$scratch/files") files embedded," \
	"$profiles profiles accepted"

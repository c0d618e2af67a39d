#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# reproduce.sh - kvplan reproduce: the paper's items as text and files.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

ok kvplan list items
has table-1 a7 'Figure 7'
ok kvplan reproduce table-1
has 'Table 1' '27.34 ms' 'OPT-30B' 'Nearest of'
ok kvplan reproduce table-1 --csv
csv "$out" 30
ok kvplan reproduce table-1 a4 --json
json "$out"
fails 2 "unknown item 'figure-77', the nearest is figure-7" \
	kvplan reproduce figure-77
fails 2 '--output*--csv' kvplan reproduce table-1 -o x --csv
fails 2 '--no-figures*--output' kvplan reproduce table-1 --no-figures
fails 1 'nowhere/hardware.json' kvplan reproduce table-1 --measured nowhere
: >file
fails 1 'file/report.html*' kvplan reproduce table-1 -o file
rm file
ok kvplan reproduce table-1 --no-figures -o report
quiet=$(cat "$out")
holds "${#quiet} == 0"
checks=$((checks + 1))
[ -s report/report.html ] || problem 'no report'
rm -r report
mkdir -p data/paper-repro/table-1
cp "$top_srcdir/paper-repro/index.json" data/paper-repro
cp "$top_srcdir/paper-repro/table-1/README.md" data/paper-repro/table-1
sed 's/"attend_s"/"atend_s"/' "$top_srcdir/paper-repro/table-1/item.json" \
	>data/paper-repro/table-1/item.json
fails 1 "table-1/item.json: studies[[]0].metrics*'atend_s'*attend_s" \
	env KVPLAN_DATADIR="$PWD/data" kvplan reproduce table-1
rm -r data
nothing_new

finish

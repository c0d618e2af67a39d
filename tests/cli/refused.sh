#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# refused.sh - kvplan refuses what it would have to leave out.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

# A folder is no stream.
fails 2 "--output: found '-', expected*folder" kvplan reproduce table-1 -o -
nothing_new

# A peak below what was measured.
bundle=$top_srcdir/traces/h200-sxm
fails 2 "samples.json: --peak: found 100 TFLOP/s, expected * or more*gemm*" \
	kvplan calibrate "$bundle/samples.json" --peak 100TFLOP/s
ok kvplan calibrate "$bundle/samples.json" --peak 989TFLOP/s --csv

# One figure both set and varied; of another both hold.
link='--vary link.h2d.bytes_per_s=20GB/s,30GB/s'
fails 2 '--set link.h2d.bytes_per_s cannot*--vary link.h2d.bytes_per_s' \
	kvplan sweep $small $link --set link.h2d.bytes_per_s=9GB/s
ok kvplan sweep $small $link --set link.d2h.bytes_per_s=9GB/s

# A range without an end has none that is named.
fails 2 "--step: found '-1', expected a whole number, 0 or more" \
	kvplan plot split $small --step -1 -o x.png

# Draws that all do not fit are all of them.
ok kvplan sweep $small -p load-all --vary kv=fp16 --draws 5 \
	--uncertain 'gpu.memory_bytes=uniform(1MB,2MB)' \
	--columns split_mean,unfit_pct,win_pct --against kvpr-row
has '0,fp16,,100,,'

ok kvplan sweep --help
narrow

# A report of before does not stand beside files that failed.
mkdir -p folder/table-1.csv
echo old >folder/report.html
fails 1 'table-1.csv: Is a directory' kvplan reproduce table-1 -o folder \
	--no-figures
checks=$((checks + 1))
[ ! -e folder/report.html ] || problem 'the old report is there'
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_plot.sh - kvplan sweep --plot says before the sweep what it cannot
# draw.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

case='-m opt-125m -w t4 -g 5 --vary prompt=16,32'
# refuses PATTERN OPTION...: and there are no rows.
refuses() {
	pattern=$1
	shift
	fails 2 "$pattern" kvplan sweep $case -o rows.csv --plot x.svg "$@"
	nothing_new
}
refuses '--plot needs column gain_pct*--columns' -b 3 --columns step_s
refuses '--plot needs column split_fraction*--columns' --vary batch=1,3 \
	--columns step_s
refuses '--plot needs column policy*--columns' --vary batch=1,3 -p auto \
	--columns step_s
refuses '--plot needs column step_s*--columns' --vary batch=1,3 \
	--vary policy=load-all,kvpr-row --columns split
fails 1 'nodir/x.svg: No such file' kvplan sweep $case -b 3 -o rows.csv \
	--plot nodir/x.svg
nothing_new

# That nothing fits is a result; the rows are there.
for options in '-b 3' '--vary batch=3,4'; do
	if [ -n "$gnuplot" ]; then
		prints_and_fails 1 'rows.csv: column * is empty in every row*' \
			kvplan sweep $case $options --plot x.svg -o rows.csv \
			--set gpu.memory_bytes=1MB
		holds "$(grep -c 'does not fit' rows.csv) >= 2"
	fi
	rm -f rows.csv rows.csv.json
done

# As many kinds, and curves, as there are policies.
policies=$(kvplan list policies | awk 'NF == 0 { exit } NR > 1 { print $1 }' |
	paste -sd , -)
for options in '-b 3' '--vary batch=3,4'; do
	[ -n "$gnuplot" ] || break
	ok kvplan sweep $case $options --vary policy=$policies \
		--set host.copy_bytes_per_s=9GB/s -o rows.csv --plot x.svg \
		--set host.attention_bytes_per_s=9GB/s
	picture x.svg
	rm rows.csv* x.svg
done
finish

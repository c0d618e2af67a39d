#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot_fit.sh - pictures are fit for a column of a paper, and those of files
# know what was varied.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

sweeps=$top_srcdir/tests/sweeps
bundle=$top_srcdir/traces/h200-sxm

# A policy that was found is no input, which its name alone does not say: what
# the sweep wrote beside its file does.
ok kvplan sweep -m opt-6.7b -w a100-40gb-pcie4 -p auto -g 32 \
	--vary batch=1,64 --vary prompt=64,512 --columns policy,step_s \
	-o found.csv
holds "$(sed 1d found.csv | cut -d , -f 4 | sort -u | wc -l) > 1"
told kvplan plot line found.csv --where prompt=64 --y step_s
holds "$(block curves | grep -c .) == 2"
[ -z "$(block key)" ] || problem 'a policy that was found parts the curve'
rm found.csv.json
told kvplan plot line found.csv --where prompt=64 --y step_s
grep -q "^KEY_TITLE = 'policy'" "$scratch/told" ||
	 problem 'without it the policy is an input'

# A policy looks the same whatever the picture, and the file's order.
told kvplan plot map "$sweeps/policies.csv" --x batch --y prompt
block key | grep '^box' | cut -d ' ' -f 2,6 | sort >map
told kvplan plot line "$sweeps/policies.csv" --color policy --x batch \
	--where prompt=512 --y step_s
block key | grep '^line' | cut -d ' ' -f 2,6 | sort >line
holds "$(wc -l <line) > 2"
[ -z "$(comm -13 map line)" ] || problem 'a policy has two colours'

[ -n "$gnuplot" ] || {
	finish
	exit 0
}

# fit FILE COLUMNS: at 3.5 in a column, or 7.16 in for two, no letter is below
# 8 pt; every font has one to fall back to; minus signs are true.
fit() {
	checks=$((checks + 1))
	[ -s "$1" ] || problem "$1: no picture"
	awk -v in_wide="$2" '
	/viewBox="0 0 / {
		split($0, words, " ")
		width = words[3]
	}
	{
		rest = $0
		while (match(rest, /font-size="[0-9.]*/)) {
			size = substr(rest, RSTART + 11, RLENGTH - 11)
			points = size / width * in_wide * 72
			n++
			if (points < 7.99)
				low = size
			rest = substr(rest, RSTART + RLENGTH)
		}
	}
	/font-family/ && !/sans-serif/ { alone++ }
	/>-[0-9]/ { hyphens++ }
	END { exit !(n > 5 && low == "" && !alone && !hyphens) }' "$1" ||
		problem "$1: letters below 8 pt, a font without another, or a" \
			"hyphen for a minus"
}
case="-m opt-6.7b -w t4 -b 64 -s 128 -g 16"
ok kvplan plot split $case -o split.svg
ok kvplan plot gantt $case -o gantt.svg
ok kvplan worth $case --plot tornado.svg
ok kvplan plot map "$sweeps/policies.csv" --x batch --y prompt -o map.svg
ok kvplan plot heat "$sweeps/link_gpu.csv" -o heat.svg
ok kvplan plot heat "$sweeps/link_gpu.csv" --color step_s -o steps.svg
ok kvplan plot line "$sweeps/batches.csv" -o line.svg
ok kvplan plot pareto "$sweeps/policies.csv" -o pareto.svg
for kind in split gantt tornado map heat steps line pareto; do
	fit $kind.svg 3.5
done
ok kvplan validate "$bundle" --plot runs.svg --plot-sweeps sweeps.svg
ok kvplan calibrate "$bundle/samples.json" --plot curves.svg
fit runs.svg 3.5
fit sweeps.svg 7.16
fit curves.svg 7.16
ok kvplan reproduce table-1 a4 --output drawn
for file in drawn/*.svg; do
	fit "$file" 3.5
done

# Fonts travel with the PDF.
if command -v pdffonts >/dev/null; then
	pdffonts drawn/a4-split.pdf | sed 1,2d >fonts
	[ -s fonts ] || problem 'a4-split.pdf has no fonts'
	awk '$(NF - 4) != "yes" { exit 1 }' fonts ||
		problem 'a font is not embedded'
fi
finish

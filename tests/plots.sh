#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plots.sh - pictures are fit for a column of a paper, and those of files know
# what was varied.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR
kvplan=$top_builddir/kvplan
case $kvplan in
/*) ;;
*) kvplan=$PWD/$kvplan ;;
esac
sweeps=$(cd "$top_srcdir/tests/sweeps" && pwd)
bundle=$(cd "$top_srcdir/traces/h200-sxm" && pwd)
gnuplot=${GNUPLOT-$(command -v gnuplot || :)}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"

fail() {
	echo "plots.sh: $*"
	exit 1
}

# What gnuplot would be told, from one that notes it.
mkdir noting
cat >noting/gnuplot <<EOF
#!/bin/sh
cat >"$scratch/told"
echo a picture >"\$(sed -n "s/^OUTPUT = '\(.*\)'\$/\1/p" "$scratch/told")"
EOF
chmod +x noting/gnuplot
told() {
	env PATH="$scratch/noting:$PATH" "$kvplan" plot "$@" -o x.svg
	rm -f x.svg
}
# block NAME: the rows of a datablock, the last of that name.
block() {
	awk -v head="\$$1 << EOD" '$0 == head { inside = 1; text = ""; next }
		$0 == "EOD" { inside = 0 } inside { text = text $0 "\n" }
		END { printf "%s", text }' told
}

# A policy that was found is no input, which its name alone does not say: what
# the sweep wrote beside its file does.
"$kvplan" sweep -m opt-6.7b -w a100-40gb-pcie4 -p auto -g 32 \
	--vary batch=1,64 --vary prompt=64,512 --columns policy,step_s -o found.csv 2>/dev/null
[ "$(sed 1d found.csv | cut -d , -f 4 | sort -u | wc -l)" -gt 1 ] ||
	fail 'one policy is the best everywhere: this tests nothing'
told line found.csv --where prompt=64 --y step_s
[ "$(block curves | grep -c .)" -eq 2 ] || fail 'a point is missing'
[ -z "$(block key)" ] || fail 'a policy that was found parts the curve'
rm found.csv.json
told line found.csv --where prompt=64 --y step_s
block key | grep -q 'policy:' || fail 'without it the policy is an input'

# A policy looks the same whatever the picture, and the file's order.
told map "$sweeps/policies.csv" --x batch --y prompt
block key | grep '^box' | cut -d ' ' -f 2,6 | sort >map
told line "$sweeps/policies.csv" --color policy --x batch --where prompt=512 \
	--y step_s
block key | grep '^line' | cut -d ' ' -f 2,6 | sort >line
[ "$(wc -l <line)" -gt 2 ] || fail 'too few policies'
[ -z "$(comm -13 map line)" ] || fail 'a policy has two colours'

[ -n "$gnuplot" ] || exit 0

# fit FILE COLUMNS: at 3.5 in a column, or 7.16 in for two, no letter is below
# 8 pt; every font has one to fall back to; minus signs are true.
fit() {
	[ -s "$1" ] || fail "$1: no picture"
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
		fail "$1: letters below 8 pt, a font without another, or a" \
			"hyphen for a minus"
}
case="-m opt-6.7b -w t4 -b 64 -s 128 -g 16"
# shellcheck disable=SC2086 # words of a command
{
	"$kvplan" plot split $case -o split.svg
	"$kvplan" plot gantt $case -o gantt.svg
	"$kvplan" worth $case --plot tornado.svg >/dev/null
}
"$kvplan" plot map "$sweeps/policies.csv" --x batch --y prompt -o map.svg
"$kvplan" plot heat "$sweeps/link_gpu.csv" -o heat.svg
"$kvplan" plot line "$sweeps/batches.csv" -o line.svg
"$kvplan" plot pareto "$sweeps/policies.csv" -o pareto.svg
for kind in split gantt tornado map heat line pareto; do
	fit $kind.svg 3.5
done
"$kvplan" validate "$bundle" --plot runs.svg --plot-sweeps sweeps.svg \
	>/dev/null
"$kvplan" calibrate "$bundle/samples.json" --plot curves.svg >/dev/null
fit runs.svg 3.5
fit sweeps.svg 7.16
fit curves.svg 7.16
"$kvplan" reproduce table-1 a4 --output drawn >/dev/null
for file in drawn/*.svg; do
	fit "$file" 3.5
done

# Fonts travel with the PDF.
if command -v pdffonts >/dev/null; then
	pdffonts drawn/a4-split.pdf | sed 1,2d >fonts
	[ -s fonts ] || fail 'a4-split.pdf has no fonts'
	awk '$(NF - 4) != "yes" { exit 1 }' fonts ||
		fail 'a font is not embedded'
fi

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot_csv.sh - kvplan plot map, heat, line, pareto and tornado: pictures of
# CSV files.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

sweeps=$top_srcdir/tests/sweeps
mkdir folder
: >empty.json
note_files

for kind in map heat line pareto; do
	fails 2 "plot $kind: FILE.csv*missing" kvplan plot $kind -o x.png
	fails 1 'none.csv: No such file' kvplan plot $kind none.csv -o x.png
	fails 1 './folder: line 1: Is a dir' kvplan plot $kind ./folder \
		-o x.png
	fails 1 'empty.json: found nothing, expected a CSV' \
		kvplan plot $kind empty.json -o x.png
	fails 2 "--batch cannot be used with 'plot $kind'" \
		kvplan plot $kind "$sweeps/batches.csv" -b 3 -o x.png
	fails 2 '--data cannot' \
		kvplan plot $kind "$sweeps/batches.csv" --data x.csv
	fails 2 "--where*'bach'*nearest is batch" kvplan plot $kind \
		"$sweeps/batches.csv" --where bach=3 -o x.png
	fails 2 '--where batch=3: no row*1, 2, 4, 8, 16, 32, 64' kvplan plot \
		$kind "$sweeps/batches.csv" --where batch=3 -o x.png
	fails 2 "--where*found 'batch'*COLUMN=VALUE" kvplan plot $kind \
		"$sweeps/batches.csv" --where batch -o x.png
	fails 2 '--where: batch is there twice' kvplan plot $kind \
		"$sweeps/batches.csv" --where batch=1 --where batch=2 -o x.png
done
fails 2 "--x cannot be used with 'plot split'" \
	kvplan plot split p.json --x batch -o x.png
fails 2 "--where cannot be used with 'plot gantt'" \
	kvplan plot gantt p.json --where batch=3 -o x.png
fails 2 "--x cannot*'plot tornado'" kvplan plot tornado x.csv --x a -o x.png
fails 2 "--color cannot*'plot pareto'" \
	kvplan plot pareto x.csv --color a -o x.png
fails 2 "tornado*no column 'figure'" \
	kvplan plot tornado "$sweeps/batches.csv" -o x.png
fails 2 "--x*'bacth'*nearest is batch" \
	kvplan plot heat "$sweeps/batches.csv" --x bacth -o x.png
fails 2 '--y: found batch, which is --x already' kvplan plot heat \
	"$sweeps/batches.csv" --x batch --y batch --color step_s -o x.png
fails 2 '--color bound: found texts*numbers' kvplan plot heat \
	"$sweeps/link_gpu.csv" --color bound -o x.png
fails 2 '--color step_s: found more than 8' kvplan plot map \
	"$sweeps/link_gpu.csv" --color step_s -o x.png
fails 2 'several rows are the same point*--where policy=VALUE*load-all, kv' \
	kvplan plot heat "$sweeps/policies.csv" --x batch --y prompt -o x.png
fails 2 'several rows*--where prompt=VALUE, one of 64, 128' \
	kvplan plot line "$sweeps/policies.csv" --color policy -o x.png
fails 2 '--where: no row*together' kvplan plot heat "$sweeps/batches.csv" \
	--where batch=4 --where kv=fp16 --where point=0 -o x.png
printf 'a,b\n1\n' >uneven.csv
fails 1 'uneven.csv: line 2: found 1 fields, expected 2' \
	kvplan plot heat uneven.csv --color a -o x.png
printf 'a,a\n1,2\n' >uneven.csv
fails 1 "column 'a' is there twice" kvplan plot heat uneven.csv -o x.png
printf 'a,b\n' >uneven.csv
fails 1 'there are no rows' kvplan plot heat uneven.csv --color a -o x.png
rm uneven.csv
fails 1 'gnuplot*' \
	without_gnuplot kvplan plot heat "$sweeps/link_gpu.csv" -o x.png

# agree WHAT: found has the lines of known, in any order.
agree() {
	checks=$((checks + 1))
	sort -o found found
	sort -o known known
	cmp found known >"$err" 2>&1 || problem "$1"
	[ -s found ] || problem "$1: nothing"
}

# The map shows the policy with the least time, and no point that failed.
told kvplan plot map "$sweeps/policies.csv" --x batch --y prompt
block cells | awk '{ printf "%.6g %.6g %d\n", 10 ^ $1, 10 ^ $2, $7 }' >found
awk -F, 'NR > 1 && $9 != "" {
		k = $3 " " $4
		policy = $2 == "load-all" ? 0 : $2 == "kvpr-row" ? 1 : 2
		if (!(k in least) || $9 + 0 < least[k]) {
			least[k] = $9 + 0
			best[k] = policy
		}
	}
	END { for (k in least) print k, best[k] }' "$sweeps/policies.csv" >known
agree 'the map shows not the fastest policy'

# A heat map has each number where it belongs.
told kvplan plot heat "$sweeps/link_gpu.csv" --color step_s
block cells | awk '{ printf "%.5g %.5g %.5g\n", 10 ^ $1, 10 ^ $2, $7 }' >found
awk -F, 'NR > 1 { printf "%.5g %.5g %.5g\n", $2 / 1e9, $3 / 1e12, 1e3 * $9 }' \
	"$sweeps/link_gpu.csv" >known
agree 'the heat map shows other numbers'
told kvplan plot heat "$sweeps/policies.csv" \
	--where policy=load-all --color tokens_per_s
block cells >found
block key >known
# shellcheck disable=SC2016 # awk's own
holds "$(wc -l <found) == $(awk -F, '$2 == "load-all" && $9 != "" { n++ }
	END { print n }' "$sweeps/policies.csv")"
ok grep -q 'no plan' known

# Lines have a point for each row, and the ends of its bar.
told kvplan plot line "$sweeps/batches.csv"
block curves | grep . | awk '{ printf "%.5g %.5g %.5g %.5g\n", 10 ^ $1, $2, $3,
	$4 }' >found
awk -F, 'NR > 1 { printf "%.5g %.5g %.5g %.5g\n", $2, $12, $17, $18 }' \
	"$sweeps/batches.csv" >known
agree 'the curves show other numbers'
told kvplan plot line "$sweeps/link_gpu.csv" \
	--where gpu.flop_per_s=312TFLOP/s --y step_s
holds "$(block curves | grep -c .) == 7"

# Of no point of the front is another better in both, and of all others one is.
told kvplan plot pareto "$sweeps/batches.csv"
block front | awk '{ printf "%.5g %.5g\n", 10 ^ $1, $2 }' >found
awk -F, 'NR > 1 { x[NR] = 1e3 * $9; y[NR] = $10 }
	END {
		for (i in x) {
			worse = 0
			for (k in x)
				if (x[k] <= x[i] && y[k] >= y[i] &&
				    (x[k] < x[i] || y[k] > y[i]))
					worse = 1
			if (!worse)
				printf "%.5g %.5g\n", x[i], y[i]
		}
	}' "$sweeps/batches.csv" >known
agree 'the front is another'

# Of many cells those that look the same are one: still none is missing, and
# none is of another colour.
awk 'BEGIN {
	print "point,a,b,prefetch,step_s,error"
	for (i = 0; i < 120; i++)
		for (k = 0; k < 110; k++)
			print n++ "," i + 0.5 "," k + 0.5 ",1," \
				int((i + k) / 9) / 1e3 ","
}' >many.csv
told kvplan plot heat many.csv --color step_s
holds "$(block cells | wc -l) < 3000"
checks=$((checks + 1))
block cells | awk '{
		area += ($4 - $3) * ($6 - $5)
		for (x = $3; x < $4 - 0.5; x++)
			if (int(int((x + $5) + 0.01) / 9) - $7 > 0.3 ||
			    int(int((x + $5) + 0.01) / 9) - $7 < -0.3)
				bad = 1
	}
	END { exit bad || area < 13199.99 || area > 13200.01 }' ||
	problem 'cells are missing, or of another colour'
rm many.csv

# A policy that is empty where a point failed does not vary.
printf 'point,batch,policy,prefetch,step_s,tokens_per_s,error\n0,3,a,1,2,4,\n' \
	>failed.csv
printf '1,5,a,1,3,6,\n2,9,,,,,too big\n' >>failed.csv
told kvplan plot pareto failed.csv
ok grep -q '"batch 3"' "$scratch/told"
told kvplan plot line failed.csv --y step_s
holds "$(block curves | grep -c "[0-9]$") == 2"
holds "$(block key | grep -c .) == 0"
rm failed.csv

# The tornado is widest on top, from the CSV as from the command itself.
streamed="-m opt-30b -w a100-40gb-pcie4 -b 32 -s 256 -g 8 -p kvpr-column"
ok kvplan worth $streamed --csv
cp "$out" worth.csv
told kvplan plot tornado worth.csv
block bars >found
ok env PATH="$scratch/noting:$PATH" kvplan worth $streamed --plot x.svg
block bars >known
same found known
# shellcheck disable=SC2016 # of awk
ok awk '{ r = 0; for (i = 2; i <= 4; i++) { v = $i < 0 ? -$i : $i
		if (v > r) r = v }
	if (NR > 1 && r > last) exit 1
	last = r }
	END { exit NR < 2 }' found
rm found known x.svg

# What is no tornado is told with its place; a mark before the CSV is nothing.
for wrong in nan x 1e308 ''; do
	awk -F, -v OFS=, -v w="$wrong" 'NR == 3 { $6 = w } 1' worth.csv >no.csv
	fails 1 "no.csv: line 3, column tangent_pct: found '$wrong'*a number" \
		kvplan plot tornado no.csv -o x.svg
done
printf '\357\273\277' | cat - worth.csv >no.csv
told kvplan plot tornado no.csv
rm no.csv worth.csv

# Without gnuplot the numbers are there all the same.
fails 2 'p.txt: expected a name*.png, .svg or .pdf' \
	kvplan worth $grouped --plot p.txt
checks=$((checks + 1))
! grep -q -e --format "$err" || problem 'worth has no --format'
checks=$((checks + 1))
! without_gnuplot kvplan worth $grouped --plot x.svg >"$out" 2>"$err" ||
	problem 'a picture without gnuplot'
has link.h2d.bytes_per_s
checks=$((checks + 1))
grep -q 'gnuplot cannot be run' "$err" || problem 'no reason'

if [ -n "$gnuplot" ]; then
	for kind in map heat line pareto; do
		for end in png svg pdf; do
			ok kvplan plot $kind "$sweeps/link_gpu.csv" -o x.$end
			checks=$((checks + 1))
			[ -s x.$end ] || problem "plot $kind: x.$end is empty"
		done
	done
	magic x.png PNG
	magic x.svg '<?xml'
	magic x.pdf %PDF-
	# shellcheck disable=SC2016 # of the shell that reads the file
	ok sh -c 'kvplan plot heat - -o x.png <"$0"' "$sweeps/link_gpu.csv"
	rm x.png x.svg x.pdf
fi
nothing_new

finish

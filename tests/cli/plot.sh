#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot.sh - kvplan plot split and gantt.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

ok kvplan plan $small -w a100-40gb-pcie4 -o p.json
echo 'a picture' >old.png
note_files

# Without gnuplot it says so, and the numbers can be had all the same.
fails 1 'gnuplot*install' without_gnuplot kvplan plot split p.json -o x.png
fails 1 'gnuplot*install' without_gnuplot kvplan plot split p.json -o x.png \
	--data left.csv
fails 1 'gnuplot' without_gnuplot kvplan plot gantt p.json -o old.png
checks=$((checks + 1))
: >"$err"
[ "$(cat old.png)" = 'a picture' ] || problem 'a failed plot wrote old.png'
ok without_gnuplot kvplan plot split p.json --data x.csv
csv x.csv 18
ok without_gnuplot kvplan plot gantt p.json --data y.csv
csv y.csv "$(($(wc -l <y.csv) - 1))"
ok kvplan plot split p.json --data -
same "$out" x.csv
rm x.csv y.csv

# The split that the picture marks as the paper's is the certificate's; with
# a program of the paper, the plan's own.
mkdir "$scratch/fake"
cat >"$scratch/fake/gnuplot" <<EOF
#!/bin/sh
cat >"$scratch/commands"
exit 1
EOF
chmod +x "$scratch/fake/gnuplot"
fake_gnuplot() {
	env PATH="$scratch/fake:$PATH" kvplan plot "$@"
}
for program in row column; do
	set -- -m opt-30b -w a100-40gb-pcie4 -b 8 --num-batches 2 -s 100 -g 12 \
		-p kvpr-column
	key=paper_split
	[ "$program" = column ] || { set -- "$@" --program row; key='split'; }
	ok kvplan plan "$@" --json
	marked=$(sed -n "s/.*\"$key\":[^0-9]*\([0-9]*\).*/\1/p" "$out")
	fails 1 'gnuplot' fake_gnuplot split "$@" -o x.png
	checks=$((checks + 1))
	grep -qx "PAPER_SPLIT = $marked" "$scratch/commands" ||
		problem "--program $program: the picture marks $(grep \
			PAPER_SPLIT "$scratch/commands"), expected $marked"
done

# No step in the midst of a decode is faster than its lower bound, with loads
# ahead across its ends as well.
for case in 'p.json --step 2' '-m opt-125m -w a100-40gb-pcie4 -b 8
		--num-batches 2 -s 24 -g 6 -p kvpr-column --step 2'; do
	ok kvplan plot split $case --data x.csv
	checks=$((checks + 1))
	awk -F, 'NR == 1 { if ($0 != "split,step_s,lower_bound_s") exit 1
			next }
		$1 != NR - 2 || $2 + 0 < $3 * (1 - 1e-9) || $3 <= 0 { exit 1 }
		' x.csv ||
		problem "plot split $case: a step is faster than its bound"
done
rm x.csv

fails 2 '-o*--data' kvplan plot split p.json
fails 2 'x.gif*.png, .svg or .pdf' kvplan plot split p.json -o x.gif
fails 2 'x: expected*.png' kvplan plot split p.json -o x
fails 2 '-o -: --format*png' kvplan plot split p.json -o -
fails 2 "'gif'*png, svg or pdf" kvplan plot split p.json -o x.png --format gif
fails 2 '--step: found 4, expected 0 to 3' \
	kvplan plot gantt p.json -o x.png --step 4
fails 2 '--layer: found 12, expected 0 to 11' \
	kvplan plot gantt p.json -o x.png --layer 12
fails 2 '--layer' kvplan plot split p.json -o x.png --layer 3
fails 2 'load-all' kvplan plot split $small -p load-all -o x.png

if [ -n "$gnuplot" ]; then
	for kind in split gantt; do
		ok kvplan plot $kind p.json -o x.png
		magic x.png PNG
		ok kvplan plot $kind p.json -o x.svg
		magic x.svg '<?xml'
		ok kvplan plot $kind p.json -o x.pdf
		magic x.pdf %PDF-
		ok kvplan plot $kind p.json -o x --format svg
		magic x '<?xml'
		ok kvplan plot $kind p.json -o - --format pdf
		magic "$out" %PDF-
		fails 1 'no/x.png: ' kvplan plot $kind p.json -o no/x.png
		fails 1 '/dev/full: ' kvplan plot $kind p.json -o /dev/full \
			--format svg
		rm x x.png x.svg x.pdf
	done
	# Names that mean something to gnuplot mean nothing here.
	cp "$top_srcdir/model/profiles/models/opt-125m.json" \
		"it's \$x {_^} @y \"%s\".json"
	ok kvplan plot gantt -m "./it's \$x {_^} @y \"%s\".json" -w t4 \
		-b 3 -s 17 -g 5 -o "a'b\"c \$d.svg"
	magic "a'b\"c \$d.svg" '<?xml'
	rm "a'b\"c \$d.svg" "it's \$x {_^} @y \"%s\".json"
fi
nothing_new

finish

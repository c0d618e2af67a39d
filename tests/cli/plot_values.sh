#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot_values.sh - kvplan plot of files whose values are missing, huge or odd.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

# curves N: the blocks of $curves, as gnuplot's index counts them: two empty
# lines or more part them.
curves() {
	block curves >blocks
	holds "$1 == $(awk '/^$/ { empty++; next }
		empty > 1 || NR == 1 { n++ } { empty = 0 } END { print n }' \
		blocks)"
}
# y K: what curve K has.
y() {
	awk -v k="$1" 'BEGIN { n = 1 } /^$/ { empty++; next }
		empty > 1 { n++ } { empty = 0 } n == k { printf "%s ", $2 }' \
		blocks
}

# All of the first curve failed, and two points within the second.
cat >gaps.csv <<'E'
point,batch,policy,step_s,error
0,1,flexgen,,no
1,2,flexgen,,no
2,3,flexgen,,no
3,4,flexgen,,no
4,1,load-all,0.002,
5,2,load-all,,no
6,3,load-all,,no
7,4,load-all,0.005,
8,1,kvpr-row,0.003,
9,2,kvpr-row,0.004,
10,3,kvpr-row,0.006,
11,4,kvpr-row,0.007,
E
told kvplan plot line gaps.csv --y step_s
curves 3
[ "$(y 1)" = 'NaN NaN NaN NaN ' ] || problem "curve 1: $(y 1)"
[ "$(y 2)" = '2 NaN NaN 5 ' ] || problem "curve 2: $(y 2)"
[ "$(y 3)" = '3 4 6 7 ' ] || problem "curve 3: $(y 3)"

# Curves of which nothing has a place along x.
printf 'c,x,y\na,,1\na,,2\nb,1,3\nb,2,4\n' >nowhere.csv
told kvplan plot line nowhere.csv --x x --y y --color c
curves 2
[ "$(y 2)" = '3 4 ' ] || problem "curve 2: $(y 2)"

# A tic is a format for gnuplot, and is no markup; whole numbers are whole.
printf 'name,batch,y\n50%% a_b,4,1\nb,20000,2\nb,1000000,3\n' >tics.csv
told kvplan plot line tics.csv --x name --y y --where batch=4
grep -qF '"50%% a_b"' "$scratch/told" || problem 'a bare % in a tic'
told kvplan plot line tics.csv --x batch --y y --where name=b
grep -qF '("20 000" ' "$scratch/told" || problem 'no whole number in a tic'
if [ -n "$gnuplot" ]; then
	for x in name batch; do
		ok kvplan plot heat tics.csv --x $x --y y --color y -o x.svg
		picture x.svg
	done
	ok kvplan plot heat tics.csv --x name --y batch --color y -o x.svg
	picture x.svg
	checks=$((checks + 1))
	grep -qF '50% a_b' x.svg || problem 'another text at the tic'
	ok kvplan plot line gaps.csv --y step_s -o x.svg
	picture x.svg
	rm x.svg
fi

printf 'x,y\n1,1e308\n2,-1e308\n3,1\n' >huge.csv
note_files
for kind in line "heat --color x" pareto; do
	# shellcheck disable=SC2086 # several words
	fails 1 "huge.csv: line 2, column y: found '1e308'*at most" kvplan \
		plot $kind huge.csv --x x --y y -o x.svg
done
finish

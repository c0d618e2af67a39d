#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# reproduce.sh - the report of 'kvplan reproduce' is well-formed, whole and
# self-contained, and its tables are those of the CSV files.
#
# Checks the items that simulate in seconds, and what 'make paper-repro' left
# where that was made.  xmllint and gnuplot are used where they are.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"

# In awk: the words of text, sorted.
sorted='
function sorted(text, list, n, i, k, word) {
	n = split(text, list, " ")
	text = ""
	for (i = 2; i <= n; i++) {
		word = list[i]
		for (k = i; k > 1 && list[k - 1] > word; k--)
			list[k] = list[k - 1]
		list[k] = word
	}
	for (i = 1; i <= n; i++)
		text = text " " list[i]
	return text
}'

# The tables of report $1, a line for each row: item, study, metric, case, and
# the numbers with the names of their columns.
report_rows() {
	awk "$sorted"'
	/<table data-table="[^"]*" data-study=/ {
		study = $0
		sub(/.*data-study="/, "", study)
		sub(/".*/, "", study)
		metric = $0
		sub(/.*data-metric="/, "", metric)
		sub(/".*/, "", metric)
		item = $0
		sub(/.*data-table="/, "", item)
		sub(/".*/, "", item)
	}
	/<\/table>/ { study = "" }
	study != "" && /^<tr><td class="l">/ {
		label = $0
		sub(/^<tr><td class="l">/, "", label)
		sub(/<.*/, "", label)
		gsub(/&quot;/, "\"", label)
		gsub(/&lt;/, "<", label)
		gsub(/&gt;/, ">", label)
		gsub(/&amp;/, "\\&", label)
		rest = $0
		numbers = ""
		while (match(rest, /data-v="[^"]*"/)) {
			numbers = numbers " " \
				substr(rest, RSTART + 8, RLENGTH - 9)
			rest = substr(rest, RSTART + RLENGTH)
		}
		print item "|" study "|" metric "|" label "|" \
			sorted(numbers)
	}' "$1"
}

# The same of the CSV file $1 of item $2.
csv_rows() {
	awk -v item="$2" "$sorted"'
	{
		n = 0
		rest = $0
		while (rest != "" || n == 0) {
			if (substr(rest, 1, 1) == "\"") {
				rest = substr(rest, 2)
				end = index(rest, "\"")
				field[++n] = substr(rest, 1, end - 1)
				rest = substr(rest, end + 1)
			} else {
				end = index(rest ",", ",")
				field[++n] = substr(rest, 1, end - 1)
				rest = substr(rest, end)
			}
			if (substr(rest, 1, 1) != ",")
				break
			rest = substr(rest, 2)
			if (rest == "")
				field[++n] = ""
		}
		numbers = ""
		for (i = 4; i <= n; i++)
			if (NR == 1)
				name[i] = field[i]
			else if (i != 5 && field[i] != "")
				numbers = numbers " " name[i] "=" field[i]
		if (NR > 1)
			print item "|" field[1] "|" field[2] "|" field[3] \
				"|" sorted(numbers)
	}' "$1"
}

# check FOLDER ITEM...: the report there is of those items.
check() {
	folder=$1
	shift
	report=$folder/report.html
	[ -s "$report" ] || fail "$folder: no report"
	if command -v xmllint >/dev/null; then
		xmllint --noout "$report" || fail "$report: not well-formed"
	fi
	tail -n 1 "$report" | grep -q '^</html>$' ||
		fail "$report: it does not end"
	for item; do
		grep -q "<h2 id=\"$item\">" "$report" ||
			fail "$report: no item $item"
		[ -s "$folder/$item.json" ] || fail "$folder: no $item.json"
	done
	# Braces stand in the style alone; what is not a number has no cell.
	sed -e '1,/<\/style>/d' -e '/<svg/,/<\/svg>/d' "$report" \
		>"$scratch/text"
	! grep -n '[{}]' "$scratch/text" || fail "$report: a place unfilled"
	! grep -nwiE '(nan|-?inf)' "$scratch/text" "$folder"/*.csv ||
		fail "$report: not a number"
	! grep -nE '(src|href|url)[=(]["'\'']?(https?:|//|file:)' "$report" ||
		fail "$report: it loads something"
	! grep -nE '<(script|link|iframe|object|img)[ >]' "$report" ||
		fail "$report: it loads something"
	report_rows "$report" | sort -u >"$scratch/html"
	[ "$(wc -l <"$scratch/html")" -gt 20 ] ||
		fail "$report: too few rows found"
	for item; do
		csv_rows "$folder/$item.csv" "$item"
	done | sort -u >"$scratch/csv"
	comm -23 "$scratch/html" "$scratch/csv" >"$scratch/more"
	[ ! -s "$scratch/more" ] || {
		head -n 3 "$scratch/more"
		fail "$report: rows that no CSV file has"
	}
	# Of each table that is there, every row.
	cut -d '|' -f 1-3 "$scratch/html" | sort -u >"$scratch/tables"
	while IFS= read -r table; do
		[ "$(grep -cF "$table|" "$scratch/html")" -eq \
			"$(grep -cF "$table|" "$scratch/csv")" ] ||
			fail "$report: $table: rows are missing"
	done <"$scratch/tables"
	rows=$((rows + $(wc -l <"$scratch/html")))
}

rows=0
# A folder for each item, and nothing else.
kvplan list items --csv | sed -e 1d -e 's/,.*//' >"$scratch/items"
(cd "$top_srcdir/paper-repro" && printf '%s\n' */item.json) | sed 's,/.*,,' |
	sort >"$scratch/folders"
sort "$scratch/items" | cmp -s - "$scratch/folders" ||
	fail 'paper-repro/index.json and its folders differ'
# READMEs hold no results: those are generated.
! grep -nE '[0-9](\.[0-9]+)? ?(%|ms|us|GB|GiB|tokens)' \
	"$top_srcdir"/paper-repro/*/README.md || fail 'a number in a README'

kvplan reproduce table-1 table-2 figure-9 a4 a5 a6 a7 --no-figures \
	--measured "$top_srcdir/traces/h200-sxm" --output "$scratch/quick"
check "$scratch/quick" table-1 table-2 figure-9 a4 a5 a6 a7
grep -q 'NOT reproduced: no set gives all' "$scratch/quick/report.html" ||
	fail 'a headline that is missed is not said to be'
! grep -q '(not measured)' "$scratch/quick/report.html" ||
	fail 'what was measured is not told'
# What is simulated and what was measured are told apart, and first.
for words in '<th class="">H200 simulated (calibrated)</th>' \
	'<th class="">H200 measured</th>' \
	'known to us for Table 2, Figure 9, A.5, A.6 and A.7</b>'; do
	grep -qF "$words" "$scratch/quick/report.html" ||
		fail "the report lacks: $words"
done
# What would fail at the end fails before the simulation.
: >"$scratch/file"
! kvplan reproduce table-1 --output "$scratch/file" --no-figures \
	2>"$scratch/error" || fail 'a file is taken for a folder'
grep -q "$scratch/file" "$scratch/error" || fail 'the folder is not named'
! without_gnuplot kvplan reproduce table-1 --output "$scratch/late" \
	2>"$scratch/error" || fail 'figures without gnuplot'
grep -q 'gnuplot cannot be run' "$scratch/error" ||
	fail 'the missing gnuplot is not named'
[ ! -e "$scratch/late/table-1.csv" ] ||
	fail 'gnuplot is missed after the simulation'
grep -q 'simulated on the measured GPU, [1-9][0-9]* have' \
	"$scratch/quick/report.html" || fail 'no count of measured cells'
# Without measured runs the sentences still stand.
kvplan reproduce a6 --no-figures --output "$scratch/alone"
check "$scratch/alone" a6
grep -q '(not measured)' "$scratch/alone/report.html" ||
	fail 'what was not measured is not said to be'
if [ -n "$gnuplot" ]; then
	kvplan reproduce table-1 a4 --output "$scratch/drawn"
	check "$scratch/drawn" table-1 a4
	for name in table-1-link table-1-layer a4-split a4-read; do
		head -c 4 "$scratch/drawn/$name.pdf" | grep -q '%PDF' ||
			fail "$name.pdf is no picture"
		grep -q '</svg>' "$scratch/drawn/$name.svg" ||
			fail "$name.svg is no picture"
	done
	[ "$(grep -c '<svg' "$scratch/drawn/report.html")" -eq 8 ] ||
		fail 'the report lacks figures'
	# Names in the figures are each figure's own.
	grep -o ' id="[^"]*"' "$scratch/drawn/report.html" | sort | uniq -d \
		>"$scratch/twice"
	[ ! -s "$scratch/twice" ] || fail 'a name stands twice in the report'
fi
if [ -s "$top_builddir/paper-repro/out/report.html" ]; then
	# shellcheck disable=SC2046 # names without blanks
	check "$top_builddir/paper-repro/out" $(cat "$scratch/items")
fi
echo "reproduce.sh: $rows rows"

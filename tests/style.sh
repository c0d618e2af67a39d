#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# style.sh - what CONTRIBUTING.md asks of the sources and a script can see.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
: "${CC:=cc}" "${HAVE_CHECK:=yes}"
[ -n "${LIBRARY_CPPFLAGS-}" ] ||
	LIBRARY_CPPFLAGS=$(pkg-config --cflags libcjson gsl 2>/dev/null || :)

folders='base model schedule lp sim traces plots evaluate sweep paper-repro cli
	cuda_validate tests'

# Files of this folder whose names match the arguments, which are for find.
files() {
	for folder in $folders doc; do
		[ -d "$folder" ] || continue
		find "$folder" -type f ! -name embedded.c '(' "$@" ')'
	done | sort
}

sources() {
	files -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh'
}

texts() {
	sources
	files -name '*.sh' -o -name '*.gp' -o -name '*.mk' -o -name '*.md' \
		-o -name '*.json' -o -name '*.cmd' -o -name '*.bash' -o \
		-name '*.1'
	for file in configure.ac Makefile.am bootstrap *.md .ci/run; do
		[ ! -f "$file" ] || echo "$file"
	done
}

banned='v?sprintf|strtok|ato[fil]|gets|strcpy|strcat'
machine_path='/(home|root|work|farm|Users)/[A-Za-z0-9_.-]'

# The faults of the text below this folder, each as FILE:LINE: WHAT.
faults() {
	sources | xargs grep -nE "(^|[^A-Za-z0-9_])($banned)[[:blank:]]*\(" \
		/dev/null | sed 's/$/ <- banned call/'
	texts | xargs grep -nE '[[:blank:]]$' /dev/null |
		sed 's/$/<- white space at the end/'
	texts | xargs grep -nE "$machine_path" /dev/null |
		sed 's/$/ <- path of a machine/'
	for file in $(files -name '*.sh' -o -name '*.gp'); do
		sed 2q "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0' ||
			echo "$file:1: no SPDX line"
	done
	for file in $(sources); do
		sed 1q "$file" | grep -q '^/\* SPDX-License-Identifier: ' ||
			echo "$file:1: SPDX is not the first line"
		named=$(sed -nE '2,3s,^(/\*| \*) ([a-z0-9_]+\.(h|c|cuh?)) - .*,\2,p' \
			"$file")
		[ -z "$named" ] || [ "$named" = "${file##*/}" ] ||
			echo "$file:2: is called $named here"
		expand "$file" | awk -v file="$file" 'length > 80 {
			print file ":" NR ": " length " columns" }'
		own=${file%.c}.h
		if [ "$own" != "$file" ] && [ -f "$own" ] && [ "$own" != \
			"$(sed -n '/^#include/{s/.*"\(.*\)".*/\1/p;q;}' \
				"$file")" ]; then
			echo "$file:1: does not include $own first"
		fi
	done
}

# Objects whose exported symbols do not begin with the name of their file, in
# sweep/ and paper-repro/ with that of the folder before it.
foreign_symbols() {
	(cd "$top_builddir" && nm -A -g --defined-only lib*.a cli/*.o \
		sweep/*.o cuda_validate/cmd_*.o cuda_validate/main.o \
		2>/dev/null) | awk '
	BEGIN {
		also["diag"] = "status"
		also["graph"] = "op process"
		also["work"] = "amount engine"
		also["plot_split"] = also["plot_gantt"] = "plot"
		also["embedded"] = "resource"
		also["main"] = "command"
		also["timing"] = "timer"
		also["sweep_ranks_mpi"] = "sweep_ranks"
		also["sweep_ranks_alone"] = "sweep_ranks"
		also["kvpr_row"] = also["load_all"] = "policy"
		also["recompute_all"] = also["offloaded_cache"] = "policy"
		also["accelerate_sequential"] = also["flexgen"] = "policy"
		also["kvpr_flexgen"] = "policy"
		also["kvpr_column"] = also["zero_inference"] = "policy"
		also["cpu_attention"] = "policy"
	}
	NF >= 3 {
		name = $NF
		file = $1
		sub(/:[0-9a-fA-F]*$/, "", file)
		sub(/\.o$/, "", file)
		sub(/.*[\/:]/, "", file)
		sub(/^lib[a-z_]*_a-/, "", file)
		# local, or weak: what a header of another library defines
		if (name ~ /^_/ || $(NF - 1) ~ /[a-zVW]/)
			next
		seen++
		folder = ""
		if ($1 ~ /libsweep\.a:|sweep\//)
			folder = "sweep"
		else if ($1 ~ /libreproduce\.a:/)
			folder = "reproduce"
		if (folder != "" && file != folder)
			file = folder "_" file
		if (file == "xalloc" && name ~ /^x[a-z]/)
			next
		if (file ~ /^cmd_/)
			sub(/^cmd/, "command", file)
		n = split(file " " also[file], prefix, " ")
		for (i = 1; i <= n; i++)
			if (name == prefix[i] ||
			    index(name, prefix[i] "_") == 1)
				next
		print file ".o exports " name
	}
	END {
		print seen + 0
	}'
}

# Each fault, planted, is found.
mkdir -p "$scratch/tree/base"
planted=0
plant() { # WHAT FILE TEXT
	rm -rf "$scratch/tree/base"
	mkdir "$scratch/tree/base"
	: >"$scratch/tree/base/own.h"
	printf '%b' "$3" >"$scratch/tree/base/$2"
	(cd "$scratch/tree" && faults) | grep -q "^base/$2:.*$1" ||
		fail "'$3' goes unnoticed"
	planted=$((planted + 1))
}
spdx='/* SPDX-License-Identifier: GPL-3.0-or-later */'
plant 'banned call' x.c "$spdx\nint n = atoi(text);\n"
plant 'banned call' x.c "$spdx\n\tsprintf (text, format);\n"
plant 'white space' x.c "$spdx\nint n; \n"
plant 'path of a' x.c "$spdx\nchar *f = \"/ho""me/me/x\";\n"
plant 'SPDX is not' x.h "\n$spdx\n"
plant 'is called y.h' x.h "$spdx\n/*\n * y.h - a file.\n */\n"
plant 'is called y.h' x.h "$spdx\n/* y.h - a file. */\n"
plant 'no SPDX' x.sh '#!/bin/sh\n\n'
plant 'columns' x.c "$spdx\n$(printf '%81s' x)\n"
plant 'columns' x.c "$spdx\n\t\t\t\t\t\t\t\t\t\tx\n"
plant 'own.h first' own.c "$spdx\n#include <stdio.h>\n#include \"base/own.h\"\n"

cd "$top_srcdir"

[ "$(sources | wc -l)" -gt 50 ] || problem 'too few sources found'
faults >"$scratch/faults"
[ ! -s "$scratch/faults" ] || {
	cat "$scratch/faults"
	problem "$(wc -l <"$scratch/faults") faults"
}

# Every header compiles alone: with -x c each is a unit of its own.
headers=$(sources | grep '\.h$')
[ "$HAVE_CHECK" = yes ] || headers=$(echo "$headers" | grep -v '^tests/')
# shellcheck disable=SC2086 # lists of words
$CC -fsyntax-only -Wall -Werror -Wno-unused-function -I"$top_builddir" \
	-I. $LIBRARY_CPPFLAGS -x c $headers || problem 'a header does not compile alone'

foreign_symbols >"$scratch/symbols"
[ "$(wc -l <"$scratch/symbols")" -eq 1 ] || {
	sed '$d' "$scratch/symbols"
	problem 'symbols that do not begin with the name of their file'
}
[ "$(tail -n 1 "$scratch/symbols")" -gt 50 ] ||
	problem 'too few symbols found'

[ "$failures" -eq 0 ] || exit 1
echo "style.sh: $(sources | wc -l) sources," \
	"$(echo "$headers" | wc -l) headers alone," \
	"$(cat "$scratch/symbols") symbols, $planted planted faults found"

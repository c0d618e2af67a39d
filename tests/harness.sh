# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# harness.sh - what the test scripts share: a folder of their own, and checks
# that count.  A script reads it first,
#
#	. "$(dirname "$0")/harness.sh"
#
# and is then in an empty folder below $scratch, with kvplan in the PATH and
# the profiles of the tree.  A problem is told where it is met and the rest is
# checked all the same; the last line is finish.
set -eu
# shellcheck disable=SC2034 # for the scripts
{
	script=${0##*/}
	python=$(command -v python3 || :)
	gnuplot=${GNUPLOT-$(command -v gnuplot || :)}
	prefix='kvplan: ' # of each error
}
tests=$(cd "$(dirname "$0")" && pwd)
tests=${tests%/tests*}/tests
top_srcdir=$(cd "${top_srcdir:-${tests%/*}}" && pwd)
top_builddir=$(cd "${top_builddir:-$top_srcdir}" && pwd)
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR top_srcdir

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/bin" "$scratch/said" "$scratch/here"
ln -s "$top_builddir/kvplan" "$scratch/bin/kvplan"
PATH=$scratch/bin:$PATH
out=$scratch/said/out err=$scratch/said/err
: >"$err"
cd "$scratch/here"

checks=0 failures=0

problem() {
	failures=$((failures + 1))
	{
		echo "$script: $*"
		head -n 3 "$err" | sed 's/^/    stderr: /'
	} >&2
}

# fail WHAT: a problem after which nothing makes sense.
fail() {
	echo "$script: $*" >&2
	exit 1
}

# skip WHY
skip() {
	echo "$script: $*: skipped"
	exit 77
}

# finish: how it went.
finish() {
	[ "$failures" -eq 0 ] ||
		fail "$failures problems in $checks checks"
	echo "$script: $checks checks"
}

# --- Of a command ----------------------------------------------------------

# ends CODE COMMAND...: with that code.
ends() {
	checks=$((checks + 1))
	expected=$1
	shift
	ran=$*
	code=0
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq "$expected" ] ||
		problem "exit $code, expected $expected: $*"
}

# ok COMMAND...: it succeeds, and says nothing on standard error.
ok() {
	ends 0 "$@"
	[ ! -s "$err" ] || problem "complains: $*"
}

# says PATTERN: all that the last command says on standard error is one line,
# the name of the program and what is that pattern of the shell.
says() {
	if [ "$(wc -l <"$err")" -ne 1 ]; then
		problem "expected one line of error, '$1': $ran"
		return
	fi
	# shellcheck disable=SC2254 # it is a pattern
	case $(cat "$err") in
	"$prefix"*'(null)'*) problem "names a null: $ran" ;;
	"$prefix"$1) ;;
	*) problem "expected '$1': $ran" ;;
	esac
}

# prints_and_fails CODE PATTERN COMMAND...: it ends with that code, and what it
# says has the pattern in it.
prints_and_fails() {
	pattern=$2
	code=$1
	shift 2
	ends "$code" "$@"
	says "*$pattern*"
}

# fails CODE PATTERN COMMAND...: and prints nothing.
fails() {
	prints_and_fails "$@"
	[ ! -s "$out" ] || problem "prints and then fails: $*"
}

# fails_with CODE PATTERN COMMAND...: and says what is that pattern, no more.
fails_with() {
	whole=$2
	fails "$@"
	says "$whole"
}

# with_mpi: whether $mpirun starts ranks of kvplan, also by root and more than
# there are cores.  From then on leaks are not looked for: Open MPI keeps what
# it has allocated.
with_mpi() {
	mpirun=${MPIRUN-$(command -v mpirun || :)}
	[ -x "$top_builddir/kvplan-mpi" ] && [ -n "$mpirun" ] || return 1
	OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
	OMPI_MCA_rmaps_base_oversubscribe=1
	export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
	export OMPI_MCA_rmaps_base_oversubscribe
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	export ASAN_OPTIONS
}

# without_gnuplot COMMAND...: of kvplan, which then finds none.
without_gnuplot() {
	env PATH="$scratch/bin" "$@"
}

# --- Of what it printed ----------------------------------------------------

# has TEXT...: each stands in what the last command printed.
has() {
	for text; do
		checks=$((checks + 1))
		grep -qF -e "$text" "$out" || problem "no '$text' in the output"
	done
}

# lacks TEXT...: none stands there.
lacks() {
	for text; do
		checks=$((checks + 1))
		! grep -qF -e "$text" "$out" || problem "'$text' in the output"
	done
}

# narrow: it fits 80 columns.
narrow() {
	checks=$((checks + 1))
	wide=$(awk 'length > 80' "$out" | head -n 1)
	[ -z "$wide" ] || problem "wider than 80 columns: $wide"
}

# holds EXPRESSION: of awk, with numbers.
holds() {
	checks=$((checks + 1))
	: >"$err"
	awk "BEGIN { exit !($1) }" </dev/null || problem "not so: $1"
}

# value KEY [FILE]: the first member KEY of the JSON file.
value() {
	sed -n 's/.*"'"$1"'":[[:space:]]*\([^,]*\),*$/\1/p' "${2-$out}" |
		head -n 1
}

# --- Of files --------------------------------------------------------------

# same FILE FILE: byte for byte.
same() {
	checks=$((checks + 1))
	cmp "$1" "$2" >"$err" 2>&1 || problem "$1 and $2 differ"
}

# differ FILE FILE: they are not the same.
differ() {
	checks=$((checks + 1))
	! cmp -s "$1" "$2" || problem "$1 and $2 are the same"
}

# json FILE: it is JSON.  kvplan says where a text is not.
json() {
	checks=$((checks + 1))
	: >"$err"
	[ -s "$1" ] || problem "$1 is empty"
	cp "$1" "$scratch/said/text.json"
	kvplan show model "$scratch/said/text.json" 2>"$err" >"$scratch/null" ||
		:
	! grep -q 'line [0-9]*, column' "$err" || problem "$1 is not JSON"
	[ -z "$python" ] || "$python" -m json.tool "$1" >"$scratch/null" \
		2>"$err" || problem "python3: $1 is not JSON"
}

# csv FILE ROWS: as many fields in each of 1 + ROWS lines.
csv() {
	checks=$((checks + 1))
	: >"$err"
	sed 's/"[^"]*"/text/g' "$1" | awk -F, -v rows="$2" '
		NR == 1 { fields = NF }
		NF != fields { exit 1 }
		END { if (NR != 1 + rows || fields < 2) exit 1 }' ||
		problem "$1 is not CSV with $2 rows"
}

# picture FILE: a whole SVG.
picture() {
	checks=$((checks + 1))
	grep -q '</svg>' "$1" || problem "$1 is no picture"
}

# magic FILE TEXT: how a picture begins.
magic() {
	checks=$((checks + 1))
	: >"$err"
	head -c 64 "$1" | grep -aqF -e "$2" || problem "$1 is no $2"
	[ "$(wc -c <"$1")" -gt 2000 ] || problem "$1 is too small"
}

# told COMMAND...: $scratch/told is then what it would tell gnuplot.
told() {
	if [ ! -d "$scratch/noting" ]; then
		mkdir "$scratch/noting"
		cat >"$scratch/noting/gnuplot" <<EOF
#!/bin/sh
cat >"$scratch/told"
echo a picture >"\$(sed -n "s/^OUTPUT = '\(.*\)'\$/\1/p" "$scratch/told")"
EOF
		chmod +x "$scratch/noting/gnuplot"
	fi
	ok env PATH="$scratch/noting:$PATH" "$@" -o x.svg
	rm -f x.svg
}
# block NAME: the rows of a datablock there.
block() {
	awk -v head="\$$1 << EOD" '$0 == head { inside = 1; next }
		$0 == "EOD" { inside = 0 } inside' "$scratch/told"
}

# rows FILE COUNT: below one line of names.
rows() {
	holds "$(wc -l <"$1") == 1 + $2"
}

# nothing_new: here are the files of the last note_files, or none.
note_files() {
	ls -A >"$scratch/said/before"
}
nothing_new() {
	checks=$((checks + 1))
	ls -A >"$scratch/said/after"
	diff "$scratch/said/before" "$scratch/said/after" >"$err" ||
		problem 'left behind, or gone'
}
note_files

# --- Cases -----------------------------------------------------------------

# The README's, one that is done at once, and one where KV heads are few.
# shellcheck disable=SC2034 # for the scripts
{
	big='--model opt-6.7b --hardware a100-40gb-pcie4 --batch 64
		--prompt 128 --gen 128'
	small='-m opt-125m -w t4 -b 3 -s 17 -g 5'
	grouped='-m llama-3.1-8b -w h100-sxm -b 64 -s 256 -g 8'
}

# plan OPTION...: of the README's case; the last of an option counts.
plan() {
	# shellcheck disable=SC2086 # several words
	kvplan plan $big "$@"
}

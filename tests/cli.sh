#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cli.sh - kvplan as a new user meets it: what works says what it must, and
# what is wrong ends with one line on standard error, nothing on standard
# output and nothing half-written.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR
gnuplot=${GNUPLOT-$(command -v gnuplot || :)}
python=$(command -v python3 || :)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/bin" "$scratch/said" "$scratch/here"
ln -s "$top_builddir/kvplan" "$scratch/bin/kvplan"
PATH=$scratch/bin:$PATH
out=$scratch/said/out err=$scratch/said/err
cd "$scratch/here"

checks=0 failures=0

problem() {
	failures=$((failures + 1))
	echo "cli.sh: $*"
	head -n 3 "$err" | sed 's/^/    stderr: /'
}

# ok COMMAND...: it succeeds, and says nothing on standard error.
ok() {
	checks=$((checks + 1))
	code=0
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq 0 ] || problem "exit $code: $*"
	[ ! -s "$err" ] || problem "complains: $*"
}

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

# narrow: the output fits 80 columns.
narrow() {
	checks=$((checks + 1))
	wide=$(awk 'length > 80' "$out" | head -n 1)
	[ -z "$wide" ] || problem "wider than 80 columns: $wide"
}

# fails CODE PATTERN COMMAND...: it prints nothing, and ends with that code and
# one line that has the pattern of the shell in it.
fails() {
	prints_and_fails "$@"
	[ ! -s "$out" ] || problem "prints and then fails: $*"
}

prints_and_fails() {
	checks=$((checks + 1))
	expected=$1 pattern=$2
	shift 2
	code=0
	"$@" >"$out" 2>"$err" </dev/null || code=$?
	[ "$code" -eq "$expected" ] ||
		problem "exit $code, expected $expected: $*"
	if [ "$(wc -l <"$err")" -ne 1 ]; then
		problem "expected one line of error: $*"
		return
	fi
	# shellcheck disable=SC2254 # it is a pattern
	case $(cat "$err") in
	'kvplan: '*'(null)'*) problem "names a null: $*" ;;
	'kvplan: '*$pattern*) ;;
	*) problem "expected '$pattern': $*" ;;
	esac
}

# holds EXPRESSION: of awk, with numbers.
holds() {
	checks=$((checks + 1))
	: >"$err"
	awk "BEGIN { exit !($1) }" </dev/null || problem "not so: $1"
}

# value KEY FILE: the first member KEY of the JSON file.
value() {
	sed -n 's/.*"'"$1"'":[[:space:]]*\([^,]*\),*$/\1/p' "$2" | head -n 1
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

# same FILE FILE
same() {
	checks=$((checks + 1))
	cmp "$1" "$2" >"$err" 2>&1 || problem "$1 and $2 differ"
}

# empty_folder: nothing was left behind here.
empty_folder() {
	checks=$((checks + 1))
	: >"$err"
	left=$(ls -A)
	[ -z "$left" ] || problem "$1 left behind: $left"
	cd "$scratch"
	rm -r here
	mkdir here
	cd here
}

# The README's case, a small one, and one of each as arguments.
big='--model opt-6.7b --hardware a100-40gb-pcie4 --batch 64 --prompt 128
	--gen 128'
small='-m opt-125m -w t4 -b 3 -s 17 -g 5'
set -f # these are split into words, not into file names

# shellcheck disable=SC2086
plan() {
	kvplan plan $big "$@"
}

# --- Help ------------------------------------------------------------------

for command in '' plan simulate plot worth fit-budget place calibrate \
	validate diff reproduce list show; do
	# shellcheck disable=SC2086
	for help in --help -h; do
		ok kvplan $command $help
		has "Usage: kvplan${command:+ $command}"
		checks=$((checks + 1))
		awk 'length > 80 { exit 1 }' "$out" ||
			problem "$command $help: a line over 80 columns"
		cp "$out" "$scratch/said/$help"
	done
	same "$scratch/said/--help" "$scratch/said/-h"
	if [ -z "$command" ]; then
		has plan simulate plot worth fit-budget place calibrate \
			validate diff reproduce list show
		continue
	fi
	has --help
	# Each option is in the manual page.
	sed -n 's/^ .*--\([a-z-]*\).*/\1/p' "$out" >"$scratch/said/options"
	while read -r option; do
		checks=$((checks + 1))
		grep -qE "^\.It .* -$option( |\$)" \
			"$top_srcdir/doc/kvplan.1" ||
			problem "kvplan.1 does not tell of --$option"
	done <"$scratch/said/options"
done
ok kvplan --version
has 'kvplan '
# --help wins over the rest, even where that is not complete.
ok kvplan plan --batch 3 --help
has 'Usage: kvplan plan'

# --- The wrong command line ------------------------------------------------

fails 2 'expected a command*--help' kvplan
fails 2 "'pln'*nearest is*plan" kvplan pln
fails 2 "'simulat'*simulate" kvplan simulat
fails 2 "'xyzzy'*--help" kvplan xyzzy
fails 2 "''" kvplan ''
fails 2 'unknown option*--verbose' kvplan --verbose
for command in plan simulate plot worth fit-budget place calibrate validate \
	diff reproduce list show; do
	fails 2 'unknown option*--hepl*nearest is*--help' \
		kvplan "$command" --hepl
	fails 2 "unknown option '-!'" kvplan "$command" '-!'
done
fails 2 '--bacth*nearest is*--batch' plan --bacth 3
fails 2 "'--j' could be any of --json, --jitter, --jobs" kvplan simulate --j
fails 2 '--set: host.switch_bytes_per_s: missing' \
	plan --set host.gpus_per_switch=11
fails 2 '--hardwear=t4*nearest is*--hardware' plan --hardwear=t4
fails 2 '--jsn*nearest is*--json' kvplan list models --jsn
fails 2 '--layers*nearest is*--layer' kvplan plot gantt --layers 3
fails 2 "unknown option '--zzzzzz" plan --zzzzzz
fails 2 '--batch*value' kvplan plan --batch
fails 2 '-m*value' kvplan plan -b 3 -m
fails 2 'extra' plan extra
fails 2 'extra' kvplan list models extra
fails 2 'extra' kvplan show model opt-6.7b extra

fails 2 '--model*missing' kvplan plan
fails 2 '--hardware*missing' kvplan plan -m opt-6.7b
fails 2 '--batch*missing' kvplan plan -m opt-6.7b -w t4
fails 2 '--prompt*missing' kvplan simulate -m opt-6.7b -w t4 -b 3
fails 2 '--gen*missing' kvplan simulate -m opt-6.7b -w t4 -b 3 -s 3
fails 2 'expected*models*hardware*policies' kvplan list
fails 2 "'model'*models" kvplan list model
fails 2 'hardware*model' kvplan show
fails 2 'hardware*model' kvplan show model
fails 2 "'policy'*hardware*model" kvplan show policy kvpr-row
fails 2 'split*gantt' kvplan plot
fails 2 "'pie'*split*gantt" kvplan plot pie

fails 2 "'opt-6.7'*nearest is*opt-6.7b" plan -m opt-6.7
fails 2 "'OPT-6.7B'*nearest is*opt-6.7b" plan -m OPT-6.7B
fails 2 "'gemini'*list models" plan -m gemini
fails 2 "''" plan -m ''
fails 2 "'h100-smx'*nearest is*h100-sxm" plan -w h100-smx
fails 2 "'a100-40gb-pcie'*nearest is*a100-40gb-pcie4" plan -w a100-40gb-pcie
fails 2 "'abacus'*list hardware" kvplan show hardware abacus
fails 2 "'kvpr-rwo'*nearest is*kvpr-row" plan -p kvpr-rwo
fails 2 "'magic'*list policies" plan -p magic
fails 2 "'diagonal'*row*column" plan --program diagonal
fails 2 "'eternity'*prompt*sequence" plan --limit eternity
fails 2 "'leather'*pinned*pageable" plan --host-memory leather

for option in --batch --prompt --gen; do
	for number in 0 -1 1e9 99999999999999999999 18446744073709551617 abc \
		'' ' 3' 3.5 0x10 3x; do
		fails 2 "$option*'$number'*whole number" plan "$option" \
			"$number"
		fails 2 "$option*'$number'*whole number" plan \
			"$option=$number"
	done
done
fails 2 "--split*'-1'*whole number from 0" plan --split -1
for number in 65 -1 2.5 abc ''; do
	fails 2 "--prefetch*'$number'*whole number, 0 to 64" plan --prefetch \
		"$number"
done
for share in 1.5 -0.1 nan inf half ''; do
	fails 2 "--cache-on-gpu*'$share'*number, 0 to 1" plan --cache-on-gpu \
		"$share"
done
fails 2 "--pipeline*'rough'*coarse or fine" plan -p kvpr-column --pipeline \
	rough
fails 2 "--attention*'CPU'*gpu or cpu" plan -p zero-inference --attention CPU
fails 2 "--sep-layer*'1'*no or yes" plan -p flexgen --sep-layer 1
for option in --weights --kv --activations; do
	fails 2 "$option*'fp8'*fp16*int8*int4" plan "$option" fp8
done
fails 2 "--num-batches*'0'*whole number from 1 to 1024" plan --num-batches 0
fails 2 "--gpus*'65'*whole number from 1 to 10" plan --gpus 65
fails 2 "--step*'x'" kvplan plot split --step x
fails 2 'gen*1*2 or more' plan --gen 1
fails 2 'opt-6.7b has 2048' plan --gen 2000
fails 2 'batch*268435456' plan --batch 268435456
fails 2 '--split*load-all' plan -p load-all --split 3
fails 2 '--split*--policy auto' plan -p auto --split 3
# where nothing fits, the memory is why, not a figure that one policy lacks
fails 1 'does not fit*100 MB' plan -p auto --set gpu.memory_bytes=100MB
ok kvplan sweep -m opt-125m -w t4 -b 3 -s 17 -g 5 -p auto \
	--vary gpu.memory_bytes=100MB
grep -q 'does not fit.*100 MB' "$out" || problem 'auto: why nothing fits'
fails 2 '--attention*policy kvpr-row*itself' plan --attention cpu
fails 2 '--weights-on-gpu*policy kvpr-row*itself' plan --weights-on-gpu 0.5
fails 2 '--prefetch*policy flexgen*itself' plan -p flexgen --prefetch 1
fails 2 '--home*policy kvpr-column*itself' plan -p kvpr-column --home pageable

fails 2 "'link'*PATH=VALUE" plan --set link
fails 2 'link.h2d.bytes_per_sec*nearest is*link.h2d.bytes_per_s' plan \
	--set link.h2d.bytes_per_sec=3GB/s
fails 2 'gpu*unknown' plan --set gpu=3
for rate in abc '' '26 GB' '26 Gb/s' nan inf 1e999 '3 4' '0x' -26GB/s \
	0GB/s 26 1e300; do
	fails 2 'link.h2d.bytes_per_s*found*expected' plan \
		--set "link.h2d.bytes_per_s=$rate"
done
fails 2 'gpu.gemm_derate*1.5*to 1' plan --set gpu.gemm_derate=1.5
empty_folder 'A wrong command line'

# --- Lists and profiles ----------------------------------------------------

ok kvplan list models
has opt-6.7b llama-3.1-8b
ok kvplan list hardware
has a100-40gb-pcie4 GB/s
ok kvplan list offload
has flexgen-t4 GB/s
ok kvplan list policies
has load-all kvpr-row recompute-all
cp "$out" "$scratch/said/policies"
ok kvplan plan --help
for what in models hardware policies; do
	ok kvplan list "$what" --json
	json "$out"
	entries=$(grep -c '"name"' "$out")
	holds "$entries >= 3"
	ok kvplan list "$what" --csv
	csv "$out" "$entries"
done
ok kvplan show hardware a100-40gb-pcie4
has link.h2d.bytes_per_s gpu.flop_per_s '312 TFLOP/s' quoted
ok kvplan show hardware a100-40gb-pcie4 --csv
has figure,value,confidence,source
ok kvplan show hardware a100-40gb-pcie4 --json
json "$out"
same "$out" "$top_srcdir/model/profiles/hardware/a100-40gb-pcie4.json"
ok kvplan show offload flexgen-t4
has link.h2d_bytes_per_s FlexGen quoted
ok kvplan show offload flexgen-t4 --json
json "$out"
same "$out" "$top_srcdir/model/profiles/offload/flexgen-t4.json"
ok kvplan show model llama-3.1-8b
has llama 4096
ok kvplan show model "$top_srcdir/model/profiles/models/llama-3.1-8b.json"
has llama-3.1-8b
ok kvplan show model opt-6.7b --json
json "$out"
# A data folder that is not there leaves the others.
ok env KVPLAN_DATADIR=/no/such/folder kvplan list models
has opt-6.7b

# Completion takes its words from the program.
if command -v bash >"$scratch/null"; then
	# offered WORD...: what is offered for the last word.
	offered() {
		# shellcheck disable=SC2016
		ok bash -u -c '. "$0" && COMP_WORDS=("$@") &&
			COMP_CWORD=$(($# - 1)) && _kvplan kvplan &&
			echo "${COMPREPLY[@]}"' \
			"$top_srcdir/cli/kvplan.bash" "$@"
	}
	offered kvplan pl
	has plan plot place
	offered kvplan plan --mo
	has --model
	offered kvplan plan --model opt-6
	has opt-6.7b opt-66b
	offered kvplan simulate --policy kv
	has kvpr-row
	offered kvplan simulate --jitter cal
	has calibration
	offered kvplan simulate --repl
	has --replications
	offered kvplan show hardware a100-80
	has a100-80gb
	offered kvplan show offload flex
	has flexgen-t4
	offered kvplan place --hardware f
	has flexgen-t4
	offered kvplan place --hardware h
	has h100-sxm
	offered kvplan place --costs k
	has kvplan
	offered kvplan calibrate --gemm s
	has sustained
	offered kvplan reproduce table-
	has table-1 table-2
	offered kvplan reproduce table-1 --no
	has --no-figures
	offered kvplan validate --plot-s
	has --plot-sweeps
	offered kvplan plot ma
	has map
	offered kvplan fit-budget --hardware t4 --cost l
	has link= link.h2d.bytes_per_s=
	offered kvplan fit-budget --hardware t4 --cost gpu.
	has gpu.flop_per_s= gpu.memory_bytes= gpu.launch_s=
	lacks derate copy_hbm_bytes
	offered kvplan worth --policy ''
	has kvpr-row
	lacks auto
	offered kvplan plan --policy a
	has auto
	offered kvplan plot map x.csv --
	has --output --format --x --where --help
	lacks --model --set --step --data
	offered kvplan plot split --
	has --model --output --step --data
	lacks --color --where --layer
	offered kvplan plot --
	has --model --color
	offered kvplan place --num
	has --num-batches
	offered kvplan place --hardware flexgen-t4 --set disk.m
	has disk.memory_bytes
	offered kvplan plan --hardware f
	checks=$((checks + 1))
	! grep -q flexgen "$out" || problem 'plan is offered flexgen-t4'
fi
empty_folder 'list and show'

# --- Calibration, and what it predicts -------------------------------------

bundle=$top_srcdir/traces/h200-sxm
ok kvplan calibrate "$bundle/samples.json" --hardware h200 -o cal.json
has 'NVIDIA H200' link.h2d.bytes_per_s 'product 8192 x 4096' \
	'gemm sustained' 'attention, 32 sequences' GB/s
json cal.json
ok kvplan show hardware cal.json
has nvidia-h200 'samples.json of NVIDIA H200, 2026-11-21' measured derived
ok kvplan calibrate "$bundle/samples.json" --csv --name mine
has name,value,rms,worst,points,kept,from,to,in_profile
csv "$out" "$(($(wc -l <"$out") - 1))"
ok kvplan calibrate "$bundle/samples.json" --json --gemm sustained \
	--peak 989TFLOP/s -o sustained.json
json "$out"
has '"figures"' '"made_by"' '"fnv1a"'
ok kvplan calibrate "$bundle/samples.json" -o -
json "$out"
fails 2 'kvplan-gpu profile*nvbandwidth' kvplan calibrate
fails 1 'no-such*No such file' kvplan calibrate no-such
fails 2 "--gemm*'hot'*rested*sustained" kvplan calibrate --gemm hot x
fails 2 "--peak*'0'*989TFLOP/s" kvplan calibrate --peak 0 x
fails 2 '--name*1 to 63' kvplan calibrate --name '' x
fails 2 "'h20'*nearest" kvplan calibrate --hardware h20 x
echo '{"schema":"kvplan-plan-2"}' >wrong.json
fails 1 "wrong.json: schema*'kvplan-samples-1'" kvplan calibrate wrong.json
fails 2 '.txt*.png' kvplan calibrate "$bundle/samples.json" --plot x.txt
echo '{"nvbandwidth":{"version":"v0.8","testcases":[{"name":
	"host_to_device_memcpy_ce","status":"Passed",
	"bandwidth_matrix":[["50.5"]]}]}}' >nv.json
ok kvplan calibrate nv.json --hardware h100-sxm -o link.json
has link.h2d.bytes_per_s '50.5 GB/s'
ok kvplan show hardware link.json
has 'nv.json of nvbandwidth v0.8' '989 TFLOP/s'
fails 1 'nv.json: not measured*--hardware' kvplan calibrate nv.json
fails 2 'nvbandwidth' kvplan calibrate nv.json --gemm rested

# A machine with curves: the error bar, scaled curves, what is outside.
curves="-m opt-6.7b -b 8 -s 512 -g 9 -w cal.json"
# shellcheck disable=SC2086
ok kvplan plan $curves --json -o p.json
has '"error_pct"'
holds "$(value error_pct "$out") > 0.01 && $(value error_pct "$out") < 5"
decode=$(value decode_s "$out")
# shellcheck disable=SC2086
ok kvplan plan $curves
has 'Error bar'
ok kvplan simulate p.json
has 'error bar'
ok kvplan simulate p.json --json
holds "$(value decode_s "$out") == $decode"
ok kvplan simulate p.json --json --set link.h2d.bytes_per_s=27.7GB/s
holds "$(value decode_s "$out") > 1.8 * $decode"
ok kvplan simulate p.json --json --host-memory pageable
holds "$(value decode_s "$out") > 4 * $decode"
checks=$((checks + 1))
# shellcheck disable=SC2086
kvplan plan $curves --batch 2048 --set host.memory_bytes=99TB \
	>"$out" 2>"$err" || problem 'an extrapolation fails'
[ "$(grep -c '^kvplan: warning: nvidia-h200: .* outside' "$err")" -eq 1 ] ||
	problem 'expected one warning'
rm cal.json link.json nv.json p.json sustained.json wrong.json

mkdir -p small/runs
fails 1 'hardware.json' kvplan validate small
cp "$bundle/hardware.json" small
fails 1 'small/runs: found no file' kvplan validate small
cp "$bundle/runs/runs-32.json" small/runs
echo '{"schema":"other"}' >small/runs/other.json
ok kvplan validate small
has 'kvpr-row, 1' 'opt-6.7b b8 s512' 'Mean error' 'Split regret' all
ok kvplan validate small --csv
csv "$out" 46
ok kvplan validate small --json
json "$out"
holds "$(value mean_pct "$out") < 3"
ok kvplan validate small --hardware h100-sxm
has h100-sxm
fails 2 'hardware.json and runs/' kvplan validate
echo '{"schema":"kvplan-runs-1","models":{},"runs":[{}]}' \
	>small/runs/wrong.json
fails 1 'small/runs/wrong.json: runs[[]0].plan: missing' \
	kvplan validate small
rm -r small
if [ -n "$gnuplot" ]; then
	ok kvplan calibrate "$bundle/samples.json" --plot c.svg
	ok kvplan validate "$bundle" --plot v.svg --plot-sweeps s.svg
	for file in c v s; do
		checks=$((checks + 1))
		grep -q '</svg>' $file.svg || problem "$file.svg is no picture"
	done
	rm -f c.svg v.svg s.svg
fi
empty_folder 'calibrate and validate'

# --- The paper's items -----------------------------------------------------

ok kvplan list items
has table-1 a7 'Figure 7'
ok kvplan reproduce table-1
has 'Table 1' '27.34 ms' 'OPT-30B' 'Nearest of'
ok kvplan reproduce table-1 --csv
csv "$out" 30
ok kvplan reproduce table-1 a4 --json
json "$out"
fails 2 "unknown item 'figure-77', the nearest is figure-7" \
	kvplan reproduce figure-77
fails 2 '--output*--csv' kvplan reproduce table-1 -o x --csv
fails 2 '--no-figures*--output' kvplan reproduce table-1 --no-figures
fails 1 'nowhere/hardware.json' kvplan reproduce table-1 --measured nowhere
: >file
fails 1 'file/report.html*' kvplan reproduce table-1 -o file
rm file
ok kvplan reproduce table-1 --no-figures -o report
quiet=$(cat "$out")
holds "${#quiet} == 0"
[ -s report/report.html ] || problem 'no report'
rm -r report
mkdir -p data/paper-repro/table-1
cp "$top_srcdir/paper-repro/index.json" data/paper-repro
cp "$top_srcdir/paper-repro/table-1/README.md" data/paper-repro/table-1
sed 's/"attend_s"/"atend_s"/' "$top_srcdir/paper-repro/table-1/item.json" \
	>data/paper-repro/table-1/item.json
fails 1 "table-1/item.json: studies[[]0].metrics*'atend_s'*attend_s" \
	env KVPLAN_DATADIR="$PWD/data" kvplan reproduce table-1
rm -r data
empty_folder 'reproduce'
# --- Two timelines -----------------------------------------------------------

trace=$bundle/runs/trace-b32_s1024_kvpr-row-1.json
ok kvplan diff "$trace" "$trace"
has 'Mean of 3 steps, 14 to 16' 'B - A 0 ns' 'load_activation' 'idle A'
ok kvplan diff "$trace" "$trace" --step 15
has 'Step 15'
ok kvplan diff "$trace" "$trace" --csv
csv "$out" 12
ok kvplan diff "$trace" "$trace" --json
json "$out"
holds "$(value difference_s "$out") == 0"
fails 1 'step 3: expected one that both have; A has 14 to 16, B 14 to 16' \
	kvplan diff "$trace" "$trace" --step 3
fails 2 'expected two timelines' kvplan diff "$trace"
fails 2 '--step*-1' kvplan diff "$trace" "$trace" --step -1
fails 1 'none.json*No such file' kvplan diff "$trace" none.json
sed 's/"engine":"sm"/"engine":"gpu"/' "$trace" >wrong.json
fails 1 "wrong.json: traceEvents[[]15].args.engine: found 'gpu'" \
	kvplan diff "$trace" wrong.json
fails 1 'hardware.json: traceEvents: missing' \
	kvplan diff "$trace" "$bundle/hardware.json"
prints_and_fails 1 'A has no task of layer 9 in step 16 to draw' \
	kvplan diff "$trace" "$trace" --plot d.svg --layer 9
has 'idle A'
fails 2 '--layer*--plot' kvplan diff "$trace" "$trace" --layer 9
fails 2 'd.txt: expected*.pdf' kvplan diff "$trace" "$trace" --plot d.txt
prints_and_fails 1 'gnuplot' env PATH="$scratch/bin" \
	kvplan diff "$trace" "$trace" --plot d.svg
has 'idle A'
# shellcheck disable=SC2086 # several words
ok kvplan simulate $small -t one.json
# shellcheck disable=SC2086 # several words
ok kvplan simulate $small --gpus 2 -t two.json
ok kvplan diff one.json two.json
has 'GPUs: A 1, B 2' 'Only in B, first in step 0, GPU 1, layer 0'
narrow
ok kvplan diff one.json two.json --json
json "$out"
has '"gpus_b":'
for lasts in 1 1000; do
	cat >"lasts-$lasts.json" <<EOF
{"traceEvents":[{"ph":"X","name":"attend L0","pid":1,"ts":0,"dur":$lasts,
"args":{"step":0,"layer":0,"batch":0,"task":0,"engine":"sm"}}]}
EOF
done
ok kvplan diff lasts-1.json lasts-1000.json
has '(99900 % of A)'
rm one.json two.json lasts-1.json lasts-1000.json
if [ -n "$gnuplot" ]; then
	ok kvplan diff "$trace" "$trace" --plot d.svg
	checks=$((checks + 1))
	grep -q '</svg>' d.svg || problem 'd.svg is no picture'
	rm -f d.svg
fi
printf 'SQLite format 3\0 and no more' >wrong.json
fails 1 'wrong.json: *' kvplan diff "$trace" wrong.json
rm wrong.json

# --- A plan, and its simulation --------------------------------------------

# The splits are told from least to most, whatever the first and last are.
ok plan --set link.h2d.bytes_per_s=1.3e12 --set link.d2h.bytes_per_s=1.285e12 \
	--set link.duplex_bytes_per_s=1.88e12 --set gpu.handoff_s=1ms --csv
has 'kvpr-row,0 to 8,'
ok plan
has opt-6.7b 'batch 64' load-all kvpr-row recompute-all decode 'tokens/s' \
	'host-to-GPU' 'KV cache'
ok plan --csv
csv "$out" 3
has policy,split,prefill_s,decode_s
ok plan --json -o plan.json
json "$out"
json plan.json
has '"policy"' '"split_first"' '"decode_s"' '"utilisation"' '"made_by"' \
	'"command"'
cp "$out" planned.json
decode=$(value decode_s planned.json)
holds "$decode > 1 && $decode < 100"
holds "$(value steps planned.json) == 127"
holds "$(value step_s planned.json) / ($decode / 127) - 1 < 1e-9"
holds "$(value tokens_per_s planned.json) / (64 * 127 / $decode) - 1 < 1e-9"
baseline=$(value baseline_decode_s planned.json)
holds "$decode < $baseline"
gain=$(value gain_pct planned.json)
holds "($gain / (100 * (1 - $decode / $baseline)) - 1) ^ 2 < 1e-18"

# A plan file simulates to what the plan said, whatever else is around.
ok kvplan simulate plan.json --json
json "$out"
cp "$out" simulated.json
for key in policy decode_s step_s tokens_per_s bound; do
	checks=$((checks + 1))
	[ "$(value $key planned.json)" = "$(value $key simulated.json)" ] ||
		problem "$key of plan and simulate differ"
done
# shellcheck disable=SC2086
ok kvplan simulate $big --json
holds "$(value decode_s "$out") == $decode"
ok sh -c 'kvplan simulate - --json <plan.json'
holds "$(value decode_s "$out") == $decode"
mkdir elsewhere
cp plan.json elsewhere/p
ok sh -c 'cd elsewhere && kvplan simulate p --json'
holds "$(value decode_s "$out") == $decode"
rm -r elsewhere
ok kvplan simulate plan.json
has 'tokens/s' load_cache recompute attend
ok kvplan simulate plan.json --csv
has process,task,tasks,busy_s

# Twice the same: the plan depends on its input alone.
ok plan --json -o again.json
sed 's/again\.json/plan.json/' again.json >again
same plan.json again
rm again again.json

# Every decode step is there, and they add up.
steps=$(awk '/"steps_s"/ { inside = 1 }
	inside { n = split($0, x, /[][,]/)
		for (i = 1; i <= n; i++)
			if (x[i] ~ /^[[:space:]]*[0-9]/) { sum += x[i]; k++ } }
	inside && /\]/ { exit }
	END { printf "%d %.17g", k, sum }' simulated.json)
holds "${steps% *} == 127"
holds "(${steps#* } / $decode - 1) ^ 2 < 1e-18"

# The timeline: JSON, ends with the decode, no stream does two things at once.
ok kvplan simulate plan.json --trace trace.json --csv
csv "$out" "$(($(wc -l <"$out") - 1))"
tasks=$(sed 1d "$out" | awk -F, '{ n += $3 } END { print n }')
json trace.json
trace=$(awk '
	function member(key) {
		return match($0, "\"" key "\":[-+.0-9e]*") ? substr($0,
			RSTART + length(key) + 3,
			RLENGTH - length(key) - 3) + 0 : -1
	}
	/"ph":"X"/ {
		start = member("ts")
		end = start + member("dur")
		stream = member("tid")
		if (member("dur") < 0 || start < last[stream] - 2e-6)
			faults++
		last[stream] = end
		if (end > most)
			most = end
		n++
	}
	END { printf "%d %d %.9f", n, faults, most }' trace.json)
# shellcheck disable=SC2086
set -- $trace
holds "$1 == $tasks && $1 > 1000"
holds "$2 == 0"
holds "($3 / ($decode * 1e6) - 1) ^ 2 < 1e-18"

# '-' is standard output, and a pipe of two commands works.
# shellcheck disable=SC2086 # several words
fails 2 '--json*standard output' kvplan plan $small -o - --json
# shellcheck disable=SC2086 # several words
fails 2 '--csv*standard output' kvplan simulate $small -t - --csv
ok sh -c "kvplan plan $small -o - | kvplan simulate - --json"
json "$out"

# --- What changes the answer, and which way --------------------------------

# decode_s of the big case with the options.
decode_of() {
	plan --json "$@" >"$out"
	value decode_s "$out"
}
slower() {
	holds "$(decode_of "$@") > $decode * 1.001"
}
faster() {
	holds "$(decode_of "$@") < $decode * 0.999"
}
faster --set link.h2d.bytes_per_s=55GB/s --set link.d2h.bytes_per_s=55GB/s \
	--set link.duplex_bytes_per_s=110GB/s
slower --set link.h2d.bytes_per_s=13GB/s
slower --set link.h2d.latency_s=1ms
slower --set gpu.launch_s=1ms
slower --set gpu.flop_per_s=10TFLOP/s
slower --set gpu.hbm_bytes_per_s=100GB/s
slower --set link.duplex_bytes_per_s=5GB/s
slower --host-memory pageable
# Three times through memory, of four GPUs: 5 GB/s each instead of 10.
four='-p load-all --gpus 4 --host-memory pageable'
# shellcheck disable=SC2086
holds "$(decode_of $four --set host.memory_bytes_per_s=60GB/s) > \
	1.99 * $(decode_of $four --set host.memory_bytes_per_s=120GB/s)"
plan --json -p load-all --gpus 4 --set host.memory_bytes_per_s=20GB/s >"$out"
has '"memory"'
plan -p load-all --gpus 4 --set host.memory_bytes_per_s=20GB/s >"$out"
has "most of it on the host's memory"
slower --split 0
slower -w t4
slower --batch 65
slower --prompt 150
slower --gen 129
faster --batch 32
# The unit and the last of two say the same.
holds "$(decode_of --set link.h2d.bytes_per_s=13GB/s) == $(decode_of \
	--set link.h2d.bytes_per_s=1GB/s --set link.h2d.bytes_per_s=13e9)"
holds "$(decode_of --set 'link.h2d.bytes_per_s=26 GB/s') < $(decode_of \
	--set link.h2d.bytes_per_s=20GiB/s)"
# Recomputing nothing is to send all, run equally far ahead.
holds "$(decode_of --split 0 --prefetch 1) == $(decode_of -p load-all \
	--prefetch 1)"
# The plan file takes another machine's figures.
ok kvplan simulate plan.json --json --set link.h2d.bytes_per_s=13GB/s
holds "$(value decode_s "$out") > $decode"
ok kvplan simulate plan.json --json -w h100-sxm
holds "$(value decode_s "$out") < $decode"
ok kvplan simulate plan.json --json --host-memory pageable
holds "$(value decode_s "$out") > $decode"

# Jitter: statistics beside the run without it; the seed decides, threads not.
jitter='--jitter h2d=5%,sm=3% --systematic 1%'
# shellcheck disable=SC2086
{
	ok kvplan simulate plan.json $jitter
	has 'jitter h2d=5%,sm=3%, systematic 1%, 30 replications, seed 1' \
		ci95 p50 p95 p99
	ok kvplan simulate plan.json $jitter --csv
	csv "$out" 7
	cp "$out" jitter.csv
	ok kvplan simulate plan.json $jitter --csv --seed 1 --jobs 5 \
		--replications 30
	same jitter.csv "$out"
	ok kvplan simulate plan.json $jitter --csv --seed 2
	! cmp -s jitter.csv "$out" || problem 'seeds give the same'
	ok kvplan simulate plan.json $jitter --json --seed 9
	json "$out"
	has '"ci95":' '"systematic":	"1%"' '"replications":	30' '"seed":	9'
	# all else is of the run without jitter
	for key in policy decode_s step_s tokens_per_s bound; do
		[ "$(value $key simulated.json)" = "$(value $key "$out")" ] ||
			problem "$key of the run without jitter differs"
	done
	# no spread: the same timeline but for what made it
	ok kvplan simulate plan.json --jitter 0 --replications 2 \
		--trace still.json
	grep '"ph":"X"' trace.json >still
	grep '"ph":"X"' still.json >"$out"
	same still "$out"
	ok kvplan simulate plan.json $jitter --trace first.json
	json first.json
	has '30 replications'
	ok kvplan simulate plan.json $jitter --trace - --replications 7
	grep '"ph":"X"' first.json >first
	grep '"ph":"X"' "$out" >other
	same first other
	! cmp -s first still || problem 'jitter leaves no trace'
}
rm jitter.csv first.json first other still.json still
fails 2 "--jitter: found 'cpu=50%', but no task" \
	kvplan simulate plan.json --jitter cpu=50%
fails 2 "--systematic: found 'issue=5%', but no task" \
	kvplan simulate plan.json --jitter 5% --systematic issue=5%
fails 2 "--jitter: found '5', expected 0 to 100 %" \
	kvplan simulate plan.json --jitter 5
fails 2 "--systematic: found the engine 'gpu'" \
	kvplan simulate plan.json --systematic gpu=5%
fails 2 'sheet without one' kvplan simulate plan.json --jitter calibration
fails 2 '--replications: found*from 2 to' \
	kvplan simulate plan.json --jitter 5% --replications 1
for option in replications seed jobs; do
	fails 2 "--$option needs --jitter or --systematic" \
		kvplan simulate plan.json --$option 3
done
rm plan.json planned.json simulated.json trace.json
empty_folder 'plan and simulate'

# Grouped-query: nothing is recomputed, and it says why.
ok kvplan plan -m llama-3.1-8b -w h100-sxm -b 64 -s 1024 -g 32
has 'does not pay' '8 KV heads'
ok kvplan plan -m llama-3.1-8b -w h100-sxm -b 64 -s 1024 -g 32 --json
holds "$(value split_first "$out") == 0 && $(value split_last "$out") == 0"

# Why the simulated layer is another than the period's, where it is.
because() {
	checks=$((checks + 1))
	reason=$1
	shift
	kvplan plan -m opt-125m -w gh200 "$@" >"$out" 2>"$err"
	tr '\n' ' ' <"$out" | grep -qF "$reason" || problem "no '$reason': $*"
}

streamed='-b 4 -s 64 -g 16 --policy kvpr-column --set gpu.handoff_s=40us'
# shellcheck disable=SC2086
because 'that the two directions of the link slow each other. Split' $streamed \
	--split 0 --set link.duplex_bytes_per_s=900GB/s --prefetch 2
because 'ends before it has come to its steady state' -b 1 -s 16 -g 8 \
	--policy load-all --prefetch 4 --set gpu.handoff_s=200us
because 'the simulation what is ready first' -b 1 -s 16 -g 12 --num-batches 2 \
	--policy zero-inference --set host.attention_bytes_per_s=100GB/s

# --- A placement -----------------------------------------------------------

opt30b='-m opt-30b -w flexgen-t4 -s 512 -g 32'
# shellcheck disable=SC2086
place() {
	kvplan place $opt30b "$@"
}
given='--batch 48 --num-batches 3 --memory-share 1.2'

ok place
has opt-30b "FlexGen's cost model" 'KV cache' 'GPU memory at prefill' \
	'1 GB more' link.h2d_bytes_per_s
ok place --json
json "$out"
holds "$(value request_s "$out") < 4.510391164"
holds "$(value programs "$out") < 300"
cp "$out" placed.json
ok place --csv
csv "$out" 1
holds "$(sed 1d "$out" | cut -d, -f6) == $(value request_s placed.json)"
ok place -b 32 -n 5 --json
holds "($(value request_s "$out") - 4.510391164) ^ 2 < 1e-18"
# The published policy, in each way to write it.
# shellcheck disable=SC2086
for percent in '20 80 0 100 0 100' '20,80,0,100,0,100' '20 80,0 100,0 100'; do
	ok place $given --percent $percent --json
	holds "($(value prefill_s "$out") - 210.670413) ^ 2 < 1e-12"
	holds "($(value decode_s "$out") - 435.093665) ^ 2 < 1e-12"
done
# shellcheck disable=SC2086
ok kvplan place --percent 20 $opt30b $given 80 0 100 0 100 --csv
csv "$out" 1
# More is faster, and the other cost model another answer.
total=$(value request_s placed.json)
for more in gpu.memory_bytes=24GiB host.memory_bytes=300GiB \
	link.h2d_bytes_per_s=26GB/s host.attention_flop_per_s=20GFLOP/s; do
	ok place --json --set $more
	holds "$(value request_s "$out") < $total"
done
ok place --json --costs kvplan
holds "$(value request_s "$out") != $total"
ok kvplan place -m llama-3.1-8b -w a100-40gb-pcie4 -s 512 -g 32 \
	--set host.memory_bytes=200GB --json
holds "$(value kv_recomputed "$out") == 0"
holds "$(value batch "$out") >= 1"

fails 1 'GPU memory at prefill: needs at least 20.15 GB, has 13.74 GB' \
	place -b 48 -n 3 --percent 20 80 0 100 0 100
fails 1 'GPU memory at prefill: needs at least 2.598 GB, has 800 MB' place \
	--set gpu.memory_bytes=1GB
fails 1 't4 does not state host.memory_bytes' kvplan place -m opt-30b -w t4 \
	-s 512 -g 32
fails 1 'time limit of 0 s' place --time-limit 0s
fails 2 '--percent: found 5 numbers, expected six' place --percent 1 2 3 4 5
fails 2 "unexpected '7'" place --percent 1 2 3 4 5 6 7
fails 2 "--percent: unexpected '7' after six" place --percent 1,2,3,4,5,6,7
fails 2 '--percent: 20 and 90 % of the weights' place \
	--percent 20 90 0 100 0 100
fails 2 "--percent: found '101', expected a number from 0 to 100" place \
	--percent 101 0 0 0 0 0
fails 2 "--percent: found 'x'" place --percent 1 2 x 4 5 6
fails 2 "--percent: found ''" place --percent ''
fails 2 "unexpected '20'" place 20
fails 2 '10 % of the weights would lie on disk' kvplan place -m opt-30b \
	-w t4 -s 512 -g 32 --percent 20 70 0 100 0 100
fails 2 "t4 has not the figures of FlexGen's" kvplan place -m opt-30b -w t4 \
	-s 512 -g 32 --costs flexgen
fails 2 "FlexGen's cost model is for*llama-3.1-8b" kvplan place \
	-m llama-3.1-8b -w flexgen-t4 -s 512 -g 32
fails 2 "'magic', expected flexgen or kvplan" place --costs magic
fails 2 "--memory-share: found '0', expected a number from 0.01" place \
	--memory-share 0
fails 2 "--time-limit: found '-1s'" place --time-limit -1s
fails 2 "--time-limit: found '5 GB'" place --time-limit '5 GB'
fails 2 'opt-30b has 2048' place --gen 2000
fails 2 'gen: found 1, expected 2 or more' place --gen 1
fails 2 "--num-batches*'0'*whole number from 1" place -n 0
fails 2 "'flexgen-t5', the nearest is 'flexgen-t4'" place -w flexgen-t5
fails 2 'link.h2d.bytes_per_s: unknown figure' place \
	--set link.h2d.bytes_per_s=3GB/s
fails 2 "'link'*PATH=VALUE" place --set link
fails 2 '--model NAME is missing' kvplan place
fails 2 '--hardware NAME is missing' kvplan place -m opt-30b
fails 2 '--prompt N is missing' kvplan place -m opt-30b -w t4
fails 2 '--gen N is missing' kvplan place -m opt-30b -w t4 -s 3
fails 2 '--json and --csv' place --json --csv
fails 2 "'flexgen-t4', which is in 'kvplan list offload'" kvplan plan -m opt-30b \
	-w flexgen-t4 -b 3 -s 3 -g 3
sed 's/12.89 GiB/12.89 Gib/' \
	"$top_srcdir/model/profiles/offload/flexgen-t4.json" >o.json
fails 1 "o.json: link.h2d_bytes_per_s.value: found '12.89 Gib/s'" place \
	-w o.json
rm o.json placed.json
empty_folder 'place'

# --- What does not fit -----------------------------------------------------

for command in plan simulate 'plot split -o x.png'; do
	# shellcheck disable=SC2086
	fails 1 'does not fit*a100-40gb-pcie4*GB*has 40 GB' kvplan \
		$command -m opt-30b -w a100-40gb-pcie4 -b 64 -s 128 -g 128
done
fails 1 'does not fit*host*1 GB' plan --set host.memory_bytes=1GB
fails 2 'split*129*128' plan --split 129

# --- Files that are wrong --------------------------------------------------

profiles=$top_srcdir/model/profiles
cp "$profiles/models/opt-125m.json" m.json
cp "$profiles/hardware/a100-40gb-pcie4.json" h.json
kvplan plan -m m.json -w h.json -b 3 -s 17 -g 5 -o p.json >"$out"
mkdir folder
: >empty.json
printf '{"a": 1,\n  "b": }\n' >broken.json
printf '{"model_type": "opt",\n "hid\0den_size": 3}\n' >nul.json
printf '[1, 2]\n' >array.json
printf '"text"\n' >text.json
printf '{}\n' >object.json
head -c 200 m.json >short.json
printf '{} {}\n' >two.json

with_model() {
	kvplan plan -m "$1" -w t4 -b 3 -s 17 -g 5
}
with_hardware() {
	kvplan plan -m opt-125m -w "$1" -b 3 -s 17 -g 5
}
for reader in with_model with_hardware 'kvplan simulate' \
	'kvplan show model' 'kvplan show hardware' \
	'kvplan plot split -o x.png'; do
	# shellcheck disable=SC2086
	{
		fails 1 'none.json: No such file' $reader none.json
		fails 1 './folder: Is a directory' $reader ./folder
		fails 1 'p.json/x.json: Not a dir' $reader p.json/x.json
		fails 1 'empty.json: line 1, column 1: ' $reader empty.json
		fails 1 'broken.json: line 2, column 8: ' $reader broken.json
		fails 1 'short.json: line *, column ' $reader short.json
		fails 1 'two.json: line 1, column 4: ' $reader two.json
		fails 1 'nul.json: ' $reader nul.json
		fails 1 'array.json: found an array*object' $reader array.json
		fails 1 'text.json: found a text*object' $reader text.json
		fails 1 'object.json: *missing' $reader object.json
	}
done

# edited FILE SED: a copy, in which something has changed.
edited() {
	sed "$2" "$1" >x.json
	checks=$((checks + 1))
	! cmp -s "$1" x.json || problem "nothing to edit in $1: $2"
}

bad_model() {
	edited m.json "$1"
	fails 1 "x.json: $2" with_model x.json
}
bad_model 's/"hidden_size": [0-9]*/"hidden_size": -768/' \
	'hidden_size: found -768, expected*from 1'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": "768"/' \
	"hidden_size: found '768', expected a whole number"
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 768.5/' \
	'hidden_size: found 768.5, expected a whole number'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 1e300/' \
	'hidden_size: found 1e+300'
bad_model 's/"hidden_size": [0-9]*/"hidden_size": null/' 'hidden_size: '
bad_model 's/"hidden_size": [0-9]*/"hidden_size": 767/' \
	'hidden_size: found 767, expected*num_attention_heads'
bad_model '/"num_hidden_layers"/d' 'num_hidden_layers: missing'
bad_model 's/"model_type": "opt"/"model_type": "optt"/' \
	"model_type: found 'optt', expected*nearest is opt"

bad_hardware() {
	edited h.json "$1"
	fails 1 "x.json: $2" with_hardware x.json
}
bad_hardware 's/"312 TFLOP.s"/-312/' 'gpu.flop_per_s*found -312 FLOP/s'
bad_hardware 's/"312 TFLOP.s"/"312 GB"/' \
	"gpu.flop_per_s*found '312 GB', expected*312 TFLOP/s"
bad_hardware 's/"312 TFLOP.s"/[312]/' 'gpu.flop_per_s*found an array'
bad_hardware 's/"312 TFLOP.s"/true/' 'gpu.flop_per_s*truth value'
bad_hardware 's/"launch_s"/"lanch_s"/' \
	'gpu.lanch_s: unknown figure*nearest is gpu.launch_s'
bad_hardware 's/"title"/"tittle"/' '*title'
bad_hardware 's/kvplan-hardware-1/kvplan-hardware-9/' \
	"schema: found 'kvplan-hardware-9', expected 'kvplan-hardware-1'"
bad_hardware 's/kvplan-hardware-1/kvplan-plan-1/' 'schema: '
bad_hardware 's/"confidence": "quoted"/"confidence": "sure"/' \
	"*.confidence: found 'sure', expected measured"
bad_hardware 's/"confidence"/"confidenze"/' \
	"*.confidenze: unknown name*nearest is 'confidence'"
bad_hardware 's/"source": "[^"]*"/"source": ""/' '*.source: found an empty'

# Without pageable rates pageable memory cannot be modelled.
sed -e 's/"pageable_bytes_per_s"/"x"/' h.json >x.json
fails 1 'x.json: link.h2d.x: unknown' with_hardware x.json
for name in $(kvplan list hardware --csv | sed -e 1d -e 's/,.*//'); do
	if kvplan show hardware "$name" --json |
		grep -q pageable_bytes_per_s; then
		continue
	fi
	fails 1 "$name*pageable*not stated" kvplan plan -m opt-125m \
		-w "$name" -b 3 -s 17 -g 5 --host-memory pageable
	break
done

bad_plan() {
	edited p.json "$1"
	fails 1 "x.json: $2" kvplan simulate x.json
}
bad_plan 's/kvplan-plan-2/kvplan-plan-9/' \
	"plan.schema: found 'kvplan-plan-9', expected 'kvplan-plan-2'"
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [999/' \
	'plan.split?0?: found 999, expected a whole number from 0 to 17'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [-1/' 'plan.split?0?: found -1'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": [1.5/' 'plan.split?0?: found 1.5'
bad_plan 's/"split":[^[]*\[[0-9]*/"split": ["3"/' "plan.split?0?: found '3'"
bad_plan 's/"split":[^[]*\[/"split": [0, /' \
	'plan.split: found 5 values*4 decode steps'
bad_plan 's/"split":.*/"split": 3/' 'plan.split: found a number*array'
bad_plan 's/"prefetch":.*/"prefetch": 65,/' 'plan.prefetch: found 65'
bad_plan 's/"prefetch":/"prefech":/' \
	"plan.prefech: unknown name*nearest is 'prefetch'"
bad_plan 's/"whole_sequence":.*/"whole_sequence": 0,/' \
	'plan.whole_sequence: found a number, expected true or false'
bad_plan 's/"policy":.*/"policy": "kvpr-rwo",/' \
	"plan.policy: *'kvpr-rwo'*nearest is*kvpr-row"
bad_plan 's/"batch":/"bach":/' "workload.bach: unknown name*'batch'"
bad_plan 's/"batch":.*/"batch": 0,/' 'workload.batch: found 0'
bad_plan 's/"gen":.*/"gen": 1e30,/' 'workload.gen: found 1e+30'
bad_plan 's/"gen":.*/"gen": 1,/' '*gen: found 1*2 or more'
bad_plan 's/"kv":.*/"kv": "fp8",/' \
	"workload.kv: found 'fp8', expected fp16, int8 or int4"
bad_plan 's/"num_batches":.*/"num_batches": 0,/' \
	'workload.num_batches: found 0'
bad_plan 's/"attention":.*/"attention": "cpu",/' \
	'plan.attention: found cpu, expected gpu: policy kvpr-row decides it'
bad_plan 's/"cache_on_gpu":.*/"cache_on_gpu": 1.5,/' \
	'plan.cache_on_gpu: found 1.5, expected a number, 0 to 1'
bad_plan 's/"plan":/"plann":/' 'plan'
bad_plan 's/"model":/"modell":/' 'model'
bad_plan 's/"hidden_size":.*/"hidden_size": 0,/' \
	'model: hidden_size: found 0'
edited p.json 's/"312 TFLOP.s"/"312"/'
fails 1 'gpu.flop_per_s: found 312 FLOP/s' kvplan simulate x.json

# What a plan file says cannot be said again.
for option in '-m opt-125m' '-b 3' '-s 3' '-g 3' '-p load-all' '--split 3' \
	'--prefetch 1' '--program row' '--limit prompt' '--num-batches 2' \
	'--kv int8' '--pipeline fine' '--home pinned'; do
	# shellcheck disable=SC2086
	fails 2 '--*p.json' kvplan simulate p.json $option
done
rm x.json

# --- Output that cannot be written -----------------------------------------

cp p.json old.json
printf 'a picture\n' >old.png
set +f
ls -A >"$scratch/said/before"
unwritable='no/such/folder/x.json ./folder p.json/x.json /dev/full'
unwritable="$unwritable /proc/kvplan-x.json"
for file in $unwritable; do
	fails 1 "$file: " plan -o "$file"
	fails 1 "$file: " kvplan simulate p.json -t "$file"
	fails 1 "$file: " kvplan plot split p.json --data "$file"
done
# nothing_new: the same files are here.
nothing_new() {
	checks=$((checks + 1))
	ls -A >"$scratch/said/after"
	diff "$scratch/said/before" "$scratch/said/after" >"$err" ||
		problem 'left behind, or gone'
}
# Failures leave an existing file as it was.
fails 1 'does not fit' plan --set gpu.memory_bytes=1GB -o old.json
same p.json old.json
fails 2 'magic' plan -p magic -o old.json
same p.json old.json
# The disk is full, or the file too large: nothing is left of it.
big_file() {
	(
		trap '' XFSZ
		ulimit -f 2
		exec kvplan simulate p.json -t "$1" -w t4
	)
}
fails 1 'File too large' big_file new.json
fails 1 'File too large' big_file old.json
same p.json old.json
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w folder
	fails 1 'Permission denied' plan -o folder/x.json
	chmod u+w folder
fi
# One that is replaced is replaced whole.
ok kvplan simulate p.json -t old.json
json old.json
rm old.json
cp p.json old.json
nothing_new

# No output takes the place of an input, or of another output.
cp p.json used.json
ln -s used.json link.json
for file in used.json ./used.json folder/../used.json link.json; do
	fails 2 "$file: found a file that this command" \
		kvplan simulate used.json -t "$file"
	# shellcheck disable=SC2016 # of the shell within
	fails 2 "$file: found a file that this command" \
		sh -c 'kvplan simulate - -t "$1" <used.json' sh "$file"
	fails 2 "$file: found a file that this command" \
		kvplan plot split used.json --data "$file"
done
same p.json used.json
t4=$top_srcdir/model/profiles/hardware/t4.json
cp "$t4" used.json
for command in 'plan -o' 'simulate -t' 'plot gantt --data'; do
	# shellcheck disable=SC2086 # several words
	fails 2 "used.json: found a file that this command" \
		kvplan ${command% *} -m opt-125m -w ./used.json -b 3 -s 17 \
		-g 5 ${command##* } used.json
done
same "$t4" used.json
if [ -n "$gnuplot" ]; then
	cp p.json used.json
	fails 2 'used.json: found a file that this command' \
		kvplan plot gantt used.json -o used.json --format svg
	same p.json used.json
	fails 2 './z.svg: found a file that this command' \
		kvplan plot gantt p.json -o z.svg --data ./z.svg
	rm z.svg
fi
rm -f used.json link.json
nothing_new

# Stopped while threads replicate: no trace of it.
checks=$((checks + 1))
code=0
kvplan simulate p.json --jitter 5% --replications 1000000 --jobs 3 \
	-t new.json >"$out" 2>"$err" &
sleep 0.3
kill "$!"
wait "$!" || code=$?
[ "$code" -eq 143 ] || problem "stopped while it replicates: exit $code"
[ ! -s "$out" ] || problem 'stopped while it replicates: prints'
nothing_new

# Standard output that is full, closed, or a pipe that nobody reads on.
to_full() {
	"$@" >/dev/full
}
to_closed() {
	"$@" >&-
}
for where in to_full to_closed; do
	fails 1 'standard output' $where kvplan --help
	fails 1 'standard output' $where kvplan --version
	fails 1 'standard output' $where kvplan list models
	fails 1 'standard output' $where kvplan show model opt-6.7b --json
	fails 1 'standard output' $where kvplan plan --help
	fails 1 'standard output cannot be written: [BN]' $where plan
	fails 1 'standard output' $where plan --json
	fails 1 'standard output' $where kvplan simulate p.json --csv
	fails 1 'standard output' $where kvplan plot split p.json --data -
	fails 1 'standard output' $where kvplan simulate p.json -t -
done
ok sh -c 'kvplan list models | head -n 1'
has name
# A reader that leaves early is no crash: one line, exit code 1.
{
	code=0
	kvplan simulate -m opt-6.7b -w t4 -b 1 -s 9 -g 99 -t - 2>"$err" ||
		code=$?
	echo "$code" >"$scratch/said/code"
} | :
code=$(cat "$scratch/said/code")
checks=$((checks + 1))
[ "$code" -eq 1 ] || problem "a closed pipe: exit $code"
[ "$(wc -l <"$err")" -eq 1 ] || problem 'a closed pipe: not one line of error'

# Standard input that is empty or closed.
fails 1 'line 1, column 1' kvplan simulate -
from_closed() {
	"$@" <&-
}
fails 1 'standard input' from_closed kvplan simulate -

# --- Pictures --------------------------------------------------------------

# Without gnuplot it says so, and the numbers can be had all the same.
without_gnuplot() {
	env PATH="$scratch/bin" kvplan plot "$@"
}
fails 1 'gnuplot*install' without_gnuplot split p.json -o x.png
fails 1 'gnuplot*install' without_gnuplot split p.json -o x.png --data left.csv
fails 1 'gnuplot' without_gnuplot gantt p.json -o old.png
checks=$((checks + 1))
: >"$err"
[ "$(cat old.png)" = 'a picture' ] || problem 'a failed plot wrote old.png'
ok without_gnuplot split p.json --data x.csv
csv x.csv 18
ok without_gnuplot gantt p.json --data y.csv
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
	grep -qx "PAPER_SPLIT = $marked" "$scratch/commands" ||
		problem "--program $program: the picture marks $(grep \
			PAPER_SPLIT "$scratch/commands"), expected $marked"
done

# No step in the midst of a decode is faster than its lower bound, with loads
# ahead across its ends as well.
for case in 'p.json --step 2' '-m opt-125m -w a100-40gb-pcie4 -b 8
		--num-batches 2 -s 24 -g 6 -p kvpr-column --step 2'; do
	# shellcheck disable=SC2086 # a list of words
	ok kvplan plot split $case --data x.csv
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
# shellcheck disable=SC2086
fails 2 'load-all' kvplan plot split $small -p load-all -o x.png

# A wider limit is never the worse, and stores no X that nobody reads: where
# no split passes the prompt it is the narrow one.
grouped='-m llama-3.1-8b -w h100-sxm -b 64 -s 256 -g 8'
for limit in prompt sequence; do
	# shellcheck disable=SC2086 # options
	ok kvplan plan $grouped --limit $limit --csv
	cp "$out" "$limit.csv"
done
ok cmp prompt.csv sequence.csv
rm prompt.csv sequence.csv

# The first token does not wait for the last store of prefill.
ok kvplan plan -m opt-1.3b -w h100-sxm -b 64 -s 512 -g 4 --json
cp "$out" first.json
# shellcheck disable=SC2016 # awk's own
ok awk -F '[:,]' '/first_token_s/ { f = $2 } /"prefill_s"/ { p = $2 }
	END { exit !(f > 0 && f < p) }' first.json
rm first.json

if [ -n "$gnuplot" ]; then
	# magic FILE TEXT: how the file begins.
	magic() {
		checks=$((checks + 1))
		: >"$err"
		head -c 64 "$1" | grep -aqF -e "$2" || problem "$1 is no $2"
		[ "$(wc -c <"$1")" -gt 2000 ] || problem "$1 is too small"
	}
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
	cp m.json "it's \$x {_^} @y \"%s\".json"
	ok kvplan plot gantt -m "./it's \$x {_^} @y \"%s\".json" -w t4 \
		-b 3 -s 17 -g 5 -o "a'b\"c \$d.svg"
	magic "a'b\"c \$d.svg" '<?xml'
	rm "a'b\"c \$d.svg" "it's \$x {_^} @y \"%s\".json"
fi
nothing_new

# --- Pictures of files -----------------------------------------------------

sweeps=$top_srcdir/tests/sweeps
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
fails 1 'gnuplot*' without_gnuplot heat "$sweeps/link_gpu.csv" -o x.png

# What gnuplot would be told, from one that notes it.
mkdir "$scratch/noting"
cat >"$scratch/noting/gnuplot" <<EOF
#!/bin/sh
cat >"$scratch/told"
echo a picture >"\$(sed -n "s/^OUTPUT = '\(.*\)'\$/\1/p" "$scratch/told")"
EOF
chmod +x "$scratch/noting/gnuplot"
told() {
	ok env PATH="$scratch/noting:$PATH" kvplan plot "$@" -o x.svg
	rm -f x.svg
}
# block NAME: the rows of a datablock.
block() {
	awk -v head="\$$1 << EOD" '$0 == head { inside = 1; next }
		$0 == "EOD" { inside = 0 } inside' "$scratch/told"
}
# agree FILE FILE: the same lines, in any order.
agree() {
	checks=$((checks + 1))
	sort "$1" >"$scratch/a"
	sort "$2" >"$scratch/b"
	if ! cmp "$scratch/a" "$scratch/b" >"$err" 2>&1 || [ ! -s "$1" ]; then
		problem "$3"
	fi
}

# The map shows the policy with the least time, and no point that failed.
told map "$sweeps/policies.csv" --x batch --y prompt
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
agree found known 'the map shows not the fastest policy'

# A heat map has each number where it belongs.
told heat "$sweeps/link_gpu.csv" --color step_s
block cells | awk '{ printf "%.5g %.5g %.5g\n", 10 ^ $1, 10 ^ $2, $7 }' >found
awk -F, 'NR > 1 { printf "%.5g %.5g %.5g\n", $2 / 1e9, $3 / 1e12, 1e3 * $9 }' \
	"$sweeps/link_gpu.csv" >known
agree found known 'the heat map shows other numbers'
told heat "$sweeps/policies.csv" --where policy=load-all --color tokens_per_s
block cells >found
block key >known
# shellcheck disable=SC2016 # awk's own
holds "$(wc -l <found) == $(awk -F, '$2 == "load-all" && $9 != "" { n++ }
	END { print n }' "$sweeps/policies.csv")"
ok grep -q 'no plan' known

# Lines have a point for each row, and the ends of its bar.
told line "$sweeps/batches.csv"
block curves | grep . | awk '{ printf "%.5g %.5g %.5g %.5g\n", 10 ^ $1, $2, $3,
	$4 }' >found
awk -F, 'NR > 1 { printf "%.5g %.5g %.5g %.5g\n", $2, $12, $17, $18 }' \
	"$sweeps/batches.csv" >known
agree found known 'the curves show other numbers'
told line "$sweeps/link_gpu.csv" --where gpu.flop_per_s=312TFLOP/s --y step_s
holds "$(block curves | grep -c .) == 7"

# Of no point of the front is another better in both, and of all others one is.
told pareto "$sweeps/batches.csv"
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
agree found known 'the front is another'

# Of many cells those that look the same are one: still none is missing, and
# none is of another colour.
awk 'BEGIN {
	print "point,a,b,prefetch,step_s,error"
	for (i = 0; i < 120; i++)
		for (k = 0; k < 110; k++)
			print n++ "," i + 0.5 "," k + 0.5 ",1," \
				int((i + k) / 9) / 1e3 ","
}' >many.csv
told heat many.csv --color step_s
holds "$(block cells | wc -l) < 3000"
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
told pareto failed.csv
ok grep -q '"batch 3"' "$scratch/told"
told line failed.csv --y step_s
holds "$(block curves | grep -c .) == 2"
holds "$(block key | grep -c .) == 0"
rm failed.csv

# The tornado is widest on top, from the CSV as from the command itself.
streamed="-m opt-30b -w a100-40gb-pcie4 -b 32 -s 256 -g 8 -p kvpr-column"
# shellcheck disable=SC2086 # options
{
	ok kvplan worth $streamed --csv
	cp "$out" worth.csv
	told tornado worth.csv
	block bars >found
	ok env PATH="$scratch/noting:$PATH" kvplan worth $streamed --plot x.svg
	block bars >known
}
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
told tornado no.csv
rm no.csv worth.csv

# Without gnuplot the numbers are there all the same.
# shellcheck disable=SC2086 # options
{
	fails 2 'p.txt: expected a name*.png, .svg or .pdf' \
		kvplan worth $grouped --plot p.txt
	checks=$((checks + 1))
	! grep -q -e --format "$err" || problem 'worth has no --format'
	checks=$((checks + 1))
	! env PATH="$scratch/bin" kvplan worth $grouped --plot x.svg \
		>"$out" 2>"$err" || problem 'a picture without gnuplot'
	has link.h2d.bytes_per_s
	checks=$((checks + 1))
	grep -q 'gnuplot cannot be run' "$err" || problem 'no reason'
}

if [ -n "$gnuplot" ]; then
	for kind in map heat line pareto; do
		for end in png svg pdf; do
			ok kvplan plot $kind "$sweeps/link_gpu.csv" -o x.$end
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

# --- Worth and budget ------------------------------------------------------

# shellcheck disable=SC2086 # options
{
	fails 2 "--change: found '0'*0.01 to 99" kvplan worth $small --change 0
	fails 2 '--change*' kvplan worth $small --change x
	fails 2 '--policy auto' kvplan worth $small -p auto
	fails 2 'one of --step TIME and --tokens-per-s' kvplan fit-budget $small
	fails 2 'one of --step TIME and --tokens-per-s' \
		kvplan fit-budget $small --step 1ms --tokens-per-s 3
	fails 2 "--step: found '0'*more than 0" \
		kvplan fit-budget $small --step 0
	fails 2 "--cost: found 'link'*NAME=COST" \
		kvplan fit-budget $small --step 1ms --cost link
	fails 2 "--cost: found 'lnk'*nearest is link" \
		kvplan fit-budget $small --step 1ms --cost lnk=2
	fails 2 "--cost: link: found '0'*above 0, or no" \
		kvplan fit-budget $small --step 1ms --cost link=0
	fails 2 'nothing is left' kvplan fit-budget $small --step 1ms \
		--cost link=no --cost gpu.flop_per_s=no \
		--cost gpu.memory_bytes=no
	fails 2 '--cost: link is there twice' kvplan fit-budget $small \
		--step 1ms --cost link=1 --cost link=2
	fails 2 '--cost: link is there twice' kvplan fit-budget $small \
		--step 1ms --cost link=no --cost link=no
	fails 2 'at most 4' kvplan fit-budget $small --step 1ms \
		--cost gpu.launch_s=1 --cost gpu.hbm_bytes_per_s=1
	fails 2 'does not state host.copy_bytes_per_s' kvplan fit-budget \
		$small --step 1ms --cost host.copy_bytes_per_s=1
	fails 1 'cannot be reached*million times better*busiest' \
		kvplan fit-budget $small --step 1ns
	fails 2 '--program: expected period' \
		kvplan fit-budget $small --step 1ms --program row
	ok kvplan fit-budget $small --step 60s
	has 'nothing has to change'
	# A machine as good as the answer says takes the time, and one that is
	# less good by a thousandth does not.
	ok kvplan fit-budget $grouped -p load-all --step 30ms --csv
	link=$(awk -F, 'NR == 2 { print $2 }' "$out")
	for share in 1 0.998; do
		rate=$(awk "BEGIN { print $link * $share }")
		back=$(awk "BEGIN { print 1e3 * $rate }")
		ok kvplan plan $grouped -p load-all --json \
			--set link.h2d.bytes_per_s="$rate" \
			--set link.d2h.bytes_per_s="$back" \
			--set link.duplex_bytes_per_s="$back"
		cp "$out" "plan.$share"
	done
	holds "$(value step_s plan.1) <= 0.03"
	holds "$(value step_s plan.1) > 0.0299"
	holds "$(value step_s plan.0.998) > 0.03"
	rm plan.1 plan.0.998
}

# The share that it prints fits as it is printed, and one of 0 is not printed.
printed_share() {
	tr '\n' ' ' <"$out" |
		sed -n 's/.*--cache-on-gpu \([0-9.]*[0-9]\).*/\1/p'
}
shared='-m opt-6.7b -w t4 -b 100 -s 64 -g 8 -p load-all --num-batches 2'
# shellcheck disable=SC2086 # options
{
	ok kvplan fit-budget $shared --step 689ms
	narrow
	share=$(printed_share)
	holds "$share > 0.268 && $share < 0.2685"
	ok kvplan simulate $shared --cache-on-gpu "$share"
	fails 1 'needs 16.00 GB*has 16 GB, too little by*kB' \
		kvplan simulate $shared --cache-on-gpu 0.2685
	# so does the memory that it prints, with the share
	ok kvplan fit-budget $shared --step 480ms --cost link=no \
		--cost gpu.flop_per_s=no
	share=$(printed_share)
	memory=$(sed -n 's/^gpu.memory_bytes  *\([0-9.]*\) GB.*/\1/p' "$out")
	ok kvplan simulate $shared --cache-on-gpu "$share" \
		--set gpu.memory_bytes="$memory"GB
	has "per token"
}
ok kvplan fit-budget -m opt-13b -w a100-40gb-pcie4 -b 100 -s 900 -g 2 \
	-p zero-inference --num-batches 2 --step 1.8423 \
	--set host.attention_bytes_per_s=80GB/s --cost gpu.hbm_bytes_per_s=1
narrow
has '(1 decode step)' --cache-on-gpu
lacks --weights-on-gpu
# A factor that would print as 1 is a percentage.
ok kvplan fit-budget -m opt-6.7b -w a100-40gb-pcie4 -b 32 -s 128 -g 4 \
	--step 40.4577ms --cost gpu.memory_bytes=no
lacks ' 1 times'
tr '\n' ' ' <"$out" >line
mv line "$out"
has ' % better (31'
nothing_new

# A share of nothing has no sign.
ok kvplan plan -m opt-6.7b -w a100-40gb-pcie4 -b 64 -s 512 -g 4 -p kvpr-row \
	--set gpu.handoff_s=0 --json
has '"handoff_share":	0,'

# What is long is wrapped.
ok kvplan simulate -m opt-6.7b -w a100-40gb-pcie4 -b 32 -s 128 -g 16 --gpus 4 \
	--num-batches 2
sed '/^engine/q' "$out" >head.txt
mv head.txt "$out"
has 'GPUs, fp16'
narrow
ok kvplan plan --model opt-30b --hardware t4-flexgen --policy flexgen \
	--batch 48 --num-batches 3 --prompt 512 --gen 32 --weights-on-gpu 0.2 \
	--attention cpu
narrow
for policy in cpu-attention zero-inference kvpr-column; do
	ok kvplan worth -m opt-6.7b -w t4-flexgen -b 4 --num-batches 3 -s 512 \
		-g 8 -p $policy --change 33.33
	narrow
done
nothing_new

if [ "$failures" -gt 0 ]; then
	echo "cli.sh: $failures problems in $checks checks"
	exit 1
fi
echo "cli.sh: $checks checks${gnuplot:+, with gnuplot}"

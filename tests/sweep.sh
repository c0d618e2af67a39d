#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep.sh - kvplan sweep and merge: the rows are those of kvplan plan, and
# the same bytes with any number of threads and ranks, in shards, and after
# being killed at any moment.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
KVPLAN_DATADIR=$top_srcdir
export KVPLAN_DATADIR
kvplan=$top_builddir/kvplan

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"

checks=0 failures=0
problem() {
	failures=$((failures + 1))
	echo "sweep.sh: $*"
}

# same FILE FILE: byte for byte
same() {
	checks=$((checks + 1))
	cmp "$1" "$2" || problem "$1 and $2 differ"
}

# fails CODE PATTERN COMMAND...: one line of error, of that pattern
fails() {
	checks=$((checks + 1))
	expected=$1 pattern=$2
	shift 2
	code=0
	"$@" >out 2>err </dev/null || code=$?
	[ "$code" -eq "$expected" ] || problem "exit $code: $*"
	[ ! -s out ] || problem "prints and then fails: $*"
	[ "$(wc -l <err)" -eq 1 ] || problem "expected one line of error: $*"
	# shellcheck disable=SC2254 # it is a pattern
	case $(cat err) in
	$pattern) ;;
	*) problem "says '$(cat err)', expected '$pattern'" ;;
	esac
}

sweep() {
	checks=$((checks + 1))
	"$kvplan" sweep "$@" 2>err || problem "fails: sweep $*: $(cat err)"
	[ ! -s err ] || problem "complains: sweep $*: $(cat err)"
}

# ---- the same as kvplan plan at its middle step ----

# number JSON KEY of the certificate
of_certificate() {
	sed -n '/"certificate"/,$p' "$1" |
		sed -n "s/^[[:space:]]*\"$2\":[[:space:]]*\([0-9.e+-]*\).*/\1/p" |
		head -n 1
}

sweep --model opt-6.7b --hardware a100-40gb-pcie4 --gen 2 \
	--vary batch=1,7,64 --vary prompt=100,500 \
	--vary link.h2d.bytes_per_s=12GB/s,111GB/s \
	--columns split,step_s >rows
while IFS=, read -r point batch prompt link split step_s error; do
	[ "$point" != point ] || continue
	[ -z "$error" ] || problem "point $point fails: $error"
	"$kvplan" plan --model opt-6.7b --hardware a100-40gb-pcie4 --gen 2 \
		--batch "$batch" --prompt "$prompt" \
		--set link.h2d.bytes_per_s="$link" --json >planned
	checks=$((checks + 1))
	[ "$(of_certificate planned split)" = "$split" ] ||
		problem "point $point: split $split, not plan's"
	awk -v a="$step_s" -v b="$(of_certificate planned layer_s)" '
	BEGIN { d = a / (32 * b) - 1; exit !(d < 1e-11 && d > -1e-11) }' ||
		problem "point $point: step_s $step_s is not plan's"
done <rows
[ "$(wc -l <rows)" -eq 13 ] || problem "not 12 rows"

# ---- the same as kvplan worth, but for the rounding of a split ----

worth="--model opt-6.7b --hardware a100-40gb-pcie4 --gen 32 --batch 64"
# shellcheck disable=SC2086 # a list
sweep $worth --vary prompt=1000 \
	--columns worth.link.h2d.bytes_per_s,worth.link.h2d.latency_s >rows
# shellcheck disable=SC2086
"$kvplan" worth $worth --prompt 1000 --csv >known
for i in 3 4; do
	name=$(sed -n 1p rows | cut -d, -f$i)
	checks=$((checks + 1))
	awk -F, -v path="${name#worth.}" -v is="$(sed -n 2p rows | cut -d, -f$i)" '
	$1 == path { n++; d = is / $3 - 1 }
	END { exit !(n == 1 && d < 1e-4 && d > -1e-4) }' known ||
		problem "$name is not what 'kvplan worth' says"
done
# shellcheck disable=SC2086
fails 2 '*--columns: worth.gpu.memory_bytes: found a memory, expected a rate*' \
	"$kvplan" sweep $worth --vary prompt=9 \
	--columns worth.gpu.memory_bytes

# ---- no plan is below its floor ----

# A split within the prompt stores no X of generated tokens, nor may its floor.
for split in 0 100 600; do
	sweep --model llama-3.1-8b --hardware gh200 --prompt 500 --gen 128 \
		--kv int4 --weights int4 --activations int8 \
		--set gpu.flop_per_s=2PFLOP/s --limit sequence \
		--policy kvpr-row --split $split --vary batch=1,3,30 \
		--vary link.h2d.bytes_per_s=8GB/s,64GB/s \
		--columns step_s,floor_s,gap_pct >rows
	checks=$((checks + 1))
	awk -F, 'NR > 1 { n++; bad += !($5 <= $4 * (1 + 1e-9)) || !($6 >= 0) }
	END { exit n != 6 || bad }' rows || problem "a floor: $(cat rows)"
done

# ---- what its pictures run over ----

# Any value that is varied, though an output may be called so: without
# gnuplot, up to where that is missed.
sweep --model opt-125m --hardware t4 --gen 9 --batch 4 --vary prompt=9,90,300 \
	--vary prefetch=0,1,2 -o drawn.csv
mkdir none
fails 1 'kvplan: gnuplot*' env PATH="$PWD/none" "$kvplan" plot heat \
	drawn.csv -o x.png
fails 2 '*--y: drawn.csv has no further input that varies*' \
	env PATH="$PWD/none" "$kvplan" plot heat drawn.csv --where prefetch=1 \
	-o x.png

# ---- what cannot be asked ----

# refuses MESSAGE OPTION...: at once, with nothing written
refuses() {
	message=$1
	shift
	fails 2 "kvplan: $message" "$kvplan" sweep --model opt-125m \
		--hardware t4 --gen 9 --batch 3 --vary prompt=9,90 "$@"
}

flop=gpu.flop_per_s
kinds='expected normal(5%), lognormal(10%), uniform(LOW,HIGH) or residuals'
deviation='expected a relative deviation above 0 and up to 100%'
refuses "--uncertain: found '$flop', expected NAME=DISTRIBUTION" \
	--uncertain $flop
refuses "--uncertain: found 'gpu.flops'*nearest is $flop" \
	--uncertain 'gpu.flops=normal(5%)'
refuses "--uncertain: found 'batch', expected a figure of the hardware" \
	--uncertain 'batch=normal(5%)'
refuses "--uncertain: found 'norm', $kinds" --uncertain "$flop=norm(5%)"
refuses "--uncertain: found 'normal', $kinds" --uncertain $flop=normal
refuses "--uncertain: found 'normal(', $kinds" --uncertain "$flop=normal("
refuses "--uncertain: found '', $kinds" --uncertain $flop=
refuses "--uncertain: found 0, $deviation" --uncertain "$flop=lognormal(0)"
refuses "--uncertain: found 21%, expected a relative deviation above 0 and up \
to 20%; lognormal takes more" --uncertain "$flop=normal(21%)"
refuses "--uncertain: found 200%, $deviation" \
	--uncertain "$flop=lognormal(200%)"
refuses "--uncertain: found '1TFLOP/s', expected uniform(LOW,HIGH)" \
	--uncertain "$flop=uniform(1TFLOP/s)"
refuses '--uncertain: found 9TFLOP/s to 2TFLOP/s, expected two ends that*' \
	--uncertain "$flop=uniform(9TFLOP/s,2TFLOP/s)"
refuses "--uncertain: found '9GB/s', expected a number such as*FLOP/s'" \
	--uncertain "$flop=uniform(9GB/s,2TFLOP/s)"
refuses "--uncertain: $flop stands there twice" \
	--uncertain "$flop=normal(2%)" --uncertain $flop=residuals
refuses "--uncertain $flop=residuals: t4 has none for it: it is not cal*" \
	--uncertain $flop=residuals
refuses '--simulate cannot be used with --uncertain, whose draws*' \
	--simulate --uncertain "$flop=normal(2%)"
refuses '--draws is for --uncertain' --draws 3
refuses "--draws: found '0', expected a whole number from 1 to 100000" \
	--draws 0
refuses '--against is for --uncertain' --against load-all
refuses "--against: unknown policy 'loadall', the nearest is load-all *" \
	--against load-all,loadall --uncertain "$flop=normal(2%)"
refuses "--columns: found 'stp_s', expected a column; the nearest is step_s" \
	--columns split,stp_s
refuses "--columns: found '', expected a column" --columns split,
refuses "--columns: found 'worth.gpu', expected a column" \
	--columns worth.gpu
refuses '--columns: prompt is varied, so it is a column already' \
	--columns split,prompt
refuses '--columns: win_pct is for --uncertain' --columns win_pct
refuses '--columns: decode_s is for --simulate' --columns decode_s
for part in 0/3 4/3 1 1/2x -1/3 1/32769; do
	refuses "--shard: found '$part', expected I/N with I from 1 to N,*" \
		--shard=$part
done

# ---- what binds: one GPU's link, then the host's memory ----

sweep --model opt-6.7b --hardware a100-40gb-pcie4 --batch 64 --prompt 128 \
	--gen 128 --vary policy=load-all --vary gpus=1,2 \
	--set host.memory_bytes_per_s=40GB/s >bound
[ "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "bound") c = i }
	NR > 1 { printf " %s", $c }' bound)" = ' h2d memory' ] ||
	problem "expected h2d and memory: $(cat bound)"

# ---- the same bytes, whoever does it ----

case="--model opt-6.7b --hardware h200 --gen 64"
grid="--vary batch=1:64:log6 --vary prompt=128:3000:log9
	--vary link.h2d.bytes_per_s+link.d2h.bytes_per_s=8GB/s:256GB/s:log7
	--vary gpu.flop_per_s=100TFLOP/s:2PFLOP/s:lin3"
# shellcheck disable=SC2086 # lists are to be split
{
	sweep $case $grid --jobs 1 >one
	sweep $case $grid --jobs 3 >three
	sweep $case $grid >default
	sweep $case $grid --json --jobs 1 >one.json
	sweep $case $grid --json --jobs 2 >two.json
}
same one three
same one default
same one.json two.json
grep -q 'needs 3063 positions' one || problem 'no point fails'
[ "$(wc -l <one)" -eq 1135 ] || problem "not 1134 rows"

samples="--vary prompt=64:1500:log --vary batch=1:64
	--vary policy=load-all,kvpr-row,auto
	--vary gpu.hbm_bytes_per_s=1TB/s:8TB/s"
for sample in lhs:999 sobol:999; do
	# shellcheck disable=SC2086
	{
		sweep $case $samples --sample "$sample" --jobs 1 >one.sample
		sweep $case $samples --sample "$sample" --jobs 4 >four.sample
	}
	same one.sample four.sample
done
uncertain="--uncertain link.h2d.bytes_per_s=normal(10%)
	--uncertain gpu.flop_per_s=lognormal(0.2)
	--uncertain gpu.hbm_bytes_per_s=uniform(2TB/s,4TB/s)
	--against recompute-all,load-all --draws 50"
# shellcheck disable=SC2086
{
	sweep $case --vary batch=1,8,64 --vary prompt=100,900 $uncertain \
		--seed 3 --jobs 1 >one.drawn
	sweep $case --vary batch=1,8,64 --vary prompt=100,900 $uncertain \
		--seed 3 --jobs 2 >two.drawn
	sweep $case --vary batch=1,8,64 --vary prompt=100,900 $uncertain \
		--seed 4 --jobs 2 >other.drawn
	sweep --model opt-125m --hardware h200 --gen 9 --simulate \
		--vary batch=1,3,9 --vary prompt=33:333:lin5 --jobs 1 >one.sim
	sweep --model opt-125m --hardware h200 --gen 9 --simulate \
		--vary batch=1,3,9 --vary prompt=33:333:lin5 --jobs 3 >three.sim
}
same one.drawn two.drawn
same one.sim three.sim
! cmp -s two.drawn other.drawn || problem 'the seed changes nothing'

mpirun=${MPIRUN-$(command -v mpirun || :)}
if [ -x "$top_builddir/kvplan-mpi" ] && [ -n "$mpirun" ]; then
	# Open MPI keeps what it has allocated; all else is looked for.
	asan=${ASAN_OPTIONS-}
	ASAN_OPTIONS=${asan:+$asan:}detect_leaks=0
	export ASAN_OPTIONS
	OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
	OMPI_MCA_rmaps_base_oversubscribe=1
	export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
	export OMPI_MCA_rmaps_base_oversubscribe
	for ranks in 1 2 3; do
		# shellcheck disable=SC2086
		"$mpirun" -n "$ranks" "$kvplan" sweep $case $grid -o ranks \
			</dev/null 2>err || problem "$ranks ranks: $(cat err)"
		same one ranks
	done
	# shellcheck disable=SC2086
	"$mpirun" -n 2 "$kvplan" sweep $case $grid --json --jobs 2 \
		-o ranks </dev/null 2>err || problem "threads: $(cat err)"
	same one.json ranks
	code=0
	"$mpirun" -n 2 "$kvplan" sweep --vary batch=0 >out 2>err \
		</dev/null || code=$?
	[ "$code" -ne 0 ] || problem 'ranks do not fail'
	[ "$(grep -c '^kvplan:' err)" -eq 1 ] ||
		problem "ranks fail with: $(grep '^kvplan:' err)"
	ASAN_OPTIONS=$asan
else
	echo 'sweep.sh: no MPI here: ranks are not tested'
fi

# ---- shards ----

for shard in 3 1 2; do
	# shellcheck disable=SC2086
	sweep $case $grid --shard $shard/3 -o part$shard
done
"$kvplan" merge part2 part3 part1 -o merged || problem 'merge fails'
same one merged
"$kvplan" merge part1 part2 part3 >merged || problem 'merge fails'
same one merged
# shellcheck disable=SC2086
{
	sweep $case $grid -o merged.all
	sweep $case $grid --shard 2/4 -o fourth
	sweep $case $grid --shard 2/3 --policy load-all -o other
	sweep $case $grid --shard 2/3 -o again
}
fails 1 '*: shard 2 of 3 is missing' "$kvplan" merge part1 part3
fails 1 '*: shard 3 of 3 is missing' "$kvplan" merge part1 part2
fails 1 '*part2 and again are both shard 2' \
	"$kvplan" merge part1 part2 again part3
fails 1 '*other is of another sweep: options: *load-all*' \
	"$kvplan" merge part1 other part3
fails 1 '*shards*' "$kvplan" merge part1 fourth part3
fails 2 '*expected the files to merge' "$kvplan" merge
fails 2 '*--output: found part2, which is to be merged, expected another*' \
	"$kvplan" merge part1 part2 part3 -o part2
[ -s part2 ] || problem 'merge removes a shard'
fails 1 '*nothing.json: No such file*' "$kvplan" merge nothing
head -c 9999 part2 >short
cp part2.json short.json
fails 1 'kvplan: short: ends after point * of 378: *' \
	"$kvplan" merge part1 short part3

# ---- stopped and resumed ----

# Cut anywhere, in the header too, it goes on behind the last whole row.
size=$(wc -c <one)
cut=0
while [ $cut -lt 25 ]; do
	cut=$((cut + 1))
	at=$((cut * size / 24 - cut * cut * 7))
	[ "$cut" -ne 1 ] || at=0
	[ "$cut" -ne 2 ] || at=20
	[ "$at" -le "$size" ] || at=$size
	head -c "$at" one >short
	cp merged.all.json short.json
	# shellcheck disable=SC2086
	sweep $case $grid -o short --resume
	same one short
done
# shellcheck disable=SC2086
{
	fails 1 '*short is of another sweep: options: *' \
		"$kvplan" sweep $case --vary batch=1 --vary gpus=2 \
		--prompt 7 -o short --resume
	fails 1 '*short is of another sweep: options: *' "$kvplan" sweep \
		$case $grid --kv int4 -o short --resume
	fails 1 '*short is of another sweep: vary: found *' "$kvplan" \
		sweep $case $grid --vary gpus=1,2 -o short --resume
	fails 1 '*short is of another sweep: shard: found 1, expected 2' \
		"$kvplan" sweep $case $grid --shard 2/2 -o short --resume
	sed 99d one >short
	fails 1 '*short: line 99: expected the row of point 97: *' "$kvplan" \
		sweep $case $grid -o short --resume
	sed '99s/,[^,]*,/,/' one >short
	fails 1 '*short: line 99: expected the row of point 97: *' "$kvplan" \
		sweep $case $grid -o short --resume
	rm short.json
	fails 1 '*short.json: No such file*' "$kvplan" sweep $case $grid \
		-o short --resume
	fails 2 '*--resume needs --output FILE' "$kvplan" sweep $case $grid \
		--resume
	rm -f fresh fresh.json
	sweep $case $grid -o fresh --resume
	fails 1 'kvplan: /dev/full: *' "$kvplan" sweep $case $grid \
		-o /dev/full
}
same one fresh

# Killed at random moments: always the same ones, but not for the machine.
long="--model opt-6.7b --hardware h200 --gen 64
	--vary batch=1:64:log6 --vary prompt=128:1900:log40
	--vary link.h2d.bytes_per_s=8GB/s:256GB/s:log90"
moments=$(awk 'BEGIN { srand(17)
	for (i = 0; i < 400; i++) printf "0.%03d\n", 5 + 60 * rand() }')
# shellcheck disable=SC2086
sweep $long --jobs 1 >undisturbed
kills=0 whole=0
rm -f killed killed.json
for moment in $moments; do
	[ "$kills" -lt 24 ] || break
	# shellcheck disable=SC2086
	"$kvplan" sweep $long --jobs 2 -o killed --resume 2>err &
	pid=$!
	sleep "$moment"
	kill -KILL $pid 2>/dev/null || :
	code=0
	wait $pid 2>/dev/null || code=$?
	if [ "$code" -eq 137 ]; then
		kills=$((kills + 1))
	elif [ "$code" -eq 0 ]; then
		same undisturbed killed
		whole=$((whole + 1))
		rm -f killed killed.json
	else
		problem "resumed with exit $code: $(cat err)"
	fi
done
[ "$kills" -ge 20 ] || problem "killed $kills times alone"
# shellcheck disable=SC2086
sweep $long -o killed --resume
same undisturbed killed

# Interrupted, it says how to go on.  The shell starts it with SIGINT
# ignored, so another signal has to do.
rm -f killed killed.json
# shellcheck disable=SC2086
"$kvplan" sweep $long --jobs 1 -o killed 2>err &
pid=$!
while [ ! -s killed ]; do sleep 0.01; done
kill -TERM $pid
code=0
wait $pid || code=$?
if [ "$code" -eq 143 ]; then
	grep -q '^kvplan: stopped after [0-9]* of 21600 points; .*--resume' \
		err || problem "interrupted, it says: $(cat err)"
	[ "$(tail -c 1 killed | od -An -c | tr -d ' ')" = '\n' ] ||
		problem 'interrupted, it leaves half a row'
else
	problem "interrupted, it ends with $code"
fi
# shellcheck disable=SC2086
sweep $long -o killed --resume
same undisturbed killed

if [ "$failures" -gt 0 ]; then
	echo "sweep.sh: $failures of $checks checks failed"
	exit 1
fi
echo "sweep.sh: $checks checks, $kills kills, $whole whole runs between"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep.sh - kvplan sweep: the rows are those of kvplan plan, and the same
# bytes with any number of threads and ranks.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

# sweep OPTION...: it succeeds, and says nothing on standard error.
sweep() {
	ok kvplan sweep "$@"
	cat "$out"
}

# --- The same as kvplan plan at its middle step ---------------------------

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
	kvplan plan --model opt-6.7b --hardware a100-40gb-pcie4 --gen 2 \
		--batch "$batch" --prompt "$prompt" \
		--set link.h2d.bytes_per_s="$link" --json >planned
	checks=$((checks + 1))
	[ "$(of_certificate planned split)" = "$split" ] ||
		problem "point $point: split $split, not plan's"
	awk -v a="$step_s" -v b="$(of_certificate planned layer_s)" '
	BEGIN { d = a / (32 * b) - 1; exit !(d < 1e-11 && d > -1e-11) }' ||
		problem "point $point: step_s $step_s is not plan's"
done <rows
rows rows 12

# --- The same as kvplan worth, but for the rounding of a split ------------

worth="--model opt-6.7b --hardware a100-40gb-pcie4 --gen 32 --batch 64"
sweep $worth --vary prompt=1000 \
	--columns worth.link.h2d.bytes_per_s,worth.link.h2d.latency_s >rows
kvplan worth $worth --prompt 1000 --csv >known
for i in 3 4; do
	name=$(sed -n 1p rows | cut -d, -f$i)
	checks=$((checks + 1))
	awk -F, -v path="${name#worth.}" -v is="$(sed -n 2p rows | cut -d, -f$i)" '
	$1 == path { n++; d = is / $3 - 1 }
	END { exit !(n == 1 && d < 1e-4 && d > -1e-4) }' known ||
		problem "$name is not what 'kvplan worth' says"
done
fails 2 '--columns: worth.gpu.memory_bytes: found a memory, expected a rate' \
	kvplan sweep $worth --vary prompt=9 \
	--columns worth.gpu.memory_bytes

# --- No plan is below its floor -------------------------------------------

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

# --- What its pictures run over -------------------------------------------

# Any value that is varied, though an output may be called so: without
# gnuplot, up to where that is missed.
sweep --model opt-125m --hardware t4 --gen 9 --batch 4 --vary prompt=9,90,300 \
	--vary prefetch=0,1,2 -o drawn.csv
fails_with 1 'gnuplot*' without_gnuplot kvplan plot heat drawn.csv -o x.png
fails 2 '--y: drawn.csv has no further input that varies' \
	without_gnuplot kvplan plot heat drawn.csv --where prefetch=1 -o x.png

# --- What cannot be asked -------------------------------------------------

# refuses MESSAGE OPTION...: at once, with nothing written
refuses() {
	message=$1
	shift
	fails_with 2 "$message" kvplan sweep --model opt-125m \
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
refuses "--columns: found '', expected a column; *help*" --columns split,
refuses "--columns: found 'worth.gpu', expected a column; *" \
	--columns worth.gpu
refuses '--columns: prompt is varied, so it is a column already' \
	--columns split,prompt
refuses '--columns: win_pct is for --uncertain' --columns win_pct
refuses '--columns: decode_s is for --simulate' --columns decode_s
for part in 0/3 4/3 1 1/2x -1/3 1/32769; do
	refuses "--shard: found '$part', expected I/N with I from 1 to N,*" \
		--shard=$part
done

# --- Other ways to say it -------------------------------------------------

# Models, machines and policies are separated by commas; a workload's figures
# are those of a plan's JSON; worth is all worths.
half='--gen 9 --batch 3 --prompt 90'
sweep $half --model opt-125m,opt-6.7b --hardware t4,h200 \
	--policy load-all,kvpr-row >short
sweep $half --vary model=opt-125m,opt-6.7b --vary hardware=t4,h200 \
	--vary policy=load-all,kvpr-row >long
same short long
rows short 8
sweep --model opt-125m --hardware t4 --gen 9 --prompt 90 \
	--vary workload.num_batches=1,2 --vary workload.batch=3,4 |
	sed 1s/workload.//g >long
sweep --model opt-125m --hardware t4 --gen 9 --prompt 90 \
	--vary num_batches=1,2 --vary batch=3,4 >short
same short long
sweep $worth --vary prompt=1000 --columns worth >rows
for i in 3 26; do
	name=$(sed -n 1p rows | cut -d, -f$i)
	sweep $worth --vary prompt=1000 --columns "$name" >one
	checks=$((checks + 1))
	case $name:$(sed -n 2p rows | cut -d, -f$i) in
	worth.*:"$(sed -n 2p one | cut -d, -f3)") ;;
	*) problem "column $i of all worths, $name, is another alone" ;;
	esac
done

# --- Its picture ----------------------------------------------------------

# The one of kvplan plot, for what varies.
if [ -n "$gnuplot" ]; then
	# drawn KIND OPTION...: --plot draws what 'plot KIND' does.
	drawn() {
		kind=$1
		shift
		sweep --model opt-125m --hardware h200 --gen 9 "$@" -o drawn.csv \
			--plot one.svg
		ok kvplan plot "$kind" drawn.csv -o two.svg
		picture one.svg
		same one.svg two.svg
	}
	both=link.h2d.bytes_per_s+link.d2h.bytes_per_s=9GB/s:99GB/s:log3
	drawn line --batch 3 --prompt 90 --vary $both
	drawn line --batch 3 --vary prompt=9,90,190 --policy load-all,kvpr-row
	drawn heat --vary batch=3,9 --vary $both --prompt 90
	drawn map --vary batch=3,9 --vary prompt=9,90 --policy auto
	drawn map --vary batch=3,9 --vary prompt=9,90 \
		--policy load-all,kvpr-row,recompute-all
fi
# Without gnuplot the rows are there.
rm -f drawn.csv
prints_and_fails 1 gnuplot without_gnuplot kvplan sweep --model opt-125m \
	--hardware t4 --gen 9 --batch 3 --vary prompt=9,90 -o drawn.csv \
	--plot one.svg
rows drawn.csv 2

# --- What binds: one GPU's link, then the host's memory -------------------

sweep --model opt-6.7b --hardware a100-40gb-pcie4 --batch 64 --prompt 128 \
	--gen 128 --vary policy=load-all --vary gpus=1,2 \
	--set host.memory_bytes_per_s=40GB/s >bound
checks=$((checks + 1))
[ "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "bound") c = i }
	NR > 1 { printf " %s", $c }' bound)" = ' h2d memory' ] ||
	problem "expected h2d and memory: $(cat bound)"

# --- The same bytes, whoever does it --------------------------------------

case="--model opt-6.7b --hardware h200 --gen 64"
grid="--vary batch=1:64:log6 --vary prompt=128:3000:log9
	--vary link.h2d.bytes_per_s+link.d2h.bytes_per_s=8GB/s:256GB/s:log7
	--vary gpu.flop_per_s=100TFLOP/s:2PFLOP/s:lin3"
sweep $case $grid --jobs 1 >one
sweep $case $grid --jobs 3 >three
sweep $case $grid >default
sweep $case $grid --json --jobs 1 >one.json
sweep $case $grid --json --jobs 2 >two.json
same one three
same one default
same one.json two.json
rows one 1134
ok grep -q 'needs 3063 positions' one

samples="--vary prompt=64:1500:log --vary batch=1:64
	--vary policy=load-all,kvpr-row,auto
	--vary gpu.hbm_bytes_per_s=1TB/s:8TB/s"
for sample in lhs:999 sobol:999; do
	sweep $case $samples --sample "$sample" --jobs 1 >one.sample
	sweep $case $samples --sample "$sample" --jobs 4 >four.sample
	same one.sample four.sample
done
uncertain="--uncertain link.h2d.bytes_per_s=normal(10%)
	--uncertain gpu.flop_per_s=lognormal(0.2)
	--uncertain gpu.hbm_bytes_per_s=uniform(2TB/s,4TB/s)
	--against recompute-all,load-all --draws 50"
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
same one.drawn two.drawn
same one.sim three.sim
differ two.drawn other.drawn

if with_mpi; then
	# ranks N OPTION...: a sweep of N ranks.
	ranks() {
		n=$1
		shift
		"$mpirun" -n "$n" "$top_builddir/kvplan" sweep "$@"
	}
	for n in 1 2 3; do
		ends 0 ranks $n $case $grid -o ranks
		same one ranks
	done
	ends 0 ranks 2 $case $grid --json --jobs 2 -o ranks
	same one.json ranks
	checks=$((checks + 1))
	! ranks 2 --vary batch=0 >"$out" 2>"$err" </dev/null ||
		problem 'ranks do not fail'
	[ "$(grep -c '^kvplan:' "$err")" -eq 1 ] ||
		problem 'expected one line of all ranks'

	# What is no sweep would be done by each: it is refused, and told once.
	for command in 'plan --help' 'list models' 'merge one' 'worth'; do
		ends 2 "$mpirun" -n 3 "$top_builddir/kvplan" $command
		[ ! -s "$out" ] || problem "prints: $command"
		[ "$(grep -c '^kvplan: .*: found 3 processes of mpirun' \
			"$err")" -eq 1 ] || problem "of 3 ranks: $command"
	done
	for command in --help 'sweep --help' 'sweep --columns help'; do
		ends 0 "$mpirun" -n 3 "$top_builddir/kvplan" $command
		cp "$out" told
		ok kvplan $command
		same "$out" told
	done
	ends 0 "$mpirun" -n 1 "$top_builddir/kvplan" list policies
else
	echo 'sweep.sh: no MPI here: ranks are not tested'
fi

finish

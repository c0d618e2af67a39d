#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plan.sh - kvplan plan and simulate: they agree, timelines are whole, and
# better hardware is faster.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

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
ok kvplan simulate $big --json
holds "$(value decode_s) == $decode"
ok sh -c 'kvplan simulate - --json <plan.json'
holds "$(value decode_s) == $decode"
mkdir elsewhere
cp plan.json elsewhere/p
ok sh -c 'cd elsewhere && kvplan simulate p --json'
holds "$(value decode_s) == $decode"
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
set -- $trace
holds "$1 == $tasks && $1 > 1000"
holds "$2 == 0"
holds "($3 / ($decode * 1e6) - 1) ^ 2 < 1e-18"

# '-' is standard output, and a pipe of two commands works.
fails 2 '--json*standard output' kvplan plan $small -o - --json
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
holds "$(value decode_s) > $decode"
ok kvplan simulate plan.json --json -w h100-sxm
holds "$(value decode_s) < $decode"
ok kvplan simulate plan.json --json --host-memory pageable
holds "$(value decode_s) > $decode"
rm plan.json planned.json simulated.json trace.json
nothing_new

# Grouped-query: nothing is recomputed, and it says why.
ok kvplan plan -m llama-3.1-8b -w h100-sxm -b 64 -s 1024 -g 32
has 'does not pay' '8 KV heads'
ok kvplan plan -m llama-3.1-8b -w h100-sxm -b 64 -s 1024 -g 32 --json
holds "$(value split_first) == 0 && $(value split_last) == 0"

# Why the simulated layer is another than the period's, where it is.
because() {
	checks=$((checks + 1))
	reason=$1
	shift
	kvplan plan -m opt-125m -w gh200 "$@" >"$out" 2>"$err"
	tr '\n' ' ' <"$out" | grep -qF "$reason" || problem "no '$reason': $*"
}

streamed='-b 4 -s 64 -g 16 --policy kvpr-column --set gpu.handoff_s=40us'
because 'that the two directions of the link slow each other. Split' $streamed \
	--split 0 --set link.duplex_bytes_per_s=900GB/s --prefetch 2
because 'ends before it has come to its steady state' -b 1 -s 16 -g 8 \
	--policy load-all --prefetch 4 --set gpu.handoff_s=200us
because 'the simulation what is ready first' -b 1 -s 16 -g 12 --num-batches 2 \
	--policy zero-inference --set host.attention_bytes_per_s=100GB/s

# --- What does not fit -----------------------------------------------------

for command in plan simulate 'plot split -o x.png'; do
	fails 1 'does not fit*a100-40gb-pcie4*GB*has 40 GB' kvplan \
		$command -m opt-30b -w a100-40gb-pcie4 -b 64 -s 128 -g 128
done
fails 1 'does not fit*host*1 GB' plan --set host.memory_bytes=1GB
fails 2 'split*129*128' plan --split 129

# --- What it says ----------------------------------------------------------

# A wider limit is never the worse, and stores no X that nobody reads: where
# no split passes the prompt it is the narrow one.
for limit in prompt sequence; do
	ok kvplan plan $grouped --limit $limit --csv
	cp "$out" "$limit.csv"
done
same prompt.csv sequence.csv
rm prompt.csv sequence.csv

# The first token does not wait for the last store of prefill.
ok kvplan plan -m opt-1.3b -w h100-sxm -b 64 -s 512 -g 4 --json
cp "$out" first.json
# shellcheck disable=SC2016 # awk's own
ok awk -F '[:,]' '/first_token_s/ { f = $2 } /"prefill_s"/ { p = $2 }
	END { exit !(f > 0 && f < p) }' first.json
rm first.json

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

finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# worth.sh - kvplan worth and fit-budget.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

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

# The share that it prints fits as it is printed, and one of 0 is not printed.
printed_share() {
	tr '\n' ' ' <"$out" |
		sed -n 's/.*--cache-on-gpu \([0-9.]*[0-9]\).*/\1/p'
}
shared='-m opt-6.7b -w t4 -b 100 -s 64 -g 8 -p load-all --num-batches 2'
ok kvplan fit-budget $shared --step 689ms
narrow
share=$(printed_share)
holds "$share > 0.268 && $share < 0.2685"
ok kvplan simulate $shared --cache-on-gpu "$share"
fails 1 'needs 16.00 GB*has 16 GB, too little by*kB' \
	kvplan simulate $shared --cache-on-gpu 0.2685
# So does the memory that it prints, with the share
ok kvplan fit-budget $shared --step 480ms --cost link=no \
	--cost gpu.flop_per_s=no
share=$(printed_share)
memory=$(sed -n 's/^gpu.memory_bytes  *\([0-9.]*\) GB.*/\1/p' "$out")
ok kvplan simulate $shared --cache-on-gpu "$share" \
	--set gpu.memory_bytes="$memory"GB
has "per token"
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

# Where memory draws nearly all that the power limit allows
ok kvplan worth -m opt-6.7b -w "$top_srcdir/traces/h200-sxm-x2/hardware.json" \
	-b 64 -s 128 -g 8 --policy recompute-all --set gpu.byte_flop=10000
has gpu.gemm_sustained_derate
lacks inf nan
nothing_new

finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# place.sh - kvplan place: FlexGen's placements.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

opt30b='-m opt-30b -w flexgen-t4 -s 512 -g 32'
place() {
	kvplan place $opt30b "$@"
}
given='--batch 48 --num-batches 3 --memory-share 1.2'

ok place
has opt-30b "FlexGen's cost model" 'KV cache' 'GPU memory at prefill' \
	'1 GB more' link.h2d_bytes_per_s
ok place --json
json "$out"
holds "$(value request_s) < 4.510391164"
holds "$(value programs) < 300"
cp "$out" placed.json
ok place --csv
csv "$out" 1
holds "$(sed 1d "$out" | cut -d, -f6) == $(value request_s placed.json)"
ok place -b 32 -n 5 --json
holds "($(value request_s) - 4.510391164) ^ 2 < 1e-18"
# The published policy, in each way to write it.
for percent in '20 80 0 100 0 100' '20,80,0,100,0,100' '20 80,0 100,0 100'; do
	ok place $given --percent $percent --json
	holds "($(value prefill_s) - 210.670413) ^ 2 < 1e-12"
	holds "($(value decode_s) - 435.093665) ^ 2 < 1e-12"
done
ok kvplan place --percent 20 $opt30b $given 80 0 100 0 100 --csv
csv "$out" 1
# More is faster, and the other cost model another answer.
total=$(value request_s placed.json)
for more in gpu.memory_bytes=24GiB host.memory_bytes=300GiB \
	link.h2d_bytes_per_s=26GB/s host.attention_flop_per_s=20GFLOP/s; do
	ok place --json --set $more
	holds "$(value request_s) < $total"
done
ok place --json --costs kvplan
holds "$(value request_s) != $total"
ok kvplan place -m llama-3.1-8b -w a100-40gb-pcie4 -s 512 -g 32 \
	--set host.memory_bytes=200GB --json
holds "$(value kv_recomputed) == 0"
holds "$(value batch) >= 1"

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
nothing_new

finish

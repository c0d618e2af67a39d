#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# calibrate.sh - kvplan calibrate and validate: profiles from samples, and what
# they predict against runs.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

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
# what a profile would be made from is refused, naming the samples
# wrong_samples PATTERN REPLACEMENT MESSAGE
wrong_samples() {
	sed "s/$1/$2/" "$bundle/samples.json" >wrong.json
	fails_with 1 "wrong.json: series[[]$3" kvplan calibrate wrong.json \
		--hardware h200
}
wrong_samples '"duty":0.85' '"duty":0' '126].duty: found 0, expected a number*'
wrong_samples '"rested_s":0.0014337[0-9]*' '"rested_s":-1' \
	'126].rested_s: found -1, expected a number*'
wrong_samples '"burst_s":0.025' '"burst_s":null' \
	'125].burst_s: found null, expected a number*'
wrong_samples '^[[]0.215429495,0.98515[0-9]*' '[0.2,1.06' \
	'125].share: found 1.06 in row 0, expected a number above 0, up to 1.05'
wrong_samples '"model":"opt-6.7b","against":[[]]' \
	'"model":"opt-6.7b","against":"h2d"' \
	"78].against: found 'h2d', expected a list of words"
wrong_samples '0.00024099,0.00025978' '0.00024099,-1' \
	'78].q1_s: found -1 in row 0, expected a number from 0.00024099 to *'
sed 's/"gemm_sustained"/"other"/' "$bundle/samples.json" >wrong.json
for more in '--hardware h200' '--peak 989TFLOP/s'; do
	fails_with 1 'wrong.json: found no series gemm_sustained, expected it for --gemm sustained' \
		kvplan calibrate wrong.json --gemm sustained $more
done
sed 's/"gemm"/"other"/' "$bundle/samples.json" >wrong.json
fails 1 'gpu.gemm_derate: missing' kvplan calibrate wrong.json \
	--peak 989TFLOP/s
# repeats that spread by far more than they take
sed 's/^\([[]1048576,1,5,0.0001681,.*\),[0-9.e-]*,[0-9.e-]*\][],]*$/\1,9,9],/' \
	"$bundle/samples.json" >wrong.json
differ wrong.json "$bundle/samples.json"
fails 1 'wrong.json: found samples that make no curve: calibration.host_copy.spread: found*expected 0 to 1' \
	kvplan calibrate wrong.json
# a power limit by no law
sed 's/"rested_s":0.0014337[0-9]*/"rested_s":0.0012/' \
	"$bundle/samples.json" >wrong.json
prints_and_fails 0 'warning: wrong.json: gpu.clock_exponent: found a residual of*, at worst*the power limit does not go by one law' \
	kvplan calibrate wrong.json
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
ok kvplan plan $curves --json -o p.json
has '"error_pct"'
holds "$(value error_pct) > 0.01 && $(value error_pct) < 5"
decode=$(value decode_s)
ok kvplan plan $curves
has 'Error bar'
ok kvplan simulate p.json
has 'error bar'
ok kvplan simulate p.json --json
holds "$(value decode_s) == $decode"
ok kvplan simulate p.json --json --set link.h2d.bytes_per_s=27.7GB/s
holds "$(value decode_s) > 1.8 * $decode"
ok kvplan simulate p.json --json --host-memory pageable
holds "$(value decode_s) > 4 * $decode"
checks=$((checks + 1))
kvplan plan $curves --batch 2048 --set host.memory_bytes=99TB \
	>"$out" 2>"$err" || problem 'an extrapolation fails'
[ "$(grep -c '^kvplan: warning: nvidia-h200: .* outside' "$err")" -eq 1 ] ||
	problem 'expected one warning'
rm cal.json link.json nv.json p.json sustained.json wrong.json

# GPUs that share more than one limit: 180, 90 and 130 GB/s, of 100 each.
awk 'BEGIN {
	printf "{\"schema\":\"kvplan-samples-1\",\"made_by\":{\"date\":" \
	       "\"2031-07-08T09:10:11Z\"},\"machine\":{\"gpu\":{\"name\":" \
	       "\"Toy\"}},\"series\":["
	n = split("h2d h2d 90 d2h d2h 45 h2d both 32.5 d2h both 32.5", a, " ")
	for (i = 1; i < n; i += 3)
		for (k = 1; k <= 2; k++) {
			t = 0.1 / (k == 1 ? 100 : a[i + 2])
			printf "%s{\"series\":\"links\",\"direction\":\"%s\"," \
			       "\"busy\":\"%s\",\"gpus\":%d,\"columns\":[" \
			       "\"gpu\",\"bytes\",\"q1_s\",\"median_s\"," \
			       "\"q3_s\"],\"rows\":[[0,1e8,%g,%g,%g]," \
			       "[1,1e8,%g,%g,%g]]}", (i + k > 2 ? "," : ""), a[i],
			       a[i + 1], k, t, t, t, t, t, t
		}
	print "]}"
}' >links.json
checks=$((checks + 1))
kvplan calibrate links.json --hardware h200 -o shared.json >"$out" 2>"$err" ||
	problem 'limits that differ are refused'
grep -q '^kvplan: warning: links.json: host.* residual of 25 %, at worst .* limit$' \
	"$err" || problem 'expected a warning of a residual'
grep -q 'share more than one limit' shared.json ||
	problem 'expected a note in the profile'
rm links.json shared.json

mkdir -p small/runs
fails 1 'hardware.json' kvplan validate small
cp "$bundle/hardware.json" small
fails 1 'small/runs: found no file' kvplan validate small
cp "$bundle/runs/steady-32.json" small/runs
echo '{"schema":"other"}' >small/runs/other.json
ok kvplan validate small
has 'kvpr-row, 1' 'opt-6.7b b8 s512' 'Mean error' 'Split regret' all \
	'Measured gain of the planned split over load-all'
ok kvplan validate small --csv
csv "$out" 46
ok kvplan validate small --json
json "$out"
holds "$(value mean_pct) < 3"
# two workloads at two depths: that of 8 requests gains, at depth 0 a quarter
checks=$((checks + 1))
[ "$(grep -c '"over_paper_pct"' "$out")" -eq 4 ] || problem 'expected 4 gains'
# a range for each depth and what it is over; not of both depths together
checks=$((checks + 1))
[ "$(grep -c '"over":' "$out")" -eq 4 ] || problem 'expected 4 ranges'
sed -n '/"gains":/,/"gain_ranges":/p' "$out" | sed '1,/b8 s512/d' >gain
holds "$(value gain_pct gain) > 20"
over="$(value predicted_gain_pct gain) - $(value gain_pct gain)"
holds "$over > -3 && $over < 3"
rm gain
# without load-all there is nothing to gain over
sed '/"policy":"load-all"/s/"planned":true/"planned":false/
	s/"policy":"load-all"/"policy":"offloaded-cache"/' \
	"$bundle/runs/steady-32.json" >small/runs/steady-32.json
ok kvplan validate small
lacks 'Measured gain'
ok kvplan validate small --json
json "$out"
checks=$((checks + 1))
tr -d '[:space:]' <"$out" | grep -q '"gains":\[\],"gain_ranges":\[\]' ||
	problem 'expected no gains'
cp "$bundle/runs/steady-32.json" small/runs
ok kvplan validate small --hardware h100-sxm
has h100-sxm
# GPUs that share the host are a workload of their own
ok kvplan validate "$top_srcdir/traces/h200-sxm-x2" --csv
has ',opt-6.7b b32 s1024,' ',opt-6.7b b32 s1024 g2,'
fails 2 'hardware.json and runs/' kvplan validate
echo '{"schema":"kvplan-runs-1","models":{},"runs":[{}]}' \
	>small/runs/wrong.json
fails 1 'small/runs/wrong.json: runs[[]0].plan: missing' \
	kvplan validate small
# wrong_run PATTERN REPLACEMENT MESSAGE: named by its place in its own file
wrong_run() {
	sed "s/$1/$2/" "$bundle/runs/steady-32.json" >small/runs/wrong.json
	fails 1 "small/runs/wrong.json: $3" kvplan validate small
}
wrong_run '"policy":"kvpr-row"' '"policy":"kvpr-rwo"' \
	'runs[[]0].policy: unknown policy*nearest is kvpr-row'
wrong_run '"attention":"gpu"' '"attention":"tpu"' \
	"runs[[]0].attention: found 'tpu', expected gpu or cpu"
wrong_run '"prefetch":[0-9]*' '"prefetch":65' \
	'runs[[]0].prefetch: found 65, expected a whole number, 0 to 64'
wrong_run '"hidden_size":[0-9]*' '"hidden_size":0' \
	'models.*: hidden_size: found 0, expected'
wrong_run '"first_step":[0-9]*' '"first_step":9999' \
	'runs[[]0].first_step: found 9999'
rm -r small
if [ -n "$gnuplot" ]; then
	ok kvplan calibrate "$bundle/samples.json" --plot c.svg
	ok kvplan validate "$bundle" --plot v.svg --plot-sweeps s.svg
	for file in c v s; do
		picture $file.svg
	done
	rm -f c.svg v.svg s.svg
fi
nothing_new

finish

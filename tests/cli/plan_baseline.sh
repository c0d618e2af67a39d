#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plan_baseline.sh - what kvplan plan measures against where load-all or
# recompute-all is itself the policy.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

case='-m opt-6.7b -w a100-40gb-pcie4 -b 64 -s 128 -g 16 --prefetch 0'
ok kvplan plan $case -p load-all --json
cp "$out" plan.json
holds "$(value gain_pct plan.json) == 0"
holds "$(value baseline_decode_s plan.json) == $(value decode_s plan.json)"
ok kvplan plan $case -p load-all --csv
cp "$out" plan.csv
# what recompute-all saves is against the load-all that is shown
holds "$(awk -F, '{ decode[$1] = $4; gain[$1] = $7 }
	END { x = 100 * (1 - decode["recompute-all"] / decode["load-all"])
	      d = x - gain["recompute-all"]
	      print (gain["load-all"] == "" && d < 1e-6 && d > -1e-6) }' \
	plan.csv)"
ok kvplan plan $case -p recompute-all --json
cp "$out" plan.json
holds "$(value recompute_all_decode_s plan.json) == $(value decode_s plan.json)"
finish

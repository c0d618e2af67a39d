#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# peer.sh - each committed run of Hugging Face's generate() with an offloaded
# cache is within 10 %, the goal, of what the calibration beside it predicts for
# the policy offloaded-cache; today it is within 5 %.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
peer=$top_srcdir/cuda_validate/peers/hf_offloaded.py

[ -n "$python" ] || skip 'no python3'

# predict MODEL_bBATCH_sPROMPT OPTION...
predict() {
	sizes=${1##*_b} model=${1%_b*}
	shift
	kvplan simulate --model "$model" --batch "${sizes%_s*}" \
		--prompt "${sizes#*_s}" --gen 17 --policy offloaded-cache \
		--hardware "$bundle/hardware.json" --json "$@" >predicted.json
}

held=0
for measured in "$top_srcdir"/traces/*/peer/*.json; do
	bundle=${measured%/peer/*}
	name=$(basename "$measured" .json)
	predict "$name"
	ends 0 "$python" "$peer" --measured "$measured" \
		--predicted predicted.json
	has '"within": true'
	holds "$(value error_pct) > -5 && $(value error_pct) < 5"
	held=$((held + 1))
done
holds "$held >= 3"

# with another batch it would not be
predict "${name%_b*}_b4_s${name##*_s}"
ends 1 "$python" "$peer" --measured "$measured" --predicted predicted.json
has '"within": false'
finish

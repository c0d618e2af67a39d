#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# resume_edited.sh - kvplan sweep --resume over rows that it did not write.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

# sweep OPTION...
sweep() {
	kvplan sweep -m opt-125m -w t4 -b 3 -g 5 --vary prompt=16,32,48,2044 \
		--columns policy,split,step_s "$@"
}
for format in csv jsonl; do
	json=
	[ $format = csv ] || json=--json
	ok sweep -o whole.$format ${json:+"$json"}
	ok sweep -o whole.$format ${json:+"$json"} --resume
	cp whole.$format.json rows.$format.json
	# edited PATTERN SED: after that edit it is refused so.
	edited() {
		sed "$2" whole.$format >rows.$format
		differ whole.$format rows.$format
		fails 1 "$1" sweep -o rows.$format ${json:+"$json"} --resume
	}
	if [ $format = csv ]; then
		edited "line 3*step_s: found 'fast', expected a number" \
			'3s/,[^,]*,$/,fast,/'
		edited "line 3*step_s: found 'inf', expected a number" \
			'3s/,[^,]*,$/,inf,/'
		edited "line 3*error: found 'no' beside results" '3s/$/no/'
	else
		edited "line 2*split: found '*0x*', expected a number" \
			'2s/"split":/"split":"0x/; 2s/,"step/","step/'
		edited 'line 2*error: found*no*beside results' \
			'2s/"error":null/"error":"no"/'
	fi
done
finish

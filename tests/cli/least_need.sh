#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# least_need.sh - where no policy fits, kvplan tells what the one needs that
# needs the least.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

case='-m opt-30b -w t4 -b 64 -s 512 -g 8 --set gpu.memory_bytes=2GB'

# The GPU needs of the policies that do not fit, in GB, and which is least.
policies=$(kvplan list policies | awk 'NF == 0 { exit } NR > 1 { print $1 }')
for policy in $policies; do
	kvplan plan $case -p $policy 2>&1 |
		sed -n "s/.*needs \([0-9.]*\) GB of GPU.*/\1 $policy/p"
done | sort -n >needs.txt
holds "$(wc -l <needs.txt) > 2"
holds "$(head -n 1 needs.txt | cut -d ' ' -f 1) < $(
	sed -n 's/ load-all$//p' needs.txt)"
need=$(head -n 1 needs.txt | cut -d ' ' -f 1)
fails 1 'policy *: does not fit: t4 needs * GB of GPU memory' \
	kvplan plan $case -p auto
said=$(sed 's/^kvplan: //' "$err")
told=$(sed 's/.*needs \([0-9.]*\) GB of GPU.*/\1/' "$err")
# other decisions of a policy may need less than those of its own message
holds "0 < $told && $told <= $need"
ok kvplan sweep $case -p auto --vary kv=fp16 --columns step_s
has "$said"
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-plans.sh - the plan files that validate.sh runs.
#
#   make-plans.sh KVPLAN FOLDER [HARDWARE]
#
# KVPLAN is the program kvplan; HARDWARE is what the plans are made for, h200
# if not said.  Writes a plan for each policy and workload of the table below
# into FOLDER/N, where N is how many of the model's layers are to be run.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	sed -n '3,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
kvplan=$1 folder=$2 hardware=${3-h200}
made=0

# plan LAYERS NAME OPTION...: 32 decode steps
plan() {
	layers=$1 name=$2
	shift 2
	mkdir -p "$folder/$layers"
	"$kvplan" plan --hardware "$hardware" --gen 33 "$@" \
		--output "$folder/$layers/$name.json" >/dev/null
	made=$((made + 1))
}

# model, batch, prompt, layers; batches and layers of the column form
while read -r model batch prompt layers batches column; do
	case=${model}_b${batch}_s${prompt}
	set -- --model "$model" --batch "$batch" --prompt "$prompt"
	plan "$layers" "${case}_load-all" "$@" --policy load-all
	plan "$layers" "${case}_recompute-all" "$@" --policy recompute-all
	plan "$layers" "${case}_offloaded-cache" "$@" \
		--policy offloaded-cache
	for depth in 0 1; do
		plan "$layers" "${case}_kvpr-row-$depth" "$@" \
			--policy kvpr-row --prefetch "$depth"
	done
	plan "$column" "${case}_n${batches}_kvpr-column" "$@" \
		--policy kvpr-column --num-batches "$batches" --prefetch 1
done <<END
opt-6.7b 1 128 32 4 4
opt-6.7b 8 512 32 2 4
opt-6.7b 64 128 8 2 4
opt-6.7b 32 1024 4 2 4
opt-6.7b 16 2000 4 2 4
opt-13b 4 1024 8 4 4
opt-13b 32 512 4 2 4
opt-13b 64 256 4 2 4
opt-30b 8 512 8 2 4
opt-30b 1 1920 8 4 4
opt-30b 32 1024 4 2 4
llama-2-7b 16 1024 8 2 4
llama-2-7b 4 4000 4 2 4
llama-2-7b 64 256 4 2 4
END
echo "$made plans"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make-plans.sh - the plan files that campaign.sh and validate.sh run.
#
#   make-plans.sh KVPLAN FOLDER [HARDWARE]
#
# KVPLAN is the program kvplan; HARDWARE is what the plans are made for, by
# default the calibration in traces/h200-sxm.  Writes plans into FOLDER:
#
#   steady/N  six policies and 14 workloads, N of the model's layers to be run
#   whole/N   six policies, all N layers of four models
#   flexgen/N, cpu/N, serial/N   copies that keep to no order; attention on the
#             CPU; the other baselines
#   pair      a GPU alone, and each of two GPUs of a host at the same time
#   peer      what is predicted for Hugging Face, and the models' config.json
set -eu

usage() {
	sed -n '3,17s/^# \{0,1\}//p' "$0"
}

# fail CODE TEXT...
fail() {
	code=$1
	shift
	echo "make-plans.sh: $*" >&2
	exit "$code"
}

case ${1-} in
--help | -h)
	usage
	exit
	;;
esac
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	usage >&2
	exit 2
fi
top=$(dirname "$0")/..
kvplan=$1 folder=$2 hardware=${3-$top/traces/h200-sxm/hardware.json}
for word in "$kvplan" "$folder" "$hardware"; do
	case $word in
	'' | -*) fail 2 "found '$word', expected KVPLAN FOLDER [HARDWARE]" ;;
	esac
done
found=$(command -v "$kvplan" || :)
if [ ! -f "$found" ] || [ ! -x "$found" ]; then
	fail 2 "KVPLAN: found '$kvplan', expected a program"
fi
if [ -e "$folder" ] && [ ! -d "$folder" ]; then
	fail 2 "FOLDER: found the file '$folder', expected a folder"
fi
made=0

# make FILE COMMAND...: it must end well and FILE be there then.  Of one that
# does not, the last line it says is told.
make() {
	file=$1
	shift
	said=$("$@" 2>&1 >/dev/null) ||
		fail 1 "${file#"$folder"/}: $(echo "${said:-$kvplan failed}" |
			tail -n 1)"
	[ -s "$file" ] ||
		fail 1 "${file#"$folder"/}: $kvplan wrote no such file"
	[ -z "$said" ] || echo "$said" >&2
}

# plan GROUP NAME OPTION...: 32 decode steps, whether the host holds the cache
# of all layers or not, as often fewer are run
plan() {
	group=$1 name=$2
	shift 2
	mkdir -p "$folder/$group"
	rm -f "$folder/$group/$name.json"
	make "$folder/$group/$name.json" "$kvplan" plan \
		--hardware "$hardware" --gen 33 "$@" \
		--set host.memory_bytes=10TB \
		--output "$folder/$group/$name.json"
	made=$((made + 1))
}

# six GROUP MARK: six policies of each line: model, batch, prompt, layers;
# batches and layers of the column form.  MARK begins the names: those of one
# bundle differ.
six() {
	kind=$1 mark=$2
	while read -r model batch prompt layers batches column; do
		case=$mark${model}_b${batch}_s${prompt}
		set -- --model "$model" --batch "$batch" --prompt "$prompt"
		for policy in load-all recompute-all offloaded-cache; do
			plan "$kind/$layers" "${case}_$policy" "$@" \
				--policy "$policy"
		done
		for depth in 0 1; do
			plan "$kind/$layers" "${case}_kvpr-row-$depth" "$@" \
				--policy kvpr-row --prefetch "$depth"
		done
		plan "$kind/$column" "${case}_n${batches}_kvpr-column" "$@" \
			--policy kvpr-column --num-batches "$batches" \
			--prefetch 1
	done
}

six steady '' <<END
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

six whole whole_ <<END
opt-6.7b 32 1024 32 2 32
llama-2-7b 16 1024 32 2 32
opt-13b 4 1024 40 2 40
opt-13b 32 512 40 2 40
opt-30b 8 512 48 2 48
END

# model, batch, prompt, layers
while read -r model batch prompt layers; do
	case=${model}_b${batch}_s${prompt}
	set -- --model "$model" --batch "$batch" --prompt "$prompt"
	for home in pinned pageable; do
		plan "flexgen/$layers" "${case}_flexgen-$home" "$@" \
			--policy flexgen --home "$home"
	done
	plan "flexgen/$layers" "${case}_n2_flexgen-streamed" "$@" \
		--policy flexgen --home pinned --num-batches 2 \
		--weights-on-gpu 0.25 --hidden host
	plan "cpu/$layers" "${case}_n2_flexgen-cpu" "$@" --policy flexgen \
		--num-batches 2 --attention cpu
	for batches in 1 2; do
		plan "cpu/$layers" "${case}_n${batches}_cpu-attention" "$@" \
			--policy cpu-attention --num-batches "$batches"
	done
	for policy in accelerate-sequential zero-inference; do
		plan "serial/$layers" "${case}_$policy" "$@" --policy "$policy"
	done
done <<END
opt-6.7b 8 512 8
opt-6.7b 32 1024 4
opt-13b 16 512 4
llama-2-7b 16 1024 4
END

for gpus in 1 2; do
	for policy in load-all kvpr-row offloaded-cache; do
		plan pair "g${gpus}_$policy" --model opt-6.7b --batch 32 \
			--prompt 1024 --policy "$policy" --gpus "$gpus"
	done
done

# simulate FILE OPTION...: what it prints, into that file
simulate() {
	printed=$1
	shift
	"$kvplan" simulate --hardware "$hardware" "$@" --json >"$printed"
}

mkdir -p "$folder/peer"
while read -r model batch prompt; do
	cp "$top/model/profiles/models/$model.json" "$folder/peer/$model.json"
	case=$folder/peer/${model}_b${batch}_s$prompt.json
	make "$case" simulate "$case" --model "$model" --batch "$batch" \
		--prompt "$prompt" --gen 17 --policy offloaded-cache
done <<END
opt-6.7b 16 960
llama-2-7b 8 1900
opt-13b 8 960
END
echo "$made plans"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# campaign.sh - all that is measured on one machine, stage by stage.
#
#   campaign.sh [OPTION]... PLANS FOLDER
#
# PLANS is what make-plans.sh wrote.  Needs kvplan-gpu and nothing else that is
# built; the stage peer needs Python with PyTorch and transformers.  Each stage
# writes into FOLDER/STAGE, and ends after twice its time at the latest; what it
# has by then is kept, and the next one begins.  Stages that were done are not
# done again, so that the same command goes on where it stopped.
#
#   --machine KIND       one-gpu (default), or two-gpus: which stages
#   --stages A,B,...     these instead
#   --budget SECONDS     begin no stage that takes longer than what is left
#   --scale PERCENT      stages take so much of the times below (100)
#   --pack FOLDER        after each stage, put it there as STAGE.tar.gz
#   --gpu-program FILE   default: kvplan-gpu beside this script
#   --dry-run            print what would be done, and how long it takes
set -eu

usage() {
	sed -n '3,21s/^# \{0,1\}//p' "$0"
	echo
	stages_table | awk '{
		printf "  %-8s %4d s, %s:", $1, $3, $2
		for (i = 4; i <= NF; i++)
			printf " %s", $i
		print ""
	}'
}

# stage, machine, seconds, what
stages_table() {
	cat <<-'END'
	profile one-gpu 260 link, host, kernels, power limit: samples
	whole one-gpu 240 all layers of four models
	host one-gpu 130 flexgen, CPU attention and others
	peer one-gpu 130 Hugging Face, with an offloaded cache
	trace one-gpu 30 Nsight Systems, if it is there
	check one-gpu 20 the method, and mistakes
	steady one-gpu 560 six policies, 14 workloads, ten splits
	links two-gpus 150 links of two GPUs, alone and together
	END
}

fail() {
	echo "campaign.sh: $*" >&2
	exit 2
}

# number OPTION TEXT WHAT: decimal, of up to six digits
number() {
	case $2 in
	'' | *[!0-9]* | 0?* | ???????*)
		fail "$1: found '$2', expected $3, up to 999999"
		;;
	esac
}

# writable NAME FOLDER: it is a folder, or may become one
writable() {
	case $2 in
	'' | -*) fail "$1: found '$2', expected a folder" ;;
	esac
	if [ -e "$2" ] && [ ! -d "$2" ]; then
		fail "$1: found the file '$2', expected a folder"
	fi
}

here=$(dirname "$0")
machine=one-gpu stages='' budget='' scale=100 pack='' dry=''
program=$here/kvplan-gpu
while [ $# -gt 0 ]; do
	case $1 in
	--dry-run) dry=yes ;;
	--help | -h)
		usage
		exit
		;;
	--machine | --stages | --budget | --scale | --pack | --gpu-program)
		[ $# -ge 2 ] || fail "$1: expected a value"
		case $1 in
		--machine) machine=$2 ;;
		--stages)
			stages=$(echo "$2" | tr ',' ' ')
			case $2 in
			*[!a-z,]*) stages='' ;;
			esac
			[ -n "$(echo "$stages" | tr -d ' ')" ] ||
				fail "--stages: found '$2', expected" \
					'A,B,...; --help lists them'
			;;
		--budget)
			number "$1" "$2" seconds
			budget=$2
			;;
		--scale)
			number "$1" "$2" 'a percentage'
			[ "$2" -gt 0 ] ||
				fail "$1: found '$2', expected a percentage"
			scale=$2
			;;
		--pack)
			writable "$1" "$2"
			pack=$2
			;;
		--gpu-program) program=$2 ;;
		esac
		shift
		;;
	-*) fail "unknown option '$1'; --help lists them" ;;
	*) break ;;
	esac
	shift
done
if [ $# -ne 2 ]; then
	usage >&2
	exit 2
fi
plans=$1 folder=$2
if [ -z "$dry" ] && { [ ! -f "$program" ] || [ ! -x "$program" ]; }; then
	fail "$program: not there; build it, or give --gpu-program"
fi
writable FOLDER "$folder"
if [ -z "$plans" ] || [ ! -d "$plans/steady" ]; then
	fail "PLANS: found no plans in '$plans', expected what make-plans.sh wrote"
fi
case $machine in
one-gpu | two-gpus) ;;
*) fail "--machine: found '$machine', expected one-gpu or two-gpus" ;;
esac
if [ -z "$stages" ]; then
	stages=$(stages_table | awk -v m="$machine" '$2 == m { print $1 }')
fi
for stage in $stages; do
	stages_table | grep -q "^$stage " ||
		fail "--stages: found '$stage'; --help lists them"
done

begin=$(date +%s) failures=0 total=0 child=''
trap '[ -z "$child" ] || kill "$child"; wait; exit 1' HUP INT TERM
for stage in $stages; do
	seconds=$(stages_table | awk -v s="$stage" '$1 == s { print $3 }')
	seconds=$(((seconds * scale + 99) / 100))	# none would be no limit
	total=$((total + seconds))
	if [ -n "$dry" ]; then
		echo "$stage: about $seconds s, $((2 * seconds)) s at most"
		DRY_RUN=yes "$here/stages.sh" "$stage" "$program" "$plans" \
			"$folder/$stage"
		continue
	fi
	if [ -e "$folder/$stage.done" ]; then
		echo "$stage: was done before"
		continue
	fi
	limit=$((2 * seconds))
	if [ -n "$budget" ]; then
		left=$((begin + budget - $(date +%s)))
		if [ "$left" -lt "$seconds" ]; then
			failures=$((failures + 1))
			echo "$stage: takes about $seconds s, $left s left:" \
				"not begun"
			continue
		fi
		[ "$limit" -le "$left" ] || limit=$left
	fi
	echo "$stage: about $seconds s"
	rm -rf "${folder:?}/$stage"
	mkdir -p "$folder/$stage"
	start=$(date +%s) code=0
	timeout -k 10 "$limit" "$here/stages.sh" "$stage" "$program" \
		"$plans" "$folder/$stage" &
	child=$!
	wait "$child" || code=$?
	child=''
	took=$(($(date +%s) - start))
	case $code in
	0)
		: >"$folder/$stage.done"
		echo "$stage: done, $took s"
		;;
	124 | 137)
		failures=$((failures + 1))
		echo "$stage: ended after $took s, what it had is kept"
		;;
	*)
		failures=$((failures + 1))
		echo "$stage: FAILED, $took s"
		;;
	esac
	if [ -n "$pack" ]; then
		mkdir -p "$pack"
		tar -C "$folder" -czf "$pack/$stage.tar.gz" "$stage"
	fi
done
if [ -n "$dry" ]; then
	echo "about $total s in all"
else
	echo "$failures failures, $(($(date +%s) - begin)) s"
fi
[ "$failures" -eq 0 ]

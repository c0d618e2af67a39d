#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# stages.sh - one stage of what campaign.sh measures.
#
#   stages.sh STAGE PROGRAM PLANS FOLDER
#
# STAGE is one of campaign.sh's, PROGRAM is kvplan-gpu, PLANS what
# make-plans.sh wrote.  What is measured goes into FOLDER.  With DRY_RUN set
# it prints the commands instead.  Ends with 1 if anything failed.
set -eu

usage() {
	sed -n '3,9s/^# \{0,1\}//p' "$0"
}

case ${1-} in
--help | -h)
	usage
	exit
	;;
esac
if [ $# -ne 4 ]; then
	usage >&2
	exit 2
fi
for word; do
	case $word in
	'' | -*)
		echo "stages.sh: found '$word'," \
			'expected STAGE PROGRAM PLANS FOLDER' >&2
		exit 2
		;;
	esac
done
stage=$1 program=$2 plans=$3 folder=$4
here=$(dirname "$0")
dry=${DRY_RUN-}
log=$folder/log
failures=0 child='' other=''

# What is under way ends with this, in whichever process group it is.
end() {
	# shellcheck disable=SC2086 # one, two or none
	kill $child $other 2>/dev/null || true
	wait
	exit 1
}
trap end HUP INT TERM

say() {
	echo "$*"
	[ -n "$dry" ] || echo "$*" >>"$log"
}

# act COMMAND...: run it, or say what would be run
act() {
	if [ -n "$dry" ]; then
		echo "    $*"
	else
		"$@" >>"$log" 2>&1 &
		child=$!
		code=0
		wait "$child" || code=$?
		child=''
		return "$code"
	fi
}

# told TITLE COMMAND...: the same, and say how it went
told() {
	title=$1 start=$(date +%s)
	shift
	if act "$@"; then
		[ -n "$dry" ] || say "$title: $(($(date +%s) - start)) s"
	else
		failures=$((failures + 1))
		say "$title: FAILED: $(tail -n 1 "$log")"
	fi
}

# runs SECONDS GROUP OPTION...: no longer than that
runs() {
	most=$1 group=$2
	shift 2
	told "$group" timeout -k 5 "$most" "$here/validate.sh" --gpu-program "$program" \
		"$plans/$group" "$folder" "$@"
}

# ---- check ----

check() {
	name=$1
	shift
	if [ -n "$dry" ]; then
		act "$program" check --json "$@"
	elif "$program" check --json "$@" >"$folder/check-$name.json" \
		2>>"$log"; then
		say "check $name: passed"
	else
		failures=$((failures + 1))
		say "check $name: FAILED ($*)"
	fi
}

# mistake NAME: it must be found, which is exit code 1
mistake() {
	act "$program" check -m llama-2-7b -b 8 -s 1024 -l 400 \
		--break "$1" || true
	[ -z "$dry" ] || return 0
	if [ "$code" -eq 1 ]; then
		say "check --break $1: found"
	else
		failures=$((failures + 1))
		say "check --break $1: NOT FOUND, exit $code"
	fi
}

stage_check() {
	check opt-6.7b -m opt-6.7b -b 32 -s 1024 -l 600
	check opt-13b -m opt-13b -b 16 -s 777 -l 255
	check opt-30b -m opt-30b -b 8 -s 2048 -l 1000
	check llama-2-7b -m llama-2-7b -b 64 -s 512 -l 300
	check llama-2-7b-one -m llama-2-7b -b 1 -s 4000 -l 1
	check llama-2-7b-all -m llama-2-7b -b 3 -s 129 -l 129
	check llama-3.1-8b -m llama-3.1-8b -b 16 -s 1500 -l 700
	check opt-2.7b -m opt-2.7b -b 5 -s 333 -l 111
	check opt-125m -m opt-125m -b 7 -s 65 -l 33
	mistake split
	mistake tail
	mistake length
}

# ---- profile ----

# A number out of the samples: the median of the first row that begins with
# $1, in the first series whose line has all of the words of $2.
median() {
	awk -v key="$1" -v words="$2" '
	BEGIN { n = split(words, word, "|") }
	index($0, "{\"series\"") == 1 {
		inside = 1
		for (i = 1; i <= n; i++)
			if (index($0, word[i]) == 0)
				inside = 0
		next
	}
	inside && index($0, "[" key) == 1 {
		gsub(/[][}]/, "")
		m = split($0, cell, ",")
		while (cell[m] == "")
			m--
		print cell[m - 2]
		exit
	}' "$folder/samples.json"
}

# row TITLE MEDIAN AMOUNT UNIT: amount over time, or the time in us
row() {
	[ -n "$2" ] || return 0
	say "$(awk -v title="$1" -v t="$2" -v amount="$3" -v unit="$4" 'BEGIN {
		printf "%-44s %9.2f %s", title,
			(amount > 0 ? amount / t : t * 1e6), unit
	}')"
}

samples_table() {
	big=268435456
	for d in h2d d2h; do
		row "$d, pinned, 256 MiB, queued" "$(median $big \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|queued")" 0.268435456 GB/s
		row "$d, pageable, 256 MiB" "$(median $big \
"\"transfer\"|\"direction\":\"$d\"|\"pageable\"|wall")" 0.268435456 GB/s
		row "$d, against the other, 256 MiB" "$(median $big \
"transfer_contended|\"direction\":\"$d\"|\"against_bytes\":268435456")" \
			0.268435456 GB/s
		row "$d, pinned, 4 KiB, queued" "$(median 4096 \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|queued")" 0 us
		row "$d, pinned, 4 KiB, waited for" "$(median 4096 \
"\"transfer\"|\"direction\":\"$d\"|\"pinned\"|wall")" 0 us
	done
	row 'kernel, issue' "$(median '' '"issue"|"kernel"')" 0 us
	row 'kernel, in a chain' "$(median '' '"execute"|"kernel"')" 0 us
	row 'kernel, waited for' "$(median '' '"round_trip"|"kernel"')" 0 us
	row 'device memory, read of 2 GiB' "$(median 2147483648 \
		'device_memory|"read"')" 0.002147483648 TB/s
	row 'device memory, copy of 2 GiB, both ways' \
		"$(median 2147483648 'device_memory|copy_kernel')" \
		0.004294967296 TB/s
	row 'GEMM 8192 x 8192 x 4096' "$(median 8192 \
		'"gemm"|"n":8192|"k":4096')" 0.549755813888 TFLOP/s
	row 'GEMM 131072 x 8192 x 4096' "$(median 131072 \
		'"gemm"|"n":8192|"k":4096')" 8.796093022208 TFLOP/s
	row 'attention, batch 32, 1024 tokens (512 MiB)' "$(median 32,1024 \
		'"attention"|"opt-6.7b"')" 0.000536870912 TB/s
	row 'host attention, one thread' "$(median 1 \
		'host_attention|avx2')" 0.536870912 GB/s
}

# profile OPTION...: samples.json, and a table of it
profile() {
	told profile "$program" profile --progress "$@" \
		--output "$folder/samples.json"
	[ ! -s "$folder/samples.json" ] || samples_table
}

stage_profile() {
	profile -m opt-6.7b -m opt-13b -m opt-30b -m llama-2-7b
}

# ---- measured runs ----

stage_steady() {
	runs 1120 steady
}

stage_whole() {
	runs 480 whole --steps 14:3 --repeat 5 --within 5 --host-pool 24GiB
}

# where the graph has no order of copies, each process has its own stream
stage_host() {
	set -- --steps 14:3 --repeat 5 --within 5 --host-pool 12GiB
	runs 60 cpu "$@"
	runs 140 flexgen "$@"
	runs 60 serial "$@"
}

# ---- Hugging Face ----

peer() {
	model=$1
	case=${1}_b${2}_s$3
	told "generate() $case" python3 "$here/peers/hf_offloaded.py" \
		--config "$plans/peer/$model.json" --batch "$2" \
		--prompt "$3" --gen 17 --warmup 2 --repeat 3 \
		--predicted "$plans/peer/$case.json" \
		--output "$folder/$case.json"
}

stage_peer() {
	peer opt-6.7b 16 960
	peer llama-2-7b 8 1900
	peer opt-13b 8 960
}

# ---- Nsight Systems ----

# The first program that is there: nsys comes with Nsight Compute, too, but
# then it may not be able to make a report of what it recorded.
first_of() {
	for candidate; do
		if command -v "$candidate" >/dev/null 2>&1; then
			command -v "$candidate"
			return
		fi
	done
}

# All of this is tried; what does not work is said, and is no failure.
stage_trace() {
	opt=/opt/nvidia
	nsys=$(first_of nsys $opt/nsight-systems/*/bin/nsys \
		$opt/nsight-compute/*/host/target-linux-x64/nsys)
	importer=$(first_of QdstrmImporter \
		$opt/nsight-systems/*/host-linux-x64/QdstrmImporter \
		$opt/nsight-compute/*/host/*/QdstrmImporter)
	report=$folder/report
	if [ -z "$nsys" ] && [ -z "$dry" ]; then
		say 'trace: no nsys'
		return
	fi
	act timeout 20 "${nsys:-nsys}" profile --trace=cuda,nvtx \
		--sample=none --cpuctxsw=none --output "$report" \
		"$program" run "$plans/pair/g1_kvpr-row.json" --layers 4 \
		--steps 14:3 --repeat 1 --host-pool 6GiB \
		--trace "$folder/timeline.json" ||
		say "trace: nsys profile ended with $code"
	if [ -n "$dry" ] || { [ -s "$report.qdstrm" ] &&
		[ ! -s "$report.nsys-rep" ]; }; then
		act timeout 20 "${importer:-QdstrmImporter}" \
			--input-file "$report.qdstrm" \
			--output-file "$report.nsys-rep" ||
			say "trace: no report of report.qdstrm:" \
				"$(tail -n 1 "$log")"
	fi
	if [ -n "$dry" ] || [ -s "$report.nsys-rep" ]; then
		act timeout 20 "${nsys:-nsys}" export --type sqlite \
			--output "$report.sqlite" "$report.nsys-rep" ||
			say 'trace: no export'
	fi
	if [ -s "$report.sqlite" ]; then
		say 'trace: report.sqlite'
		rm -f "$report.qdstrm" "$report.nsys-rep"
	fi
}

# ---- two GPUs ----

# One GPU while the other does the same: it is started first, does so for
# longer and is then ended.
pair() {
	plan=$plans/pair/g2_$1.json
	set -- --layers 4 --steps 14:3 --host-pool 12GiB
	if [ -n "$dry" ]; then
		act "$program" run "$plan" --gpu 1 "$@" --repeat 10000 '&'
	else
		"$program" run "$plan" --gpu 1 "$@" --repeat 10000 \
			>/dev/null 2>>"$log" &
		other=$!
		sleep 5		# its memory takes a second or two
	fi
	told "$(basename "$plan")" "$program" run "$plan" --gpu 0 "$@" \
		--repeat 9 --output "$folder/$(basename "$plan")"
	[ -z "$dry" ] || return 0
	if ! kill "$other" 2>>"$log"; then
		failures=$((failures + 1))
		say "$(basename "$plan"): the other GPU ended before"
	fi
	wait "$other" 2>/dev/null || true
	other=''
}

stage_links() {
	profile -m opt-6.7b --only transfer --only contention --only launch \
		--only gemm --only kernels --only links
	told 'one GPU alone' "$program" run "$plans"/pair/g1_*.json \
		--layers 4 --steps 14:3 --repeat 9 --host-pool 12GiB \
		--output "$folder/g1.json"
	for policy in load-all kvpr-row offloaded-cache; do
		pair "$policy"
	done
}

case $stage in
check | profile | steady | whole | host | peer | trace | links)
	if [ -z "$dry" ]; then
		mkdir -p "$folder"
		{
			"$program" --version
			date -u '+%Y-%m-%dT%H:%M:%SZ'
			nvidia-smi --query-gpu=name,driver_version,temperature.gpu,clocks.sm,clocks.mem,power.draw \
				--format=csv || echo 'no nvidia-smi'
		} >"$log" 2>&1
	fi
	"stage_$stage"
	;;
*)
	echo "stages.sh: found stage '$stage', expected one of campaign.sh's" >&2
	exit 2
	;;
esac
[ "$failures" -eq 0 ]

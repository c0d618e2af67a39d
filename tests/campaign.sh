#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# campaign.sh - what measures a machine, with a program in place of kvplan-gpu
# that only notes how it was called: which plans there are, which stages run,
# what is kept of one that fails or takes too long, and what is packed.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
prefix='campaign.sh: '
scripts=$top_srcdir/cuda_validate

# is TEXT COMMAND...: it prints that
is() {
	checks=$((checks + 1))
	expected=$1
	shift
	found=$("$@")
	[ "$found" = "$expected" ] ||
		problem "found $found, expected $expected: $*"
}

count() {
	find "$@" | wc -l | tr -d ' '
}

# gone WHAT: the program ends, and whoever takes in orphans has seen it
gone() {
	checks=$((checks + 1))
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		kill -0 "$(cat pid)" 2>/dev/null || return 0
		sleep 0.2
	done
	problem "a program outlives $1"
}

# ---- plans ----

prefix='make-plans.sh: '
make_plans() {
	sh "$scripts/make-plans.sh" "$@"
}
kvplan=$top_builddir/kvplan
ok make_plans --help
has 'make-plans.sh KVPLAN FOLDER'
ends 2 make_plans "$kvplan"
fails 2 "found ''" make_plans "$kvplan" ''
fails 2 "found ''" make_plans '' plans
fails 2 "found ''" make_plans "$kvplan" plans ''
fails 2 "found '-x'" make_plans "$kvplan" -x
fails 2 "KVPLAN: found './none'" make_plans ./none plans
fails 2 'KVPLAN: found*expected a program' make_plans "$scripts" plans
: >file
fails 2 "found the file 'file'" make_plans "$kvplan" file
nothing_made() {
	checks=$((checks + 1))
	[ ! -e "$1" ] || problem "$1 was made"
}
nothing_made plans
fails 1 'steady/32/opt-6.7b_b1_s128_load-all.json:*wrote no such file' \
	make_plans /bin/true plans
fails 1 'steady/32/opt-6.7b_b1_s128_load-all.json: /bin/false failed' \
	make_plans /bin/false plans
fails 1 'steady/32/opt-6.7b_b1_s128_load-all.json:*none.json*No such file' \
	make_plans "$kvplan" plans none.json
is 0 count plans -type f
prefix='campaign.sh: '
ok make_plans "$kvplan" plans
has '152 plans'
is 84 count plans/steady -name '*.json'
is 32 count plans/flexgen plans/cpu plans/serial -name '*.json'
is 30 count plans/whole -name '*.json'
is 0 count plans/whole -name '*.json' ! -name 'whole_*'
is 3 count plans/peer -name '*_b*.json'
# names of one bundle differ
is '' sh -c "find plans/steady plans/whole plans/flexgen \
	plans/cpu plans/serial \
	-name '*.json' -exec basename {} \; | sort | uniq -d"
for layers in 32 40 48; do
	[ -d plans/whole/$layers ] || problem "no whole model of $layers layers"
done
grep -q '"gpus":.*2' plans/pair/g2_load-all.json ||
	problem 'no plan for two GPUs'

# ---- a program that notes its words ----

cat >program <<'END'
#!/bin/sh
echo "$*" >>"$CALLS"
last='' out=''
for word; do
	[ "$word" = --break ] && exit 1
	[ "$last" = --output ] && out=$word
	last=$word
done
[ -z "$out" ] || echo '{}' >"$out"
case "$*" in
*whole_*) [ -z "${BROKEN-}" ] || exit 3 ;;
*--json*) sleep "${SLOW-0}" ;;
run*)
	echo $$ >pid
	exec sleep "${SLOW-0}"
	;;
esac
END
chmod +x program

CALLS=$scratch/calls
export CALLS
campaign() {
	code=$1
	shift
	ends "$code" "$scripts/campaign.sh" --gpu-program ./program "$@"
}

fails 2 'expected what make-plans.sh wrote' "$scripts/campaign.sh" \
	--gpu-program ./program nothing folder
fails 2 'kvplan-gpu: not there' "$scripts/campaign.sh" \
	--gpu-program ./none/kvplan-gpu plans folder
fails 2 "found 'three'" "$scripts/campaign.sh" --gpu-program ./program \
	--machine three plans folder
fails 2 "found 'chek'" "$scripts/campaign.sh" --gpu-program ./program \
	--stages chek plans folder
fails 2 "found '1h'" "$scripts/campaign.sh" --gpu-program ./program \
	--budget 1h plans folder
fails 2 "--scale: found '0'" "$scripts/campaign.sh" --gpu-program ./program \
	--scale 0 plans folder
for number in 08 1000000 99999999999999999999999 -1 ''; do
	for option in --budget --scale; do
		fails 2 "$option: found '$number'" "$scripts/campaign.sh" \
			--gpu-program ./program $option "$number" plans folder
	done
done
for stages in ',' '' '*' 'check host' '-'; do
	fails 2 "--stages: found '" "$scripts/campaign.sh" \
		--gpu-program ./program --stages "$stages" plans folder
done
fails 2 "FOLDER: found ''" "$scripts/campaign.sh" --gpu-program ./program \
	plans ''
fails 2 "FOLDER: found '-x'" "$scripts/campaign.sh" --gpu-program ./program \
	plans -x
fails 2 "FOLDER: found the file 'file'" "$scripts/campaign.sh" \
	--gpu-program ./program plans file
fails 2 "--pack: found the file 'file'" "$scripts/campaign.sh" \
	--gpu-program ./program --pack file plans folder
fails 2 'not there' "$scripts/campaign.sh" --gpu-program . plans folder
fails 2 'expected what make-plans.sh wrote' "$scripts/campaign.sh" \
	--gpu-program ./program '' folder
fails 2 "unknown option '--packs'" "$scripts/campaign.sh" --packs x plans f
ends 2 "$scripts/campaign.sh" plans
nothing_made folder

prefix='validate.sh: '
validate="$scripts/validate.sh --gpu-program"
ok "$scripts/validate.sh" --help
has 'validate.sh [--gpu-program FILE] PLANS FOLDER'
fails 2 'expected a value' $validate
fails 2 './none: not there' $validate ./none plans/steady folder
fails 2 "FOLDER: found ''" $validate ./program plans/steady ''
fails 2 "found the file 'file'" $validate ./program plans/steady file
fails 2 "found no plans in ''" $validate ./program '' folder
fails 2 "found no plans in 'plans/pair'" $validate ./program plans/pair folder
prefix='stages.sh: '
ok "$scripts/stages.sh" --help
has 'stages.sh STAGE PROGRAM PLANS FOLDER'
fails 2 "found ''" "$scripts/stages.sh" check ./program plans ''
fails 2 "found stage 'chek'" "$scripts/stages.sh" chek ./program plans folder
prefix='campaign.sh: '
nothing_made folder
rm file

# what would be done: nothing is
campaign 0 --dry-run plans folder
has 'profile: about' 'steady: about' 'plans/steady' 'about 1370 s in all' \
	'--host-pool 24GiB' 'hf_offloaded.py --config plans/peer/opt-6.7b.json'
campaign 0 --dry-run --machine two-gpus plans folder
has 'links: about' '--only links' '--gpu 1'
if [ -e folder ] || [ -e "$CALLS" ]; then
	problem 'a dry run did something'
fi

# stages that are done are not done again; what is packed is whole
campaign 0 --stages check,host --pack packed plans folder
has 'check --break tail: found' 'host: done' '0 failures'
is 2 count packed -type f
is 1 sh -c 'tar -tzf packed/host.tar.gz | grep -c "^host/cpu-4.json$"'
: >"$CALLS"
campaign 0 --stages check,host plans folder
has 'host: was done before'
is 0 sh -c "wc -l <'$CALLS' | tr -d ' '"

# one fails: the rest goes on, and it is tried again the next time
BROKEN=yes campaign 1 --stages whole,steady plans folder
has 'whole: FAILED' 'steady: done' '1 failures'
campaign 0 --stages whole,steady plans folder
has 'whole: done' 'steady: was done before'

# one takes too long: what it had is kept, and none is begun too late
SLOW=60 campaign 1 --stages check,profile --scale 5 --budget 3 --pack late \
	plans folder2
has 'check: ended after' 'what it had is kept' 'profile: takes about' \
	'not begun'
SLOW=60 campaign 1 --stages host --scale 2 plans folder2
has 'host: ended after'
gone 'its time'
# and so where the campaign itself is ended
SLOW=60 "$scripts/campaign.sh" --gpu-program ./program --stages host \
	plans folder3 >"$out" 2>"$err" &
campaign=$!
rm -f pid
while [ ! -s pid ]; do
	sleep 0.1
done
kill "$campaign"
wait "$campaign" || true
gone 'its campaign'
is 1 sh -c 'tar -tzf late/check.tar.gz | grep -c check-opt-6.7b.json'

# ---- the peer's comparison, which needs nothing but Python ----

peer=$scripts/peers/hf_offloaded.py
if [ -n "$python" ]; then
	prefix='hf_offloaded.py: '
	echo '{"schema":"kvplan-peer-1","gen":4,"median_s":0.16,
		"steps_s":[0.15,0.16,0.17]}' >measured.json
	echo '{"steps_s":[0.150,0.152,0.170]}' >near.json
	echo '{"steps_s":[0.1,0.1,0.1]}' >far.json
	ends 0 "$python" "$peer" --measured measured.json --predicted near.json
	has '"error_pct": -5.' '"within": true' '"median_s": 0.16'
	ends 1 "$python" "$peer" --measured measured.json --predicted far.json
	has '"error_pct": -37.' '"within": false'
	ends 2 "$python" "$peer" --measured measured.json
	ends 2 "$python" "$peer" --batch 4 --measured measured.json \
		--predicted near.json
	fails 1 "near.json: found no 'median_s', expected it" "$python" \
		"$peer" --measured near.json --predicted near.json
	said=''
	# compares CODE MEASURED PREDICTED OPTION...: it says $said
	compares() {
		code=$1 from=$2 to=$3
		shift 3
		fails "$code" "$said" "$python" "$peer" --measured "$from" \
			--predicted "$to" "$@"
	}
	# wrong_peer PATTERN REPLACEMENT MESSAGE
	wrong_peer() {
		sed "s/$1/$2/" measured.json >wrong.json
		said="wrong.json: $3" compares 1 wrong.json near.json
	}
	wrong_peer '"median_s":0.16' '"median_s":"x"' \
		'median_s: found "x", expected seconds'
	wrong_peer '"median_s":0.16' '"median_s":null' 'median_s: found null'
	wrong_peer '"median_s":0.16' '"median_s":0' 'median_s: found 0,'
	wrong_peer '"median_s":0.16' '"median_s":true' 'median_s: found true'
	wrong_peer '0.16,$' '-Infinity,' 'found -Infinity, expected a finite'
	wrong_peer '0.16,$' 'NaN,' 'found NaN, expected a finite'
	wrong_peer '0.16,$' '1e999,' 'found 1e999, expected a finite'
	wrong_peer '0.17' '"0.17"' 'steps_s[[]2]: found "0.17", expected'
	wrong_peer '0.17' '[]' 'steps_s[[]2]: found an array of 0, expected'
	wrong_peer '[[].*]' '5' 'steps_s: found 5, expected an array'
	wrong_peer '[[].*]' 'null' 'steps_s: found null, expected an array'
	wrong_peer '[[].*]' '[]' 'steps_s: found an array of 0'
	wrong_peer 'steps_s' 'step_s' "found no 'steps_s', expected it"
	wrong_peer 'peer-1' 'peer-2' \
		'schema: found "kvplan-peer-2", expected "kvplan-peer-1"'
	wrong_peer '"gen":4' '"gen":5' 'gen: found 5, expected 4'
	wrong_peer '"gen":4,' '' "found no 'gen', expected it"
	wrong_peer '^' '[' '*'
	wrong_peer '"gen":4' '"gen":4\xff' '*'
	awk 'BEGIN { for (i = 0; i < 99999; i++) printf "[" }' >wrong.json
	said='wrong.json: found values nested too deeply' \
		compares 1 wrong.json near.json
	awk 'BEGIN { printf "{\"schema\":"
		for (i = 0; i < 900; i++) printf "["
		for (i = 0; i < 900; i++) printf "]"
		print "}" }' >wrong.json
	said='wrong.json: found' compares 1 wrong.json near.json
	echo 5 >wrong.json
	said='wrong.json: found 5, expected an object' \
		compares 1 wrong.json near.json
	echo '{"steps_s":[0.1]}' >wrong.json
	said='wrong.json: found 1 decode steps, expected 3' \
		compares 1 measured.json wrong.json
	said='none.json: No such file' compares 1 none.json near.json
	said=': No such file' compares 1 '' near.json
	said="none/x.json: found no folder 'none'" \
		compares 1 measured.json near.json --output none/x.json
	said='plans: found a folder' \
		compares 1 measured.json near.json --output plans
	echo '{"model_type":3}' >wrong.json
	fails 1 'wrong.json: model_type: found 3, expected a text' "$python" \
		"$peer" --config wrong.json --batch 1 --prompt 8 --gen 4
	# a Python that has neither PyTorch nor transformers
	mkdir bare
	echo "raise ImportError(\"No module named 'torch'\")" >bare/torch.py
	fails 1 "found no PyTorch*No module named 'torch'" env PYTHONPATH=bare \
		"$python" "$peer" --config plans/peer/opt-13b.json --batch 1 \
		--prompt 8 --gen 4
fi

finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# campaign.sh - what measures a machine, with a program in place of kvplan-gpu
# that only notes how it was called: which plans there are, which stages run,
# what is kept of one that fails or takes too long, and what is packed.
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

ok sh "$scripts/make-plans.sh" "$top_builddir/kvplan" plans
has ' plans'
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
fails 2 "unknown option '--packs'" "$scripts/campaign.sh" --packs x plans f
ends 2 "$scripts/campaign.sh" plans
[ ! -e folder ] || problem 'a folder was made'

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
	echo '{"median_s":0.16,"steps_s":[0.15,0.16,0.17]}' >measured.json
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
fi

finish

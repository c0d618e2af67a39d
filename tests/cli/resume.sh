#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# resume.sh - kvplan sweep in shards, which merge joins, and after being cut or
# killed at any moment: the bytes are those of a sweep that nothing disturbed.
# shellcheck disable=SC2086,SC2016 # options are several words; $ is sed's
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

# sweep OPTION...: it succeeds, and says nothing on standard error.
sweep() {
	ok kvplan sweep "$@"
	cat "$out"
}

case="--model opt-6.7b --hardware h200 --gen 64"
grid="--vary batch=1:64:log6 --vary prompt=128:3000:log9
	--vary link.h2d.bytes_per_s+link.d2h.bytes_per_s=8GB/s:256GB/s:log7
	--vary gpu.flop_per_s=100TFLOP/s:2PFLOP/s:lin3"
sweep $case $grid >one
rows one 1134

# --- Shards ---------------------------------------------------------------

for shard in 3 1 2; do
	sweep $case $grid --shard $shard/3 -o part$shard
done
ok kvplan merge part2 part3 part1 -o merged
same one merged
ok kvplan merge part1 part2 part3
same one "$out"
sweep $case $grid -o merged.all
sweep $case $grid --shard 2/4 -o fourth
sweep $case $grid --shard 2/3 --policy load-all -o other
sweep $case $grid --shard 2/3 -o again
fails_with 1 'shard 2 of 3 is missing' kvplan merge part1 part3
fails_with 1 'shard 3 of 3 is missing' kvplan merge part1 part2
fails_with 1 '*part2 and again are both shard 2' \
	kvplan merge part1 part2 again part3
fails 1 'other is of another sweep: options: *load-all' \
	kvplan merge part1 other part3
fails 1 'shards' kvplan merge part1 fourth part3
fails_with 2 '*expected the files to merge' kvplan merge
fails 2 '--output: found part2, which is to be merged, expected another' \
	kvplan merge part1 part2 part3 -o part2
ok test -s part2
fails 1 'nothing.json: No such file' kvplan merge nothing
head -c 9999 part2 >short
cp part2.json short.json
fails_with 1 'short: ends after point * of 378: *' \
	kvplan merge part1 short part3

# --- Stopped and resumed --------------------------------------------------

# Cut anywhere, in the header too, it goes on behind the last whole row.
size=$(wc -c <one)
cut=0
while [ $cut -lt 25 ]; do
	cut=$((cut + 1))
	at=$((cut * size / 24 - cut * cut * 7))
	[ "$cut" -ne 1 ] || at=0
	[ "$cut" -ne 2 ] || at=20
	[ "$at" -le "$size" ] || at=$size
	head -c "$at" one >short
	cp merged.all.json short.json
	sweep $case $grid -o short --resume
	same one short
done
fails 1 'short is of another sweep: options: ' kvplan sweep $case \
	--vary batch=1 --vary gpus=2 --prompt 7 -o short --resume
fails 1 'short is of another sweep: options: ' \
	kvplan sweep $case $grid --kv int4 -o short --resume
fails 1 'short is of another sweep: vary: found ' \
	kvplan sweep $case $grid --vary gpus=1,2 -o short --resume
fails_with 1 '*short is of another sweep: shard: found 1, expected 2' \
	kvplan sweep $case $grid --shard 2/2 -o short --resume

# refuses MESSAGE SED-COMMAND: the file that it makes of `one`.
refuses() {
	sed "$2" one >short
	cp short kept
	fails_with 1 "short: $1" kvplan sweep $case $grid -o short --resume
	same kept short
}
row99='line 99: expected the row of point 97'
refuses "$row99: point: found '98', expected '97'" 99d
refuses "$row99: batch: found '620', expected '1'" '99s/,[^,]*,/,/'
refuses "$row99: prompt: found '621', expected '620'" '99s/,620,/,621,/'
refuses "$row99: error is missing" '99s/,[^,]*$//'
refuses "$row99: found ',' after its last value, expected ''" '99s/$/,/'
refuses "line 1: found 'point,batch,len,*', expected the header of this*" \
	'1s/prompt/len/'
refuses "line 1136: found a row, expected the end after point 1133" \
	'1135p;1135s/^1133/1134/'
# What it says is looked at in the last row, which stands for all before it.
refuses 'line 100: expected the row of point 98: policy: found*load-all*' \
	'100s/kvpr-row/load-all/;101,$d'

# Of JSON Lines, too.
sweep $case $grid --json -o one.lines
cp one.lines.json short.json
# refuses_lines MESSAGE SED-COMMAND
refuses_lines() {
	sed "$2" one.lines >short
	cp short kept
	fails_with 1 "short: $1" \
		kvplan sweep $case $grid --json -o short --resume
	same kept short
}
row9='line 9: expected the row of point 8'
refuses_lines "$row9: point: found '9', expected '8'" 9d
refuses_lines "$row9: batch: found '2', expected '1'" '9s/"batch":1,/"batch":2,/'
refuses_lines "$row9: policy is missing" '9s/"policy"/"polish"/'
refuses_lines "$row9: split is missing" '9s/"split":[0-9]*,//'
refuses_lines "$row9: point is missing" '9s/.*/{}/'
refuses_lines "$row9: point is missing" '9s/.*//'
refuses_lines "$row9: found '' after its last value, expected '}'" '9s/}$//'
refuses_lines "$row9: found ',\"x\":1}' after its last*" '9s/}$/,"x":1}/'
refuses_lines "$row9: step_s: found*, expected*" \
	'9s/"step_s":/"step_s":1/;10,$d'
cut=0
while [ $cut -lt 9 ]; do
	cut=$((cut + 1))
	head -c $((cut * $(wc -c <one.lines) / 9 - cut * 7)) one.lines >short
	sweep $case $grid --json -o short --resume
	same one.lines short
done
rm short.json
fails 1 'short.json: No such file' \
	kvplan sweep $case $grid -o short --resume
fails_with 2 '*--resume needs --output FILE' \
	kvplan sweep $case $grid --resume
rm -f fresh fresh.json
sweep $case $grid -o fresh --resume
fails_with 1 '/dev/full: *' kvplan sweep $case $grid -o /dev/full
same one fresh

# Killed at random moments: always the same ones, but not for the machine.
long="--model opt-6.7b --hardware h200 --gen 64
	--vary batch=1:64:log6 --vary prompt=128:1900:log40
	--vary link.h2d.bytes_per_s=8GB/s:256GB/s:log90"
moments=$(awk 'BEGIN { srand(17)
	for (i = 0; i < 400; i++) printf "0.%03d\n", 5 + 60 * rand() }')
sweep $long --jobs 1 >undisturbed
kills=0 whole=0
rm -f killed killed.json
for moment in $moments; do
	[ "$kills" -lt 24 ] || break
	kvplan sweep $long --jobs 2 -o killed --resume 2>"$err" &
	pid=$!
	sleep "$moment"
	kill -KILL $pid 2>/dev/null || :
	code=0
	wait $pid 2>/dev/null || code=$?
	if [ "$code" -eq 137 ]; then
		kills=$((kills + 1))
	elif [ "$code" -eq 0 ]; then
		same undisturbed killed
		whole=$((whole + 1))
		rm -f killed killed.json
	else
		problem "resumed with exit $code"
	fi
done
holds "$kills >= 20"
sweep $long -o killed --resume
same undisturbed killed

# Interrupted, it says how to go on.  The shell starts it with SIGINT
# ignored, so another signal has to do.
rm -f killed killed.json
kvplan sweep $long --jobs 1 -o killed 2>"$err" &
pid=$!
while [ ! -s killed ]; do sleep 0.01; done
kill -TERM $pid
code=0
wait $pid || code=$?
checks=$((checks + 1))
if [ "$code" -eq 143 ]; then
	grep -q '^kvplan: stopped after [0-9]* of 21600 points; .*--resume' \
		"$err" || problem 'interrupted, it says something else'
	[ "$(tail -c 1 killed | od -An -c | tr -d ' ')" = '\n' ] ||
		problem 'interrupted, it leaves half a row'
else
	problem "interrupted, it ends with $code"
fi
sweep $long -o killed --resume
same undisturbed killed

echo "resume.sh: $kills kills, $whole whole runs between"
finish

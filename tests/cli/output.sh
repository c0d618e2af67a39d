#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# output.sh - what cannot be written, or is interrupted, leaves nothing behind
# and what was there as it was.
# shellcheck disable=SC2086 # options are several words
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

ok kvplan plan $small -w a100-40gb-pcie4 -o p.json
cp p.json old.json
mkdir folder
note_files

unwritable='no/such/folder/x.json ./folder p.json/x.json /dev/full'
unwritable="$unwritable /proc/kvplan-x.json"
for file in $unwritable; do
	fails 1 "$file: " plan -o "$file"
	fails 1 "$file: " kvplan simulate p.json -t "$file"
	fails 1 "$file: " kvplan plot split p.json --data "$file"
done

# Failures leave an existing file as it was.
fails 1 'does not fit' plan --set gpu.memory_bytes=1GB -o old.json
same p.json old.json
fails 2 'magic' plan -p magic -o old.json
same p.json old.json

# The disk is full, or the file too large: nothing is left of it.
big_file() {
	(
		trap '' XFSZ
		ulimit -f 2
		exec kvplan simulate p.json -t "$1" -w t4
	)
}
fails 1 'File too large' big_file new.json
fails 1 'File too large' big_file old.json
same p.json old.json
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w folder
	fails 1 'Permission denied' plan -o folder/x.json
	chmod u+w folder
fi

# One that is replaced is replaced whole.
ok kvplan simulate p.json -t old.json
json old.json
rm old.json
cp p.json old.json
nothing_new

# No output takes the place of an input, or of another output.
cp p.json used.json
ln -s used.json link.json
for file in used.json ./used.json folder/../used.json link.json; do
	fails 2 "$file: found a file that this command" \
		kvplan simulate used.json -t "$file"
	# shellcheck disable=SC2016 # of the shell within
	fails 2 "$file: found a file that this command" \
		sh -c 'kvplan simulate - -t "$1" <used.json' sh "$file"
	fails 2 "$file: found a file that this command" \
		kvplan plot split used.json --data "$file"
done
same p.json used.json
t4=$top_srcdir/model/profiles/hardware/t4.json
cp "$t4" used.json
for command in 'plan -o' 'simulate -t' 'plot gantt --data'; do
	fails 2 "used.json: found a file that this command" \
		kvplan ${command% *} -m opt-125m -w ./used.json -b 3 -s 17 \
		-g 5 ${command##* } used.json
done
same "$t4" used.json
if [ -n "$gnuplot" ]; then
	cp p.json used.json
	fails 2 'used.json: found a file that this command' \
		kvplan plot gantt used.json -o used.json --format svg
	same p.json used.json
	fails 2 './z.svg: found a file that this command' \
		kvplan plot gantt p.json -o z.svg --data ./z.svg
	rm z.svg
fi
rm -f used.json link.json
nothing_new

# Stopped while threads replicate: no trace of it.
checks=$((checks + 1))
code=0
kvplan simulate p.json --jitter 5% --replications 1000000 --jobs 3 \
	-t new.json >"$out" 2>"$err" &
sleep 0.3
kill "$!"
wait "$!" || code=$?
[ "$code" -eq 143 ] || problem "stopped while it replicates: exit $code"
[ ! -s "$out" ] || problem 'stopped while it replicates: prints'
nothing_new

# Standard output that is full, closed, or a pipe that nobody reads on.
to_full() {
	"$@" >/dev/full
}
to_closed() {
	"$@" >&-
}
for where in to_full to_closed; do
	fails 1 'standard output' $where kvplan --help
	fails 1 'standard output' $where kvplan --version
	fails 1 'standard output' $where kvplan list models
	fails 1 'standard output' $where kvplan show model opt-6.7b --json
	fails 1 'standard output' $where kvplan plan --help
	fails 1 'standard output cannot be written: [BN]' $where plan
	fails 1 'standard output' $where plan --json
	fails 1 'standard output' $where kvplan simulate p.json --csv
	fails 1 'standard output' $where kvplan plot split p.json --data -
	fails 1 'standard output' $where kvplan simulate p.json -t -
done
ok sh -c 'kvplan list models | head -n 1'
has name

# A reader that leaves early is no crash: one line, exit code 1.
{
	code=0
	kvplan simulate -m opt-6.7b -w t4 -b 1 -s 9 -g 99 -t - 2>"$err" ||
		code=$?
	echo "$code" >"$scratch/said/code"
} | :
code=$(cat "$scratch/said/code")
checks=$((checks + 1))
[ "$code" -eq 1 ] || problem "a closed pipe: exit $code"
[ "$(wc -l <"$err")" -eq 1 ] || problem 'a closed pipe: not one line of error'

# Standard input that is empty or closed.
fails 1 'line 1, column 1' kvplan simulate -
from_closed() {
	"$@" <&-
}
fails 1 'standard input' from_closed kvplan simulate -
nothing_new

finish

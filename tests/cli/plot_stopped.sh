#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot_stopped.sh - stopped while gnuplot runs, kvplan leaves nothing behind.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/../harness.sh"

mkdir tmp bin
cat >bin/gnuplot <<'EOF'
#!/bin/sh
cat >/dev/null
echo begun
: >"$BEGUN"
sleep 1
EOF
chmod +x bin/gnuplot
BEGUN=$PWD/begun
export BEGUN
note_files

for signal in INT TERM HUP; do
	# the shell starts what is in the background with SIGINT ignored
	TMPDIR=$PWD/tmp PATH=$PWD/bin:$PATH kvplan plot heat \
		"$top_srcdir/tests/sweeps/link_gpu.csv" -o x.png \
		2>"$err" &
	pid=$!
	tries=0
	while [ ! -e begun ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	checks=$((checks + 1))
	[ -e begun ] || problem 'gnuplot was not started'
	kill -$signal $pid
	code=0
	wait $pid 2>/dev/null || code=$?
	holds "$code > 128"
	checks=$((checks + 1))
	[ -z "$(ls -A tmp)" ] || problem "SIG$signal leaves $(ls -A tmp)"
	rm -f begun
	nothing_new
	rm -rf tmp
	mkdir tmp
done
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh - what 'make install' puts in place works where it lies: the
# profiles there are used, and without them the copies in the program.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"
: "${bindir:=/usr/local/bin}" "${pkgdatadir:=/usr/local/share/kvplan}"
: "${mandir:=/usr/local/share/man}"
unset KVPLAN_DATADIR MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

# The program looks in ../share/kvplan, seen from its folder.
[ "$(dirname "$bindir")/share/kvplan" = "$pkgdatadir" ] ||
	skip "$pkgdatadir is not beside $bindir"

dest=$scratch/here
"${MAKE:-make}" -C "$top_builddir" install DESTDIR="$dest" \
	>"$dest/log" 2>&1 || {
	cat "$dest/log"
	fail 'make install failed'
}
kvplan=$dest$bindir/kvplan
data=$dest$pkgdatadir
[ -s "$dest$mandir/man1/kvplan.1" ] || fail 'no manual page'
[ -f "$data/plots/style.gp" ] || fail 'no plot scripts'

# From another folder than the tree's, as a user would.
"$kvplan" list models >out || fail 'list models failed'
grep -q '^opt-6\.7b ' out || fail 'list models lacks opt-6.7b'
shipped=$("$kvplan" show model opt-6.7b --csv | grep '^layers,')
[ "$shipped" = layers,32 ] || fail "opt-6.7b: found $shipped"

# A profile that is changed there is used; one that is added is known.
sed 's/"num_hidden_layers": 32/"num_hidden_layers": 31/' \
	"$data/model/profiles/models/opt-6.7b.json" >changed.json
cp changed.json "$data/model/profiles/models/opt-6.7b.json"
changed=$("$kvplan" show model opt-6.7b --csv | grep '^layers,')
[ "$changed" = layers,31 ] || fail "changed opt-6.7b: found $changed"
cp changed.json "$data/model/profiles/models/my-model.json"
"$kvplan" list models | grep -q '^my-model ' ||
	fail 'an added profile is not listed'
"$kvplan" plan -m my-model -w t4 -b 2 -s 5 -g 7 >out ||
	fail 'an added profile cannot be used'
grep -q '^my-model, batch 2' out || fail 'an added profile was not used'

# The environment comes first.
mkdir -p mine/model/profiles/models
sed 's/"num_hidden_layers": 31/"num_hidden_layers": 30/' changed.json \
	>mine/model/profiles/models/opt-6.7b.json
mine=$(KVPLAN_DATADIR=$dest/mine "$kvplan" show model opt-6.7b --csv |
	grep '^layers,')
[ "$mine" = layers,30 ] || fail "KVPLAN_DATADIR: found $mine"

# Without the folder the copies serve, unless kvplan is installed here too.
rm -rf "$data"
if [ ! -d "$pkgdatadir" ]; then
	again=$("$kvplan" show model opt-6.7b --csv | grep '^layers,')
	[ "$again" = "$shipped" ] || fail "compiled-in opt-6.7b: found $again"
	! "$kvplan" show model my-model >out 2>&1 ||
		fail 'my-model outlived its file'
fi
"$kvplan" plan -m opt-6.7b -w t4 -b 2 -s 5 -g 7 >out ||
	fail 'the compiled-in profiles do not serve'
if [ -n "$gnuplot" ]; then
	"$kvplan" plot split -m opt-6.7b -w t4 -b 2 -s 5 -g 7 -o split.svg ||
		fail 'the compiled-in plot scripts do not serve'
	[ -s split.svg ] || fail 'no picture'
fi
echo 'install.sh: installed, changed, removed'

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# layering.sh - every #include keeps to the table of doc/ARCHITECTURE.md: a
# folder uses those below it, lp and sim never one another, GLPK is used in
# lp/solver.c alone, and nothing that cuda_validate links needs GSL.
set -eu
# shellcheck source=tests/harness.sh
. "$(dirname "$0")/harness.sh"

folders='base model schedule lp sim traces plots evaluate sweep paper-repro cli
	cuda_validate'

# The includes of the tree $1 as FILE:LINE:TEXT.
includes() {
	(
		cd "$1"
		for folder in $folders; do
			[ -d "$folder" ] || continue
			find "$folder" -name '*.[ch]' -o -name '*.cu' -o \
				-name '*.cuh'
		done | sort | xargs grep -n '^[[:space:]]*#[[:space:]]*include' \
			/dev/null
	)
}

# Read includes; print those that break a rule, then how many were read.
judge() {
	awk -F: '
	BEGIN {
		may["base"] = "base"
		may["model"] = "model base"
		may["schedule"] = "schedule " may["model"]
		may["lp"] = "lp " may["schedule"]
		may["traces"] = "traces " may["schedule"]
		may["sim"] = "sim " may["traces"]
		may["plots"] = "plots base"
		may["evaluate"] = "evaluate lp " may["sim"]
		may["sweep"] = "sweep " may["evaluate"]
		may["paper-repro"] = "paper-repro plots " may["evaluate"]
		may["cli"] = "cli sweep paper-repro plots " may["evaluate"]
		may["cuda_validate"] = "cuda_validate " may["traces"]
		gsl["model"] = gsl["sim"] = gsl["sweep"] = gsl["cli"] = 1
	}
	function bad(why) {
		printf "%s:%s: %s\n", $1, $2, why
	}
	{
		folder = $1
		sub(/\/.*/, "", folder)
		module = $1
		sub(/\.[a-z]*$/, "", module)
		found++
	}
	/include[ \t]*<glpk/ && $1 != "lp/solver.c" {
		bad("GLPK is for lp/solver.c alone")
	}
	/include[ \t]*<gsl\// {
		if (!(folder in gsl))
			bad(folder " uses GSL")
		needs_gsl[module] = 1
	}
	/include[ \t]*"/ {
		split($0, part, "\"")
		name = part[2]
		if (name == "config.h")
			next
		target = name
		if (!sub(/\/.*/, "", target)) {
			bad("\"" name "\" names no folder")
			next
		}
		if (index(" " may[folder] " ", " " target " ") == 0)
			bad(folder " includes \"" name "\"")
		sub(/\.[a-z]*$/, "", name)
		if (folder == "cuda_validate")
			on_gpu[name] = $1 ":" $2
	}
	END {
		for (name in on_gpu)
			if (name in needs_gsl)
				print on_gpu[name] ": " name " needs GSL"
		print found + 0
	}'
}

# A tree with the line $2 in the file $1 must be found fault with.
planted=0
plant() {
	rm -rf "$scratch/tree"
	mkdir -p "$scratch/tree/$(dirname "$1")" "$scratch/tree/model"
	printf '#include <gsl/gsl_fit.h>\n' >"$scratch/tree/model/fit.c"
	printf '#include <stdio.h>\n%s\n' "$2" >"$scratch/tree/$1"
	includes "$scratch/tree" | judge | grep -q "^$1:2: " ||
		fail "'$2' in $1 goes unnoticed"
	planted=$((planted + 1))
}

plant lp/x.c '#include "sim/run.h"'
plant lp/x.h ' #	include "sim/run.h"'
plant sim/x.c '#include "lp/planner.h"'
plant sim/x.h '#include <glpk.h>'
plant base/x.c '#include "model/llm.h"'
plant model/x.h '#include "schedule/plan.h"'
plant schedule/x.c '#include "traces/timeline.h"'
plant traces/x.c '#include "sim/run.h"'
plant plots/x.c '#include "model/llm.h"'
plant evaluate/x.c '#include "cli/command.h"'
plant sweep/x.c '#include "paper-repro/item.h"'
plant paper-repro/x.c '#include "sweep/walk.h"'
plant cli/x.c '#include "cuda_validate/runtime.h"'
plant cuda_validate/x.cu '#include "lp/planner.h"'
plant cuda_validate/x.c '#include "model/fit.h"'
plant cuda_validate/x.c '#include <gsl/gsl_rng.h>'
plant schedule/x.c '#include "tests/harness.h"'
plant lp/x.c '#include "solver.h"'
plant lp/x.c '#include "../sim/run.h"'

includes "$top_srcdir" | judge >"$scratch/verdict"
count=$(tail -n 1 "$scratch/verdict")
if [ "$(wc -l <"$scratch/verdict")" -ne 1 ]; then
	sed '$d' "$scratch/verdict"
	exit 1
fi
[ "$count" -gt 50 ] || fail "found only $count includes"
echo "layering.sh: $count includes, $planted planted faults found"

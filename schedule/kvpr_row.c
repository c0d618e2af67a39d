/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/kvpr_row.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

const struct policy policy_kvpr_row = {
	.name = "kvpr-row",
	.summary = "KVPR: recompute l tokens, load the rest",
	.split = SPLIT_OPEN,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_PLANNER, 0 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_POLICY, 1 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
	},
	.build = block_overlapped_graph,
	.memory = footprint_memory,
};

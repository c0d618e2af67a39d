/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/kvpr_column.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

const struct policy policy_kvpr_column = {
	.name = "kvpr-column",
	.summary = "KVPR, weights streamed for several batches",
	.split = SPLIT_OPEN,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_PLANNER, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_PIPELINE] = { DECIDED_BY_PLANNER, PIPELINE_FINE },
	},
	.build = block_overlapped_graph,
	.memory = footprint_memory,
};

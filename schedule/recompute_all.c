/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/recompute_all.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

const struct policy policy_recompute_all = {
	.name = "recompute-all",
	.summary = "recompute the whole KV cache, load none",
	.split = SPLIT_ALL,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_USER, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 1 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
	},
	.build = block_overlapped_graph,
	.memory = footprint_memory,
};

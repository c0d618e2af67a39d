/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/load_all.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

const struct policy policy_load_all = {
	.name = "load-all",
	.summary = "load the whole KV cache",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_USER, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 1 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
	},
	.build = block_overlapped_graph,
	.memory = footprint_memory,
};

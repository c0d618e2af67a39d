/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/zero_inference.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

const struct policy policy_zero_inference = {
	.name = "zero-inference",
	.summary = "weights streamed, the CPU attends to the KV",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_ATTENTION] = { DECIDED_BY_USER, ATTENTION_CPU },
	},
	.build = block_overlapped_graph,
	.memory = footprint_memory,
};

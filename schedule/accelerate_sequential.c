/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/accelerate_sequential.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

static struct graph *graph(const struct llm *m, const struct workload *w,
			   const struct plan *plan, enum span span)
{
	return block_graph(m, w, plan, span, BLOCK_SERIAL);
}

const struct policy policy_accelerate_sequential = {
	.name = "accelerate-sequential",
	.summary = "load the whole KV cache, one thing at a time",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_POLICY, 0 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 1 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
	},
	.build = graph,
	.memory = footprint_memory,
};

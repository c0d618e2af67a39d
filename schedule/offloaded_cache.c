/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/offloaded_cache.h"

#include "model/layer.h"
#include "schedule/block.h"
#include "schedule/footprint.h"

static struct graph *graph(const struct llm *m, const struct workload *w,
			   const struct plan *plan, enum span span)
{
	return block_graph(m, w, plan, span, BLOCK_COPY_BACK);
}

/* Besides the two layers of decode, the one that is copied back. */
static void memory(const struct llm *m, const struct workload *w,
		   const struct plan *plan, struct memory *mem)
{
	double tokens = (double)workload_tokens(w);

	footprint_memory(m, w, plan, mem);
	memory_add(mem, MEMORY_GPU, "layer copied back",
		   tokens * layer_kv_token_bytes(m, w));
}

const struct policy policy_offloaded_cache = {
	.name = "offloaded-cache",
	.summary = "HF generate(): load ahead, copy all back",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_POLICY, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 1 },
	},
	.build = graph,
	.memory = memory,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/offloaded_cache.h"

#include "model/layer.h"
#include "schedule/row.h"

static struct graph *graph(const struct llm *m, const struct workload *w,
			   const struct plan *plan, enum span span)
{
	return row_graph(m, w, plan, span, ROW_COPY_BACK);
}

/* Besides the two layers of row_memory(), the one that is copied back. */
static void memory(const struct llm *m, const struct workload *w,
		   const struct plan *plan, struct memory *mem)
{
	double tokens = (double)workload_tokens(w);

	row_memory(m, w, plan, mem);
	memory_add(mem, MEMORY_GPU, "layer copied back",
		   tokens * layer_kv_token_bytes(m, w));
}

const struct policy policy_offloaded_cache = {
	.name = "offloaded-cache",
	.summary = "HF generate(): load ahead, copy all back",
	.split = SPLIT_NONE,
	.prefetch_rule = PREFETCH_FIXED,
	.prefetch = 1,
	.graph = graph,
	.memory = memory,
};

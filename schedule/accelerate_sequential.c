/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/accelerate_sequential.h"

#include "schedule/row.h"

static struct graph *graph(const struct llm *m, const struct workload *w,
			   const struct plan *plan, enum span span)
{
	return row_graph(m, w, plan, span, ROW_SERIAL);
}

const struct policy policy_accelerate_sequential = {
	.name = "accelerate-sequential",
	.summary = "load the whole KV cache, one thing at a time",
	.split = SPLIT_NONE,
	.prefetch_rule = PREFETCH_FIXED,
	.prefetch = 0,
	.graph = graph,
	.memory = row_memory,
};
